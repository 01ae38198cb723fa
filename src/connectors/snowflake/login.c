#include "connectors/snowflake/login.h"

#include <ctype.h>
#include <curl/curl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "connectors/common/buffer_text.h"
#include "connectors/common/configuration.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http/base64.h"
#include "connectors/http/jwt.h"

/* The service takes tokens that live for an hour; one is used for a part of that. */
#define SECONDS        3600
#define SECONDS_OF_USE 3000

/* A clock that is off by less does not explain why a token is refused. */
#define CLOCK_OFFSET 30

/* ---- tokens that a key signs ---- */

static void
append_upper(WireBuffer *out, const char *text)
{
	for (; *text != '\0'; text++)
	{
		char letter = (char) toupper((unsigned char) *text);

		wire_append(out, &letter, 1);
	}
}

/* SHA-256 of the public key, as the service keeps it: SHA256: and base64 of the hash of its DER. */
static void
append_fingerprint(WireBuffer *out, EVP_PKEY *key)
{
	unsigned char *der = NULL;
	int length = i2d_PUBKEY(key, &der);
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int hashed = 0;

	if (length <= 0 || EVP_Digest(der, (size_t) length, hash, &hashed, EVP_sha256(), NULL) != 1)
		configuration_fails("The private_key has no public key.", NULL);
	wire_append_text(out, "SHA256:");
	base64_append(out, hash, hashed);
	OPENSSL_free(der);
}

static void
name_subject(Login *login, const char *account, const char *username)
{
	WireBuffer subject = {.data = NULL};
	WireBuffer issuer = {.data = NULL};

	wire_append_text(&subject, account);
	wire_append_text(&subject, ".");
	append_upper(&subject, username);
	login->subject = buffer_take_text(&subject);
	wire_append_text(&issuer, login->subject);
	wire_append_text(&issuer, ".");
	append_fingerprint(&issuer, login->key);
	login->issuer = buffer_take_text(&issuer);
}

static void
sign(Login *login)
{
	WireBuffer header = {.data = NULL};
	WireBuffer claims = {.data = NULL};
	int64_t now = (int64_t) time(NULL);

	document_literal(&header, "{\"alg\":\"RS256\",\"typ\":\"JWT\"}");
	document_literal(&claims, "{");
	document_text(&claims, "iss", login->issuer);
	document_text(&claims, "sub", login->subject);
	jwt_add_time(&claims, "iat", now + login->clock_offset);
	jwt_add_time(&claims, "exp", now + login->clock_offset + SECONDS);
	document_literal(&claims, "}");
	forget_text(login->token);
	login->token = jwt_sign(login->key, &header, &claims);
	if (login->token == NULL)
		configuration_fails("The private_key cannot sign.", NULL);
	login->signed_at = now;
}

static void
take_key(Login *login, const char *pem, const char *passphrase, const char *username, const char *account)
{
	login->kind = "KEYPAIR_JWT";
	if (configuration_lacks(username))
		configuration_fails("The credentials have a private_key, but no username.", NULL);
	if (account == NULL)
		configuration_fails("The account is not known: the host is an address.",
							"Name the account in metadata.account.");
	login->key = jwt_key_read(pem, passphrase);
	if (login->key == NULL)
		configuration_fails("The private_key is no RSA key, or private_key_passphrase does not open it.",
							"Give the key as PEM text.");
	name_subject(login, account, username);
	sign(login);
}

/* ---- credentials ---- */

static void
take_token(Login *login, const char *kind, const char *name, char *token)
{
	char message[64];

	login->kind = kind;
	login->token = token;
	if (strpbrk(token, "\r\n") == NULL)
		return;
	strcpy(message, name);
	strcat(message, " has a line end in it.");
	configuration_fails(message, NULL);
}

/* Which of them is given; several would leave open as whom the service is asked. */
static void
check_kinds(const char *key, const char *access_token, const char *oauth_token)
{
	int count =
		!configuration_lacks(key) + !configuration_lacks(access_token) + !configuration_lacks(oauth_token);

	if (count == 0)
		configuration_fails("The credentials have neither private_key, api_key nor oauth_token.",
							"The service's SQL API takes no password: give username and private_key, a "
							"programmatic access token as api_key, or an oauth_token.");
	if (count > 1)
		configuration_fails("The credentials have more than one of private_key, api_key and oauth_token.",
							"Give one of them.");
}

void
login_take(Login *login, Request *request, const char *account)
{
	char *key = request_credential(request, "private_key");
	char *passphrase = request_credential(request, "private_key_passphrase");
	char *username = request_credential(request, "username");
	char *access_token = request_credential(request, "api_key");
	char *oauth_token = request_credential(request, "oauth_token");

	request_forget_credentials(request);
	*login = (Login){.kind = NULL};
	check_kinds(key, access_token, oauth_token);
	if (!configuration_lacks(access_token))
		take_token(login, "PROGRAMMATIC_ACCESS_TOKEN", "api_key", access_token);
	else if (!configuration_lacks(oauth_token))
		take_token(login, "OAUTH", "oauth_token", oauth_token);
	else
		take_key(login, key, passphrase, username, account);
	forget_text(key);
	forget_text(passphrase);
	forget_text(username);
	if (login->token != access_token)
		forget_text(access_token);
	if (login->token != oauth_token)
		forget_text(oauth_token);
}

const char *
login_token(Login *login)
{
	int64_t age = (int64_t) time(NULL) - login->signed_at;

	if (login->key != NULL && (age < 0 || age > SECONDS_OF_USE))
		sign(login);
	return login->token;
}

/* A token is refused when the clocks differ: then the service's clock counts, which its answer tells. */
bool
login_renew(Login *login, const HttpAnswer *answer)
{
	const char *date = http_header(&answer->headers, "date");
	time_t there = date ? curl_getdate(date, NULL) : -1;
	int64_t offset = there == -1 ? 0 : (int64_t) there - (int64_t) time(NULL);

	if (login->key == NULL)
		return false;
	if (llabs(offset) > CLOCK_OFFSET)
		login->clock_offset = offset;
	sign(login);
	return true;
}
