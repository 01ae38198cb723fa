#include "connectors/http/client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http/pending.h"
#include "connectors/http/retry.h"
#include "wire/host_list.h"

#define CLOCK_OFFSET 240 /* seconds; services refuse signatures that are five minutes off, or fifteen */

/* While answers of so many bytes are not taken, no other request begins than the one that is waited for. */
#define MOST_HELD_BYTES ((size_t) 32 * 1024 * 1024)

/* Milliseconds; libcurl has timers of its own, which end a wait, too. */
#define LONGEST_POLL 60000

static void
forget(HttpPending *pending)
{
	HttpPending **link = &pending->client->first;

	while (*link != pending)
		link = &(*link)->next;
	*link = pending->next;
	http_request_forget(&pending->request);
	http_answer_free(&pending->earlier.answer);
	free(pending);
}

static void
discard(HttpPending *pending)
{
	http_answer_free(&pending->answer);
	forget(pending);
}

/* Before anything is dialed. */
static void
check_host(const HttpEndpoint *endpoint)
{
	bool is_encrypted = endpoint->encryption != HTTP_PLAIN;
	int port = endpoint->port != 0 ? endpoint->port : is_encrypted ? 443 : 80;
	HttpFailure failure;

	if (endpoint->proxy.host == NULL ||
		wire_host_is_listed(endpoint->proxy.allowed_hosts, endpoint->host, port))
		return;
	http_failure_set_unlisted(&failure, endpoint->host, port);
	http_failure_report(&failure);
}

HttpClient *
http_open(const HttpEndpoint *endpoint)
{
	HttpClient *client = allocate(sizeof(HttpClient));

	check_host(endpoint);

	curl_global_init(CURL_GLOBAL_DEFAULT);
	*client = (HttpClient){.endpoint = *endpoint,
						   .pace = pace_of(endpoint->connections),
						   .is_encrypted = endpoint->encryption != HTTP_PLAIN};
	client->transfers = allocate((size_t) client->pace.most * sizeof(HttpTransfer));
	for (int i = 0; i < client->pace.most; i++)
		client->transfers[i] = (HttpTransfer){.client = client};
	client->multi = curl_multi_init();
	if (client->multi == NULL)
		give_up_out_of_memory();
	curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long) client->pace.most);
	curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long) client->pace.most);
	return client;
}

void
http_close(HttpClient *client)
{
	for (int i = 0; i < client->pace.most; i++)
		transfer_close(&client->transfers[i]);
	while (client->first != NULL)
		discard(client->first);
	curl_multi_cleanup(client->multi);
	free(client->transfers);
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

/* ---- one sending ---- */

static HttpTransfer *
free_transfer(HttpClient *client)
{
	HttpTransfer *transfer = client->transfers;

	while (transfer->answer != NULL)
		transfer++;
	return transfer;
}

/* What the last sending came to is kept. */
static void
set_aside(HttpPending *pending)
{
	http_answer_free(&pending->earlier.answer);
	pending->earlier = (Earlier){pending->is_answered, pending->answer, pending->failure};
	pending->answer = (HttpAnswer){0};
	pending->failure = (HttpFailure){0};
}

/* A request that was sent again late, and ran out of time: why it was sent again says more than that. */
static void
restore_earlier(HttpPending *pending)
{
	bool was_late = pending->deadline - pending->sent_at < pending->sent_at - pending->begun_at;

	if (pending->tries < 2 || pending->is_answered || !was_late ||
		strcmp(pending->failure.code, "timeout") != 0)
		return;
	http_answer_free(&pending->answer);
	pending->is_answered = pending->earlier.is_answered;
	pending->answer = pending->earlier.answer;
	pending->failure = pending->earlier.failure;
	pending->earlier = (Earlier){0};
}

/* Each sending has a signature of its own time. */
static void
begin_sending(HttpPending *pending)
{
	HttpClient *client = pending->client;
	const HttpEndpoint *endpoint = &client->endpoint;
	HttpRequest sent = pending->request;
	WireBuffer host = {0};

	if (pending->tries++ == 0)
	{
		pending->deadline =
			deadline_after(client->has_answered ? endpoint->answer_timeout : endpoint->connection_timeout);
		pending->begun_at = monotonic_milliseconds();
	}
	else
		set_aside(pending);
	sent.headers = http_headers_copy(&pending->request.headers);
	transfer_append_host(client, &host);
	wire_append(&host, "", 1);
	if (host.failed)
		give_up_out_of_memory();
	http_header_add(&sent.headers, "host", host.data);
	if (endpoint->signer != NULL)
		aws_sign(endpoint->signer, &sent, host.data, time(NULL) + client->clock_offset);
	pending->transfer = free_transfer(client);
	transfer_begin(pending->transfer, &sent, pending->deadline, &pending->answer, pending);
	pending->state = PENDING_RUNS;
	pending->sent_at = monotonic_milliseconds();
	client->running++;
	client->requests++;
	http_headers_free(&sent.headers);
	wire_free(&host);
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

static void
conclude(HttpPending *pending)
{
	pending->state = PENDING_IS_DONE;
	pending->client->held_bytes += pending->answer.body.length;
}

/* Decides whether that was the last time, and how fast all requests go on. */
static void
judge(HttpPending *pending)
{
	HttpClient *client = pending->client;
	Outcome outcome = {.request = &pending->request,
					   .is_answered = pending->is_answered,
					   .answer = &pending->answer,
					   .failure = &pending->failure,
					   .tries = pending->tries};
	bool is_throttled = retry_is_throttled(&client->endpoint, &outcome);
	int64_t wait = retry_wait(&client->endpoint, &outcome, pending->deadline);

	if (wait < 0)
		conclude(pending);
	else
		pending->not_before = monotonic_milliseconds() + wait;
	if (is_throttled)
		pace_take_refusal(&client->pace, pending->sent_at,
						  wait >= 0 && retry_is_asked(&outcome) ? pending->not_before : 0);
	else if (pending->is_answered)
		pace_take_good(&client->pace);
}

static void
end_sending(HttpPending *pending, CURLcode result)
{
	HttpClient *client = pending->client;

	pending->is_answered = transfer_end(pending->transfer, (int) result, &pending->failure);
	pending->transfer = NULL;
	pending->state = PENDING_WAITS;
	client->running--;
	restore_earlier(pending);
	if (!pending->is_answered && goes_on_plain(client, &pending->failure))
		return;
	client->has_answered |= pending->is_answered;
	if (pending->is_abandoned)
		discard(pending);
	else if (!pending->is_answered || !learns_clock(client, &pending->answer))
		judge(pending);
}

/* ---- all of them ---- */

/* The first request is alone: its answer tells whether the service speaks TLS, and its time. */
static bool
has_room(const HttpClient *client)
{
	return client->running < (client->has_answered ? client->pace.allowed : 1);
}

/* Returns when it may be sent, as far as only time keeps it from that. */
static Deadline
turn_of(const HttpPending *pending)
{
	Deadline rest = pending->client->pace.rests_till;

	return pending->not_before > rest ? pending->not_before : rest;
}

static bool
may_begin(const HttpPending *pending, const HttpPending *awaited)
{
	return pending->state == PENDING_WAITS &&
		   (pending == awaited || pending->client->held_bytes < MOST_HELD_BYTES);
}

/* One whose time is nearly over at its next turn keeps the answer that it has. */
static void
begin_due(HttpClient *client, const HttpPending *awaited)
{
	int64_t now = monotonic_milliseconds();

	for (HttpPending *each = client->first; each != NULL; each = each->next)
		if (each->state == PENDING_WAITS && each->tries > 0 &&
			turn_of(each) + RETRY_LEAST_TIME > each->deadline)
			conclude(each);
		else if (may_begin(each, awaited) && has_room(client) && turn_of(each) <= now)
			begin_sending(each);
}

static void
advance(HttpClient *client, const HttpPending *awaited)
{
	CURLMsg *message;
	int count;

	begin_due(client, awaited);
	curl_multi_perform(client->multi, &count);
	while ((message = curl_multi_info_read(client->multi, &count)) != NULL)
	{
		CURLcode result = message->data.result;
		HttpPending *pending = NULL;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **) &pending);
		end_sending(pending, result);
	}
	begin_due(client, awaited);
}

/* Until something arrives, or the next turn of a request. */
static void
wait_for_more(HttpClient *client, const HttpPending *awaited)
{
	int64_t now = monotonic_milliseconds();
	int64_t longest = LONGEST_POLL;

	for (const HttpPending *each = client->first; has_room(client) && each != NULL; each = each->next)
		if (may_begin(each, awaited) && turn_of(each) - now < longest)
			longest = turn_of(each) > now ? turn_of(each) - now : 0;
	curl_multi_poll(client->multi, NULL, 0, (int) longest, NULL);
}

HttpPending *
http_begin(HttpClient *client, const HttpRequest *request)
{
	HttpPending *pending = allocate(sizeof(HttpPending));
	HttpPending **last = &client->first;

	*pending = (HttpPending){.client = client, .request = http_request_copy(request)};
	while (*last != NULL)
		last = &(*last)->next;
	*last = pending;
	advance(client, NULL);
	return pending;
}

bool
http_finish(HttpPending *pending, HttpAnswer *answer, HttpFailure *failure)
{
	HttpClient *client = pending->client;
	bool is_answered;

	advance(client, pending);
	while (pending->state != PENDING_IS_DONE)
	{
		wait_for_more(client, pending);
		advance(client, pending);
	}
	*answer = pending->answer;
	*failure = pending->failure;
	is_answered = pending->is_answered;
	client->held_bytes -= answer->body.length;
	forget(pending);
	return is_answered;
}

void
http_abandon(HttpPending *pending)
{
	HttpClient *client = pending->client;

	if (pending->state == PENDING_RUNS)
	{
		pending->is_abandoned = true;
		return;
	}
	if (pending->state == PENDING_IS_DONE)
		client->held_bytes -= pending->answer.body.length;
	discard(pending);
}

bool
http_send(HttpClient *client, const HttpRequest *request, HttpAnswer *answer, HttpFailure *failure)
{
	return http_finish(http_begin(client, request), answer, failure);
}
