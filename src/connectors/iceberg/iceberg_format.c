#include "connectors/iceberg/iceberg_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"
#include "connectors/iceberg/iceberg_rows.h"
#include "connectors/iceberg/partition.h"
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

/* ---- the document ---- */

/* bucket[16] is written bucket(16, id), day is days(ts). */
static void
write_transform(WireBuffer *out, const char *transform, const char *column)
{
	static const char *const of_time[] = {"year", "month", "day", "hour"};
	size_t length = strcspn(transform, "[");
	bool has_width = transform[length] == '[';

	if (strcmp(transform, "identity") == 0)
	{
		wire_append_text(out, column);
		return;
	}
	wire_append(out, transform, length);
	for (size_t i = 0; i < sizeof(of_time) / sizeof(of_time[0]); i++)
		if (strcmp(transform, of_time[i]) == 0)
			wire_append(out, "s", 1);
	wire_append(out, "(", 1);
	if (has_width)
	{
		wire_append(out, transform + length + 1, strcspn(transform + length + 1, "]"));
		wire_append(out, ", ", 2);
	}
	wire_append_text(out, column);
	wire_append(out, ")", 1);
}

static bool
append_column(WireBuffer *out, const JsonNode *schema, const JsonNode *field)
{
	int64_t id;

	return json_integer(iceberg_partition_source(field), &id) && iceberg_field_path(out, schema, id);
}

static char *
column_of(const JsonNode *schema, const JsonNode *field)
{
	WireBuffer path = {.data = NULL};

	if (!append_column(&path, schema, field))
		wire_append_text(&path, "?");
	wire_append(&path, "", 1);
	if (path.failed)
		give_up_out_of_memory();
	return path.data;
}

/* Fields of the transform void are no longer in the key. */
static void
write_terms(WireBuffer *out, const JsonNode *fields, const JsonNode *schema)
{
	size_t start = out->length;

	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
	{
		const char *transform = json_member_text(field, "transform");
		char *column;

		if (transform == NULL || strcmp(transform, "void") == 0)
			continue;
		if (out->length > start)
			wire_append(out, ", ", 2);
		column = column_of(schema, field);
		write_transform(out, transform, column);
		free(column);
		if (json_member_text(field, "direction"))
		{
			wire_append(out, " ", 1);
			wire_append_text(out, json_member_text(field, "direction"));
		}
	}
}

static void
add_partition_key(FileRelation *relation, const JsonNode *root, const JsonNode *schema)
{
	WireBuffer key = {.data = NULL};

	write_terms(&key, iceberg_present_partition(root), schema);
	if (key.length > 0)
	{
		relation->kind = "partitioned_table";
		document_literal(&relation->more, ",\"partition_key\":");
		wire_append_string(&relation->more, key.data, key.length);
	}
	wire_free(&key);
}

/* Iceberg does not enforce it. */
static void
add_primary_key(FileRelation *relation, const JsonNode *schema)
{
	const JsonNode *ids = json_member(schema, "identifier-field-ids");
	WireBuffer path = {.data = NULL};
	int64_t id;

	if (ids == NULL || ids->count == 0)
		return;
	document_literal(&relation->more, ",\"primary_key\":{\"columns\":[");
	for (const JsonNode *node = ids->first; node; node = node->next)
	{
		wire_reset(&path);
		if (!json_integer(node, &id) || !iceberg_field_path(&path, schema, id))
			continue;
		document_separate(&relation->more);
		wire_append_string(&relation->more, path.data, path.length);
	}
	document_literal(&relation->more, "],\"not_enforced\":true}");
	wire_free(&path);
}

static void
add_text(WireBuffer *out, const char *name, const char *value, size_t length)
{
	wire_append(out, ",", 1);
	document_string(out, name);
	document_literal(out, ":");
	wire_append_string(out, value, length);
}

static void
add_options(FileRelation *relation, const JsonNode *root, const JsonNode *schema)
{
	const JsonNode *properties = json_member(root, "properties");
	const char *comment = json_member_text(properties, "comment");
	WireBuffer order = {.data = NULL};
	int64_t number;

	if (comment)
		add_text(&relation->more, "comment", comment, strlen(comment));
	if (json_member_integer(root, "format-version", &number))
		add_text(&relation->options, "format-version", json_member(root, "format-version")->text,
				 json_member(root, "format-version")->length);
	if (json_member_integer(root, "default-sort-order-id", &number))
		write_terms(
			&order,
			json_member(iceberg_numbered(json_member(root, "sort-orders"), "order-id", number), "fields"),
			schema);
	if (order.length > 0)
		add_text(&relation->options, "sort-order", order.data, order.length);
	wire_free(&order);
	for (const JsonNode *node = properties ? properties->first : NULL; node; node = node->next)
		if (node->kind == JSON_TEXT && strcmp(node->name, "comment") != 0)
			add_text(&relation->options, node->name, node->text, node->length);
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

/* The text of a view may be there in several dialects. */
static void
take_view(FileRelation *relation, const IcebergMetadata *metadata)
{
	const JsonNode *representations;
	int64_t number;

	relation->kind = "view";
	if (!json_member_integer(metadata->root, "current-version-id", &number))
		iceberg_broken(metadata, "it does not say which version of the view is the present one");
	representations = json_member(
		iceberg_numbered(json_member(metadata->root, "versions"), "version-id", number), "representations");
	for (const JsonNode *node = representations ? representations->first : NULL; node; node = node->next)
	{
		const char *sql = json_member_text(node, "sql");

		if (sql == NULL)
			continue;
		add_text(&relation->more, "definition", sql, strlen(sql));
		return;
	}
}

static char *
id_of(const JsonNode *root, bool is_view)
{
	const char *id = json_member_text(root, is_view ? "view-uuid" : "table-uuid");

	return copy_text(id && id[0] ? id : FILE_ID);
}

static void
survey(const Request *request, const StoredFile *folder, FileRelations *relations)
{
	const IcebergMetadata *metadata = folder->object;
	const JsonNode *schema = iceberg_schema(metadata);
	FileRelation *relation = relations_add(relations, folder);
	bool is_view = iceberg_is_view(metadata);

	(void) request;
	relation->name = copy_text(folder->name);
	relation->id = id_of(metadata->root, is_view);
	relation->kind = "table";
	iceberg_add_columns(relation, metadata, schema);
	add_options(relation, metadata->root, schema);
	if (is_view)
	{
		take_view(relation, metadata);
		return;
	}
	add_partition_key(relation, metadata->root, schema);
	add_primary_key(relation, schema);
	take_snapshot(relation, metadata);
}

const Format iceberg_format = {.what = "an Iceberg table",
							   .documents = "1",
							   .open_folder = open_folder,
							   .check = check,
							   .list = survey,
							   .survey = survey,
							   .rows_begin = iceberg_rows_begin,
							   .rows_next = iceberg_rows_next,
							   .rows_end = iceberg_rows_end};
