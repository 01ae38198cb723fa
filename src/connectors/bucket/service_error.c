#include "connectors/bucket/service_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/bucket/answer_xml.h"

typedef struct Meaning
{
	const char *code;
	HttpFailure failure;
} Meaning;

#define LOGIN(text)                                                                                          \
	{                                                                                                        \
		.step = "authenticate", .code = "authentication", .message = (text)                                  \
	}

/* What the services call it, and what it is. */
static const Meaning meanings[] = {
	{"NoSuchBucket",
	 {.step = "query",
	  .code = "database_not_found",
	  .message = "There is no bucket of that name.",
	  .hint = "Check database_name or metadata.bucket, and the host."}},
	{"AccessDenied",
	 {.step = "query",
	  .code = "permission",
	  .message = "The service denies the access.",
	  .hint = "The keys need the rights s3:ListBucket and s3:GetObject."}},
	{"AllAccessDisabled",
	 {.step = "query", .code = "permission", .message = "The service denies all access."}},
	{"AccountProblem",
	 {.step = "query", .code = "permission", .message = "The account has a problem at the service."}},
	{"InvalidAccessKeyId", LOGIN("The service does not know the access_key_id.")},
	{"InvalidClientTokenId", LOGIN("The service does not know the access_key_id.")},
	{"SignatureDoesNotMatch", LOGIN("The secret_access_key does not belong to the access_key_id.")},
	{"AuthFailure", LOGIN("The service does not accept the credentials.")},
	{"ExpiredToken", LOGIN("The session_token has expired.")},
	{"InvalidToken", LOGIN("The session_token is not valid.")},
	{"TokenRefreshRequired", LOGIN("The session_token has to be renewed.")},
	{"RequestTimeTooSkewed",
	 {.step = "configure",
	  .code = "configuration",
	  .message = "The clocks of the service and of this machine differ.",
	  .hint = "Set the clock that is wrong."}},
	{"PermanentRedirect",
	 {.step = "configure", .code = "configuration", .message = "The bucket is served by another host."}},
	{"TemporaryRedirect",
	 {.step = "configure", .code = "configuration", .message = "The bucket is served by another host."}},
	{"AuthorizationHeaderMalformed",
	 {.step = "configure", .code = "configuration", .message = "The bucket is in another region."}},
	{"IllegalLocationConstraintException",
	 {.step = "configure", .code = "configuration", .message = "The bucket is in another region."}},
	{"InvalidObjectState",
	 {.step = "query",
	  .code = "permission",
	  .message = "The object is archived, and has to be restored before it is read."}},
	{"SlowDown",
	 {.step = "query",
	  .code = "unreachable",
	  .transient = true,
	  .message = "The service asks for fewer requests."}},
};

static void
take_element(void *argument, const char *parent, const char *name, const char *text)
{
	ServiceError *error = argument;

	if (text == NULL || strcmp(parent, "Error") != 0)
		return;
	if (strcmp(name, "Code") == 0 && error->code == NULL)
		error->code = copy_text(text);
	if (strcmp(name, "Region") == 0 && error->region == NULL)
		error->region = copy_text(text);
}

void
service_error_read(ServiceError *error, const HttpAnswer *answer)
{
	*error = (ServiceError){0};
	(void) answer_xml_read(answer->body.data, answer->body.length, take_element, error);
}

void
service_error_free(ServiceError *error)
{
	free(error->code);
	free(error->region);
}

/* The service's own message is not passed on: it may name keys. */
static void
describe(HttpFailure *failure, const HttpAnswer *answer, const ServiceError *error, const char *region)
{
	static char hint[200];
	const char *there = http_header(&answer->headers, "x-amz-bucket-region");

	http_failure_name(failure, answer, error->code);
	there = there ? there : error->region;
	if (strcmp(failure->step, "configure") != 0 || (failure->hint != NULL && error->code != NULL))
		return;
	if (there != NULL)
		snprintf(hint, sizeof(hint), "Set metadata.region to \"%.63s\". The request was made for \"%.63s\".",
				 there, region);
	else
		snprintf(hint, sizeof(hint),
				 "Check host, port and metadata.region. The request was made for \"%.63s\".", region);
	failure->hint = hint;
}

void
service_error_set(HttpFailure *failure, const HttpAnswer *answer, const ServiceError *error,
				  const char *region)
{
	http_failure_set_status(failure, answer);
	for (size_t i = 0; error->code != NULL && i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strcmp(meanings[i].code, error->code) == 0)
			*failure = meanings[i].failure;
	describe(failure, answer, error, region);
}
