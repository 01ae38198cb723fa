#include "connectors/storage_broker/account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define MOST_KEYS_BYTES 16384

static const char *const names[] = {"access_key_id", "secret_access_key", "session_token", "proxy_username",
									"proxy_password"};

static void give_up_keys(const char *message) __attribute__((noreturn));

static void
give_up_keys(const char *message)
{
	configuration_fails(message,
						"It is one JSON object with the texts access_key_id and secret_access_key, and "
						"session_token where there is one.");
}

static bool
is_known(const WireMember *member)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (member->name.length == strlen(names[i]) &&
			memcmp(member->name.start, names[i], member->name.length) == 0 && member->value.start[0] == '"')
			return true;
	return false;
}

static void
check_keys(const WireBuffer *keys)
{
	static WireObject object;

	if (wire_object_scan(keys->data, keys->length, &object) != NULL)
		give_up_keys("rivergen.storage_credentials_file is not JSON.");
	for (int i = 0; i < object.count; i++)
		if (!is_known(&object.members[i]))
			give_up_keys("rivergen.storage_credentials_file has a member that is none of the keys.");
	if (object.count == 0)
		give_up_keys("rivergen.storage_credentials_file has no keys.");
}

/* Nothing there: the bucket is read without keys. The reading's own memory is on the stack, and wiped. */
static void
read_keys(WireBuffer *keys)
{
	char bytes[MOST_KEYS_BYTES + 1];
	size_t length = 0;

	while (length < sizeof(bytes))
	{
		ssize_t some = read(STDIN_FILENO, bytes + length, sizeof(bytes) - length);

		if (some < 0 && errno == EINTR)
			continue;
		if (some < 0)
			give_up_keys("rivergen.storage_credentials_file cannot be read.");
		if (some == 0)
			break;
		length += (size_t) some;
	}
	wire_append(keys, bytes, length);
	explicit_bzero(bytes, sizeof(bytes));
	if (length == sizeof(bytes))
		give_up_keys("rivergen.storage_credentials_file is too long.");
	if (length > 0)
		check_keys(keys);
}

/* Writes zeros between the lines, and returns where they are. */
static char **
split_lines(char *text, int *count)
{
	char **lines = allocate((strlen(text) / 2 + 1) * sizeof(char *));
	char *rest;

	*count = 0;
	for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		lines[(*count)++] = line;
	return lines;
}

/* arguments: those of the proxy. */
static void
take_proxy(Request *request, char **arguments)
{
	RequestProxy *proxy = &request->proxy;

	if (*arguments[0] == '\0')
		return;
	*proxy = (RequestProxy){.host = arguments[0],
							.port = atoi(arguments[1]),
							.allowed_hosts = arguments[3],
							.username = request_credential(request, "proxy_username"),
							.password = request_credential(request, "proxy_password")};
	proxy->addresses = split_lines(arguments[2], &proxy->address_count);
}

typedef struct Opening
{
	Account *account;
	char **arguments;
} Opening;

static void
open_bucket(void *argument)
{
	const Opening *opening = argument;
	char **arguments = opening->arguments;
	Request request = {.host = arguments[0],
					   .port = atoi(arguments[1]),
					   .tls_mode = strcmp(arguments[2], "https") == 0 ? TLS_VERIFY_FULL : TLS_DISABLE,
					   .database = arguments[3],
					   .path = arguments[4],
					   .connection_timeout = atoi(arguments[5]),
					   .query_timeout = atoi(arguments[6])};

	read_keys(&request.credentials);
	take_proxy(&request, arguments + 7);
	bucket_open(&opening->account->bucket, &request);
	opening->account->is_open = true;
}

void
account_open(Account *account, char **arguments)
{
	Opening opening = {.account = account, .arguments = arguments};

	(void) attempt(open_bucket, &opening, &account->failure);
}
