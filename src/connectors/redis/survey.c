#include "connectors/redis/survey.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/redis/scan.h"

/* Of all keys. */
#define MOST_BYTES  ((size_t) 64 << 20)
#define LONGEST_KEY 4096
/* A scan has a part of the time that the source may be silent. */
#define SHARE_OF_TIME 3
/* Answers that the server keeps at once. */
#define PIPELINED 200
/* The server is told that the work goes on, each so many pages. */
#define PAGES_OF_PROGRESS 100

static bool
is_full(const Survey *survey)
{
	return survey->keys.count >= survey->most || survey->keys.bytes >= MOST_BYTES;
}

static void
ask_types(Survey *survey, Client *client, size_t first, size_t end)
{
	RespAnswer answer = {.values = NULL};

	for (size_t i = first; i < end; i++)
	{
		const Key *key = &survey->keys.items[i];
		RespText words[] = {CLIENT_TEXT("TYPE"), {.bytes = key->bytes, .length = key->length}};

		client_add(client, words, 2);
	}
	client_send(client);
	for (size_t i = first; i < end; i++)
	{
		client_receive(client, &answer);
		survey->keys.items[i].type = key_type_answered(&answer, resp_root(&answer));
	}
	resp_free(&answer);
}

static void
take_page(Survey *survey, const RespAnswer *answer, const RespValue *keys, int node)
{
	for (const RespValue *key = resp_first(answer, keys); key && !is_full(survey);
		 key = resp_next(answer, key))
		if (key->kind != RESP_TEXT)
			client_give_up_malformed();
		else if (key->length > LONGEST_KEY)
			survey->too_long++;
		else
			keys_add(&survey->keys, resp_text(answer, key), node);
}

static void
add_total(Survey *survey, Client *client)
{
	RespAnswer answer = {.values = NULL};

	client_ask(client, &answer, 1, (const char *[]){"DBSIZE"});
	if (resp_root(&answer)->kind != RESP_INTEGER || resp_root(&answer)->integer < 0)
		survey->total = ABSENT;
	else if (survey->total != ABSENT)
		survey->total += resp_root(&answer)->integer;
	resp_free(&answer);
}

/* A server under load needs many calls. */
static void
survey_node(Survey *survey, Client *client, int node, Deadline deadline)
{
	const RespValue *page;
	int64_t pages = 0;
	Scan scan;

	add_total(survey, client);
	scan_begin(&scan, client, (RespText){.bytes = ""}, KEY_GONE);
	while (!is_full(survey) && deadline_milliseconds(deadline) > 0 && (page = scan_next(&scan)) != NULL)
	{
		size_t first = survey->keys.count;

		take_page(survey, &scan.answer, page, node);
		for (; first < survey->keys.count; first += PIPELINED)
			ask_types(survey, client, first,
					  first + PIPELINED < survey->keys.count ? first + PIPELINED : survey->keys.count);
		if (++pages % PAGES_OF_PROGRESS == 0)
			emit_progress("read", ABSENT);
	}
	survey->is_whole &= scan.has_ended;
	scan_end(&scan);
}

static void
log_missing(const Nodes *nodes, int slots, const char *why)
{
	char message[300];

	if (slots == nodes->slots)
		return;
	snprintf(message, sizeof(message), "Of the cluster's %d slots %d were read: %s", CLUSTER_SLOTS, slots,
			 why);
	emit_log("warning", message);
}

static void
log_bounds(const Survey *survey)
{
	char message[160];

	if (survey->too_long > 0)
	{
		snprintf(message, sizeof(message), "%" PRId64 " keys of more than %d bytes were left out.",
				 survey->too_long, LONGEST_KEY);
		emit_log("warning", message);
	}
	if (!survey->is_whole)
	{
		snprintf(message, sizeof(message), "The first %zu keys of the scan were looked at, not all.",
				 survey->keys.count);
		emit_log("info", message);
	}
}

void
survey_keys(Survey *survey, Nodes *nodes)
{
	Deadline deadline =
		monotonic_milliseconds() + (int64_t) nodes->request->query_timeout * 1000 / SHARE_OF_TIME;
	DialFailure failure = {.message = NULL};
	int slots = 0;
	int reached = 0;

	*survey = (Survey){.is_whole = true};
	for (int i = 0; i < nodes->count; i++)
	{
		Client *client = nodes_try(nodes, i, &failure);

		survey->is_whole &= client != NULL;
		if (client == NULL)
			continue;
		reached++;
		survey->most =
			survey->keys.count + (MOST_SURVEYED_KEYS - survey->keys.count) / (size_t) (nodes->count - i);
		slots += nodes->items ? nodes->items[i].slots : 0;
		survey_node(survey, client, i, deadline_share(deadline, nodes->count - i));
	}
	if (reached == 0)
		dial_failure_report(&failure);
	log_missing(nodes, slots, failure.message ? failure.message : "");
	log_bounds(survey);
}
