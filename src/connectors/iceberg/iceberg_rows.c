#include "connectors/iceberg/iceberg_rows.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/iceberg/data_file.h"
#include "connectors/iceberg/deletes.h"
#include "connectors/iceberg/evolution.h"
#include "connectors/iceberg/filter.h"
#include "connectors/iceberg/partition.h"
#include "connectors/iceberg/schema.h"
#include "connectors/parquet/footer.h"

/* A column that is read. */
typedef struct RowsColumn
{
	const JsonNode *field; /* of the schema */
	const char *name;
	const char *type; /* NULL: it has fields */
	int64_t id;
	int twin; /* an earlier one that is the same column; -1: none */

	/* In the present file */
	int stored;   /* position among the values that are read; -1: it is not there */
	Shape *shape; /* of a stored one */
	bool is_null; /* of one that is not stored; else its value is the text */
	WireBuffer text;
} RowsColumn;

typedef struct IcebergRows
{
	const StoredFile *folder;
	const IcebergMetadata *metadata;
	const ReadRequest *read; /* NULL: a sample, which shows what can be shown */
	RowsColumn *columns;
	int count;
	IcebergFilter filter;
	IcebergManifests manifests;
	IcebergDeletes *deletes;
	JsonTree *mapping; /* names of columns in files without ids; or NULL */

	/* The present manifest */
	int next_manifest;
	bool has_manifest;
	IcebergManifestReader manifest;
	int64_t *part_ids; /* of the columns */

	/* The present file */
	bool has_file;
	IcebergDataFile file;
	int *numbers; /* of the file's columns that are read */
	int number_count;
	FileValue *values;
	Condition *conditions; /* on columns of the file */
	ReadRequest file_read;
	bool has_deleted;
	IcebergDeleted deleted;
	int64_t row;
} IcebergRows;

/* ---- beginning ---- */

static const JsonNode *
field_at(const IcebergMetadata *metadata, int number)
{
	const JsonNode *field = json_member(iceberg_schema(metadata), "fields")->first;

	while (number-- > 0)
		field = field->next;
	return field;
}

static void
begin_column(IcebergRows *rows, int at, int number)
{
	RowsColumn *column = &rows->columns[at];
	const JsonNode *field = field_at(rows->metadata, number);

	*column = (RowsColumn){.field = field,
						   .name = json_member_text(field, "name"),
						   .type = json_text(json_member(field, "type")),
						   .id = NO_STORED_ID,
						   .twin = -1};
	json_member_integer(field, "id", &column->id);
	for (int i = 0; i < at && column->twin < 0; i++)
		if (rows->columns[i].field == field)
			column->twin = i;
}

static int
find_column(const IcebergRows *rows, const char *name)
{
	for (int i = 0; i < rows->count; i++)
		if (rows->columns[i].twin < 0 && strcmp(rows->columns[i].name, name) == 0)
			return i;
	return -1;
}

static void
begin_filter(IcebergRows *rows, const FileRelation *relation, const int *columns)
{
	int count = rows->read ? rows->read->condition_count : 0;

	iceberg_filter_begin(&rows->filter, count);
	for (int i = 0; i < count; i++)
	{
		int column = find_column(rows, rows->read->conditions[i].column);

		if (column >= 0)
			iceberg_filter_take(&rows->filter, &rows->read->conditions[i], column, rows->columns[column].type,
								relation->columns[columns[column]].pg_type, rows->columns[column].id);
	}
}

/* A property of tables whose files other systems have written. */
static JsonTree *
read_mapping(const IcebergMetadata *metadata)
{
	const char *text =
		json_member_text(json_member(metadata->root, "properties"), "schema.name-mapping.default");
	char fault[128];
	JsonTree *tree = text ? json_tree_read(text, strlen(text), fault, sizeof(fault)) : NULL;

	if (text && tree == NULL)
		iceberg_broken(metadata, "its property schema.name-mapping.default is no JSON");
	return tree;
}

void *
iceberg_rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	IcebergRows *rows = allocate(sizeof(IcebergRows));
	size_t room = (size_t) count + 1;

	*rows = (IcebergRows){
		.folder = relation->file, .metadata = relation->file->object, .read = read, .count = count};
	if (iceberg_is_view(rows->metadata))
		give_up(&(Failure){.step = "query",
						   .code = "unsupported",
						   .message = "The relation is a view of Iceberg: it has no rows of its own.",
						   .hint = "Its definition is a query of the system that made it."});
	rows->columns = allocate(room * sizeof(RowsColumn));
	rows->part_ids = allocate(room * sizeof(int64_t));
	rows->numbers = allocate(room * sizeof(int));
	rows->values = allocate(room * sizeof(FileValue));
	rows->conditions = allocate((size_t) (read ? read->condition_count + 1 : 1) * sizeof(Condition));
	for (int i = 0; i < count; i++)
		begin_column(rows, i, columns[i]);
	begin_filter(rows, relation, columns);
	rows->mapping = read_mapping(rows->metadata);
	iceberg_manifests_read(&rows->manifests, rows->folder);
	rows->deletes = iceberg_deletes_read(&rows->manifests, rows->folder);
	return rows;
}

/* ---- manifests ---- */

static void
open_manifest(IcebergRows *rows, const IcebergManifest *manifest)
{
	int position;

	iceberg_manifest_open(&rows->manifest, manifest, rows->folder);
	for (int i = 0; i < rows->count; i++)
		rows->part_ids[i] = rows->columns[i].twin >= 0
								? NO_PARTITION_ID
								: iceberg_identity_partition(rows->metadata, rows->manifest.spec,
															 rows->columns[i].id, &position);
	iceberg_manifest_want(&rows->manifest, rows->part_ids, rows->count, rows->filter.ids, rows->filter.count);
	rows->has_manifest = true;
}

/* Returns false behind the last one. */
static bool
next_manifest(IcebergRows *rows)
{
	while (rows->next_manifest < rows->manifests.count)
	{
		const IcebergManifest *manifest = &rows->manifests.items[rows->next_manifest++];

		if (manifest->is_deletes || !iceberg_filter_keeps_manifest(&rows->filter, manifest, rows->metadata))
			continue;
		open_manifest(rows, manifest);
		return true;
	}
	return false;
}

static void
close_manifest(IcebergRows *rows)
{
	iceberg_manifest_close(&rows->manifest);
	rows->has_manifest = false;
}

/* Returns NULL behind the last file. */
static const IcebergFile *
next_listed(IcebergRows *rows)
{
	const IcebergFile *listed;

	while (rows->has_manifest || next_manifest(rows))
	{
		while ((listed = iceberg_manifest_next(&rows->manifest)) != NULL)
			if (listed->content == CONTENT_ROWS && iceberg_filter_keeps_file(&rows->filter, listed))
				return listed;
		close_manifest(rows);
	}
	return NULL;
}

/* ---- files ---- */

static void
find_ids(IcebergRows *rows)
{
	IcebergDataFile *file = &rows->file;

	if (file->fields->count == 0 || stored_fields_have_ids(file->fields))
		return;
	if (rows->mapping == NULL)
		give_up(&(Failure){.step = "query",
						   .code = "unsupported",
						   .message = "A file of the Iceberg table has no ids of columns.",
						   .hint = "The table's property schema.name-mapping.default can name them."});
	stored_fields_map(file->fields, json_tree_root(rows->mapping));
}

static void
begin_stored(IcebergRows *rows, RowsColumn *column, int number)
{
	const char *refusal;

	column->shape =
		iceberg_shape(json_member(column->field, "type"), &rows->file.fields->fields[number], &refusal);
	if (column->shape == NULL)
	{
		if (rows->read)
			give_up_column(&rows->file.stored, column->name, "unsupported", refusal);
		column->is_null = true;
		return;
	}
	column->stored = rows->number_count;
	rows->numbers[rows->number_count++] = number;
}

/* What a file without the column has in its place: the value of its partition, or the column's default. */
static void
begin_constant(RowsColumn *column, const IcebergPart *part)
{
	column->is_null = false;
	wire_reset(&column->text);
	if (part->is_there && column->type && iceberg_part_write(&column->text, part, column->type))
		return;
	wire_reset(&column->text);
	column->is_null = part->type != NULL || !iceberg_default_write(&column->text, column->field, false);
}

static void
begin_columns(IcebergRows *rows, const IcebergFile *listed)
{
	rows->number_count = 0;
	for (int i = 0; i < rows->count; i++)
	{
		RowsColumn *column = &rows->columns[i];
		int number = iceberg_find_stored(rows->file.fields, column->id);

		column->stored = -1;
		column->shape = NULL;
		if (column->twin >= 0)
			continue;
		if (number >= 0)
			begin_stored(rows, column, number);
		else
			begin_constant(column, &listed->parts[i]);
		if (column->text.failed)
			give_up_out_of_memory();
	}
}

/* Rows that the format leaves out are not counted, so it may not leave out any where positions are deleted.
 */
static const ReadRequest *
make_read(IcebergRows *rows)
{
	if (rows->read == NULL)
		return NULL;
	rows->file_read = *rows->read;
	rows->file_read.conditions = rows->conditions;
	rows->file_read.condition_count = 0;
	for (int i = 0; i < rows->read->condition_count && !rows->has_deleted; i++)
	{
		int at = find_column(rows, rows->read->conditions[i].column);
		const RowsColumn *column = at >= 0 ? &rows->columns[at] : NULL;
		Condition *condition = &rows->conditions[rows->file_read.condition_count];

		if (column == NULL || column->stored < 0 || !column->shape->is_plain)
			continue;
		*condition = rows->read->conditions[i];
		condition->column =
			iceberg_data_file_relation(&rows->file)->columns[rows->numbers[column->stored]].name;
		rows->file_read.condition_count++;
	}
	return &rows->file_read;
}

static void
begin_file(IcebergRows *rows, const IcebergFile *listed)
{
	rows->has_deleted = iceberg_deleted_begin(&rows->deleted, rows->deletes, rows->folder, listed);
	iceberg_data_file_open(&rows->file, rows->folder, listed);
	find_ids(rows);
	begin_columns(rows, listed);
	iceberg_data_file_begin(&rows->file, rows->numbers, rows->number_count, make_read(rows));
	rows->row = 0;
	rows->has_file = true;
}

static void
end_file(IcebergRows *rows)
{
	iceberg_data_file_close(&rows->file);
	iceberg_deleted_end(&rows->deleted);
	for (int i = 0; i < rows->count; i++)
	{
		lake_shape_free(rows->columns[i].shape);
		rows->columns[i].shape = NULL;
	}
	rows->has_file = false;
}

/* ---- rows ---- */

static FileValue
text_value(const WireBuffer *text)
{
	return (FileValue){.bytes = text->data ? text->data : "", .length = text->length};
}

static FileValue
value_of(const IcebergRows *rows, RowsColumn *column)
{
	const FileValue *stored;

	if (column->stored < 0)
		return column->is_null ? (FileValue){.bytes = NULL} : text_value(&column->text);
	stored = &rows->values[column->stored];
	if (stored->bytes == NULL || column->shape->is_plain)
		return *stored;
	wire_reset(&column->text);
	lake_shape_write(column->shape, &column->text, stored->bytes, stored->length);
	if (column->text.failed)
		give_up_out_of_memory();
	return text_value(&column->text);
}

static void
place_values(const IcebergRows *rows, FileValue *values)
{
	for (int i = 0; i < rows->count; i++)
	{
		RowsColumn *column = &rows->columns[i];

		values[i] = column->twin >= 0 ? values[column->twin] : value_of(rows, column);
	}
}

/* Returns false at the end of the present file. */
static bool
next_stored(IcebergRows *rows)
{
	while (iceberg_data_file_next(&rows->file, rows->values))
		if (!rows->has_deleted || !iceberg_deleted_has(&rows->deleted, rows->row++))
			return true;
	return false;
}

bool
iceberg_rows_next(void *of, FileValue *values)
{
	IcebergRows *rows = of;
	const IcebergFile *listed;

	for (;;)
	{
		if (!rows->has_file)
		{
			listed = next_listed(rows);
			if (listed == NULL)
				return false;
			begin_file(rows, listed);
		}
		if (next_stored(rows))
		{
			place_values(rows, values);
			return true;
		}
		end_file(rows);
	}
}

void
iceberg_rows_end(void *of)
{
	IcebergRows *rows = of;

	if (rows->has_file)
		end_file(rows);
	if (rows->has_manifest)
		close_manifest(rows);
	for (int i = 0; i < rows->count; i++)
		wire_free(&rows->columns[i].text);
	iceberg_deletes_free(rows->deletes);
	iceberg_manifests_free(&rows->manifests);
	iceberg_filter_end(&rows->filter);
	if (rows->mapping)
		json_tree_free(rows->mapping);
	free(rows->columns);
	free(rows->part_ids);
	free(rows->numbers);
	free(rows->values);
	free(rows->conditions);
	free(rows);
}
