/*
 * request.c — before the conversation: where to dial, and the line that asks.
 */
#include "conversation.h"

#include <arpa/inet.h>
#include <sys/wait.h>

#include "utils/json.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "secret/secret.h"
#include "words.h"

#define RESOLVED_MAX_BYTES 16384

/* ---- addresses ---- */

static bool
is_numeric(const char *host)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* Everything that the resolver prints; NULL when it was interrupted or failed. */
static char *
ask_resolver(RgWatch *watch, int *status)
{
	StringInfoData printed;
	char bytes[1024];
	ssize_t length;

	initStringInfo(&printed);
	*status = -1;
	while ((length = rg_watch_read(watch, bytes, sizeof(bytes))) > 0 && printed.len < RESOLVED_MAX_BYTES)
		appendBinaryStringInfo(&printed, bytes, length);
	if (length < 0 || !rg_watch_end(watch, status))
		return NULL;
	return printed.data;
}

static bool
unresolved(const char *host, RgWatch *watch, RgFailure *failure)
{
	if (watch->interruption == RG_TIMED_OUT)
		rg_failed(failure, "timeout", psprintf("host \"%s\" could not be resolved in time", host),
				  "See connection_timeout of the data source.");
	else
		rg_failed(failure, "unknown_host", psprintf("host \"%s\" is not known", host),
				  watch->diagnosis.len > 0
					  ? rg_words(watch->diagnosis.data, watch->diagnosis.len, NULL, RG_REASON_BYTES)
					  : NULL);
	failure->step = "resolve";
	failure->transient = true;
	return false;
}

static bool
resolve(const RgEndpoint *endpoint, RgLook look, void *argument, char **printed, RgFailure *failure,
		RgInterruption *interruption)
{
	RgWatch watch;
	int status = -1;
	TimestampTz deadline =
		TimestampTzPlusMilliseconds(GetCurrentTimestamp(), endpoint->connection_timeout * INT64CONST(1000));

	rg_watch_start(&watch, rg_process_start(RG_RESOLVER, endpoint->host), deadline, look, argument);
	PG_TRY();
	{
		*printed = ask_resolver(&watch, &status);
	}
	PG_FINALLY();
	{
		rg_watch_stop(&watch);
	}
	PG_END_TRY();

	if (watch.interruption != RG_UNDISTURBED && watch.interruption != RG_TIMED_OUT)
	{
		*interruption = watch.interruption;
		return false;
	}
	if (*printed == NULL || status != 0)
		return unresolved(endpoint->host, &watch, failure);
	return true;
}

static bool
refused(const char *host, const char *address, const char *reason, RgFailure *failure)
{
	rg_failed(failure, "address_refused",
			  psprintf("host \"%s\" may not be dialed: address %s is refused", host, address),
			  psprintf("%s. An operator may open it with rivergen.allowed_networks.", reason));
	failure->step = "resolve";
	return false;
}

/* One refused address refuses the host: a name that points inside and outside at once is an attack. */
static bool
vet(const char *host, char *printed, StringInfo addresses, RgFailure *failure)
{
	char *rest = printed;
	char *address;
	const char *reason;

	while ((address = strsep(&rest, "\n")) != NULL)
	{
		if (*address == '\0')
			continue;
		if (!rg_address_allowed(address, &reason))
			return refused(host, address, reason, failure);
		if (addresses->len > 1)
			appendStringInfoString(addresses, ", ");
		escape_json(addresses, address);
	}
	return true;
}

bool
rg_resolve(const RgEndpoint *endpoint, RgLook look, void *argument, StringInfo addresses, RgFailure *failure,
		   RgInterruption *interruption)
{
	char *printed;

	*interruption = RG_UNDISTURBED;
	appendStringInfoChar(addresses, '[');
	if (endpoint->host != NULL)
	{
		if (is_numeric(endpoint->host))
			printed = pstrdup(endpoint->host);
		else if (!resolve(endpoint, look, argument, &printed, failure, interruption))
			return false;
		if (!vet(endpoint->host, printed, addresses, failure))
			return false;
	}
	appendStringInfoChar(addresses, ']');
	return true;
}

/* ---- the line ---- */

static void
append_text(StringInfo to, const char *name, const char *value)
{
	appendStringInfo(to, "\"%s\": ", name);
	if (value != NULL)
		escape_json(to, value);
	else
		appendStringInfoString(to, "null");
}

static void
append_endpoint(StringInfo to, const RgEndpoint *endpoint, const char *addresses)
{
	appendStringInfoString(to, "\"endpoint\": {");
	append_text(to, "host", endpoint->host);
	if (endpoint->port != 0)
		appendStringInfo(to, ", \"port\": %d", endpoint->port);
	appendStringInfo(to, ", \"addresses\": %s, ", addresses);
	append_text(to, "database", endpoint->database_name);
	appendStringInfo(to, ", \"tls\": %s, \"options\": %s}", endpoint->tls ? endpoint->tls : "null",
					 endpoint->options);
}

/* The members of the object, which stand between its braces. */
static void
append_patterns(StringInfo to, const char *patterns)
{
	if (patterns != NULL)
		appendStringInfo(to, ", %.*s", (int) strlen(patterns) - 2, patterns + 1);
}

/* Built twice over: first what is not secret, then one wiped block that holds all of it. */
char *
rg_request_line(const RgEndpoint *endpoint, const RgQuestion *question, const char *addresses,
				const char *known, const char *credentials)
{
	StringInfoData open;

	initStringInfo(&open);
	appendStringInfo(&open, "{\"protocol\": 1, \"operation\": \"%s\", ", question->operation);
	append_text(&open, "type", endpoint->type);
	appendStringInfoString(&open, ", ");
	append_endpoint(&open, endpoint, addresses);
	if (question->sample != NULL)
		appendStringInfo(&open, ", \"sample\": %s", question->sample);
	appendStringInfoString(&open, ", \"scope\": {");
	append_text(&open, "schema", question->schema);
	append_patterns(&open, endpoint->patterns);
	appendStringInfo(
		&open,
		"}, \"limits\": {\"connection_timeout\": %d, \"query_timeout\": %d, \"connections\": %d, "
		"\"document_bytes\": " INT64_FORMAT "}, \"known\": %s, \"credentials\": ",
		endpoint->connection_timeout, endpoint->query_timeout, endpoint->connection_pool_size,
		rg_document_limit(), known ? known : "null");

	size_t size = open.len + strlen(credentials) + sizeof("}\n");
	char *line = rg_secret_alloc(size);

	snprintf(line, size, "%s%s}\n", open.data, credentials);
	return line;
}
