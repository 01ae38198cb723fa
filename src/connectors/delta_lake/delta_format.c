#include "connectors/delta_lake/delta_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/delta_lake/delta_rows.h"
#include "connectors/delta_lake/describe.h"
#include "connectors/delta_lake/features.h"
#include "connectors/delta_lake/history.h"
#include "connectors/delta_lake/schema.h"
#include "connectors/files/directory.h"

/* ---- the folder ---- */

/* A commit makes a new version; a table that is made again has the old one's numbers. */
static void
write_state(const DeltaLog *log, char *state)
{
	StoredFile file = {.state = ""};

	if (directory_open(log->folder, delta_log_newest(log), &file))
		directory_close(&file);
	snprintf(state, STORED_STATE_BYTES, "%" PRId64 " %.100s", log->version, file.state);
}

/* Newer commits do no harm: a version stays what it was. */
static bool
is_version_there(const StoredFile *folder)
{
	const DeltaSnapshot *snapshot = folder->object;
	char state[STORED_STATE_BYTES];

	write_state(&snapshot->log, state);
	return strcmp(state, folder->state) == 0;
}

static const Storage tables = {.is_unchanged = is_version_there};

static void
open_folder(StoredFile *folder)
{
	DeltaSnapshot *snapshot = allocate(sizeof(DeltaSnapshot));

	folder->storage = &tables;
	folder->object = snapshot;
	folder->size = ABSENT;
	delta_snapshot_describe(snapshot, folder);
	write_state(&snapshot->log, folder->state);
}

static void
check(const Request *request, const StoredFile *folder)
{
	(void) request;
	delta_features_log(folder->object);
}

/* ---- what is in the table ---- */

typedef struct Sum
{
	int64_t rows; /* ABSENT: a file does not say */
	int64_t bytes;
} Sum;

/* Rows without those that are deleted. Returns false if the file does not say. */
static bool
count_rows(const JsonNode *add, int64_t *rows)
{
	const char *text = json_member_text(add, "stats");
	char fault[128];
	JsonTree *tree = text ? json_tree_read(text, strlen(text), fault, sizeof(fault)) : NULL;
	const JsonNode *stats = tree ? json_tree_root(tree) : json_member(add, "stats_parsed");
	const JsonNode *vector = json_member(add, "deletionVector");
	bool is_known = json_member_integer(stats, "numRecords", rows) && *rows >= 0;
	int64_t deleted;

	if (tree)
		json_tree_free(tree);
	if (!is_known || vector == NULL)
		return is_known;
	if (!json_member_integer(vector, "cardinality", &deleted) || deleted < 0 || deleted > *rows)
		return false;
	*rows -= deleted;
	return true;
}

static void
add_to_sum(void *context, const JsonNode *add)
{
	Sum *sum = context;
	int64_t rows;
	int64_t bytes;

	if (sum->rows != ABSENT &&
		(!count_rows(add, &rows) || __builtin_add_overflow(sum->rows, rows, &sum->rows)))
		sum->rows = ABSENT;
	if (!json_member_integer(add, "size", &bytes) || bytes < 0 ||
		__builtin_add_overflow(sum->bytes, bytes, &sum->bytes))
		sum->bytes = 0;
}

static FileRelation *
add_relation(const StoredFile *folder, FileRelations *relations)
{
	const DeltaSnapshot *snapshot = folder->object;
	const char *id = json_member_text(snapshot->metadata, "id");
	FileRelation *relation = relations_add(relations, folder);

	relation->name = copy_text(folder->name);
	relation->id = copy_text(id && id[0] ? id : FILE_ID);
	relation->kind = "table";
	return relation;
}

static void
list(const Request *request, const StoredFile *folder, FileRelations *relations)
{
	(void) request;
	add_relation(folder, relations);
}

/* Only a description needs what all files come to. */
static void
survey(const Request *request, const StoredFile *folder, FileRelations *relations)
{
	const DeltaSnapshot *snapshot = folder->object;
	FileRelation *relation = add_relation(folder, relations);
	char *clustering = NULL;
	Sum sum = {.rows = 0};

	delta_add_columns(relation, snapshot);
	relation->content = folder->object;
	if (request->operation != OPERATION_DISCOVER)
		return;
	delta_snapshot_files(snapshot, add_to_sum, &sum, &clustering);
	relation->rows = sum.rows;
	relation->size = sum.bytes;
	delta_describe(relation, snapshot, clustering);
	delta_history_add(relation, request, snapshot, clustering);
	free(clustering);
}

const Format delta_format = {.what = "a Delta table",
							 .documents = "1",
							 .open_folder = open_folder,
							 .check = check,
							 .list = list,
							 .survey = survey,
							 .rows_begin = delta_rows_begin,
							 .rows_next = delta_rows_next,
							 .rows_end = delta_rows_end};
