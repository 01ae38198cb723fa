/*
 * http_api.c — what a service says of itself, divided by form feeds: a header Link, the OpenAPI document, in
 * JSON or in YAML, then the documents that it refers to, and pages of rows. The operations become relations.
 *
 * Sources: src/connectors/http_api/api.c src/connectors/http_api/cell.c
 * Sources: src/connectors/http_api/bound.c src/connectors/http_api/columns.c
 * Sources: src/connectors/http_api/pages.c
 * Sources: src/connectors/http_api/next.c src/connectors/http_api/operation.c
 * Sources: src/connectors/http_api/relation.c src/connectors/http_api/shape.c
 * Sources: src/connectors/http_api/yaml_tree.c src/connectors/json/json_types.c
 * Sources: src/connectors/files/format.c src/connectors/files/storage.c
 * Sources: src/connectors/files/infer.c src/connectors/files/infer_time.c
 * Sources: src/connectors/files/file_document.c src/connectors/files/versions.c
 * Sources: src/connectors/files/unpacked.c
 * Sources: src/connectors/http/base64.c src/connectors/http/failure.c src/connectors/http/message.c
 * Sources: src/connectors/http/url.c src/connectors/inference src/connectors/jsontree
 * Sources: src/connectors/common/configuration.c src/connectors/common/memory.c
 * Sources: src/connectors/common/read_request.c src/connectors/common/rows.c
 * Sources: src/connectors/common/value_text.c src/connectors/service src/wire
 * Sources: src/connectors/common/buffer_text.c
 * Uses: connector http packed yajl yaml
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/files/file_document.h"
#include "connectors/http_api/cell.h"
#include "connectors/http_api/next.h"
#include "connectors/http_api/bound.h"
#include "connectors/http_api/pages.h"
#include "connectors/http_api/relation.h"
#include "fuzz.h"

#define MOST_PAGES 8

static FuzzRest answers;
static bool reads_rows;

/* The text up to the next form feed, which is passed over; the last one is there for ever. */
static FuzzRest
next_text(void)
{
	const char *end = answers.length > 0 ? memchr(answers.bytes, '\f', answers.length) : NULL;
	FuzzRest text = answers;

	if (end == NULL)
		return text;
	text.length = (size_t) (end - answers.bytes);
	answers = (FuzzRest){.bytes = end + 1, .length = answers.length - text.length - 1};
	return text;
}

/* In place of connectors/http_api/service.c: each document is the next text. */
bool
service_get(Service *service, ServiceQuestion *question, HttpAnswer *answer, HttpFailure *failure)
{
	FuzzRest text = next_text();

	fuzz_must(question->path[0] == '/' && strpbrk(question->path, " \r\n#") == NULL, "a request is a path");
	fuzz_must(reads_rows || strncmp(question->path, "/api/", 5) == 0, "documents lie below the first one");
	fuzz_must(reads_rows || strstr(question->path, "/../") == NULL, "and no path leads out of there");
	*failure = (HttpFailure){.step = "query", .code = "query", .message = "none"};
	*answer = (HttpAnswer){.status = 200};
	wire_append(&answer->body, text.bytes, text.length);
	url_query_free(&question->query);
	return true;
}

bool
http_is_encrypted(const HttpClient *client)
{
	return false;
}

void
emit_flush(void)
{
}

static void
check_link(void)
{
	FuzzRest text = next_text();
	HttpEndpoint endpoint = {.host = "h"};
	char *header = malloc(text.length + 1);
	char *target;
	char *path;

	if (header == NULL)
		return;
	memcpy(header, text.bytes, text.length);
	header[text.length] = '\0';
	target = next_of_link(header);
	path = target ? next_path(target, "/a/b?c", &endpoint, true) : NULL;
	fuzz_must(path == NULL || (path[0] == '/' && strpbrk(path, " \r\n#") == NULL), "a page is a path");
	free(path);
	free(target);
	free(header);
}

static void
check_relation(const FileRelation *relation)
{
	WireBuffer document = {.data = NULL};
	char fault[64];
	JsonTree *tree;

	fuzz_must(relation->column_count > 0, "a relation has columns");
	for (int i = 0; i < relation->column_count; i++)
	{
		fuzz_must(relation->columns[i].name && relation->columns[i].type, "a column has a name and a type");
		for (int j = 0; j < i; j++)
			fuzz_must(strcmp(relation->columns[i].name, relation->columns[j].name) != 0, "names differ");
	}
	file_document_write(&document, relation);
	tree = json_tree_read(document.data, document.length, fault, sizeof(fault));
	fuzz_must(tree != NULL || strstr(fault, "levels") != NULL, "what describes a relation is JSON");
	json_tree_free(tree);
	wire_free(&document);
}

static void
check_rows(Service *service, const ApiOperation *operation, const FileRelation *relation)
{
	ReadRequest read = {.limit = NO_LIMIT, .sample = NO_LIMIT};
	WireBuffer text = {.data = NULL};
	const JsonNode *row;
	Pages pages;

	if (bound_lacking(operation, &read) != NULL)
		return;
	reads_rows = true;
	pages_begin(&pages, service, operation, relation, &read);
	while (pages.pages < MOST_PAGES && (row = pages_row(&pages)) != NULL)
		for (int i = 0; i < relation->column_count; i++)
		{
			wire_reset(&text);
			(void) cell_append(&text, json_member(row, relation->columns[i].name),
							   relation->columns[i].pg_type);
		}
	pages_end(&pages);
	wire_free(&text);
	reads_rows = false;
}

void
fuzz(const char *bytes, size_t length)
{
	char path[] = "/api/openapi";
	Service service = {.openapi_path = path, .endpoint = {.host = "h"}};
	const JsonNode *paths;
	Api api;

	answers = (FuzzRest){.bytes = bytes, .length = length};
	reads_rows = false;
	check_link();
	api_open(&api, &service);
	fuzz_must(api.prefix[0] == '\0' || api.prefix[0] == '/', "a prefix is a path");
	paths = operation_paths(&api);
	for (const JsonNode *each = paths ? paths->first : NULL; each; each = each->next)
	{
		FileRelations relations = {.items = NULL};
		const FileRelation *relation;
		ApiOperation operation;

		if (!operation_open(&operation, &api, each))
			continue;
		relation = relation_of_operation(&relations, &operation);
		check_relation(relation);
		check_rows(&service, &operation, relation);
		relations_free(&relations);
		operation_free(&operation);
	}
}
