#include "connectors/dynamodb/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* A page of items has 1 MiB as the service counts, which is more as JSON: each byte of a binary may take four
 * thirds, each control character six. */
#define MOST_ANSWER_BYTES (8 * 1024 * 1024)

#define VERSION_OF_API "DynamoDB_20120810"
#define MISSING        "relation_not_found"

typedef struct Meaning
{
	const char *code;
	HttpFailure failure;
} Meaning;

#define LOGIN(text)                                                                                          \
	{                                                                                                        \
		.step = "authenticate", .code = "authentication", .message = (text)                                  \
	}
#define THROTTLED                                                                                            \
	{                                                                                                        \
		.step = "query", .code = "unreachable", .transient = true,                                           \
		.message = "The service asks for fewer requests."                                                    \
	}

#define DENIED                                                                                               \
	{                                                                                                        \
		.step = "query", .code = "permission", .message = "The service denies the access.",                  \
		.hint = "The keys need the rights dynamodb:ListTables, dynamodb:DescribeTable, dynamodb:Scan and "   \
				"dynamodb:Query."                                                                            \
	}

/* What the services call it, and what it is. */
static const Meaning meanings[] = {
	{"AccessDeniedException", DENIED},
	{"AccessDenied", DENIED},
	{"ResourceNotFoundException", {.step = "query", .code = MISSING, .message = "There is no such table."}},
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
	{"ThrottlingException", THROTTLED},
	{"ProvisionedThroughputExceededException", THROTTLED},
	{"RequestLimitExceeded", THROTTLED},
	{"LimitExceededException", THROTTLED},
};

static const Meaning *
find_meaning(const char *code)
{
	for (size_t i = 0; code != NULL && i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strcmp(meanings[i].code, code) == 0)
			return &meanings[i];
	return NULL;
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
	char fault[64];
	JsonTree *tree =
		json_tree_read(answer->body.data ? answer->body.data : "", answer->body.length, fault, sizeof(fault));
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
static bool
is_throttled(const HttpAnswer *answer)
{
	char *code = answer->status == 400 ? read_code(answer) : NULL;
	const Meaning *meaning = find_meaning(code);

	free(code);
	return meaning != NULL && meaning->failure.transient;
}

bool
failure_is_missing(const HttpFailure *failure)
{
	return strcmp(failure->code, MISSING) == 0;
}

static void
check_region(const char *region)
{
	size_t length = strlen(region);

	if (length > 63 ||
		strspn(region, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != length)
		configuration_fails("The region is malformed.",
							"database_name is the region, a name such as eu-central-1.");
}

static void
take_options(Service *service, const Request *request)
{
	static WireObject options;
	WireSpan sample;

	options.count = 0;
	if (request->options != NULL)
		(void) wire_object_scan(request->options, strlen(request->options), &options);
	service->has_samples = true;
	sample = wire_member(&options, "sample");
	if (sample.start != NULL && !wire_boolean(sample, &service->has_samples))
		configuration_fails("metadata.sample is neither true nor false.", NULL);
}

static void
take_credentials(Service *service, Request *request)
{
	AwsSigner *signer = &service->signer;

	*signer = (AwsSigner){.access_key_id = request_credential(request, "access_key_id"),
						  .secret_access_key = request_credential(request, "secret_access_key"),
						  .session_token = request_credential(request, "session_token"),
						  .region = service->region,
						  .service = "dynamodb"};
	request_forget_credentials(request);
	if (configuration_lacks(signer->access_key_id) || configuration_lacks(signer->secret_access_key))
		configuration_fails("The credentials lack access_key_id or secret_access_key.", NULL);
	if (strpbrk(signer->access_key_id, "\r\n") != NULL ||
		strpbrk(signer->session_token ? signer->session_token : "", "\r\n") != NULL)
		configuration_fails("A credential has a line end in it.", NULL);
}

void
service_open(Service *service, Request *request)
{
	static char default_host[128];

	*service = (Service){.region = request->database, .is_default_host = configuration_lacks(request->host)};
	if (configuration_lacks(service->region))
		configuration_fails("The data source names no region.",
							"Give it as database_name, such as eu-central-1.");
	check_region(service->region);
	take_options(service, request);
	take_credentials(service, request);
	snprintf(default_host, sizeof(default_host), "dynamodb.%s.amazonaws.com", service->region);
	http_endpoint_take(&service->endpoint, request, default_host);
	service->endpoint.signer = &service->signer;
	service->endpoint.is_throttled = is_throttled;
	service->client = http_open(&service->endpoint);
}

/* The service's own message is not passed on: it may have values of items in it. */
static void
set_failure(HttpFailure *failure, const HttpAnswer *answer)
{
	char *code = read_code(answer);
	const Meaning *meaning = find_meaning(code);

	http_failure_set_status(failure, answer);
	if (meaning != NULL)
		*failure = meaning->failure;
	snprintf(failure->detail, sizeof(failure->detail), "The service answers %d %.60s.", answer->status,
			 code ? code : "");
	free(code);
}

static JsonTree *
read_answer(const HttpAnswer *answer, HttpFailure *failure)
{
	char fault[160];
	JsonTree *tree =
		json_tree_read(answer->body.data ? answer->body.data : "", answer->body.length, fault, sizeof(fault));

	if (tree != NULL && json_tree_root(tree)->kind == JSON_OBJECT)
		return tree;
	*failure = (HttpFailure){.step = "query",
							 .code = "protocol",
							 .message = "What answers at this address and port is no service of DynamoDB."};
	snprintf(failure->detail, sizeof(failure->detail), "The answer is no JSON object: %.160s",
			 tree ? "it is another value." : fault);
	json_tree_free(tree);
	return NULL;
}

JsonTree *
service_call(Service *service, const char *operation, const WireBuffer *body, HttpFailure *failure)
{
	HttpRequest request = {.method = "POST",
						   .path = "/",
						   .body = body->data,
						   .body_length = body->length,
						   .most_bytes = MOST_ANSWER_BYTES};
	HttpAnswer answer;
	JsonTree *tree = NULL;
	char target[96];

	if (body->failed)
		give_up_out_of_memory();
	snprintf(target, sizeof(target), VERSION_OF_API ".%s", operation);
	http_header_add(&request.headers, "content-type", "application/x-amz-json-1.0");
	http_header_add(&request.headers, "x-amz-target", target);
	if (!http_send(service->client, &request, &answer, failure))
		tree = NULL;
	else if (answer.status < 200 || answer.status >= 300)
		set_failure(failure, &answer);
	else
		tree = read_answer(&answer, failure);
	http_answer_free(&answer);
	http_request_free(&request);
	return tree;
}
