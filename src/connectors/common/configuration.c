#include <stdio.h>
#include <arpa/inet.h>
#include <stddef.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"

void
configuration_fails(const char *message, const char *hint)
{
	give_up(&(Failure){.step = "configure", .code = "configuration", .message = message, .hint = hint});
}

bool
configuration_lacks(const char *text)
{
	return text == NULL || *text == '\0';
}

bool
configuration_is_address(const char *text)
{
	struct in6_addr binary;

	return inet_pton(AF_INET, text, &binary) == 1 || inet_pton(AF_INET6, text, &binary) == 1;
}

void
configuration_check_addresses(const Request *request)
{
	if (request->addresses != NULL && request->address_count == 0)
		configuration_fails("The host has no address that may be dialed.", NULL);
	for (int i = 0; i < request->address_count; i++)
		if (!configuration_is_address(request->addresses[i]))
			configuration_fails("An address to dial is malformed.", NULL);
}

char *
configuration_text_option(const WireObject *options, const char *name)
{
	WireSpan value = wire_member(options, name);
	char message[64];

	if (value.start == NULL)
		return NULL;
	if (value.start[0] == '"')
		return wire_string_dup(value);
	snprintf(message, sizeof(message), "metadata.%s is no text.", name);
	configuration_fails(message, NULL);
}
