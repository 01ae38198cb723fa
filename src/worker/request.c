#include "request.h"

#include "postgres.h"

#include "lib/stringinfo.h"

#include "catalog/settings.h"
#include "conversation.h"
#include "json.h"
#include "secret/seal.h"
#include "wire/wire.h"

static void
append_port(StringInfo to, int port)
{
	if (port != 0)
		appendStringInfo(to, ", \"port\": %d", port);
}

/* Absent with the dialer; a connector that has it resolves by itself. */
static void
append_addresses(StringInfo to, const RgResolved *resolved)
{
	if (resolved->addresses != NULL)
		appendStringInfo(to, ", \"addresses\": %s", resolved->addresses);
}

static void
append_hosts(StringInfo to, const RgResolved *resolved)
{
	appendStringInfoString(to, ", \"hosts\": [");
	for (int i = 0; i < resolved->hosts.count; i++)
	{
		const RgHost *host = &resolved->hosts.hosts[i];

		appendStringInfoString(to, i > 0 ? ", {" : "{");
		rg_json_append_text(to, "host", host->name);
		append_port(to, host->port);
		append_addresses(to, resolved);
		appendStringInfoChar(to, '}');
	}
	appendStringInfoChar(to, ']');
}

/* Its credentials are among those of the source. */
static void
append_proxy(StringInfo to, const RgProxy *proxy)
{
	if (proxy == NULL)
		return;
	appendStringInfoString(to, ", \"proxy\": {");
	rg_json_append_text(to, "host", proxy->host);
	append_port(to, proxy->port);
	appendStringInfo(to, ", \"addresses\": %s", rg_resolve_array(proxy->addresses, proxy->port, NULL));
	rg_json_append_text(to, "allowed_hosts", rg_allowed_hosts);
	appendStringInfoChar(to, '}');
}

/* The first host is repeated beside the list, for connectors that know only one. */
static void
append_endpoint(StringInfo to, const RgEndpoint *endpoint, const RgResolved *resolved)
{
	bool has_host = resolved->hosts.count > 0;

	appendStringInfoString(to, ", \"endpoint\": {");
	rg_json_append_text(to, "host", has_host ? resolved->hosts.hosts[0].name : NULL);
	append_port(to, has_host ? resolved->hosts.hosts[0].port : endpoint->port);
	append_addresses(to, resolved);
	append_hosts(to, resolved);
	append_proxy(to, resolved->proxy);
	rg_json_append_text(to, "database", endpoint->database_name);
	rg_json_append_text(to, "schema", endpoint->schema_name);
	rg_json_append_text(to, "path", endpoint->file_path);
	appendStringInfo(to, ", \"tunnel\": %s, \"tls\": %s, \"options\": %s, \"driver\": %s}",
					 endpoint->use_ssh_tunnel ? "true" : "false", endpoint->tls ? endpoint->tls : "null",
					 endpoint->options, endpoint->driver ? endpoint->driver : "null");
}

/* The members of the object, which stand between its braces. */
static void
append_patterns(StringInfo to, const char *patterns)
{
	if (patterns != NULL)
		appendStringInfo(to, ", %.*s", (int) strlen(patterns) - 2, patterns + 1);
}

/*
 * Built in two parts: first the members that are not secret, then one wiped block that holds all of the
 * line.
 */
char *
rg_conversation_request_line(const RgEndpoint *endpoint, const RgQuestion *question,
							 const RgResolved *resolved, const char *known, const char *credentials)
{
	StringInfoData open;

	initStringInfo(&open);
	appendStringInfo(&open, "{\"protocol\": %d, \"operation\": \"%s\"", WIRE_PROTOCOL, question->operation);
	rg_json_append_text(&open, "type", endpoint->type);
	append_endpoint(&open, endpoint, resolved);
	if (question->member != NULL)
		appendStringInfo(&open, ", \"%s\": %s", question->operation, question->member);
	appendStringInfoString(&open, ", \"scope\": {");
	rg_json_append_text(&open, "schema", question->schema);
	append_patterns(&open, endpoint->patterns);
	appendStringInfo(
		&open,
		"}, \"limits\": {\"connection_timeout\": %d, \"query_timeout\": %d, \"connections\": %d, "
		"\"document_bytes\": " INT64_FORMAT,
		endpoint->connection_timeout, endpoint->query_timeout, endpoint->connection_pool_size,
		rg_conversation_document_limit());
	if (question->row_bytes > 0)
		appendStringInfo(&open, ", \"row_bytes\": " INT64_FORMAT, question->row_bytes);
	appendStringInfo(&open, "}, \"known\": %s, \"credentials\": ", known ? known : "null");

	size_t size = open.len + strlen(credentials) + sizeof("}\n");
	char *line = rg_secret_alloc(size);

	snprintf(line, size, "%s%s}\n", open.data, credentials);
	return line;
}
