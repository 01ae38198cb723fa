#include "connectors/http/authorization.h"

#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http/base64.h"

static char *
finish(WireBuffer *value)
{
	char *text;

	wire_append(value, "", 1);
	if (value->failed)
		give_up_out_of_memory();
	text = copy_text(value->data);
	explicit_bzero(value->data, value->length);
	wire_free(value);
	return text;
}

char *
authorization_basic(const char *username, const char *password)
{
	WireBuffer pair = {0};
	WireBuffer value = {0};

	wire_append_text(&pair, username);
	wire_append_text(&pair, ":");
	wire_append_text(&pair, password);
	wire_append_text(&value, "Basic ");
	if (pair.failed)
		give_up_out_of_memory();
	base64_append(&value, pair.data, pair.length);
	explicit_bzero(pair.data, pair.length);
	wire_free(&pair);
	return finish(&value);
}

char *
authorization_bearer(const char *token)
{
	WireBuffer value = {0};

	wire_append_text(&value, "Bearer ");
	wire_append_text(&value, token);
	return finish(&value);
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

/* Who listens on the way may read what is sent without encryption. */
void
protect_credentials(HttpEndpoint *endpoint, const Request *request)
{
	if (!request->tunnel && endpoint->encryption == HTTP_ENCRYPTED_OR_PLAIN)
		endpoint->encryption = HTTP_ENCRYPTED;
}
