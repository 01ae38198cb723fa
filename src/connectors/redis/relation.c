#include "connectors/redis/relation.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/redis/scan.h"
#include "connectors/redis/schema.h"
#include "connectors/redis/settings.h"

static Client *
client_of(const Relation *relation, int node)
{
	DialFailure failure;
	Client *client = nodes_try(relation->nodes, node, &failure);

	if (client == NULL)
		dial_failure_report(&failure);
	return client;
}

static bool
is_late(const Relation *relation)
{
	return relation->until != 0 && deadline_milliseconds(relation->until) == 0;
}

static bool
is_member(const Relation *relation, const RespText *key)
{
	return pattern_matches(&relation->pattern, key->bytes, key->length, relation->delimiter);
}

/* ---- its type ---- */

static KeyType
ask_type(Client *client, RespText key)
{
	RespAnswer answer = {.values = NULL};
	RespText words[] = {CLIENT_TEXT("TYPE"), key};
	KeyType type;

	client_add(client, words, 2);
	client_send(client);
	client_receive(client, &answer);
	type = key_type_answered(&answer, resp_root(&answer));
	resp_free(&answer);
	return type;
}

/* That of the first key of the pattern which the user may read. */
static KeyType
first_type(const Relation *relation, Client *client)
{
	KeyType type = KEY_GONE;
	const RespValue *page;
	Scan scan;

	scan_begin(&scan, client, (RespText){.bytes = relation->glob.data, .length = relation->glob.length},
			   KEY_GONE);
	while (type >= KEY_REFUSED && !is_late(relation) && (page = scan_next(&scan)) != NULL)
		for (const RespValue *key = resp_first(&scan.answer, page); key && type >= KEY_REFUSED;
			 key = resp_next(&scan.answer, key))
		{
			RespText text = resp_text(&scan.answer, key);

			if (is_member(relation, &text))
				type = ask_type(client, text);
		}
	scan_end(&scan);
	return type;
}

static RespText
only_key(const Relation *relation, WireBuffer *out)
{
	const Pattern *pattern = &relation->pattern;

	wire_reset(out);
	for (int i = 0; i < pattern->count; i++)
	{
		if (i > 0)
			wire_append_text(out, relation->delimiter);
		wire_append(out, pattern->segments[i].bytes, pattern->segments[i].length);
	}
	wire_append(out, "", 1);
	if (out->failed)
		give_up_out_of_memory();
	return (RespText){.bytes = out->data, .length = out->length - 1};
}

static void
find_type(Relation *relation)
{
	WireBuffer key = {.data = NULL};
	bool is_one = !pattern_has_star(&relation->pattern);

	for (int i = 0; i < relation->nodes->count && relation->type >= KEY_REFUSED; i++)
	{
		Client *client = client_of(relation, i);

		relation->type = is_one ? ask_type(client, only_key(relation, &key)) : first_type(relation, client);
	}
	wire_free(&key);
}

bool
relation_open(Relation *relation, Nodes *nodes, const char *schema, const char *name, int seconds)
{
	char own_schema[16];

	*relation = (Relation){.nodes = nodes,
						   .delimiter = settings_delimiter(nodes->request),
						   .type = KEY_GONE,
						   .until = seconds > 0 ? deadline_after(seconds) : 0};
	schema_name(own_schema, sizeof(own_schema), nodes->login.database);
	pattern_read(&relation->pattern, name, relation->delimiter);
	pattern_append_glob(&relation->glob, &relation->pattern, relation->delimiter);
	if (relation->glob.failed)
		give_up_out_of_memory();
	if (strcmp(schema, own_schema) != 0)
		return false;
	if (relation->pattern.type != KEY_GONE)
		relation->type = relation->pattern.type;
	else
		find_type(relation);
	/* Keys come and go: a pattern without any is empty. */
	return relation->type < KEY_REFUSED || pattern_has_star(&relation->pattern);
}

void
relation_close(Relation *relation)
{
	pattern_free(&relation->pattern);
	wire_free(&relation->glob);
	free(relation->delimiter);
}

/* ---- its rows ---- */

/* Keys of the pattern, in batches. */
typedef struct Batch
{
	const Relation *relation;
	Seen *seen; /* NULL: no key comes twice */
	void (*take)(void *context, Client *client, const RespText *keys, int count);
	void *context;
	RespText keys[MOST_BATCH];
	int count;
} Batch;

static void
give_batch(Batch *batch, Client *client)
{
	if (batch->count > 0)
		batch->take(batch->context, client, batch->keys, batch->count);
	batch->count = 0;
}

static void
add_to_batch(Batch *batch, Client *client, RespText key)
{
	if (!is_member(batch->relation, &key) || (batch->seen && !seen_add(batch->seen, key)))
		return;
	batch->keys[batch->count++] = key;
	if (batch->count == MOST_BATCH)
		give_batch(batch, client);
}

static void
begin_scan(const Relation *relation, Scan *scan, Client *client)
{
	scan_begin(scan, client, (RespText){.bytes = relation->glob.data, .length = relation->glob.length},
			   relation->type);
}

/* The keys of a page are in the scan's answer, and are given before the next one. */
static bool
give_page(Batch *batch, Scan *scan)
{
	const RespValue *page = scan_next(scan);

	if (page == NULL)
		return false;
	for (const RespValue *key = resp_first(&scan->answer, page); key; key = resp_next(&scan->answer, key))
		if (key->kind == RESP_TEXT && !key->is_left_out)
			add_to_batch(batch, scan->client, resp_text(&scan->answer, key));
	give_batch(batch, scan->client);
	return true;
}

static void
read_some(void *context, Client *client, const RespText *keys, int count)
{
	Elements *elements = context;

	elements->client = client;
	if (!elements->has_ended)
		elements_read(elements, keys, count);
}

static void
read_scan(const Relation *relation, Elements *elements, Seen *seen)
{
	Batch batch = {.relation = relation, .seen = seen, .take = read_some, .context = elements};
	Scan scan;

	begin_scan(relation, &scan, elements->client);
	while (!elements->has_ended && give_page(&batch, &scan))
		if (is_late(relation))
			elements->has_ended = true;
	scan_end(&scan);
}

static void
read_keys(const Relation *relation, Elements *elements, const RespText *keys, int count)
{
	Batch batch = {.relation = relation, .take = read_some, .context = elements};

	for (int i = 0; i < count; i++)
		add_to_batch(&batch, elements->client, keys[i]);
	give_batch(&batch, elements->client);
}

static void
check_slots(const Nodes *nodes)
{
	if (nodes->items && nodes->slots < CLUSTER_SLOTS)
		give_up(&(Failure){
			.step = "query",
			.code = "unreachable",
			.transient = true,
			.message = "Some slots of the cluster are served by no node, and rows would be missing."});
}

static void
log_refused(const Elements *elements)
{
	char message[120];

	if (elements->refused == 0)
		return;
	snprintf(message, sizeof(message), "The user may not read %" PRId64 " of the keys.", elements->refused);
	emit_log("info", message);
}

void
relation_read(Relation *relation, Elements *elements, const RespText *keys, int key_count)
{
	WireBuffer only = {.data = NULL};
	RespText key;
	Seen seen = {.sums = NULL};

	check_slots(relation->nodes);
	if (!pattern_has_star(&relation->pattern) && keys == NULL)
	{
		key = only_key(relation, &only);
		keys = &key;
		key_count = 1;
	}
	elements->may_be_elsewhere = keys != NULL;
	for (int i = 0; i < relation->nodes->count && !elements->has_ended && relation->type < KEY_REFUSED; i++)
	{
		elements->client = client_of(relation, i);
		if (keys)
			read_keys(relation, elements, keys, key_count);
		else
			read_scan(relation, elements, &seen);
	}
	log_refused(elements);
	wire_free(&only);
	seen_free(&seen);
}

/* ---- its first keys ---- */

typedef struct FirstKeys
{
	int left;
	void (*take)(void *context, Client *client, const RespText *keys, int count);
	void *context;
} FirstKeys;

static void
take_first(void *context, Client *client, const RespText *keys, int count)
{
	FirstKeys *first = context;

	count = count < first->left ? count : first->left;
	first->left -= count;
	if (count > 0)
		first->take(first->context, client, keys, count);
}

static void
scan_first(Batch *batch, Client *client, const FirstKeys *first)
{
	Scan scan;

	begin_scan(batch->relation, &scan, client);
	while (first->left > 0 && !is_late(batch->relation) && give_page(batch, &scan))
		continue;
	scan_end(&scan);
}

void
relation_first_keys(Relation *relation, int most,
					void (*take)(void *context, Client *client, const RespText *keys, int count),
					void *context)
{
	FirstKeys first = {.left = most, .take = take, .context = context};
	bool is_one = !pattern_has_star(&relation->pattern);
	WireBuffer only = {.data = NULL};

	for (int i = 0; i < relation->nodes->count && first.left > 0; i++)
	{
		Batch batch = {.relation = relation, .take = take_first, .context = &first};
		Client *client = client_of(relation, i);

		if (is_one)
		{
			RespText key = only_key(relation, &only);

			take(context, client, &key, 1);
		}
		else
			scan_first(&batch, client, &first);
	}
	wire_free(&only);
}
