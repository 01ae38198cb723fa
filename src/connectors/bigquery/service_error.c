#include "connectors/bigquery/service_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

#define OF_A_QUERY "query"

/* What the service calls it, and what it is. */
static const ServiceMeaning meanings[] = {
	{"rateLimitExceeded", SERVICE_THROTTLED},
	{"userRateLimitExceeded", SERVICE_THROTTLED},
	{"jobRateLimitExceeded", SERVICE_THROTTLED},
	{"backendError",
	 {.step = "query",
	  .code = "unreachable",
	  .transient = true,
	  .message = "The service could not answer the request."}},
	{"quotaExceeded",
	 {.step = "query",
	  .code = "unreachable",
	  .transient = true,
	  .message = "A quota of the project is used up.",
	  .hint = "Some are renewed each day; the project's owner can raise them."}},
	{"accessDenied",
	 {.step = "query",
	  .code = "permission",
	  .message = "The service denies the access.",
	  .hint = "BigQuery Metadata Viewer is enough to discover, Data Viewer to read, Job User to query."}},
	{"accessNotConfigured",
	 {.step = "query",
	  .code = "permission",
	  .message = "The BigQuery API is not enabled in the project.",
	  .hint = "The project's owner enables it."}},
	{"billingNotEnabled",
	 {.step = "query", .code = "permission", .message = "Billing is not enabled in the project."}},
	{"notFound",
	 {.step = "query", .code = SERVICE_MISSING, .message = "There is no such project, dataset or table."}},
	{"bytesBilledLimitExceeded",
	 {.step = "query",
	  .code = "too_large",
	  .message = "The query would read more bytes than metadata.maximum_bytes_billed allows."}},
	{"responseTooLarge",
	 {.step = "query", .code = "too_large", .message = "The result is larger than the service gives back."}},
	{"stopped", {.step = "query", .code = "timeout", .transient = true, .message = "The query was stopped."}},
	{"invalidQuery", {.step = "query", .code = OF_A_QUERY, .message = "The service refused the query."}},
};

static char query_message[400];

static const ServiceMeaning *
find_meaning(const char *reason)
{
	return service_meaning(meanings, sizeof(meanings) / sizeof(meanings[0]), reason);
}

/* The first of the errors in an answer; NULL: it has none. */
static const JsonNode *
first_error(const JsonTree *tree)
{
	const JsonNode *error = tree ? json_member(json_tree_root(tree), "error") : NULL;
	const JsonNode *errors = json_member(error, "errors");

	return errors != NULL && errors->first != NULL ? errors->first : error;
}

bool
error_is_throttling(const HttpAnswer *answer)
{
	JsonTree *tree = answer->status == 403 ? service_body(answer) : NULL;
	const ServiceMeaning *meaning = find_meaning(json_member_text(first_error(tree), "reason"));

	json_tree_free(tree);
	return meaning != NULL && meaning->failure.transient && strcmp(meaning->word, "quotaExceeded") != 0;
}

/* Only what is said of a query is passed on, to whom the query is: messages name values and people. */
static void
keep_query_message(const ServiceMeaning *meaning, const JsonNode *error)
{
	const char *message = json_member_text(error, "message");

	query_message[0] = '\0';
	if (strcmp(meaning->failure.code, OF_A_QUERY) == 0 && message != NULL)
		snprintf(query_message, sizeof(query_message), "%s", message);
}

void
error_set_of_job(HttpFailure *failure, const JsonNode *error)
{
	const char *reason = json_member_text(error, "reason");
	const ServiceMeaning *meaning = find_meaning(reason);

	*failure =
		(HttpFailure){.step = "query", .code = "protocol", .message = "The query has failed at the service."};
	query_message[0] = '\0';
	if (meaning != NULL)
	{
		*failure = meaning->failure;
		keep_query_message(meaning, error);
	}
	snprintf(failure->detail, sizeof(failure->detail), "The service's reason is %.60s.",
			 reason ? reason : "unknown");
}

void
error_set(HttpFailure *failure, const HttpAnswer *answer)
{
	JsonTree *tree = service_body(answer);
	const JsonNode *error = first_error(tree);
	const char *reason = json_member_text(error, "reason");

	if (find_meaning(reason) != NULL)
		error_set_of_job(failure, error);
	else
		http_failure_set_status(failure, answer);
	if (answer->status == 404 && find_meaning(reason) == NULL)
		*failure = find_meaning("notFound")->failure;
	http_failure_name(failure, answer, reason);
	json_tree_free(tree);
}

/* Its messages end in the place: … at [LINE:COLUMN] */
const char *
failure_of_query(const HttpFailure *failure, int64_t *line, int64_t *column)
{
	const char *place = strrchr(query_message, '[');

	*line = *column = 0;
	if (strcmp(failure->code, OF_A_QUERY) != 0 || query_message[0] == '\0')
		return NULL;
	if (place != NULL)
	{
		char *end;

		*line = strtol(place + 1, &end, 10);
		*column = *end == ':' ? strtol(end + 1, NULL, 10) : 0;
	}
	return query_message;
}
