#include "connectors/elasticsearch/credentials.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

static void
append_base64(WireBuffer *out, const char *bytes, size_t length)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < length; i += 3)
	{
		unsigned int bits = (unsigned char) bytes[i] << 16;
		char group[4];

		if (i + 1 < length)
			bits |= (unsigned int) (unsigned char) bytes[i + 1] << 8;
		if (i + 2 < length)
			bits |= (unsigned char) bytes[i + 2];
		group[0] = digits[bits >> 18];
		group[1] = digits[bits >> 12 & 63];
		group[2] = digits[bits >> 6 & 63];
		group[3] = digits[bits & 63];
		if (i + 2 >= length)
			group[3] = '=';
		if (i + 1 >= length)
			group[2] = '=';
		wire_append(out, group, sizeof(group));
	}
}

static char *
finish(WireBuffer *value)
{
	char *text;

	wire_append(value, "", 1);
	if (value->failed)
		give_up_out_of_memory();
	text = copy_text(value->data);
	wire_free(value);
	return text;
}

static char *
basic(const char *username, const char *password)
{
	WireBuffer pair = {0};
	WireBuffer value = {0};

	wire_append_text(&pair, username);
	wire_append_text(&pair, ":");
	wire_append_text(&pair, password);
	wire_append_text(&value, "Basic ");
	if (pair.failed)
		give_up_out_of_memory();
	append_base64(&value, pair.data, pair.length);
	wire_free(&pair);
	return finish(&value);
}

/* Services show a key in two forms: id:key, and the base64 of this, which has no colon. */
static char *
of_api_key(const char *key)
{
	WireBuffer value = {0};

	wire_append_text(&value, "ApiKey ");
	if (strchr(key, ':') != NULL)
		append_base64(&value, key, strlen(key));
	else
		wire_append_text(&value, key);
	return finish(&value);
}

static char *
bearer(const char *token)
{
	WireBuffer value = {0};

	wire_append_text(&value, "Bearer ");
	wire_append_text(&value, token);
	return finish(&value);
}

static void
check(const char *username, const char *password, const char *api_key, const char *token)
{
	int kinds = !configuration_lacks(username) + !configuration_lacks(api_key) + !configuration_lacks(token);

	if (kinds > 1)
		configuration_fails("The credentials are of more than one kind.",
							"Give username and password, or api_key, or oauth_token.");
	if (configuration_lacks(username) != configuration_lacks(password))
		configuration_fails("Of username and password the credentials have only one.", NULL);
	if (!configuration_lacks(username) && strchr(username, ':') != NULL)
		configuration_fails("The username has a colon in it.", NULL);
	if (strpbrk(api_key ? api_key : "", "\r\n") != NULL || strpbrk(token ? token : "", "\r\n") != NULL)
		configuration_fails("A credential has a line end in it.", NULL);
}

char *
authorization_take(Request *request)
{
	char *username = request_credential(request, "username");
	char *password = request_credential(request, "password");
	char *api_key = request_credential(request, "api_key");
	char *token = request_credential(request, "oauth_token");
	char *value = NULL;

	request_forget_credentials(request);
	check(username, password, api_key, token);
	if (!configuration_lacks(username))
		value = basic(username, password);
	else if (!configuration_lacks(api_key))
		value = of_api_key(api_key);
	else if (!configuration_lacks(token))
		value = bearer(token);
	forget_text(username);
	forget_text(password);
	forget_text(api_key);
	forget_text(token);
	return value;
}

static char *
given(const Request *request, const char *name)
{
	char *text = request_credential(request, name);

	if (!configuration_lacks(text))
		return text;
	forget_text(text);
	return NULL;
}

void
client_certificate_take(ClientCertificate *taken, const Request *request)
{
	*taken = (ClientCertificate){.certificate = given(request, "tls_client_certificate"),
								 .key = given(request, "tls_client_key"),
								 .passphrase = given(request, "tls_client_key_passphrase")};
	if ((taken->certificate == NULL) != (taken->key == NULL))
		configuration_fails("Of the client certificate and its key the credentials have only one.", NULL);
}
