#include "connectors/http/endpoint.h"

#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/resolve.h"
#include "connectors/common/tls_files.h"

static HttpEncryption
encryption_of(TlsMode mode)
{
	return mode == TLS_DISABLE ? HTTP_PLAIN : mode == TLS_PREFER ? HTTP_ENCRYPTED_OR_PLAIN : HTTP_ENCRYPTED;
}

/* A name, or an address. What else can stand in a URL's place of the host is no host. */
static void
check_host(const char *host)
{
	if (configuration_is_address(host))
		return;
	for (const char *at = host; *at != '\0'; at++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", *at) == NULL)
			configuration_fails("The host is malformed.",
								"Give one host name or address, without a scheme or a path.");
}

void
http_endpoint_take(HttpEndpoint *endpoint, Request *request, const char *default_host)
{
	bool is_default = configuration_lacks(request->host);

	*endpoint = (HttpEndpoint){.host = is_default ? default_host : request->host,
							   .port = request->port,
							   .ca = configuration_lacks(request->tls_ca) ? NULL : request->tls_ca,
							   .connection_timeout = request->connection_timeout,
							   .answer_timeout = request->query_timeout,
							   .connections = request->connections};
	if (configuration_lacks(endpoint->host))
		configuration_fails("The host is missing.", NULL);
	check_host(endpoint->host);
	configuration_check_addresses(request);
	endpoint->encryption = is_default ? HTTP_ENCRYPTED : encryption_of(request->tls_mode);
	endpoint->verifies_chain = is_default || request->tls_mode >= TLS_VERIFY_CA;
	endpoint->verifies_name = is_default || request->tls_mode == TLS_VERIFY_FULL;
	if (endpoint->verifies_chain && endpoint->ca == NULL)
		endpoint->ca_file = tls_system_roots();
	if (request->proxy.host != NULL)
	{
		endpoint->proxy = request->proxy;
		return;
	}
	if (request->addresses == NULL)
		request->addresses = resolve_host(endpoint->host, &request->address_count);
	endpoint->addresses = request->addresses;
	endpoint->address_count = request->address_count;
}
