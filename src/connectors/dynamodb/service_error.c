#include "connectors/dynamodb/service_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/jsontree/json_tree.h"

#define LOGIN(text)                                                                                          \
	{                                                                                                        \
		.step = "authenticate", .code = "authentication", .message = (text)                                  \
	}
#define DENIED                                                                                               \
	{                                                                                                        \
		.step = "query", .code = "permission", .message = "The service denies the access.",                  \
		.hint = "The keys need the rights dynamodb:ListTables, dynamodb:DescribeTable, dynamodb:Scan and "   \
				"dynamodb:Query."                                                                            \
	}

/* What the services call it, and what it is. */
static const ServiceMeaning meanings[] = {
	{"AccessDeniedException", DENIED},
	{"AccessDenied", DENIED},
	{"ResourceNotFoundException",
	 {.step = "query", .code = SERVICE_MISSING, .message = "There is no such table."}},
	{"UnrecognizedClientException",
	 LOGIN("The service does not know the access_key_id or the session_token.")},
	{"InvalidClientTokenId", LOGIN("The service does not know the access_key_id.")},
	{"InvalidAccessKeyId", LOGIN("The service does not know the access_key_id.")},
	{"InvalidSignatureException", LOGIN("The secret_access_key does not belong to the access_key_id.")},
	{"SignatureDoesNotMatch", LOGIN("The secret_access_key does not belong to the access_key_id.")},
	{"IncompleteSignatureException", LOGIN("The service does not accept the signature.")},
	{"IncompleteSignature", LOGIN("The service does not accept the signature.")},
	{"MissingAuthenticationToken", LOGIN("The service wants the requests signed.")},
	{"MissingAuthenticationTokenException", LOGIN("The service wants the requests signed.")},
	{"ExpiredTokenException", LOGIN("The session_token has expired.")},
	{"ExpiredToken", LOGIN("The session_token has expired.")},
	{"ThrottlingException", SERVICE_THROTTLED},
	{"ProvisionedThroughputExceededException", SERVICE_THROTTLED},
	{"RequestLimitExceeded", SERVICE_THROTTLED},
	{"LimitExceededException", SERVICE_THROTTLED},
};

static const ServiceMeaning *
find_meaning(const char *code)
{
	return service_meaning(meanings, sizeof(meanings) / sizeof(meanings[0]), code);
}

/* What stands between <Code> and </Code>: gates before a service answer in XML. The caller frees it. */
static char *
read_xml_code(const HttpAnswer *answer)
{
	static const char begin[] = "<Code>";
	const char *text =
		answer->body.length > 0 ? memmem(answer->body.data, answer->body.length, begin, strlen(begin)) : NULL;
	size_t left;
	size_t length = 0;
	char *code;

	if (text == NULL)
		return NULL;
	text += strlen(begin);
	left = answer->body.length - (size_t) (text - answer->body.data);
	while (length < left && text[length] != '<')
		length++;
	code = allocate(length + 1);
	memcpy(code, text, length);
	code[length] = '\0';
	return code;
}

/* The code of an error, from com.amazonaws.dynamodb.v20120810#CODE. The caller frees it. */
static char *
read_code(const HttpAnswer *answer)
{
	JsonTree *tree = service_body(answer);
	const char *type;
	const char *mark;
	char *code;

	if (tree == NULL)
		return read_xml_code(answer);
	type = json_member_text(json_tree_root(tree), "__type");
	mark = type ? strrchr(type, '#') : NULL;
	code = type ? copy_text(mark ? mark + 1 : type) : NULL;
	json_tree_free(tree);
	return code;
}

/* The service throttles by an answer with the status 400. */
bool
error_is_throttling(const HttpAnswer *answer)
{
	char *code = answer->status == 400 ? read_code(answer) : NULL;
	const ServiceMeaning *meaning = find_meaning(code);

	free(code);
	return meaning != NULL && meaning->failure.transient;
}

/* The service's own message is not passed on: it may have values of items in it. */
void
error_set(HttpFailure *failure, const HttpAnswer *answer)
{
	char *code = read_code(answer);
	const ServiceMeaning *meaning = find_meaning(code);

	http_failure_set_status(failure, answer);
	if (meaning != NULL)
		*failure = meaning->failure;
	http_failure_name(failure, answer, code);
	free(code);
}
