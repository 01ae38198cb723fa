#include "connectors/iceberg/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"
#include "connectors/iceberg/location.h"

/* Ids of fields that Iceberg has set: of an entry, and of the file in it. */
enum
{
	STATUS = 0,
	DATA_FILE = 2,
	SEQUENCE_NUMBER = 3,
	FILE_PATH = 100,
	FILE_FORMAT = 101,
	PARTITION = 102,
	RECORD_COUNT = 103,
	VALUE_COUNTS = 109,
	NULL_VALUE_COUNTS = 110,
	LOWER_BOUNDS = 125,
	UPPER_BOUNDS = 128,
	KEY_METADATA = 131,
	CONTENT = 134,
	REFERENCED_DATA_FILE = 143,
	CONTENT_OFFSET = 144,
	CONTENT_SIZE = 145
};

#define STATUS_DELETED 2

/* ---- opening ---- */

/* The metadata of the manifest says it, too. */
static int64_t
spec_of(const AvroFile *avro)
{
	char digits[16] = "";
	size_t length;
	const char *text = avro_metadata(avro, "partition-spec-id", &length);

	if (text && length < sizeof(digits))
		memcpy(digits, text, length);
	return strtoll(digits, NULL, 10);
}

static const AvroType *
type_of(const IcebergRecord *record, int64_t id)
{
	static const AvroType nothing = {.kind = AVRO_NULL};
	const AvroField *field = iceberg_record_field(record, id);

	return field ? field->type : &nothing;
}

void
iceberg_manifest_open(IcebergManifestReader *reader, const IcebergManifest *manifest,
					  const StoredFile *folder)
{
	*reader = (IcebergManifestReader){.manifest = manifest};
	iceberg_open_file(folder, manifest->path, &reader->stored);
	messages_are_of(reader->stored.name);
	avro_open(&reader->avro, &reader->stored);
	iceberg_record_begin(&reader->entry, reader->avro.type);
	iceberg_record_begin(&reader->file, type_of(&reader->entry, DATA_FILE));
	iceberg_record_begin(&reader->partition, type_of(&reader->file, PARTITION));
	if (iceberg_record_field(&reader->file, FILE_PATH) == NULL)
		avro_broken("it is no manifest of Iceberg");
	reader->spec = manifest->spec >= 0 ? manifest->spec : spec_of(&reader->avro);
	messages_are_of(NULL);
}

void
iceberg_manifest_want(IcebergManifestReader *reader, const int64_t *part_ids, int part_count,
					  const int64_t *bound_ids, int bound_count)
{
	reader->part_ids = part_ids;
	reader->part_count = part_count;
	reader->bound_ids = bound_ids;
	reader->bound_count = bound_count;
	reader->next.parts = allocate((size_t) (part_count + 1) * sizeof(IcebergPart));
	reader->next.bounds = allocate((size_t) (bound_count + 1) * sizeof(IcebergBounds));
}

void
iceberg_manifest_close(IcebergManifestReader *reader)
{
	stored_check(&reader->stored);
	directory_close(&reader->stored);
	iceberg_record_end(&reader->entry);
	iceberg_record_end(&reader->file);
	iceberg_record_end(&reader->partition);
	avro_close(&reader->avro);
	free(reader->next.parts);
	free(reader->next.bounds);
	*reader = (IcebergManifestReader){.manifest = NULL};
}

/* ---- what a file has ---- */

/* Takes a value that is looked at later, as it stands there. */
static void
take_part(AvroFile *avro, const AvroType *type, IcebergPart *part)
{
	part->type = avro_take_branch(avro, type);
	part->is_there = part->type->kind != AVRO_NULL;
	part->value.bytes = avro->at;
	avro_skip(avro, part->type);
	part->value.length = (size_t) (avro->at - part->value.bytes);
}

static int
find_id(const int64_t *ids, int count, int64_t id)
{
	for (int i = 0; i < count; i++)
		if (ids[i] == id)
			return i;
	return -1;
}

static void
take_partition(IcebergManifestReader *reader, const AvroType *type)
{
	const AvroType *record = avro_take_branch(&reader->avro, type);

	if (record != reader->partition.type || record->kind != AVRO_RECORD)
	{
		avro_skip(&reader->avro, record);
		return;
	}
	for (int i = 0; i < record->count; i++)
	{
		int wanted = find_id(reader->part_ids, reader->part_count, reader->partition.ids[i]);

		if (wanted >= 0)
			take_part(&reader->avro, record->fields[i].type, &reader->next.parts[wanted]);
		else
			avro_skip(&reader->avro, record->fields[i].type);
	}
}

static void
take_measure(IcebergManifestReader *reader, int64_t what, const AvroType *type, int64_t column)
{
	int wanted = find_id(reader->bound_ids, reader->bound_count, column);
	IcebergBounds *bounds = wanted >= 0 ? &reader->next.bounds[wanted] : NULL;

	if (bounds == NULL)
		avro_skip(&reader->avro, type);
	else if (what == VALUE_COUNTS)
		iceberg_take_integer(&reader->avro, type, &bounds->values);
	else if (what == NULL_VALUE_COUNTS)
		iceberg_take_integer(&reader->avro, type, &bounds->nulls);
	else
		iceberg_take_bytes(&reader->avro, type, what == LOWER_BOUNDS ? &bounds->least : &bounds->greatest);
}

/* A map whose keys are ids of columns is written as a list of records: a key, a value. */
static void
take_measures(IcebergManifestReader *reader, int64_t what, const AvroType *type)
{
	AvroFile *avro = &reader->avro;
	const AvroType *list = avro_take_branch(avro, type);
	const AvroType *pair = list->kind == AVRO_ARRAY ? list->fields[0].type : NULL;
	AvroItems items = {0};

	if (pair == NULL || pair->kind != AVRO_RECORD || pair->count != 2)
	{
		avro_skip(avro, list);
		return;
	}
	while (avro_next_item(avro, &items))
	{
		int64_t column = NO_FIELD_ID;

		iceberg_take_integer(avro, pair->fields[0].type, &column);
		take_measure(reader, what, pair->fields[1].type, column);
	}
}

static void
refuse_encrypted(AvroFile *avro, const AvroType *type)
{
	AvroBytes key = {.length = 0};

	if (iceberg_take_bytes(avro, type, &key) && key.length > 0)
		give_up(&(Failure){.step = "query",
						   .code = "unsupported",
						   .message = "The Iceberg table has encrypted files, which are not read."});
}

static void
take_field(IcebergManifestReader *reader, int64_t id, const AvroType *type)
{
	IcebergFile *file = &reader->next;
	AvroFile *avro = &reader->avro;

	switch (id)
	{
		case CONTENT:
			iceberg_take_integer(avro, type, &file->content);
			break;
		case FILE_PATH:
			iceberg_take_bytes(avro, type, &file->path);
			break;
		case FILE_FORMAT:
			iceberg_take_bytes(avro, type, &file->format);
			break;
		case PARTITION:
			take_partition(reader, type);
			break;
		case RECORD_COUNT:
			iceberg_take_integer(avro, type, &file->records);
			break;
		case VALUE_COUNTS:
		case NULL_VALUE_COUNTS:
		case LOWER_BOUNDS:
		case UPPER_BOUNDS:
			take_measures(reader, id, type);
			break;
		case KEY_METADATA:
			refuse_encrypted(avro, type);
			break;
		case REFERENCED_DATA_FILE:
			iceberg_take_bytes(avro, type, &file->referenced);
			break;
		case CONTENT_OFFSET:
			iceberg_take_integer(avro, type, &file->offset);
			break;
		case CONTENT_SIZE:
			iceberg_take_integer(avro, type, &file->size);
			break;
		default:
			avro_skip(avro, type);
	}
}

static void
forget_file(IcebergManifestReader *reader)
{
	IcebergFile *file = &reader->next;

	*file = (IcebergFile){
		.parts = file->parts, .bounds = file->bounds, .sequence = -1, .records = -1, .offset = -1};
	for (int i = 0; i < reader->part_count; i++)
		file->parts[i] = (IcebergPart){.type = NULL};
	for (int i = 0; i < reader->bound_count; i++)
		file->bounds[i] = (IcebergBounds){.values = -1, .nulls = -1};
}

static void
take_file(IcebergManifestReader *reader, const AvroType *type)
{
	const AvroType *record = avro_take_branch(&reader->avro, type);

	if (record != reader->file.type)
		avro_broken("an entry has no file");
	for (int i = 0; i < record->count; i++)
		take_field(reader, reader->file.ids[i], record->fields[i].type);
	if (reader->next.path.length == 0)
		avro_broken("a file has no path");
}

/* Returns false if the entry says that the file was removed. */
static bool
take_entry(IcebergManifestReader *reader)
{
	const IcebergRecord *entry = &reader->entry;
	int64_t status = 0;

	forget_file(reader);
	for (int i = 0; i < entry->type->count; i++)
	{
		const AvroType *type = entry->type->fields[i].type;

		if (entry->ids[i] == STATUS)
			iceberg_take_integer(&reader->avro, type, &status);
		else if (entry->ids[i] == SEQUENCE_NUMBER)
			iceberg_take_integer(&reader->avro, type, &reader->next.sequence);
		else if (entry->ids[i] == DATA_FILE)
			take_file(reader, type);
		else
			avro_skip(&reader->avro, type);
	}
	if (reader->next.sequence < 0)
		reader->next.sequence = reader->manifest->sequence;
	return status != STATUS_DELETED;
}

const IcebergFile *
iceberg_manifest_next(IcebergManifestReader *reader)
{
	const IcebergFile *file = NULL;

	messages_are_of(reader->stored.name);
	while (file == NULL && avro_next(&reader->avro))
		if (take_entry(reader))
			file = &reader->next;
	messages_are_of(NULL);
	return file;
}
