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
	.hint = "Check host and port, where something else may listen, and that no firewall is in the way; "
			"connection_timeout bounds the wait."};
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

/* ---- a proxy ---- */

static const HttpFailure proxy_refused = {
	.step = "connect",
	.code = "unavailable",
	.transient = true,
	.message = "The HTTPS proxy of this server does not accept connections.",
	.hint = "It is set by rivergen.https_proxy. An operator can mend it; the data source is not at fault."};
static const HttpFailure proxy_late = {
	.step = "connect",
	.code = "timeout",
	.transient = true,
	.message = "The HTTPS proxy of this server did not answer in time.",
	.hint = "The proxy may be overloaded, or may not reach the service; connection_timeout bounds the wait."};
static const HttpFailure proxy_lost = {
	.step = "connect",
	.code = "unavailable",
	.transient = true,
	.message = "The HTTPS proxy of this server closed the connection without an answer.",
	.hint = "It is set by rivergen.https_proxy. An operator can mend it; the data source is not at fault."};
static const HttpFailure proxy_login = {
	.step = "connect",
	.code = "unavailable",
	.message = "The HTTPS proxy of this server does not accept this server's login.",
	.hint =
		"An operator sets it in the file that rivergen.https_proxy_credentials_file names; the data source "
		"is not at fault."};
static const HttpFailure proxy_denies = {
	.step = "connect",
	.code = "refused",
	.message = "The HTTPS proxy of this server does not let this host be reached.",
	.hint = "The operator of the proxy can allow host and port there."};
static const HttpFailure proxy_fails = {.step = "connect",
										.code = "unreachable",
										.transient = true,
										.message =
											"The HTTPS proxy of this server could not reach the service.",
										.hint = "Check host and port of the data source."};

static const HttpFailure *
failed_by_proxy(int result, int status)
{
	if (status == 407 || status == 401) /* the latter is tinyproxy's */
		return &proxy_login;
	if (status >= 500 || status == 429)
		return &proxy_fails;
	if (status != 0)
		return &proxy_denies;
	if (result == CURLE_COULDNT_CONNECT)
		return &proxy_refused;
	return result == CURLE_OPERATION_TIMEDOUT ? &proxy_late : &proxy_lost;
}

void
http_failure_set_proxied(HttpFailure *failure, int result, int system, bool has_connected, int connect_status)
{
	if (has_connected || (connect_status >= 200 && connect_status < 300))
	{
		http_failure_set_transfer(failure, result, system, has_connected);
		return;
	}
	*failure = *failed_by_proxy(result, connect_status);
	if (connect_status != 0)
		snprintf(failure->detail, sizeof(failure->detail), "It answers CONNECT with the status %d.",
				 connect_status);
}

void
http_failure_set_unlisted(HttpFailure *failure, const char *host, int port)
{
	*failure = (HttpFailure){.step = "configure",
							 .code = "refused",
							 .message = "The host of the data source may not be reached from here.",
							 .hint = "An operator can add it to rivergen.allowed_hosts."};
	snprintf(failure->detail, sizeof(failure->detail),
			 "Services are reached by a proxy, which may not be asked for \"%.120s\" at port %d.", host,
			 port);
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
http_failure_name(HttpFailure *failure, const HttpAnswer *answer, const char *name)
{
	bool has_name = name != NULL && *name != '\0';

	snprintf(failure->detail, sizeof(failure->detail), "The service answers %d%s%.60s.", answer->status,
			 has_name ? " " : "", has_name ? name : "");
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
