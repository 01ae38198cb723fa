#include "connectors/iceberg/manifest_list.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"
#include "connectors/iceberg/location.h"
#include "connectors/iceberg/record.h"
#include "connectors/iceberg/schema.h"

/* Ids of fields that Iceberg has set. */
enum
{
	MANIFEST_PATH = 500,
	PARTITION_SPEC_ID = 502,
	PARTITIONS = 507,
	CONTAINS_NULL = 509,
	LOWER_BOUND = 510,
	UPPER_BOUND = 511,
	SEQUENCE_NUMBER = 515,
	CONTENT = 517
};

#define MOST_SUMMARIES 10000

/* Room is made for a power of two. */
static IcebergManifest *
add_manifest(IcebergManifests *manifests)
{
	int count = manifests->count;

	if (count == MOST_ICEBERG_MANIFESTS)
		give_up(&(Failure){.step = "query",
						   .code = "too_large",
						   .message = "The Iceberg table has more than 100,000 manifests.",
						   .hint = "Rewriting its manifests makes them fewer."});
	if ((count & (count - 1)) == 0)
		manifests->items =
			reallocate(manifests->items, (size_t) (count == 0 ? 1 : 2 * count) * sizeof(IcebergManifest));
	manifests->items[count] = (IcebergManifest){.spec = -1};
	manifests->count++;
	return &manifests->items[count];
}

/* ---- summaries ---- */

static char *
take_bound(AvroFile *avro, const AvroType *type, size_t *length)
{
	AvroBytes bytes;
	char *copy;

	if (!iceberg_take_bytes(avro, type, &bytes))
		return NULL;
	copy = allocate(bytes.length + 1);
	memcpy(copy, bytes.bytes, bytes.length);
	*length = bytes.length;
	return copy;
}

static void
take_summary(AvroFile *avro, const IcebergRecord *record, IcebergSummary *summary)
{
	*summary = (IcebergSummary){.may_have_null = true};
	for (int i = 0; i < record->type->count; i++)
	{
		const AvroType *type = record->type->fields[i].type;

		if (record->ids[i] == CONTAINS_NULL)
			iceberg_take_boolean(avro, type, &summary->may_have_null);
		else if (record->ids[i] == LOWER_BOUND && summary->least == NULL)
			summary->least = take_bound(avro, type, &summary->least_length);
		else if (record->ids[i] == UPPER_BOUND && summary->greatest == NULL)
			summary->greatest = take_bound(avro, type, &summary->greatest_length);
		else
			avro_skip(avro, type);
	}
}

static void
take_summaries(AvroFile *avro, const AvroType *type, IcebergManifest *manifest)
{
	const AvroType *list = avro_take_branch(avro, type);
	AvroItems items = {0};
	IcebergRecord record;

	if (list->kind != AVRO_ARRAY || list->fields[0].type->kind != AVRO_RECORD || manifest->summaries)
	{
		avro_skip(avro, list);
		return;
	}
	iceberg_record_begin(&record, list->fields[0].type);
	while (avro_next_item(avro, &items))
	{
		int count = manifest->summary_count;

		if (count == MOST_SUMMARIES)
			avro_broken("a manifest has more than 10,000 summaries");
		if ((count & (count - 1)) == 0)
			manifest->summaries = reallocate(manifest->summaries,
											 (size_t) (count == 0 ? 1 : 2 * count) * sizeof(IcebergSummary));
		take_summary(avro, &record, &manifest->summaries[manifest->summary_count++]);
	}
	iceberg_record_end(&record);
}

/* ---- the list ---- */

static void
take_path(AvroFile *avro, const AvroType *type, IcebergManifest *manifest)
{
	free(manifest->path);
	manifest->path = iceberg_take_text(avro, type);
}

static void
take_manifest(AvroFile *avro, const IcebergRecord *record, IcebergManifest *manifest)
{
	int64_t content = 0;

	for (int i = 0; i < record->type->count; i++)
	{
		const AvroType *type = record->type->fields[i].type;

		if (record->ids[i] == MANIFEST_PATH)
			take_path(avro, type, manifest);
		else if (record->ids[i] == PARTITION_SPEC_ID)
			iceberg_take_integer(avro, type, &manifest->spec);
		else if (record->ids[i] == SEQUENCE_NUMBER)
			iceberg_take_integer(avro, type, &manifest->sequence);
		else if (record->ids[i] == CONTENT)
			iceberg_take_integer(avro, type, &content);
		else if (record->ids[i] == PARTITIONS)
			take_summaries(avro, type, manifest);
		else
			avro_skip(avro, type);
	}
	if (manifest->path == NULL)
		avro_broken("a manifest has no path");
	manifest->is_deletes = content != 0;
}

static void
read_list(IcebergManifests *manifests, const StoredFile *folder, const char *path)
{
	StoredFile file;
	AvroFile avro;
	IcebergRecord record;

	iceberg_open_file(folder, path, &file);
	messages_are_of(file.name);
	avro_open(&avro, &file);
	iceberg_record_begin(&record, avro.type);
	if (iceberg_record_field(&record, MANIFEST_PATH) == NULL)
		avro_broken("it is no manifest list of Iceberg");
	while (avro_next(&avro))
		take_manifest(&avro, &record, add_manifest(manifests));
	iceberg_record_end(&record);
	avro_close(&avro);
	stored_check(&file);
	directory_close(&file);
	messages_are_of(NULL);
}

/* The first version of the format may have the manifests in the metadata itself. */
static void
take_paths(IcebergManifests *manifests, const JsonNode *paths)
{
	for (const JsonNode *path = paths ? paths->first : NULL; path; path = path->next)
		if (json_text(path))
			add_manifest(manifests)->path = copy_text(json_text(path));
}

void
iceberg_manifests_read(IcebergManifests *manifests, const StoredFile *folder)
{
	const JsonNode *snapshot = iceberg_snapshot(folder->object);
	const char *list = json_member_text(snapshot, "manifest-list");

	*manifests = (IcebergManifests){.items = NULL};
	if (list)
		read_list(manifests, folder, list);
	else
		take_paths(manifests, json_member(snapshot, "manifests"));
}

void
iceberg_manifests_free(IcebergManifests *manifests)
{
	for (int i = 0; i < manifests->count; i++)
	{
		IcebergManifest *manifest = &manifests->items[i];

		for (int j = 0; j < manifest->summary_count; j++)
		{
			free(manifest->summaries[j].least);
			free(manifest->summaries[j].greatest);
		}
		free(manifest->summaries);
		free(manifest->path);
	}
	free(manifests->items);
	*manifests = (IcebergManifests){.items = NULL};
}
