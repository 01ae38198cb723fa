#include "connectors/http/failure.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"

static const HttpFailure refused = {.step = "connect",
									.code = "refused",
									.transient = true,
									.message = "Nothing accepts connections at this address and port.",
									.hint =
										"Check host and port, and that the service listens on this address."};
static const HttpFailure forbidden = {
	.step = "connect", .code = "refused", .message = "Connecting to this address is not allowed here."};
static const HttpFailure unreachable = {.step = "connect",
										.code = "unreachable",
										.transient = true,
										.message = "There is no way to this address.",
										.hint = "Check the host, and the network between here and there."};
static const HttpFailure lost = {.step = "connect",
								 .code = "unreachable",
								 .transient = true,
								 .message = "The connection was closed before the answer was whole."};
static const HttpFailure late = {
	.step = "connect",
	.code = "timeout",
	.transient = true,
	.message = "The service did not answer in time.",
	.hint = "Check host and port, and that no firewall is in the way; connection_timeout bounds the wait."};
static const HttpFailure slow = {.step = "query",
								 .code = "timeout",
								 .transient = true,
								 .message = "The service did not send its answer in time.",
								 .hint = "query_timeout bounds the wait."};
static const HttpFailure without_tls = {
	.step = "tls",
	.code = "tls",
	.message = "The service does not speak TLS at this port, or none that is accepted here.",
	.hint = "Check the port. metadata.tls.mode \"disable\" connects without encryption."};
static const HttpFailure unverified = {
	.step = "tls",
	.code = "tls",
	.message = "The certificate of the service could not be verified.",
	.hint =
		"Give the authority's certificate as metadata.tls.ca, and use the host name that the certificate has."};
static const HttpFailure bad_certificate = {
	.step = "tls", .code = "tls", .message = "A certificate or key of the data source cannot be used."};
static const HttpFailure packed = {.step = "query",
								   .code = "protocol",
								   .message =
									   "The answer of the service is packed in a way that cannot be read."};
static const HttpFailure not_http = {.step = "connect",
									 .code = "protocol",
									 .message = "What answers at this address and port does not speak HTTP."};

static const HttpFailure *
failed_connection(int system)
{
	if (system == EACCES || system == EPERM)
		return &forbidden;
	if (system == ECONNREFUSED)
		return &refused;
	return system == ETIMEDOUT ? &late : &unreachable;
}

static const HttpFailure *
failed_transfer(int result, int system, bool has_connected)
{
	switch (result)
	{
		case CURLE_COULDNT_CONNECT:
			return failed_connection(system);
		case CURLE_OPERATION_TIMEDOUT:
			return has_connected ? &slow : &late;
		case CURLE_SSL_CONNECT_ERROR:
		case CURLE_SSL_CIPHER:
		case CURLE_USE_SSL_FAILED:
			return &without_tls;
		case CURLE_PEER_FAILED_VERIFICATION:
		case CURLE_SSL_ISSUER_ERROR:
			return &unverified;
		case CURLE_SSL_CERTPROBLEM:
		case CURLE_SSL_CACERT_BADFILE:
			return &bad_certificate;
		case CURLE_BAD_CONTENT_ENCODING:
			return &packed;
		case CURLE_UNSUPPORTED_PROTOCOL:
		case CURLE_WEIRD_SERVER_REPLY:
			return &not_http;
		default:
			return &lost;
	}
}

void
http_failure_set_transfer(HttpFailure *failure, int result, int system, bool has_connected)
{
	*failure = *failed_transfer(result, system, has_connected);
	if (failure->message == lost.message)
		snprintf(failure->detail, sizeof(failure->detail), "%s.", curl_easy_strerror((CURLcode) result));
}

void
http_failure_set_long(HttpFailure *failure, int64_t most_bytes)
{
	*failure = (HttpFailure){.step = "query",
							 .code = "too_large",
							 .message = "The answer of the service is longer than is accepted."};
	snprintf(failure->detail, sizeof(failure->detail), "At most %" PRId64 " bytes are read of it.",
			 most_bytes);
}

void
http_failure_set_status(HttpFailure *failure, const HttpAnswer *answer)
{
	int status = answer->status;

	*failure = (HttpFailure){.step = "query", .code = "query", .message = "The service refused the request."};
	if (status == 401)
		*failure = (HttpFailure){.step = "authenticate",
								 .code = "authentication",
								 .message = "The service does not accept the credentials."};
	else if (status == 403)
		*failure = (HttpFailure){
			.step = "query", .code = "permission", .message = "The service does not allow this request."};
	else if (status >= 300 && status < 400)
		*failure = (HttpFailure){.step = "configure",
								 .code = "configuration",
								 .message = "The service answers with a redirect, which is not followed.",
								 .hint = "Give the host that serves the requests."};
	else if (status == 429)
		*failure = (HttpFailure){.step = "query",
								 .code = "unreachable",
								 .transient = true,
								 .message = "The service asks for fewer requests."};
	else if (status >= 500)
		*failure = (HttpFailure){.step = "query",
								 .code = "unreachable",
								 .transient = true,
								 .message = "The service could not answer the request."};
	snprintf(failure->detail, sizeof(failure->detail), "The status of the answer is %d.", status);
}

void
http_failure_report(const HttpFailure *failure)
{
	give_up(&(Failure){.step = failure->step,
					   .code = failure->code,
					   .transient = failure->transient,
					   .message = failure->message,
					   .detail = failure->detail[0] == '\0' ? NULL : failure->detail,
					   .hint = failure->hint});
}
