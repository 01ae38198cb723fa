/*
 * http_api.c — what a service says of itself, divided by form feeds: a header Link, the OpenAPI document, in
 * JSON or in YAML, then the documents that it refers to. The operations become relations.
 *
 * Sources: src/connectors/http_api/api.c src/connectors/http_api/columns.c
 * Sources: src/connectors/http_api/next.c src/connectors/http_api/operation.c
 * Sources: src/connectors/http_api/relation.c src/connectors/http_api/shape.c
 * Sources: src/connectors/http_api/yaml_tree.c src/connectors/json/json_types.c
 * Sources: src/connectors/files/format.c src/connectors/files/storage.c
 * Sources: src/connectors/files/infer.c src/connectors/files/infer_time.c
 * Sources: src/connectors/files/file_document.c src/connectors/files/versions.c
 * Sources: src/connectors/http/failure.c src/connectors/http/message.c
 * Sources: src/connectors/http/url.c src/connectors/inference src/connectors/jsontree
 * Sources: src/connectors/common/configuration.c src/connectors/common/memory.c
 * Sources: src/connectors/common/read_request.c src/wire src/connectors/files/unpacked.c
 * Uses: connector http packed yajl yaml
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/files/file_document.h"
#include "connectors/http_api/next.h"
#include "connectors/http_api/relation.h"
#include "fuzz.h"

static FuzzRest answers;

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

	fuzz_must(strncmp(question->path, "/api/", 5) == 0, "documents lie below the first one");
	fuzz_must(strstr(question->path, "/../") == NULL, "and no path leads out of there");
	*failure = (HttpFailure){.step = "query", .code = "query", .message = "none"};
	*answer = (HttpAnswer){.status = 200};
	wire_append(&answer->body, text.bytes, text.length);
	return true;
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

void
fuzz(const char *bytes, size_t length)
{
	char path[] = "/api/openapi";
	Service service = {.openapi_path = path, .endpoint = {.host = "h"}};
	const JsonNode *paths;
	Api api;

	answers = (FuzzRest){.bytes = bytes, .length = length};
	check_link();
	api_open(&api, &service);
	fuzz_must(api.prefix[0] == '\0' || api.prefix[0] == '/', "a prefix is a path");
	paths = operation_paths(&api);
	for (const JsonNode *each = paths ? paths->first : NULL; each; each = each->next)
	{
		FileRelations relations = {.items = NULL};
		ApiOperation operation;

		if (!operation_open(&operation, &api, each))
			continue;
		check_relation(relation_of_operation(&relations, &operation));
		relations_free(&relations);
		operation_free(&operation);
	}
}
