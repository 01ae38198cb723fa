/*
 * mask.c — what looks like a secret or personal data, by name and by value: what must be masked, what comes
 * near to it and must not, and what an enemy may put into a column. Prints TAP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/mask.h"

static int tests;
static int failures;

static void
ok(bool fine, const char *name, const char *about)
{
	printf("%sok %d - %s %.*s\n", fine ? "" : "not ", ++tests, name, (int) strcspn(about, "\n"), about);
	failures += !fine;
}

#define EACH(list, text)                                                                                     \
	for (const char *const *at = list; at < list + sizeof(list) / sizeof(list[0]) && (text = *at); at++)

static void
test_names(void)
{
	static const char *const masked[] = {
		"password",
		"PASSWORD",
		"user_password",
		"passwordHash",
		"passwd",
		"pwd",
		"pass",
		"db_pass",
		"passphrase",
		"secret",
		"client_secret",
		"clientSecret",
		"token",
		"access_token",
		"refreshToken",
		"CSRF-Token",
		"api_key",
		"apiKey",
		"API KEY",
		"x-api-key",
		"private_key",
		"aws.access.key",
		"credentials",
		"auth",
		"OAuth",
		"authorization",
		"email",
		"e_mail",
		"E-Mail",
		"mail",
		"phone",
		"phoneNumber",
		"telephone",
		"tel",
		"mobile",
		"fax",
		"birth_date",
		"dateOfBirth",
		"dob",
		"geburtsdatum",
		"iban",
		"BIC",
		"credit_card",
		"creditCardNo",
		"card_number",
		"cvv",
		"cvc2",
		"ssn",
		"social_security_number",
		"national_id",
		"tax_id",
		"cc_num",
		"ccNumber",
		"cc",
		"lname",
		"FNAME",
		"maidenname",
		"license_no",
		"licenseNumber",
		"licence_plate",
		"vat_id",
		"VAT No",
		"vatNumber",
		"dsn",
		"connection_string",
		"connectionString",
		"ConnStr",
		"database_url",
		"gender",
		"sex",
		"nationality",
		"marital_status",
		"imei",
		"pan",
		"security_question",
		"patient_id",
		"mac_address",
		"taxId",
		"passport_no",
		"address",
		"street_address",
		"addr1",
		"street",
		"zip",
		"zipCode",
		"postcode",
		"postal_code",
		"first_name",
		"firstName",
		"last name",
		"LASTNAME",
		"surname",
		"full_name",
		"name",
		"user_name",
		"username",
		"login",
		"ip",
		"ip_address",
		"clientIp",
		"remote_ip",
		"lat",
		"longitude",
		"salary",
		"cookie",
		"session",
		"sessionId",
		"jwt",
		"pin",
		"otp",
		"salt",
		"signature",
		"userIP",
		"customerSSN",
		"nameOfX",
		"XMLPassword",
		"HTTPAuth",
		"Passwort",
		"Kennwort",
		"Telefonnummer",
		"Adresse",
		"Vorname",
		"Nachname",
		"Stra\xC3\x9F"
		"e",
		"mot_de_passe",
		"contrase\xC3\xB1"
		"a",
		"parola",
		"p\xC3\xA4ssword_token",
		"\xF0\x9F\x94\x91_key",
		"2fa_pin",
		"key",
		"key2",
		"rsaKey",
		"encryption_key",
		"APIKey",
		"religion",
		"ethnicity",
		"postalCode",
		"blood_type",
		"geo_location",
		"macAddr",
		"mac_address",
		"driver_license",
		"insurance_number",
		"account_number",
		"routing_number",
		"sort_code",
		"bank_account",
	};
	static const char *const shown[] = {
		"id",
		"status",
		"state",
		"country",
		"currency",
		"category",
		"color",
		"kind",
		"type",
		"created_at",
		"quantity",
		"price",
		"monkey",
		"keyboard",
		"keynote",
		"passenger",
		"passive",
		"compass",
		"bypass",
		"spin",
		"pinned",
		"opinion",
		"shipping",
		"tip",
		"trip",
		"zipped",
		"description",
		"title",
		"author",
		"plate",
		"latest",
		"flat",
		"platform",
		"salty",
		"result",
		"hashtag",
		"rehash",
		"sinus",
		"single",
		"cardinality",
		"discard",
		"mailing",
		"excel",
		"cellar",
		"telling",
		"hotel",
		"weight",
		"level",
		"sku",
		"stage",
		"language",
		"percent",
		"a",
		"",
		"1",
		"_",
		"\xE5\x90\x8D",
		"g\xC3\xBCltig",
		"\xF0\x9F\x98\x80",
		"is_active",
		"order_total",
		"version",
	};
	const char *name;

	EACH(masked, name)
	ok(wire_name_looks_private(name), "a name that is masked:", name);
	EACH(shown, name)
	ok(!wire_name_looks_private(name), "a name that is not:", name);
}

static void
test_values(void)
{
	static const char *const masked[] = {
		"ada@example.com",
		"Ada Lovelace <ada.lovelace+x@mail.example.co.uk>",
		"m\xC3\xBCller@b\xC3\xBC"
		"cher.example",
		"mailto:a@b.cd",
		"@@a@b.c",
		"4111111111111111",
		"4111 1111 1111 1111",
		"4111-1111-1111-1111",
		"card: 5500005555555559.",
		"378282246310005",
		"6011000990139424",
		"DE89370400440532013000",
		"DE89 3704 0044 0532 0130 00",
		"de89 3704 0044 0532 0130 00",
		"IBAN:GB82WEST12345698765432",
		"NO9386011117947",
		"+49 30 1234567",
		"+493012345678",
		"(030) 123-4567",
		"555-123-4567",
		"tel. 0049/30/1234567",
		"078-05-1120",
		"192.168.1.100",
		"2001:db8::1:2",
		"12:34+49301234567 1",
		"2024-01-31 +49 30 1234567",
		"2001:0db8:85a3:0000:0000:8a2e:0370:7334",
		"::ffff:10.20.30.40",
		"fe80::1ff:fe23:4567:890a",
		"00:1a:2b:3c:4d:5e",
		"d41d8cd98f00b204e9800998ecf8427e",
		"AKIAIOSFODNN7EXAMPLE",
		"ghp_abcdefghijklmnop",
		"sk_live_abcdefghij",
		"glpat-abcdefghijkl",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
		"$2b$12$abcdefghijklmnopqrstuv",
		"$6$rounds=5000$x$y",
		"$argon2id$v=19$m=65536",
		"SCRAM-SHA-256$4096:abc",
		"xoxb-123456789012",
		"-----BEGIN RSA PRIVATE KEY-----",
		"-----BEGIN PRIVATE KEY-----\nabc",
		"the PassWord is x",
		"postgresql://user:hunter2@db/app",
		"https://ada:secret@example.com/",
		"Bearer abcdefghijklmnopqrstuvwx",
		"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7",
		"550e8400-e29b-41d4-a716-446655440000 a@b.c",
	};
	static const char *const shown[] = {
		"",
		" ",
		"new",
		"paid",
		"in progress",
		"EUR",
		"Germany",
		"C:\\Users\\x",
		"42",
		"-17.5",
		"1234567",
		"123456789012",
		"2024-01-31",
		"2024-01-31 12:34:56.789+00",
		"2024-01-31T12:34:56Z",
		"12:34:56",
		"1.2.3",
		"1e-300",
		"4111111111111112",
		"GB82WEST12345698765433",
		"2024-01-31 12:34:56.789012+05:30",
		"[\"2024-01-31 12:34:56.789+00\",\"2024-02-01 00:00:00.5+00\")",
		"12:34:56.789+00",
		"https://example.com:8080/a:b@c",
		"user at example dot com",
		"@",
		"a@",
		"@b.c",
		"a @ b.c",
		"a@b",
		"a sentence of ordinary words, none of which is a secret",
		"internationalization",
		"Donaudampfschifffahrtsgesellschaft",
		"SHIPPED_AND_WAITING_FOR_PICKUP",
		"g\xC3\xBCltig",
		"\xE5\x90\x8D\xE5\x89\x8D",
		"\xF0\x9F\x98\x80\xF0\x9F\x98\x80",
		"{\"a\": 1}",
		"10:20:30",
		"a:b:c",
		"std::vector::push_back",
	};
	const char *value;

	EACH(masked, value)
	ok(wire_value_looks_private(value), "a value that is masked:", value);
	EACH(shown, value)
	ok(!wire_value_looks_private(value), "a value that is not:", value);
}

/* Wherever it stands, and whatever surrounds it. */
static void
test_surroundings(void)
{
	static const char *const secrets[] = {"ada@example.com", "4111 1111 1111 1111", "DE89370400440532013000",
										  "+49 30 1234567", "d41d8cd98f00b204e9800998ecf8427e"};
	static const char *const around[] = {
		"%s",       "x %s",          "%s x",   "[%s]",  "\"%s\"", "{\"a\":\"%s\"}", "\xC3\xA4 %s \xC3\xA4",
		"1, 2, %s", "2024-01-31 %s", "%s\n%s", "\t%s;", "7;%s"};
	char text[256];
	const char *secret;
	const char *frame;

	EACH(secrets, secret)
	{
		for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++)
		{
			size_t length = 0;

			frame = around[i];
			for (const char *c = frame; *c; c++)
			{
				if (c[0] == '%')
				{
					length += (size_t) sprintf(text + length, "%s", secret);
					c++;
				}
				else
					text[length++] = *c;
			}
			text[length] = '\0';
			ok(wire_value_looks_private(text), "surrounded:", text);
		}
	}
}

/* A text of so many bytes, one piece again and again; the caller frees it. */
static char *
repeated(const char *piece, size_t bytes, const char *end)
{
	char *text = malloc(bytes + strlen(end) + 1);
	size_t width = strlen(piece);

	for (size_t i = 0; i < bytes; i++)
		text[i] = piece[i % width];
	strcpy(text + bytes, end);
	return text;
}

/* Whatever the pieces are, the end of a long text is looked at, in a time that grows with its length only:
 * what takes its square would not end here. */
#define LONG (1024 * 1024)

static void
test_long(void)
{
	static const char *const pieces[] = {"a",  "1",  "@",  " ",   "-",        "1 ",   "1-", "a1",
										 "a.", "+1", "(",  "DE1", "A1 ",      "a@",   ".",  "a:b",
										 "::", "1:", "$2", "sk_", "\xC3\xA4", "AB12", "+",  "1."};
	const char *piece;

	EACH(pieces, piece)
	{
		char *text = repeated(piece, LONG, " 4111111111111111 x@y.zz");

		ok(wire_value_looks_private(text), "a secret at the end of 1 MB of", piece);
		free(text);
		text = repeated(piece, LONG, "");
		(void) wire_value_looks_private(text);
		(void) wire_name_looks_private(text);
		free(text);
	}
}

/* No text of random bytes leads astray; the sanitizers watch. */
static void
test_random(void)
{
	static const char letters[] = "aZ019@.-+ ()_/$:=\\\"\xC3\xA4\xF0\xFF\x01ikpsEyDGB";
	int private = 0;

	srand(1);
	for (int i = 0; i < 200000; i++)
	{
		char *text = malloc(65);
		int length = rand() % 64;

		for (int j = 0; j < length; j++)
			text[j] = letters[(size_t) rand() % (sizeof(letters) - 1)];
		text[length] = '\0';
		text = realloc(text, (size_t) length + 1); /* so that reading past the end is seen */
		private += wire_value_looks_private(text) + wire_name_looks_private(text);
		free(text);
	}
	ok(private > 0, "random texts:", "some of both");
}

int
main(void)
{
	test_names();
	test_values();
	test_surroundings();
	test_long();
	test_random();
	printf("1..%d\n", tests);
	return failures > 0;
}
