#include "connectors/redis/discover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/redis/column_document.h"
#include "connectors/redis/groups.h"
#include "connectors/redis/schema.h"
#include "connectors/redis/search.h"
#include "connectors/redis/settings.h"
#include "connectors/redis/survey.h"

/* Relations beyond it are left out. */
#define MOST_RELATIONS 2000
#define MOST_LONE_KEYS 1000
/* Keys whose values are looked at: of all relations, and of each. */
#define LOOKED_AT_KEYS       10000
#define MOST_LOOKED_AT_KEYS  100
#define LEAST_LOOKED_AT_KEYS 5
/* Answers that the server keeps at once, and each may be large. */
#define PIPELINED 50

typedef struct Described
{
	const Group *group;
	const Key **keys; /* whose values are looked at */
	size_t count;
	Columns columns;
} Described;

typedef struct Discovery
{
	Nodes *nodes;
	const Request *request;
	char schema[16];
	Survey survey;
	Groups groups;
	SearchIndexes indexes;
	Described *relations;
	size_t count;
	int64_t left_out;
} Discovery;

/* ---- which relations there are ---- */

static bool
is_selected(const Discovery *discovery, const Group *group)
{
	return wire_selects(&discovery->request->selection, discovery->schema, group->name);
}

static void
choose_relations(Discovery *discovery)
{
	size_t lone = 0;

	discovery->relations = allocate((discovery->groups.count + 1) * sizeof(Described));
	for (size_t i = 0; i < discovery->groups.count; i++)
	{
		const Group *group = &discovery->groups.items[i];
		bool is_lone = !pattern_has_star(&group->pattern);

		if (!is_selected(discovery, group))
			continue;
		lone += is_lone;
		if (discovery->count == MOST_RELATIONS || (is_lone && lone > MOST_LONE_KEYS))
			discovery->left_out++;
		else
			discovery->relations[discovery->count++] = (Described){.group = group};
	}
}

/* ---- which keys are looked at ---- */

/* By their hash: they are the same for as long as the keys are, wherever a scan begins. */
static int
compare_hashes(const void *a, const void *b)
{
	const Key *left = *(const Key *const *) a;
	const Key *right = *(const Key *const *) b;

	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	return strcmp(left->bytes, right->bytes);
}

static int
compare_keys(const void *a, const void *b)
{
	const Key *left = *(const Key *const *) a;
	const Key *right = *(const Key *const *) b;
	size_t shorter = left->length < right->length ? left->length : right->length;
	int order = memcmp(left->bytes, right->bytes, shorter);

	return order ? order : left->length < right->length ? -1 : left->length > right->length;
}

static void
choose_keys(const Discovery *discovery, Described *relation)
{
	const Group *group = relation->group;
	size_t most = LOOKED_AT_KEYS / discovery->count;

	most = most > MOST_LOOKED_AT_KEYS    ? MOST_LOOKED_AT_KEYS
		   : most < LEAST_LOOKED_AT_KEYS ? LEAST_LOOKED_AT_KEYS
										 : most;
	qsort(group->keys, group->count, sizeof(Key *), compare_hashes);
	relation->keys = group->keys;
	relation->count = group->count < most ? group->count : most;
	qsort(relation->keys, relation->count, sizeof(Key *), compare_keys);
	columns_begin(&relation->columns, group->type);
}

/* ---- what is in them ---- */

static void
look_at_relation(Client *client, Described *relation, int node)
{
	RespText batch[PIPELINED];
	int count = 0;

	for (size_t i = 0; i < relation->count; i++)
	{
		if (relation->keys[i]->node == node)
			batch[count++] =
				(RespText){.bytes = relation->keys[i]->bytes, .length = relation->keys[i]->length};
		if (count == PIPELINED || (count > 0 && i + 1 == relation->count))
		{
			columns_look(&relation->columns, client, batch, count);
			count = 0;
		}
	}
}

static void
look_at_node(Discovery *discovery, int node)
{
	DialFailure failure;
	Client *client = nodes_try(discovery->nodes, node, &failure);

	if (client == NULL) /* it was there when its keys were listed */
		dial_failure_report(&failure);
	for (size_t i = 0; i < discovery->count; i++)
	{
		look_at_relation(client, &discovery->relations[i], node);
		if (i % 100 == 0)
			emit_progress("read", (int64_t) discovery->count);
	}
}

static bool
has_keys(const Discovery *discovery, int node)
{
	for (size_t i = 0; i < discovery->survey.keys.count; i++)
		if (discovery->survey.keys.items[i].node == node)
			return true;
	return false;
}

/* Every node of a cluster has all of them. */
static void
read_indexes(Discovery *discovery)
{
	DialFailure failure;

	for (int i = 0; i < discovery->nodes->count; i++)
	{
		Client *client = nodes_try(discovery->nodes, i, &failure);

		if (client == NULL)
			continue;
		search_read(&discovery->indexes, client);
		return;
	}
}

/* ---- frames ---- */

/* Exact if all keys were met; else as many as there would be if the rest were like them. */
static int64_t
estimate(const Discovery *discovery, const Group *group)
{
	const Survey *survey = &discovery->survey;

	if (group->type != KEY_STRING && group->type != KEY_HASH && group->type != KEY_JSON &&
		group->type != KEY_OTHER)
		return ABSENT; /* rows are elements */
	if (survey->is_whole)
		return (int64_t) group->count;
	if (survey->total == ABSENT || survey->keys.count == 0)
		return ABSENT;
	return (int64_t) ((double) group->count * (double) survey->total / (double) survey->keys.count);
}

static void
log_relation(const Described *relation)
{
	char message[300];

	if (relation->group->refused > 0)
	{
		snprintf(message, sizeof(message), "The user may not read %zu keys of %.100s.",
				 relation->group->refused, relation->group->name);
		emit_log("info", message);
	}
	if (relation->columns.unnamed > 0)
	{
		snprintf(message, sizeof(message), "Fields of %.100s whose names are no UTF-8 were left out.",
				 relation->group->name);
		emit_log("info", message);
	}
}

/* The number of columns stands before them in the frame. */
static void
emit_relation(const Discovery *discovery, Described *relation)
{
	const Group *group = relation->group;
	WireBuffer members = {.data = NULL};
	RelationFrame frame = {.schema = discovery->schema,
						   .name = group->name,
						   .kind = "collection",
						   .row_estimate = estimate(discovery, group),
						   .size_bytes = ABSENT};
	WireBuffer *out;

	document_literal(&members, "{");
	frame.columns = columns_write(&relation->columns, &members);
	document_member(&members, "options");
	document_literal(&members, "{\"type\":");
	document_string(&members, key_type_name(group->type));
	document_literal(&members, "}");
	search_write(&discovery->indexes, &members, relation->keys, relation->count);
	document_literal(&members, "}");
	if (members.failed)
		give_up_out_of_memory();
	out = emit_relation_begin(&frame);
	wire_append(out, members.data, members.length);
	emit_relation_end(&frame, discovery->request->document_bytes);
	wire_free(&members);
	log_relation(relation);
}

static void
emit_described(const Discovery *discovery, Described *relation)
{
	RelationFrame frame = {.schema = discovery->schema, .name = relation->group->name};

	if (relation->group->type == KEY_REFUSED)
		emit_skipped(&frame, "the user may not read its keys");
	else
		emit_relation(discovery, relation);
	columns_free(&relation->columns);
}

static void
log_left_out(const Discovery *discovery)
{
	char message[200];

	if (discovery->left_out == 0)
		return;
	snprintf(message, sizeof(message),
			 "%" PRId64 " patterns were left out: at most %d relations are described, and %d of single keys.",
			 discovery->left_out, MOST_RELATIONS, MOST_LONE_KEYS);
	emit_log("warning", message);
}

void
discover(Nodes *nodes, const Request *request)
{
	Discovery discovery = {.nodes = nodes, .request = request};
	char *delimiter = settings_delimiter(request);

	schema_name(discovery.schema, sizeof(discovery.schema), nodes->login.database);
	schema_check_scope(request, discovery.schema);
	emit_progress("read", ABSENT);
	emit_schema(discovery.schema, NULL, NULL);
	survey_keys(&discovery.survey, nodes);
	groups_make(&discovery.groups, &discovery.survey.keys, delimiter);
	choose_relations(&discovery);
	for (size_t i = 0; i < discovery.count; i++)
		choose_keys(&discovery, &discovery.relations[i]);
	for (int i = 0; i < nodes->count; i++)
		if (has_keys(&discovery, i))
			look_at_node(&discovery, i);
	read_indexes(&discovery);
	for (size_t i = 0; i < discovery.count; i++)
		emit_described(&discovery, &discovery.relations[i]);
	search_free(&discovery.indexes);
	log_left_out(&discovery);
}
