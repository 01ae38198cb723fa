#include "connectors/common/resolve.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define MOST_ADDRESSES 64

static void give_up_unknown(const char *name, int fault) __attribute__((noreturn));

static void
give_up_unknown(const char *name, int fault)
{
	char message[NI_MAXHOST + 64];

	snprintf(message, sizeof(message), "The host \"%s\" is not known.", name);
	give_up(&(Failure){.step = "resolve",
					   .code = "unknown_host",
					   .transient = true,
					   .message = message,
					   .detail = gai_strerror(fault)});
}

static char *
copy_numeric(const struct addrinfo *found)
{
	char text[NI_MAXHOST];

	if (getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) != 0)
		return NULL;
	return copy_text(text);
}

static struct addrinfo *
find(const char *name, int flags, int *fault)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags};
	struct addrinfo *found = NULL;

	*fault = getaddrinfo(name, NULL, &hints, &found);
	return *fault == 0 ? found : NULL;
}

/* getaddrinfo cannot be bounded in time: the server ends the connector, and takes the step from its last
 * phase. */
char **
resolve_host(const char *name, int *count)
{
	char **addresses = allocate(MOST_ADDRESSES * sizeof(char *));
	int fault;
	struct addrinfo *found = find(name, AI_NUMERICHOST, &fault);

	if (found == NULL)
	{
		emit_progress("resolve", ABSENT);
		found = find(name, 0, &fault);
		if (found == NULL)
			give_up_unknown(name, fault);
		emit_progress("connect", ABSENT);
	}
	*count = 0;
	for (struct addrinfo *each = found; each != NULL && *count < MOST_ADDRESSES; each = each->ai_next)
	{
		addresses[*count] = copy_numeric(each);
		*count += addresses[*count] != NULL;
	}
	freeaddrinfo(found);
	return addresses;
}
