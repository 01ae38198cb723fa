#include "connectors/elasticsearch/credentials.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http/authorization.h"
#include "connectors/http/base64.h"

/* Services show a key in two forms: id:key, and the base64 of this, which has no colon. */
static char *
of_api_key(const char *key)
{
	WireBuffer value = {0};

	wire_append_text(&value, "ApiKey ");
	if (strchr(key, ':') != NULL)
		base64_append(&value, key, strlen(key));
	else
		wire_append_text(&value, key);
	wire_append(&value, "", 1);
	if (value.failed)
		give_up_out_of_memory();
	return value.data;
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
		value = authorization_basic(username, password);
	else if (!configuration_lacks(api_key))
		value = of_api_key(api_key);
	else if (!configuration_lacks(token))
		value = authorization_bearer(token);
	forget_text(username);
	forget_text(password);
	forget_text(api_key);
	forget_text(token);
	return value;
}
