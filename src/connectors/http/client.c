#include "connectors/http/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http/transfer.h"

#define MOST_TRIES   5
#define MOST_WAIT    60000 /* milliseconds */
#define FIRST_WAIT   500
#define CLOCK_OFFSET 240 /* seconds; services refuse signatures that are five minutes off, or fifteen */

HttpClient *
http_open(const HttpEndpoint *endpoint)
{
	HttpClient *client = allocate(sizeof(HttpClient));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	*client = (HttpClient){.endpoint = *endpoint, .is_encrypted = endpoint->encryption != HTTP_PLAIN};
	transfer_prepare(client);
	return client;
}

void
http_close(HttpClient *client)
{
	curl_easy_cleanup(client->handle);
	curl_slist_free_all(client->resolved);
	free(client);
}

int64_t
http_requests(const HttpClient *client)
{
	return client->requests;
}

bool
http_is_encrypted(const HttpClient *client)
{
	return client->is_encrypted;
}

static void
copy_headers(HttpHeaders *to, const HttpHeaders *from)
{
	for (int i = 0; i < from->count; i++)
		http_header_add(to, from->items[i].name, from->items[i].value);
}

/* Each sending has a signature of its own time. */
static bool
send_once(HttpClient *client, const HttpRequest *request, Deadline deadline, HttpAnswer *answer,
		  HttpFailure *failure)
{
	HttpRequest sent = *request;
	WireBuffer host = {0};
	bool fine;

	sent.headers = (HttpHeaders){0};
	copy_headers(&sent.headers, &request->headers);
	transfer_append_host(client, &host);
	wire_append(&host, "", 1);
	if (host.failed)
		give_up_out_of_memory();
	http_header_add(&sent.headers, "host", host.data);
	if (client->endpoint.signer != NULL)
		aws_sign(client->endpoint.signer, &sent, host.data, time(NULL) + client->clock_offset);
	fine = transfer_run(client, &sent, deadline, answer, failure);
	http_headers_free(&sent.headers);
	wire_free(&host);
	return fine;
}

/* A signature is refused when the clocks differ: then the service's clock counts, which its answer tells. */
static bool
learns_clock(HttpClient *client, const HttpAnswer *answer)
{
	const char *date = http_header(&answer->headers, "date");
	time_t there = date ? curl_getdate(date, NULL) : -1;
	int64_t offset = (int64_t) there - (int64_t) time(NULL);

	if (client->endpoint.signer == NULL || client->clock_offset != 0 || there == -1 ||
		(answer->status != 400 && answer->status != 403) || llabs(offset) < CLOCK_OFFSET)
		return false;
	client->clock_offset = offset;
	return true;
}

static bool
may_help_to_repeat(const HttpClient *client, const HttpRequest *request, bool is_answered,
				   const HttpAnswer *answer, const HttpFailure *failure)
{
	bool (*is_throttled)(const HttpAnswer *answer) = client->endpoint.is_throttled;
	int status = answer->status;

	if (is_answered)
		return status == 429 || status == 503 || (is_throttled != NULL && is_throttled(answer)) ||
			   (!request->is_unique && (status == 500 || status == 502 || status == 504));
	return failure->transient && strcmp(failure->code, "timeout") != 0 && !request->is_unique;
}

/* Seconds, or a date. */
static int64_t
asked_wait(const HttpAnswer *answer)
{
	const char *asked = http_header(&answer->headers, "retry-after");
	time_t date;

	if (asked == NULL)
		return -1;
	if (strspn(asked, "0123456789") == strlen(asked) && strlen(asked) < 10)
		return strtoll(asked, NULL, 10) * 1000;
	date = curl_getdate(asked, NULL);
	return date == -1 ? -1 : date > time(NULL) ? (int64_t) (date - time(NULL)) * 1000 : 0;
}

/* Half of it by chance, so that clients that were refused together do not come back together. */
static int64_t
own_wait(int tries)
{
	int64_t wait = (int64_t) FIRST_WAIT << (tries - 1);
	uint32_t chance = 0;

	if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
		chance = 0;
	return wait / 2 + (int64_t) (chance % (uint32_t) (wait / 2));
}

/* Returns false if the time would not do. */
static bool
wait_for_next(const HttpAnswer *answer, int tries, Deadline deadline)
{
	int64_t wait = asked_wait(answer);
	struct timespec time;

	if (wait < 0)
		wait = own_wait(tries);
	if (wait > MOST_WAIT || wait >= deadline_milliseconds(deadline))
		return false;
	time = (struct timespec){.tv_sec = wait / 1000, .tv_nsec = wait % 1000 * 1000000};
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time) == EINTR)
		;
	return true;
}

/* Does the service speak HTTP without TLS, which the endpoint allows? Then it is asked so from now on. */
static bool
goes_on_plain(HttpClient *client, const HttpFailure *failure)
{
	if (client->endpoint.encryption != HTTP_ENCRYPTED_OR_PLAIN || client->has_answered ||
		!client->is_encrypted || client->endpoint.port == 0 || strcmp(failure->step, "tls") != 0)
		return false;
	client->is_encrypted = false;
	return true;
}

bool
http_send(HttpClient *client, const HttpRequest *request, HttpAnswer *answer, HttpFailure *failure)
{
	const HttpEndpoint *endpoint = &client->endpoint;
	Deadline deadline =
		deadline_after(client->has_answered ? endpoint->answer_timeout : endpoint->connection_timeout);

	*answer = (HttpAnswer){0};
	for (int tries = 1;; tries++)
	{
		bool is_answered;

		http_answer_free(answer);
		*failure = (HttpFailure){0};
		is_answered = send_once(client, request, deadline, answer, failure);
		if (!is_answered && goes_on_plain(client, failure))
			continue;
		client->has_answered |= is_answered;
		if (is_answered && learns_clock(client, answer))
			continue;
		if (tries >= MOST_TRIES || !may_help_to_repeat(client, request, is_answered, answer, failure) ||
			!wait_for_next(answer, tries, deadline))
			return is_answered;
	}
}
