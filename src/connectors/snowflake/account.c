#include "connectors/snowflake/account.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/configuration.h"
#include "connectors/common/memory.h"
#include "connectors/common/tls_files.h"

#define DOMAIN         ".snowflakecomputing.com"
#define DOMAIN_CHINA   ".snowflakecomputing.cn"
#define MOST_OF_A_NAME 255

static bool
ends_in(const char *host, const char *domain)
{
	size_t length = strlen(host);

	return length > strlen(domain) && strcasecmp(host + length - strlen(domain), domain) == 0;
}

/* org-account, or a locator: then its host is below the domain. Underscores are no letters of hosts. */
static void
complete_host(Request *request)
{
	char *host;

	if (configuration_lacks(request->host))
		configuration_fails("The host is missing.",
							"Give the account's: its identifier, and .snowflakecomputing.com behind it.");
	if (strchr(request->host, '.') != NULL || strchr(request->host, ':') != NULL ||
		strcmp(request->host, "localhost") == 0)
		return;
	host = allocate(strlen(request->host) + sizeof(DOMAIN));
	strcpy(host, request->host);
	strcat(host, DOMAIN);
	for (char *at = host; *at != '\0'; at++)
		*at = *at == '_' ? '-' : (char) tolower((unsigned char) *at);
	request->host = host;
}

/* In upper case, up to the first point: behind it is a region. */
static char *
name_of(const char *text)
{
	size_t length = strcspn(text, ".");
	char *name = allocate(length + 1);

	for (size_t i = 0; i < length; i++)
		name[i] = (char) toupper((unsigned char) text[i]);
	name[length] = '\0';
	if (length == 0 || length > MOST_OF_A_NAME ||
		strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != length)
		configuration_fails("The account is malformed.",
							"It is the organization and the account, such as myorg-account1, or a locator.");
	return name;
}

static char *
given_name(const Request *request)
{
	static WireObject options;

	options.count = 0;
	if (request->options != NULL)
		(void) wire_object_scan(request->options, strlen(request->options), &options);
	return configuration_text_option(&options, "account");
}

void
account_take(Account *account, HttpEndpoint *endpoint, Request *request)
{
	char *given = given_name(request);

	complete_host(request);
	*account =
		(Account){.is_vendors = ends_in(request->host, DOMAIN) || ends_in(request->host, DOMAIN_CHINA)};
	if (!configuration_lacks(given))
		account->name = name_of(given);
	else if (!configuration_is_address(request->host))
		account->name = name_of(request->host);
	free(given);
	http_endpoint_take(endpoint, request, NULL);
	if (request->tls_mode != TLS_DISABLE || account->is_vendors)
		endpoint->encryption = HTTP_ENCRYPTED;
	if (!account->is_vendors)
		return;
	endpoint->verifies_chain = endpoint->verifies_name = true;
	if (endpoint->ca == NULL)
		endpoint->ca_file = tls_system_roots();
}
