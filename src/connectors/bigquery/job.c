#include "connectors/bigquery/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "connectors/bigquery/service_error.h"
#include "connectors/common/deadline.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* The first answer comes after so many milliseconds at most, done or not. */
#define FIRST_WAIT "10000"

/* Milliseconds between two questions whether it is done. */
#define PAUSE 500

static void
append_bound(WireBuffer *body, const Service *service)
{
	char digits[24];

	if (service->most_bytes_billed == 0)
		return;
	snprintf(digits, sizeof(digits), "%lld", (long long) service->most_bytes_billed);
	document_text(body, "maximumBytesBilled", digits);
}

/* A request that is sent twice, because its answer was lost, runs one query. */
static void
append_request_id(WireBuffer *body)
{
	unsigned char bytes[16];
	char id[2 * sizeof(bytes) + 1];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return;
	for (size_t i = 0; i < sizeof(bytes); i++)
		sprintf(id + 2 * i, "%02x", bytes[i]);
	document_text(body, "requestId", id);
}

static void
write_query(WireBuffer *body, const Service *service, const char *sql, const WireBuffer *parameters)
{
	document_literal(body, "{");
	document_text(body, "query", sql);
	document_member(body, "useLegacySql");
	document_literal(body, "false,\"maxResults\":10000,\"timeoutMs\":" FIRST_WAIT
						   ",\"formatOptions\":{\"useInt64Timestamp\":true}");
	document_text(body, "location", service->location);
	append_bound(body, service);
	append_request_id(body);
	if (parameters != NULL && parameters->length > 2)
	{
		document_text(body, "parameterMode", "NAMED");
		document_member(body, "queryParameters");
		wire_append(body, parameters->data, parameters->length);
		body->failed |= parameters->failed;
	}
	document_literal(body, "}");
}

static const JsonNode *
reference_of(const JsonTree *answer)
{
	return json_member(json_tree_root(answer), "jobReference");
}

static bool
is_done(const JsonTree *answer)
{
	return json_member_is_true(json_tree_root(answer), "jobComplete");
}

static void
cancel(Service *service, const char *id, const char *location)
{
	char *path = service_path("projects", service->billing_project, "jobs", id, "cancel", NULL);
	WireBuffer body = {.data = NULL};
	UrlQuery query = {0};
	HttpFailure ignored;

	document_literal(&body, "{}");
	if (location != NULL)
		url_query_add(&query, "location", location);
	json_tree_free(service_post(service, path, &query, &body, &ignored));
	wire_free(&body);
	free(path);
}

static JsonTree *
ask_again(Service *service, const char *id, const char *location, HttpFailure *failure)
{
	char *path = service_path("projects", service->billing_project, "queries", id, NULL);
	UrlQuery query = {0};
	JsonTree *answer;

	url_query_add(&query, "timeoutMs", FIRST_WAIT);
	url_query_add(&query, "maxResults", "10000");
	url_query_add(&query, "formatOptions.useInt64Timestamp", "true");
	if (location != NULL)
		url_query_add(&query, "location", location);
	answer = service_get(service, path, &query, failure);
	free(path);
	return answer;
}

/* A service that answers before the job is done, and sooner than it may, is not asked again at once. */
static void
pause_between(Deadline deadline)
{
	int left = deadline_milliseconds(deadline);
	struct timespec time = {.tv_nsec = (left < PAUSE ? left : PAUSE) * 1000000L};

	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

/* Returns the answer of the job that is done; NULL with a failure. */
static JsonTree *
wait_for_job(Service *service, JsonTree *answer, const char *id, const char *location, HttpFailure *failure)
{
	Deadline deadline = deadline_after(service->endpoint.answer_timeout);

	while (answer != NULL && !is_done(answer))
	{
		json_tree_free(answer);
		if (deadline_milliseconds(deadline) == 0)
		{
			cancel(service, id, location);
			*failure = (HttpFailure){.step = "query",
									 .code = "timeout",
									 .transient = true,
									 .message = "The query took longer than query_timeout.",
									 .hint = "The service was asked to cancel it."};
			return NULL;
		}
		pause_between(deadline);
		answer = ask_again(service, id, location, failure);
	}
	return answer;
}

static bool
has_failed(const JsonTree *answer, HttpFailure *failure)
{
	const JsonNode *errors = json_member(json_tree_root(answer), "errors");

	if (errors == NULL || errors->count == 0 || json_member(json_tree_root(answer), "schema") != NULL)
		return false;
	error_set_of_job(failure, errors->first);
	return true;
}

static bool
refuse_answer(HttpFailure *failure)
{
	*failure = (HttpFailure){
		.step = "query", .code = "protocol", .message = "The service's answer to a query names no job."};
	return false;
}

static bool
take_job(Pages *pages, Service *service, JsonTree *answer, HttpFailure *failure)
{
	const char *id = json_member_text(reference_of(answer), "jobId");
	const char *location = json_member_text(reference_of(answer), "location");
	char *job_id;
	char *job_location;

	if (id == NULL)
	{
		json_tree_free(answer);
		return refuse_answer(failure);
	}
	job_id = copy_text(id);
	job_location = location ? copy_text(location) : NULL;
	answer = wait_for_job(service, answer, job_id, job_location, failure);
	if (answer != NULL && has_failed(answer, failure))
	{
		json_tree_free(answer);
		answer = NULL;
	}
	if (answer != NULL)
		pages_of_job(pages, service, job_id, job_location, answer);
	else
		free(job_location);
	free(job_id);
	return answer != NULL;
}

bool
job_run(Pages *pages, Service *service, const char *sql, const WireBuffer *parameters, HttpFailure *failure)
{
	char *path = service_path("projects", service->billing_project, "queries", NULL);
	WireBuffer body = {.data = NULL};
	JsonTree *answer;

	write_query(&body, service, sql, parameters);
	answer = service_post(service, path, NULL, &body, failure);
	wire_free(&body);
	free(path);
	return answer != NULL && take_job(pages, service, answer, failure);
}

JsonTree *
job_plan(Service *service, const char *sql, HttpFailure *failure)
{
	char *path = service_path("projects", service->billing_project, "jobs", NULL);
	WireBuffer body = {.data = NULL};
	JsonTree *answer;

	document_literal(&body, "{\"jobReference\":{");
	document_text(&body, "projectId", service->billing_project);
	document_text(&body, "location", service->location);
	document_literal(&body, "},\"configuration\":{\"dryRun\":true,\"query\":{");
	document_text(&body, "query", sql);
	document_member(&body, "useLegacySql");
	document_literal(&body, "false}}}");
	answer = service_post(service, path, NULL, &body, failure);
	wire_free(&body);
	free(path);
	return answer;
}
