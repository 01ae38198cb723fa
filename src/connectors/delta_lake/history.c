/*
 * history.c — the log is read from the newest commit down, and only its actions that describe the table. The
 * versions are then made from the oldest one up.
 */
#include "connectors/delta_lake/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/attempt.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/delta_lake/actions.h"
#include "connectors/delta_lake/describe.h"
#include "connectors/delta_lake/schema.h"
#include "connectors/files/versions.h"

/* More descriptions than these would not be told, or take too much memory. */
#define MOST_DESCRIPTIONS      (2 * WIRE_MAX_VERSIONS)
#define MOST_DESCRIPTION_BYTES (16u << 20)

/* The server is told that the work goes on, each so many commits. */
#define COMMITS_OF_PROGRESS 100

/* What a commit says of the table; a checkpoint says all of it. */
typedef struct Described
{
	JsonTree *protocol_tree; /* NULL: it does not say */
	JsonTree *metadata_tree;
	const JsonNode *protocol;
	const JsonNode *metadata;
	int64_t time; /* ABSENT: it is not known */
} Described;

typedef struct History
{
	const Request *request;
	const DeltaSnapshot *snapshot;
	const char *clustering;
	FileRelation *relation;
	Described items[MOST_DESCRIPTIONS + 1]; /* the newest one first */
	int count;
	size_t bytes;
} History;

/* ---- the log ---- */

/* Writers that keep the order of their times say it twice; then that time counts. */
static void
take_time(Described *described, const JsonNode *info)
{
	int64_t time;

	if (json_member_integer(info, "inCommitTimestamp", &time) ||
		json_member_integer(info, "timestamp", &time))
		described->time = time >= 0 ? time : ABSENT;
}

static void
take_action(void *context, DeltaAction *action)
{
	Described *described = context;
	bool is_protocol = strcmp(action->kind, "protocol") == 0;
	JsonTree **tree = is_protocol ? &described->protocol_tree : &described->metadata_tree;

	if (strcmp(action->kind, "commitInfo") == 0)
	{
		take_time(described, action->body);
		return;
	}
	if (*tree)
		return;
	*tree = action->tree;
	action->tree = NULL;
	*(is_protocol ? &described->protocol : &described->metadata) = action->body;
}

static size_t
size_of(const Described *described)
{
	const char *schema = json_member_text(described->metadata, "schemaString");

	return schema ? strlen(schema) : 0;
}

static void
forget(Described *described)
{
	json_tree_free(described->protocol_tree);
	json_tree_free(described->metadata_tree);
	*described = (Described){.time = ABSENT};
}

/* Returns false if the history ends here: it is known from here on, or there is too much of it. */
static bool
take_commit(History *history, const char *path)
{
	static const char *const kinds[] = {"commitInfo", "metaData", "protocol", NULL};
	Described *described = &history->items[history->count];
	bool is_known;

	*described = (Described){.time = ABSENT};
	delta_actions_read(history->snapshot->log.folder, path, kinds, take_action, described);
	is_known = described->time != ABSENT && !file_versions_want(history->request, described->time);
	history->bytes += size_of(described);
	if (is_known || history->count == MOST_DESCRIPTIONS || history->bytes > MOST_DESCRIPTION_BYTES)
	{
		forget(described);
		return false;
	}
	if (described->protocol || described->metadata)
		history->count++;
	return true;
}

/* The commit of a checkpoint's version says when it was, and the checkpoint all that it was. */
static void
take_checkpoint(History *history)
{
	static const char *const kinds[] = {"metaData", "protocol", NULL};
	const DeltaLog *log = &history->snapshot->log;
	Described *described = &history->items[history->count];
	Described commit = {.time = ABSENT};

	*described = (Described){.time = ABSENT};
	for (int i = 0; i < log->first_part_count; i++)
		delta_actions_read(log->folder, log->first_parts[i], kinds, take_action, described);
	if (log->first_commit)
		delta_actions_read(log->folder, log->first_commit, (const char *const[]){"commitInfo", NULL},
						   take_action, &commit);
	described->time = commit.time;
	if (described->protocol && described->metadata)
		history->count++;
}

/* The first commit of all says all of the table, too. */
static void
read_log(void *argument)
{
	History *history = argument;
	const DeltaLog *log = &history->snapshot->log;

	for (int i = 0; i < log->kept_count; i++)
	{
		if (!take_commit(history, log->kept[i]))
			return;
		if (i % COMMITS_OF_PROGRESS == COMMITS_OF_PROGRESS - 1)
			emit_progress("read", ABSENT);
	}
	take_checkpoint(history);
}

/* ---- versions ---- */

static void
describe(void *argument)
{
	const History *history = ((void **) argument)[0];
	const Described *now = ((void **) argument)[1];
	DeltaSnapshot snapshot = {
		.log = history->snapshot->log, .protocol = now->protocol, .metadata = now->metadata};
	FileRelations relations = {.items = NULL};
	FileRelation *relation = relations_add(&relations, history->relation->file);

	relation->kind = "table";
	delta_snapshot_read_schema(&snapshot);
	delta_add_columns(relation, &snapshot);
	delta_describe(relation, &snapshot, history->clustering);
	file_versions_add(history->relation->versions, relation, now->time);
	json_tree_free(snapshot.schema_tree);
	relations_free(&relations);
}

/* What was before the oldest commit that was read: what no later one has changed is as it is in the snapshot.
 */
static Described
before_oldest(const History *history)
{
	Described before = {
		.time = ABSENT, .protocol = history->snapshot->protocol, .metadata = history->snapshot->metadata};

	for (int i = 0; i < history->count; i++)
	{
		if (history->items[i].protocol)
			before.protocol = NULL;
		if (history->items[i].metadata)
			before.metadata = NULL;
	}
	return before;
}

static void
add_versions(History *history)
{
	Described now = before_oldest(history);
	AttemptFailure failure;

	for (int i = history->count - 1; i >= 0; i--)
	{
		const Described *next = &history->items[i];
		bool is_known;

		now.protocol = next->protocol ? next->protocol : now.protocol;
		now.metadata = next->metadata ? next->metadata : now.metadata;
		now.time = next->time;
		is_known = now.time != ABSENT && now.protocol && now.metadata;
		if (is_known && !attempt(describe, (void *[]){history, &now}, &failure))
			emit_log("warning", "an earlier version of the table cannot be described, and is left out");
	}
	history->relation->changed_at = now.time;
}

void
delta_history_add(FileRelation *relation, const Request *request, const DeltaSnapshot *snapshot,
				  const char *clustering)
{
	History *history = allocate(sizeof(History));
	AttemptFailure failure;

	*history =
		(History){.request = request, .snapshot = snapshot, .clustering = clustering, .relation = relation};
	relation->versions = file_versions_begin(request);
	if (!attempt(read_log, history, &failure))
		emit_log("warning",
				 "a commit of the log cannot be read: the history of the table's schema begins after it");
	add_versions(history);
	for (int i = 0; i < history->count; i++)
		forget(&history->items[i]);
	free(history);
}
