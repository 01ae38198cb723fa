#include "connectors/iceberg/iceberg_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"
#include "connectors/iceberg/describe.h"
#include "connectors/iceberg/history.h"
#include "connectors/iceberg/iceberg_rows.h"
#include "connectors/iceberg/schema.h"

/* ---- the folder ---- */

/* A commit writes another metadata file. Returns false if this one is no longer there. */
static bool
write_state(const IcebergMetadata *metadata, const StoredFile *folder, char *state)
{
	StoredFile file = {.state = ""};
	bool is_there = directory_open(folder, metadata->path, &file);

	if (is_there)
		directory_close(&file);
	snprintf(state, STORED_STATE_BYTES, "%016" PRIx64 " %.100s", hash_text(metadata->path), file.state);
	return is_there;
}

/* A metadata file never changes. Another one may be the newest meanwhile, and this one removed, which does no
 * harm: what has been read of it is a whole, and files of a snapshot stay what they are. */
static bool
is_metadata_unchanged(const StoredFile *folder)
{
	const IcebergMetadata *metadata = folder->object;
	char state[STORED_STATE_BYTES];

	return !write_state(metadata, folder, state) || strcmp(state, folder->state) == 0;
}

static const Storage tables = {.is_unchanged = is_metadata_unchanged};

static void
open_folder(StoredFile *folder)
{
	IcebergMetadata *metadata = allocate(sizeof(IcebergMetadata));

	folder->storage = &tables;
	folder->object = metadata;
	folder->size = ABSENT;
	iceberg_metadata_read(metadata, folder);
	write_state(metadata, folder, folder->state);
}

static void
tell_choice(const IcebergMetadata *metadata)
{
	char message[512];

	snprintf(message, sizeof(message), "the newest metadata file is taken: %.300s", metadata->path);
	emit_log("info", message);
}

static void
check(const Request *request, const StoredFile *folder)
{
	const IcebergMetadata *metadata = folder->object;
	int64_t version;

	if (metadata->is_without_hint && request->operation == OPERATION_DISCOVER)
		tell_choice(metadata);
	if (!json_member_integer(metadata->root, "format-version", &version))
		iceberg_broken(metadata, "it has no format-version");
	if (version > 1 && !iceberg_is_view(metadata) &&
		(json_member(metadata->root, "schemas") == NULL ||
		 json_member(metadata->root, "last-partition-id") == NULL))
		iceberg_broken(metadata,
					   "it lacks what the version of its format demands: schemas, last-partition-id");
	if (version < 1 || version > 3)
		give_up(&(Failure){.step = "connect",
						   .code = "unsupported",
						   .message = "The version of the Iceberg table's format is not known.",
						   .hint = "Tables of the versions 1 to 3 are read."});
}

/* ---- what is in the table ---- */

/* A number in a text. */
static int64_t
summary_number(const JsonNode *summary, const char *name)
{
	const char *text = json_member_text(summary, name);

	return text && strspn(text, "0123456789") == strlen(text) && strlen(text) < 19
			   ? (int64_t) strtoll(text, NULL, 10)
			   : ABSENT;
}

static void
take_snapshot(FileRelation *relation, const IcebergMetadata *metadata)
{
	const JsonNode *snapshot = iceberg_snapshot(metadata);
	int64_t size;

	if (snapshot == NULL)
	{
		relation->rows = 0;
		return;
	}
	relation->rows = summary_number(json_member(snapshot, "summary"), "total-records");
	size = summary_number(json_member(snapshot, "summary"), "total-files-size");
	relation->size = size > 0 ? size : 0;
}

static char *
id_of(const JsonNode *root, bool is_view)
{
	const char *id = json_member_text(root, is_view ? "view-uuid" : "table-uuid");

	return copy_text(id && id[0] ? id : FILE_ID);
}

static FileRelation *
add_relation(const StoredFile *folder, FileRelations *relations)
{
	const IcebergMetadata *metadata = folder->object;
	FileRelation *relation = relations_add(relations, folder);

	relation->name = copy_text(folder->name);
	relation->id = id_of(metadata->root, iceberg_is_view(metadata));
	return relation;
}

static void
list(const Request *request, const StoredFile *folder, FileRelations *relations)
{
	(void) request;
	add_relation(folder, relations);
}

static void
survey(const Request *request, const StoredFile *folder, FileRelations *relations)
{
	const IcebergMetadata *metadata = folder->object;
	FileRelation *relation = add_relation(folder, relations);

	iceberg_describe(relation, metadata, iceberg_schema(metadata));
	if (iceberg_is_view(metadata))
		return;
	take_snapshot(relation, metadata);
	if (request->operation == OPERATION_DISCOVER)
		iceberg_history_add(relation, request, folder);
}

const Format iceberg_format = {.what = "an Iceberg table",
							   .documents = "1",
							   .open_folder = open_folder,
							   .check = check,
							   .list = list,
							   .survey = survey,
							   .rows_begin = iceberg_rows_begin,
							   .rows_next = iceberg_rows_next,
							   .rows_end = iceberg_rows_end};
