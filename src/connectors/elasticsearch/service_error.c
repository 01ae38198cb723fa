#include "connectors/elasticsearch/service_error.h"

#include <stdio.h>
#include <string.h>

#include "connectors/jsontree/json_tree.h"

#define RIGHTS                                                                                               \
	"The user needs the rights view_index_metadata and read on the indices; of OpenSearch indices:admin/"    \
	"mappings/get, indices:admin/resolve/index and indices:data/read/*."

typedef struct Meaning
{
	const char *type;
	HttpFailure failure;
} Meaning;

/* What the services call it, and what it is. */
static const Meaning meanings[] = {
	{"index_not_found_exception",
	 {.step = "query",
	  .code = "relation_changed",
	  .message = "The relation is no longer in the data source."}},
	{"index_closed_exception",
	 {.step = "query",
	  .code = "query",
	  .message = "The index is closed.",
	  .hint = "A closed index has to be opened before it is read."}},
	{"circuit_breaking_exception",
	 {.step = "query",
	  .code = "unreachable",
	  .transient = true,
	  .message = "The service has not enough memory for the request."}},
};

static void
keep(char *text, size_t size, const char *found)
{
	if (found != NULL && text[0] == '\0')
		snprintf(text, size, "%s", found);
}

void
service_error_read(ServiceError *error, const HttpAnswer *answer)
{
	char fault[128];
	JsonTree *tree =
		json_tree_read(answer->body.data ? answer->body.data : "", answer->body.length, fault, sizeof(fault));
	const JsonNode *told = tree ? json_member(json_tree_root(tree), "error") : NULL;

	*error = (ServiceError){.status = answer->status};
	keep(error->type, sizeof(error->type), json_member_text(told, "type"));
	keep(error->reason, sizeof(error->reason), json_member_text(told, "details"));
	keep(error->reason, sizeof(error->reason), json_member_text(told, "reason"));
	keep(error->reason, sizeof(error->reason), json_text(told));
	if (tree != NULL)
		json_tree_free(tree);
}

/* The service's own message is not passed on: it may hold values. */
void
service_error_set(HttpFailure *failure, const HttpAnswer *answer, const ServiceError *error)
{
	http_failure_set_status(failure, answer);
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strcmp(meanings[i].type, error->type) == 0)
			*failure = meanings[i].failure;
	if (strcmp(failure->code, "permission") == 0)
		failure->hint = RIGHTS;
	http_failure_name(failure, answer, error->type);
}
