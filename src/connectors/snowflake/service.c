#include "connectors/snowflake/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/snowflake/service_error.h"

#define STATEMENTS "/api/v2/statements"

/* A partition has 48 MB as the service counts (statement.c), which is more as JSON. */
#define MOST_ANSWER_BYTES (128 * 1024 * 1024)

#define MOST_TRIES 3
#define FIRST_WAIT 250 /* milliseconds */

static void
check_name(const char *name, const char *message)
{
	if (name != NULL && (strlen(name) > 255 || strpbrk(name, "\r\n") != NULL))
		configuration_fails(message, "A name has at most 255 characters.");
}

void
service_open(Service *service, Request *request)
{
	*service = (Service){
		.database = request->database, .timeout = request->query_timeout, .is_watched = service->is_watched};
	if (configuration_lacks(service->database) && request->operation != OPERATION_DATABASES)
		configuration_fails("The data source names no database.", NULL);
	service->warehouse = request_credential(request, "warehouse");
	service->role = request_credential(request, "role");
	check_name(service->database, "The database's name is malformed.");
	check_name(service->warehouse, "The warehouse's name is malformed.");
	check_name(service->role, "The role's name is malformed.");
	account_take(&service->account, &service->endpoint, request);
	login_take(&service->login, request, service->account.name);
	service->client = http_open(&service->endpoint);
}

/* ---- requests ---- */

static void
add_headers(Service *service, HttpRequest *request)
{
	const char *token = login_token(&service->login);
	char *authorization = allocate(strlen(token) + 8);

	sprintf(authorization, "Bearer %s", token);
	http_header_add(&request->headers, "authorization", authorization);
	http_header_add(&request->headers, "x-snowflake-authorization-token-type", service->login.kind);
	http_header_add(&request->headers, "accept", "application/json");
	http_header_add(&request->headers, "user-agent", "rivergen/" CONNECTOR_VERSION);
	if (request->body != NULL)
		http_header_add(&request->headers, "content-type", "application/json");
	forget_text(authorization);
}

static HttpPending *
begin(Service *service, HttpRequest *request)
{
	HttpPending *pending;

	request->most_bytes = MOST_ANSWER_BYTES;
	add_headers(service, request);
	pending = http_begin(service->client, request);
	http_headers_free(&request->headers);
	request->headers = (HttpHeaders){0};
	return pending;
}

/* A token that was signed may have run out, or the clocks differ: then another one is signed. */
static bool
finish(Service *service, HttpRequest *request, HttpPending *pending, HttpAnswer *answer, HttpFailure *failure)
{
	bool is_answered = http_finish(pending, answer, failure);

	if (is_answered && answer->status == 401 && login_renew(&service->login, answer))
	{
		http_answer_free(answer);
		is_answered = http_finish(begin(service, request), answer, failure);
	}
	if (is_answered && (answer->status < 200 || answer->status >= 300))
	{
		error_set(failure, answer);
		return false;
	}
	return is_answered;
}

static bool
send_request(Service *service, HttpRequest *request, HttpAnswer *answer, HttpFailure *failure)
{
	return finish(service, request, begin(service, request), answer, failure);
}

/* A UUID of chance. */
static void
make_id(char id[static 37])
{
	unsigned char bytes[16];
	char *at = id;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		memset(bytes, 0, sizeof(bytes));
	bytes[6] = (unsigned char) ((bytes[6] & 0x0F) | 0x40);
	bytes[8] = (unsigned char) ((bytes[8] & 0x3F) | 0x80);
	for (int i = 0; i < 16; i++)
		at += sprintf(at, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
}

static HttpRequest
request_of(const Submission *submission, int tries)
{
	HttpRequest request = {.method = "POST",
						   .path = STATEMENTS,
						   .body = submission->body->data,
						   .body_length = submission->body->length,
						   .is_unique = true};

	url_query_add(&request.query, "requestId", submission->id);
	url_query_add(&request.query, "nullable", "true");
	if (submission->is_async)
		url_query_add(&request.query, "async", "true");
	if (tries > 1)
		url_query_add(&request.query, "retry", "true");
	return request;
}

static void
wait_before(int tries)
{
	struct timespec time = {.tv_nsec = (FIRST_WAIT << tries) * 1000000L};

	time.tv_sec = time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static bool
may_help_to_repeat(const HttpFailure *failure, const HttpAnswer *answer)
{
	return failure->transient && strcmp(failure->code, "timeout") != 0 && answer->status != 429 &&
		   answer->status != 503 && strcmp(failure->code, "refused") != 0;
}

void
service_begin(Service *service, Submission *submission)
{
	HttpRequest request;

	if (submission->body->failed)
		give_up_out_of_memory();
	make_id(submission->id);
	request = request_of(submission, 1);
	submission->pending = begin(service, &request);
	http_request_free(&request);
}

bool
service_finish(Service *service, Submission *submission, HttpAnswer *answer, HttpFailure *failure)
{
	for (int tries = 1;; tries++)
	{
		HttpRequest request = request_of(submission, tries);
		bool fine;

		if (tries > 1)
			submission->pending = begin(service, &request);
		fine = finish(service, &request, submission->pending, answer, failure);
		http_request_free(&request);
		if (fine || tries == MOST_TRIES || !may_help_to_repeat(failure, answer))
			return fine;
		http_answer_free(answer);
		wait_before(tries);
	}
}

static char *
path_of(const char *handle, const char *behind)
{
	char *path = allocate(sizeof(STATEMENTS) + 1 + strlen(handle) + strlen(behind));

	sprintf(path, STATEMENTS "/%s%s", handle, behind);
	return path;
}

bool
service_ask(Service *service, const char *handle, int partition, HttpAnswer *answer, HttpFailure *failure)
{
	char *path = path_of(handle, "");
	HttpRequest request = {.method = "GET", .path = path};
	char number[16];
	bool fine;

	snprintf(number, sizeof(number), "%d", partition);
	if (partition >= 0)
		url_query_add(&request.query, "partition", number);
	fine = send_request(service, &request, answer, failure);
	http_request_free(&request);
	free(path);
	return fine;
}

void
service_cancel(Service *service, const char *handle)
{
	char *path = path_of(handle, "/cancel");
	HttpRequest request = {.method = "POST", .path = path, .body = "{}", .body_length = 2};
	HttpAnswer answer = {0};
	HttpFailure ignored;

	(void) send_request(service, &request, &answer, &ignored);
	http_answer_free(&answer);
	http_request_free(&request);
	free(path);
}
