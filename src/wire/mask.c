#include "wire/mask.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* ---- names ---- */

/* Anywhere in a name, without its separators. */
static const char *const fragments[] = {"password",
										"passwd",
										"passphrase",
										"passwort",
										"kennwort",
										"secret",
										"token",
										"credential",
										"apikey",
										"privatekey",
										"accesskey",
										"email",
										"phone",
										"telefon",
										"birth",
										"geburt",
										"iban",
										"creditcard",
										"cardnumber",
										"address",
										"adresse",
										"firstname",
										"lastname",
										"surname",
										"fullname",
										"username",
										"nickname",
										"vorname",
										"nachname",
										"passport",
										"biometric",
										"signature",
										"ipaddr",
										"socialsec",
										"nationalid",
										"taxid",
										"bankaccount",
										"authoriz",
										"postalcode",
										"religion",
										"ethnic",
										"bloodtype",
										"geoloc",
										"driverlicen",
										"driverslicen",
										"insurancen",
										"accountn",
										"routingn",
										"sortcode",
										"motdepasse",
										"contrase",
										"parola",
										"strae",
										"ccnum",
										"ccno",
										"licenseno",
										"licensenum",
										"licenseid",
										"licenceno",
										"licencenum",
										"licenceid",
										"licenseplate",
										"licenceplate",
										"numberplate",
										"vatid",
										"vatno",
										"vatnum",
										"steuernum",
										"steuerid",
										"connectionstring",
										"connstr",
										"connectionuri",
										"connectionurl",
										"databaseurl",
										"jdbcurl",
										"maidenname",
										"middlename",
										"givenname",
										"familyname",
										"forename",
										"sexualor",
										"nationality",
										"marital",
										"passportn",
										"idcard",
										"identitycard",
										"medicalrec",
										"patientid",
										"macaddr",
										"voterid",
										"securityquestion",
										"securityanswer"};

/* As a whole word of a name. */
static const char *const words[] = {
	"pass",     "pwd",       "pw",          "key",     "keys", "auth",       "hash",      "salt",   "pin",
	"otp",      "cvv",       "cvc",         "ssn",     "sin",  "bic",        "swift",     "card",   "mail",
	"mails",    "tel",       "mobile",      "cell",    "fax",  "dob",        "addr",      "street", "strasse",
	"postcode", "zip",       "plz",         "zipcode", "name", "names",      "person",    "ip",     "login",
	"salary",   "diagnosis", "lat",         "lon",     "lng",  "latitude",   "longitude", "cookie", "session",
	"jwt",      "bearer",    "dsn",         "gender",  "sex",  "geschlecht", "lname",     "fname",  "mname",
	"surnames", "cc",        "creditcards", "pan",     "cvn",  "imei",       "imsi",      "msisdn", "nino",
	"nhs",      "disability"};

#define NAME_BYTES 512

static bool
is_word(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == length && memcmp(words[i], word, length) == 0)
			return true;
	return false;
}

/* Does a word begin at this byte: after a separator or a digit, or as in camelCase and HTTPAuth? */
static bool
begins_word(const char *name, size_t at)
{
	unsigned char here = (unsigned char) name[at];
	unsigned char before = at > 0 ? (unsigned char) name[at - 1] : '_';

	return !isalpha(before) || (isupper(here) && (islower(before) || islower((unsigned char) name[at + 1])));
}

static bool
has_private_word(const char *name)
{
	char lower[NAME_BYTES];
	size_t start = 0;
	size_t length = strnlen(name, NAME_BYTES - 1);

	for (size_t at = 0; at <= length; at++)
	{
		if (at == length || !isalpha((unsigned char) name[at]) || begins_word(name, at))
		{
			if (is_word(lower + start, at - start))
				return true;
			start = at;
		}
		lower[at] = (char) tolower((unsigned char) name[at]);
		if (at < length && !isalpha((unsigned char) name[at]))
			start = at + 1;
	}
	return false;
}

bool
wire_name_looks_private(const char *name)
{
	char squeezed[NAME_BYTES];
	size_t length = 0;

	for (const char *at = name; *at && length < NAME_BYTES - 1; at++)
		if (isalpha((unsigned char) *at))
			squeezed[length++] = (char) tolower((unsigned char) *at);
	squeezed[length] = '\0';
	for (size_t i = 0; i < sizeof(fragments) / sizeof(fragments[0]); i++)
		if (strstr(squeezed, fragments[i]))
			return true;
	return has_private_word(name);
}

bool
wire_option_looks_secret(const char *name, size_t length)
{
	static const char *const signs[] = {"pass",    "pwd",     "secret", "token",      "credential", "auth",
										"private", "api_key", "apikey", "access_key", "accesskey",  "sslkey"};

	for (size_t at = 0; at < length; at++)
		for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
			if (strlen(signs[i]) <= length - at && strncasecmp(name + at, signs[i], strlen(signs[i])) == 0)
				return true;
	return false;
}

/* ---- values ---- */

static bool
is_mail_byte(char byte)
{
	return isalnum((unsigned char) byte) || strchr("._%+-", byte) != NULL || (byte & 0x80);
}

static bool
has_email(const char *value)
{
	const char *sign = value;

	while ((sign = strchr(sign, '@')) != NULL)
	{
		const char *domain = sign + 1;
		size_t length = 0;

		while (domain[length] && is_mail_byte(domain[length]))
			length++;
		if (sign > value && is_mail_byte(sign[-1]) && memchr(domain, '.', length))
			return true;
		sign++;
	}
	return false;
}

static bool
passes_luhn(const char *digits, int count)
{
	int sum = 0;

	for (int i = 0; i < count; i++)
	{
		int digit = digits[count - 1 - i] - '0';

		digit *= 1 + i % 2;
		sum += digit > 9 ? digit - 9 : digit;
	}
	return sum % 10 == 0;
}

#define MOST_CARD_DIGITS  19
#define LEAST_CARD_DIGITS 13

/*
 * Finds digits in a row, with single spaces and dashes between them: any part of them may be the number of a
 * card.
 */
static bool
has_card(const char *value)
{
	for (const char *start = value; *start; start++)
	{
		char digits[MOST_CARD_DIGITS];
		int count = 0;

		if (!isdigit((unsigned char) *start) || (start > value && isdigit((unsigned char) start[-1])))
			continue;
		for (const char *at = start; *at && count < MOST_CARD_DIGITS; at++)
		{
			if (isdigit((unsigned char) *at))
				digits[count++] = *at;
			else if (!strchr(" -", *at) || !isdigit((unsigned char) at[1]))
				break;
			if (count >= LEAST_CARD_DIGITS && !isdigit((unsigned char) at[1]) && passes_luhn(digits, count))
				return true;
		}
	}
	return false;
}

/* Is the number that the moved letters and digits make 1 modulo 97? */
static bool
is_iban(const char *text, int length)
{
	int rest = 0;

	for (int i = 0; i < length; i++)
	{
		int c = (unsigned char) text[(i + 4) % length];

		if (!isalnum(c))
			return false;
		rest = isdigit(c) ? (rest * 10 + c - '0') % 97 : (rest * 100 + toupper(c) - 'A' + 10) % 97;
	}
	return rest == 1;
}

#define LEAST_IBAN 15
#define MOST_IBAN  34

static bool
has_iban(const char *value)
{
	for (const char *start = value; *start; start++)
	{
		char text[MOST_IBAN];
		int length = 0;

		if (!isalpha((unsigned char) start[0]) || !isalpha((unsigned char) start[1]) ||
			!isdigit((unsigned char) start[2]) || (start > value && isalnum((unsigned char) start[-1])))
			continue;
		for (const char *at = start;
			 *at && length < MOST_IBAN && (isalnum((unsigned char) *at) || *at == ' '); at++)
		{
			if (*at == ' ')
				continue;
			text[length++] = *at;
			if (length >= LEAST_IBAN && !isalnum((unsigned char) at[1]) && is_iban(text, length))
				return true;
		}
	}
	return false;
}

/* A d stands for a digit. */
static bool
has_shape(const char *text, const char *shape)
{
	for (; *shape; shape++, text++)
		if (*shape == 'd' ? !isdigit((unsigned char) *text) : *text != *shape)
			return false;
	return true;
}

/*
 * Returns the place after 12:34, seconds, their fraction and the zone; text itself if no time begins there.
 */
static const char *
after_time(const char *text)
{
	if (!has_shape(text, "dd:dd"))
		return text;
	text += strlen("dd:dd");
	if (has_shape(text, ":dd"))
		text += strlen(":dd");
	if (has_shape(text, ".d"))
		text += 1 + strspn(text + 1, "0123456789");
	if (has_shape(text, "+dd") || has_shape(text, "-dd"))
	{
		text += strlen("+dd");
		text += has_shape(text, ":dd") ? strlen(":dd") : has_shape(text, "dd") ? strlen("dd") : 0;
	}
	return text;
}

/* Returns the place after 2024-01-31, a time, or both; text itself if what begins there is longer. */
static const char *
after_moment(const char *text)
{
	bool is_date = has_shape(text, "dddd-dd-dd");
	const char *end = is_date ? text + strlen("dddd-dd-dd") : after_time(text);

	if (is_date && (*end == ' ' || *end == 'T'))
		end = after_time(end + 1) == end + 1 ? end : after_time(end + 1);
	return isdigit((unsigned char) *end) ? text : end;
}

#define LEAST_PHONE_DIGITS 7
#define MOST_PHONE_DIGITS  17

/*
 * Finds digits after a plus, or with at least two separators: phone and insurance numbers, network addresses.
 */
static bool
has_phone(const char *value)
{
	for (const char *start = value; *start; start++)
	{
		int digits = 0;
		int separators = 0;
		const char *at = start;

		if ((!isdigit((unsigned char) *start) && *start != '+' && *start != '(') ||
			(start > value && isalnum((unsigned char) start[-1])))
			continue;
		if (after_moment(start) > start)
		{
			start = after_moment(start) - 1;
			continue;
		}
		for (; *at && (isdigit((unsigned char) *at) || strchr("+ ()./-", *at)); at++)
		{
			digits += isdigit((unsigned char) *at) != 0;
			separators += !isdigit((unsigned char) *at) && isdigit((unsigned char) at[1]) && at > start;
		}
		if (digits >= LEAST_PHONE_DIGITS && digits <= MOST_PHONE_DIGITS && (*start == '+' || separators >= 2))
			return true;
		if (at > start)
			start = at - 1;
	}
	return false;
}

/* Finds hexadecimal digits in groups: addresses of devices, and network addresses with colons. */
static bool
has_colon_address(const char *value)
{
	for (const char *start = value; *start; start++)
	{
		const char *at = start;
		int colons = 0;
		int digits = 0;
		bool is_short = false;

		if ((!isxdigit((unsigned char) *start) && *start != ':') ||
			(start > value && isalnum((unsigned char) start[-1])))
			continue;
		for (; isxdigit((unsigned char) *at) || *at == ':'; at++)
		{
			colons += *at == ':';
			digits += isdigit((unsigned char) *at) != 0;
			is_short |= at[0] == ':' && at[1] == ':';
		}
		if (!isalnum((unsigned char) *at) && digits >= 2 && (colons >= 5 || (is_short && colons >= 3)))
			return true;
		if (at > start)
			start = at - 1;
	}
	return false;
}

/* Finds a URL with a password: scheme://user:password@host. */
static bool
has_url_password(const char *value)
{
	for (const char *at = value; (at = strstr(at, "://")) != NULL; at++)
	{
		const char *user = at + strlen("://");
		size_t length = strcspn(user, "/ \t\n");
		const char *colon = memchr(user, ':', length);

		if (colon && memchr(colon, '@', length - (size_t) (colon - user)))
			return true;
	}
	return false;
}

/* ---- tokens: keys, signatures, digests ---- */

typedef struct Stretch
{
	int length;
	int digits;
	int upper;
	int lower;
	int hexadecimal;
	int changes; /* from digits to letters and back */
} Stretch;

static Stretch
measure(const char *at)
{
	Stretch stretch = {0};
	int before = 0;

	for (; isalnum((unsigned char) *at) || (*at && strchr("_+/=.-~", *at)); at++)
	{
		int digit = isdigit((unsigned char) *at) != 0;

		stretch.changes += stretch.length > 0 && digit != before;
		before = digit;
		stretch.length++;
		stretch.digits += digit;
		stretch.upper += isupper((unsigned char) *at) != 0;
		stretch.lower += islower((unsigned char) *at) != 0;
		stretch.hexadecimal += isxdigit((unsigned char) *at) != 0;
	}
	return stretch;
}

#define LEAST_TOKEN 20

static bool
is_token(const Stretch *stretch)
{
	if (stretch->length < LEAST_TOKEN || stretch->digits == 0 || stretch->upper + stretch->lower == 0)
		return false;
	return stretch->changes >= 6 || (stretch->upper > 2 && stretch->lower > 2) ||
		   stretch->hexadecimal == stretch->length;
}

static bool
has_token(const char *value)
{
	static const char *const beginnings[] = {"AKIA", "ASIA", "ghp_", "gho_",   "glpat-",   "sk_",
											 "pk_",  "sk-",  "xox",  "eyJ",    "AIza",     "$2a$",
											 "$2b$", "$2y$", "$6$",  "$argon", "SCRAM-SHA"};
	const char *at = value;

	while (*at)
	{
		Stretch stretch = measure(at);

		if (is_token(&stretch))
			return true;
		for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
			if (strncmp(at, beginnings[i], strlen(beginnings[i])) == 0 && strlen(at) >= LEAST_TOKEN / 2)
				return true;
		at += stretch.length ? stretch.length : 1;
	}
	return false;
}

bool
wire_value_looks_private(const char *value)
{
	return has_email(value) || has_card(value) || has_iban(value) || has_phone(value) ||
		   has_colon_address(value) || has_url_password(value) || has_token(value) ||
		   strstr(value, "PRIVATE KEY") || strcasestr(value, "password") || strcasestr(value, "bearer ");
}
