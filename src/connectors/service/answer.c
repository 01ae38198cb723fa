#include "connectors/service/answer.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/read_request.h"

const HttpFailure service_endless = {.step = "query",
									 .code = "timeout",
									 .transient = true,
									 .message = "The service sent no more rows in time.",
									 .hint = "query_timeout bounds the wait."};

const ServiceMeaning *
service_meaning(const ServiceMeaning *meanings, size_t count, const char *word)
{
	for (size_t i = 0; word != NULL && i < count; i++)
		if (strcmp(meanings[i].word, word) == 0)
			return &meanings[i];
	return NULL;
}

static JsonTree *
read_body(const HttpAnswer *answer, char *fault, size_t size)
{
	return json_tree_read(answer->body.data ? answer->body.data : "", answer->body.length, fault, size);
}

JsonTree *
service_body(const HttpAnswer *answer)
{
	char fault[64];

	return read_body(answer, fault, sizeof(fault));
}

JsonTree *
service_object(const HttpAnswer *answer, const char *message, HttpFailure *failure)
{
	char fault[160];
	JsonTree *tree = read_body(answer, fault, sizeof(fault));

	if (tree != NULL && json_tree_root(tree)->kind == JSON_OBJECT)
		return tree;
	*failure = (HttpFailure){.step = "query", .code = "protocol", .message = message};
	snprintf(failure->detail, sizeof(failure->detail), "The answer is no JSON object: %.160s",
			 tree ? "it is another value." : fault);
	json_tree_free(tree);
	return NULL;
}

bool
failure_is_missing(const HttpFailure *failure)
{
	return strcmp(failure->code, SERVICE_MISSING) == 0;
}

void
give_up_rows(const HttpFailure *failure)
{
	if (failure_is_missing(failure))
		give_up_changed("The table is no longer in the data source.", NULL);
	http_failure_report(failure);
}
