#include "connectors/iceberg/history.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/attempt.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/versions.h"
#include "connectors/iceberg/describe.h"
#include "connectors/iceberg/schema.h"

/* Each earlier file is about as long as the present one. */
#define MOST_EARLIER       200
#define MOST_EARLIER_BYTES (32u << 20)

typedef struct History
{
	const Request *request;
	const StoredFile *folder;
	const IcebergMetadata *present;
	FileRelation *relation;
	const JsonNode *entry; /* of the metadata-log, which is read next */
	bool has_begun;        /* a version was added */
} History;

/* ---- one version ---- */

static void
add_version(const History *history, const IcebergMetadata *metadata, const JsonNode *schema, int64_t time)
{
	FileRelations relations = {.items = NULL};
	FileRelation *relation = relations_add(&relations, history->folder);

	iceberg_describe(relation, metadata, schema);
	file_versions_add(history->relation->versions, relation, time);
	relations_free(&relations);
}

/*
 * Snapshots that are older than the oldest metadata say which schema they were written with. All else was
 * then as that metadata has it, as far as is known.
 */
static void
add_snapshots(const History *history, const IcebergMetadata *oldest, int64_t before)
{
	const JsonNode *snapshots = json_member(history->present->root, "snapshots");
	int64_t newest = -1;
	int64_t last = -1;
	int64_t time;
	int64_t number;

	for (const JsonNode *node = snapshots ? snapshots->first : NULL; node; node = node->next)
	{
		const JsonNode *schema;

		if (!json_member_integer(node, "timestamp-ms", &time) || time < newest || time >= before ||
			!file_versions_want(history->request, time) || !json_member_integer(node, "schema-id", &number))
			continue;
		newest = time;
		schema = number == last ? NULL
								: iceberg_numbered(json_member(oldest->root, "schemas"), "schema-id", number);
		if (json_member(schema, "fields") && iceberg_describes(oldest, schema))
			add_version(history, oldest, schema, time);
		last = number;
	}
}

static bool
is_same_table(const History *history, const IcebergMetadata *metadata)
{
	const char *id = json_member_text(metadata->root, "table-uuid");
	const char *present = json_member_text(history->present->root, "table-uuid");

	return id == NULL || present == NULL || strcmp(id, present) == 0;
}

static void
add_metadata(History *history, const IcebergMetadata *metadata)
{
	int64_t time;

	if (!is_same_table(history, metadata) || !json_member_integer(metadata->root, "last-updated-ms", &time))
		return;
	if (!history->has_begun)
		add_snapshots(history, metadata, time);
	history->has_begun = true;
	if (metadata != history->present)
		add_version(history, metadata, iceberg_schema(metadata), time);
}

/* ---- the log of metadata files ---- */

static void
read_entry(void *argument)
{
	History *history = argument;
	const char *path = json_member_text(history->entry, "metadata-file");
	IcebergMetadata metadata;

	if (path == NULL || !iceberg_metadata_read_earlier(&metadata, history->folder, path))
		return;
	add_metadata(history, &metadata);
	iceberg_metadata_free(&metadata);
}

static bool
is_wanted(const History *history, const JsonNode *entry)
{
	int64_t time;

	return !json_member_integer(entry, "timestamp-ms", &time) || file_versions_want(history->request, time);
}

/* How many entries, the oldest ones, are too many to be read? */
static int
too_many(const History *history, const JsonNode *log)
{
	size_t most = MOST_EARLIER_BYTES / (history->present->length + 1);

	most = most < MOST_EARLIER ? most : MOST_EARLIER;
	return (size_t) log->count > most ? log->count - (int) most : 0;
}

static void
read_log(History *history)
{
	const JsonNode *log = json_member(history->present->root, "metadata-log");
	AttemptFailure failure;
	int left_out = log ? too_many(history, log) : 0;

	for (const JsonNode *entry = log ? log->first : NULL; entry; entry = entry->next)
	{
		if (left_out-- > 0 || !is_wanted(history, entry))
			continue;
		history->entry = entry;
		if (!attempt(read_entry, history, &failure))
			emit_log("warning", "an earlier metadata file of the table cannot be read, and is left out");
	}
}

void
iceberg_history_add(FileRelation *relation, const Request *request, const StoredFile *folder)
{
	History history = {.request = request, .folder = folder, .present = folder->object, .relation = relation};

	relation->versions = file_versions_begin(request);
	read_log(&history);
	add_metadata(&history, history.present);
	(void) json_member_integer(history.present->root, "last-updated-ms", &relation->changed_at);
}
