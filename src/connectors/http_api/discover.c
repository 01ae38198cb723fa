#include "connectors/http_api/discover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/known.h"
#include "connectors/common/memory.h"
#include "connectors/files/file_discover.h"
#include "connectors/files/file_document.h"
#include "connectors/http_api/endpoint.h"
#include "connectors/http_api/relation.h"

/* Another text once the same document would be described in another way. */
#define DOCUMENTS "1"

/* ---- schemas ---- */

/* In the order in which they first appear. */
typedef struct SchemaNames
{
	char **items;
	int count;
} SchemaNames;

static void
add_schema(SchemaNames *names, const char *name)
{
	for (int i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return;
	names->items = reallocate(names->items, (size_t) (names->count + 1) * sizeof(char *));
	names->items[names->count++] = copy_text(name);
}

static bool
is_in_scope(const Request *request, const char *schema)
{
	return request->schema == NULL || strcmp(request->schema, schema) == 0;
}

static void
emit_schemas(const Request *request, SchemaNames *names)
{
	char message[512];
	bool is_found = false;

	for (int i = 0; i < names->count; i++)
	{
		if (is_in_scope(request, names->items[i]))
		{
			emit_schema(names->items[i], NULL, NULL);
			is_found = true;
		}
		free(names->items[i]);
	}
	free(names->items);
	if (request->schema == NULL || is_found)
		return;
	snprintf(message, sizeof(message), "There is no schema \"%.300s\": no endpoint has this tag.",
			 request->schema);
	give_up(&(Failure){.step = "query", .code = "schema_not_found", .message = message});
}

static bool
is_selected(const Request *request, const ApiOperation *operation)
{
	return is_in_scope(request, operation->schema) &&
		   wire_selects(&request->selection, operation->schema, operation->path);
}

/* A name stays as it is, or its relation is left out. */
static bool
has_fine_names(const ApiOperation *operation, const FileRelation *relation)
{
	bool are_fine = is_utf8(operation->path) && is_utf8(operation->schema);

	for (int i = 0; i < relation->column_count && are_fine; i++)
		are_fine = is_utf8(relation->columns[i].name);
	return are_fine;
}

static void
emit_relation_of(const Request *request, const ApiOperation *operation, const FileRelation *relation,
				 const char *signature)
{
	if (has_fine_names(operation, relation))
		emit_file_relation(request, operation->schema, relation, ABSENT, signature);
	else
		emit_skipped(&(RelationFrame){.schema = operation->schema, .name = operation->path},
					 "A name is not UTF-8.");
}

/* ---- the document ---- */

static bool
is_last_of_name(const JsonNode *paths, const JsonNode *path)
{
	return json_member(paths, path->name) == path;
}

/* Of what every description depends on beside the document: this connector, and the source's metadata. */
static const char *
source_signature(const Request *request)
{
	static char signature[96];

	snprintf(signature, sizeof(signature), CONNECTOR_VERSION " " DOCUMENTS " %016" PRIx64,
			 hash_text(request->options ? request->options : ""));
	return signature;
}

/* A relation is as it was if what the documents say of it is. */
static void
write_signature(char *signature, size_t size, const ApiOperation *operation, const FileRelation *relation)
{
	WireBuffer document = {0};
	uint64_t sum;

	file_document_write(&document, relation);
	if (document.failed)
		give_up_out_of_memory();
	sum = hash_bytes(hash_text(operation->schema), document.data, document.length);
	snprintf(signature, size, "%016" PRIx64, sum);
	wire_free(&document);
}

static void
emit_operation(const Request *request, const Known *known, const ApiOperation *operation)
{
	FileRelations relations = {.items = NULL};
	const FileRelation *relation = relation_of_operation(&relations, operation);
	char signature[32];

	write_signature(signature, sizeof(signature), operation, relation);
	if (known_has(known, relation->id, signature))
		emit_unchanged(&(RelationFrame){.schema = operation->schema,
										.name = operation->path,
										.id = relation->id,
										.row_estimate = ABSENT,
										.size_bytes = ABSENT});
	else
		emit_relation_of(request, operation, relation, request->signatures ? signature : NULL);
	relations_free(&relations);
}

static int
list_schemas(const Request *request, Api *api, const JsonNode *paths)
{
	SchemaNames names = {0};
	int count = 0;

	for (const JsonNode *path = paths ? paths->first : NULL; path; path = path->next)
	{
		ApiOperation operation;

		if (!is_last_of_name(paths, path) || !operation_open(&operation, api, path))
			continue;
		add_schema(&names, operation.schema);
		count += is_selected(request, &operation);
		operation_free(&operation);
	}
	emit_progress("read", count);
	emit_schemas(request, &names);
	return count;
}

static void
tell_unresolved(const Api *api)
{
	char message[160];

	if (api->unresolved == 0)
		return;
	snprintf(message, sizeof(message),
			 "%" PRId64 " references of the document lead nowhere: what they stand for is not described",
			 api->unresolved);
	emit_log("warning", message);
}

const char *
discover_document(const Request *request, Api *api)
{
	const JsonNode *paths = operation_paths(api);
	const char *source = source_signature(request);
	Known known;

	known_read(&known, request, source);
	(void) list_schemas(request, api, paths);
	for (const JsonNode *path = paths ? paths->first : NULL; path; path = path->next)
	{
		ApiOperation operation;

		if (!is_last_of_name(paths, path) || !operation_open(&operation, api, path))
			continue;
		if (is_selected(request, &operation))
			emit_operation(request, &known, &operation);
		operation_free(&operation);
	}
	tell_unresolved(api);
	known_free(&known);
	return request->signatures ? source : NULL;
}

/* ---- endpoints ---- */

/* A failure that all further requests would meet ends the discovery. */
static bool
is_of_endpoint(const HttpFailure *failure)
{
	return strcmp(failure->code, "permission") == 0 || strcmp(failure->code, "query") == 0 ||
		   strcmp(failure->code, "protocol") == 0 || strcmp(failure->code, "too_large") == 0;
}

static void
skip(const ApiOperation *operation, const HttpFailure *failure)
{
	char reason[512];

	snprintf(reason, sizeof(reason), "%s %s", failure->message, failure->detail);
	emit_skipped(&(RelationFrame){.schema = operation->schema, .name = operation->path}, reason);
}

static void
discover_endpoint(const Request *request, Service *service, const ApiOperation *operation)
{
	FileRelations relations = {.items = NULL};
	HttpFailure failure;
	Pages first;
	bool fine;

	pages_begin(&first, service, operation, NULL, NULL);
	(void) pages_next(&first, &fine, &failure);
	if (fine)
	{
		emit_relation_of(request, operation, relation_of_endpoint(&relations, operation, &first), NULL);
		relations_free(&relations);
	}
	else if (is_of_endpoint(&failure))
		skip(operation, &failure);
	else
		http_failure_report(&failure);
	pages_end(&first);
}

static bool
is_named_before(const Service *service, int number)
{
	for (int i = 0; i < number; i++)
		if (strcmp(service->endpoints[i], service->endpoints[number]) == 0)
			return true;
	return false;
}

void
discover_endpoints(const Request *request, Service *service)
{
	SchemaNames names = {0};
	ApiOperation operation;

	for (int i = 0; i < service->endpoint_count; i++)
	{
		endpoint_open(&operation, service, i);
		add_schema(&names, operation.schema);
		operation_free(&operation);
	}
	emit_progress("read", service->endpoint_count);
	emit_schemas(request, &names);
	for (int i = 0; i < service->endpoint_count; i++)
	{
		endpoint_open(&operation, service, i);
		if (is_selected(request, &operation) && !is_named_before(service, i))
			discover_endpoint(request, service, &operation);
		operation_free(&operation);
	}
}
