#include "connectors/delta_lake/delta_rows.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/delta_lake/features.h"
#include "connectors/delta_lake/partition_value.h"
#include "connectors/delta_lake/path.h"
#include "connectors/delta_lake/plan.h"
#include "connectors/delta_lake/prune.h"
#include "connectors/delta_lake/schema.h"
#include "connectors/delta_lake/seen.h"
#include "connectors/delta_lake/vector.h"
#include "connectors/parquet/part.h"

/* A file that is kept. */
typedef struct KeptFile
{
	char *path;        /* as the log has it */
	char **partitions; /* values of the wanted columns that are partitions, in their order; NULL: null */
	DeltaVectorPlace vector;
} KeptFile;

typedef struct WantedColumn
{
	const JsonNode *field;
	const JsonNode *type;
	int partition; /* its number among those that are partitions; -1: it is none */

	/* In the present file */
	int stored; /* its number among the values that are read; -1: it has none */
	Shape *shape;
	WireBuffer text;
} WantedColumn;

typedef struct DeltaRows
{
	const DeltaSnapshot *snapshot;
	const ReadRequest *read; /* NULL: a sample, which shows what can be shown */
	bool by_id;
	WantedColumn *columns;
	int count;
	int partition_count;
	DeltaPruning pruning;
	KeptFile *files;
	int file_count;
	int next_file;

	/* The present file */
	bool is_open;
	char *path; /* from the folder on */
	ParquetPart part;
	ReadRequest pushed; /* with the conditions that the file's reader is given */
	DeltaVector vector;
	int64_t row;
	FileValue *values;
} DeltaRows;

/* ---- which files ---- */

static void
keep_file(void *context, const JsonNode *add)
{
	DeltaRows *rows = context;
	const JsonNode *values = json_member(add, "partitionValues");
	KeptFile *file;

	if (!delta_prune_keeps(&rows->pruning, add))
		return;
	if (rows->file_count == MOST_DELTA_FILES)
		give_up(&(Failure){.step = "query",
						   .code = "too_large",
						   .message = "The Delta table has more than 10,000,000 files."});
	if ((rows->file_count & (rows->file_count - 1)) == 0)
		rows->files = reallocate(rows->files, (size_t) (rows->file_count == 0 ? 1 : 2 * rows->file_count) *
												  sizeof(KeptFile));
	file = &rows->files[rows->file_count++];
	file->path = copy_text(json_member_text(add, "path"));
	file->partitions = allocate((size_t) (rows->partition_count + 1) * sizeof(char *));
	for (int i = 0; i < rows->count; i++)
	{
		const WantedColumn *column = &rows->columns[i];

		if (column->partition >= 0)
			file->partitions[column->partition] =
				delta_partition_value(values, delta_field_physical_name(column->field), column->type);
	}
	delta_vector_place(&file->vector, json_member(add, "deletionVector"));
}

static void
free_file(const DeltaRows *rows, KeptFile *file)
{
	for (int i = 0; i < rows->partition_count; i++)
		free(file->partitions[i]);
	free(file->partitions);
	free(file->path);
	delta_vector_place_free(&file->vector);
}

/* ---- the beginning ---- */

static const JsonNode *
field_at(const DeltaSnapshot *snapshot, int number)
{
	const JsonNode *field = snapshot->fields->first;

	while (number-- > 0)
		field = field->next;
	return field;
}

static void
take_column(DeltaRows *rows, int number)
{
	const JsonNode *field = field_at(rows->snapshot, number);
	bool is_partition = delta_is_partition(rows->snapshot, field);

	rows->columns[rows->count++] = (WantedColumn){.field = field,
												  .type = json_member(field, "type"),
												  .partition = is_partition ? rows->partition_count++ : -1};
}

static bool
is_mapped_by_id(const DeltaSnapshot *snapshot)
{
	const char *mode = delta_configuration(snapshot, "delta.columnMapping.mode");

	return mode && strcmp(mode, "id") == 0;
}

void *
delta_rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	DeltaRows *rows = allocate(sizeof(DeltaRows));

	*rows = (DeltaRows){.snapshot = relation->content, .read = read};
	delta_features_must_be_known(rows->snapshot);
	rows->by_id = is_mapped_by_id(rows->snapshot);
	rows->columns = allocate((size_t) (count + 1) * sizeof(WantedColumn));
	rows->values = allocate((size_t) (count + 1) * sizeof(FileValue));
	for (int i = 0; i < count; i++)
		take_column(rows, columns[i]);
	delta_prune_begin(&rows->pruning, rows->snapshot, read);
	delta_snapshot_files(rows->snapshot, keep_file, rows, NULL);
	return rows;
}

/* ---- a file ---- */

/* Finds the column in the file. Returns false if the file has none. */
static bool
plan_column(DeltaRows *rows, WantedColumn *column, int *number)
{
	const Schema *schema = &((const ParquetTable *) rows->part.relation->content)->schema;
	const char *refusal = NULL;

	column->stored = -1;
	if (column->partition >= 0)
		return false;
	*number = delta_plan_find(schema, schema->columns, schema->column_count, column->field, rows->by_id);
	if (*number < 0)
		return false;
	column->shape = delta_plan(column->type, schema, schema->columns[*number], rows->by_id, &refusal);
	if (column->shape == NULL && rows->read)
		give_up_column(&rows->part.file, delta_field_name(column->field), "unsupported", refusal);
	return column->shape != NULL;
}

/*
 * Conditions on columns whose values are those of the file are used there, by the file's name of them. Rows
 * that the file leaves out cannot be counted, so none are where some are deleted.
 */
static void
take_conditions(DeltaRows *rows, const KeptFile *file, const int *numbers)
{
	ReadRequest *pushed = &rows->pushed;

	*pushed = *rows->read;
	pushed->conditions = allocate((size_t) (rows->read->condition_count + 1) * sizeof(Condition));
	pushed->condition_count = 0;
	if (file->vector.type != '\0')
		return;
	for (int i = 0; i < rows->read->condition_count; i++)
		for (int j = 0; j < rows->count; j++)
		{
			const WantedColumn *column = &rows->columns[j];
			Condition condition = rows->read->conditions[i];

			if (column->stored < 0 || !column->shape->is_plain ||
				strcmp(delta_field_name(column->field), condition.column) != 0)
				continue;
			condition.column = rows->part.relation->columns[numbers[column->stored]].name;
			pushed->conditions[pushed->condition_count++] = condition;
			break;
		}
}

static void
begin_rows(DeltaRows *rows, const KeptFile *file)
{
	int *numbers = allocate((size_t) (rows->count + 1) * sizeof(int));
	int count = 0;

	for (int i = 0; i < rows->count; i++)
		if (plan_column(rows, &rows->columns[i], &numbers[count]))
			rows->columns[i].stored = count++;
	if (rows->read)
		take_conditions(rows, file, numbers);
	parquet_part_begin(&rows->part, numbers, count, rows->read ? &rows->pushed : NULL);
	free(numbers);
}

static void give_up_elsewhere(const char *path) __attribute__((noreturn));

static void
give_up_elsewhere(const char *path)
{
	give_up(&(Failure){.step = "query",
					   .code = "unsupported",
					   .message = "A file of the Delta table is not in the table's folder.",
					   .detail = path,
					   .hint = "A clone that shares files with another table is not read."});
}

static void
open_file(DeltaRows *rows, const KeptFile *file)
{
	const StoredFile *folder = rows->snapshot->log.folder;

	rows->path = delta_path_decoded(file->path);
	if (!delta_path_is_relative(rows->path))
		give_up_elsewhere(rows->path);
	delta_vector_read(&rows->vector, &file->vector, folder);
	if (!parquet_part_open(&rows->part, folder, rows->path))
		delta_vanished(rows->path);
	begin_rows(rows, file);
	rows->is_open = true;
	rows->row = 0;
}

static void
close_file(DeltaRows *rows)
{
	parquet_part_close(&rows->part);
	delta_vector_free(&rows->vector);
	free(rows->pushed.conditions);
	rows->pushed.conditions = NULL;
	free(rows->path);
	for (int i = 0; i < rows->count; i++)
	{
		lake_shape_free(rows->columns[i].shape);
		rows->columns[i].shape = NULL;
	}
	rows->is_open = false;
}

/* ---- rows ---- */

static FileValue
value_of(const DeltaRows *rows, WantedColumn *column)
{
	const FileValue *stored;

	if (column->partition >= 0)
	{
		const char *text = rows->files[rows->next_file - 1].partitions[column->partition];

		return (FileValue){.bytes = text, .length = text ? strlen(text) : 0};
	}
	if (column->stored < 0)
		return (FileValue){.bytes = NULL};
	stored = &rows->values[column->stored];
	if (stored->bytes == NULL || column->shape->is_plain)
		return *stored;
	wire_reset(&column->text);
	lake_shape_write(column->shape, &column->text, stored->bytes, stored->length);
	if (column->text.failed)
		give_up_out_of_memory();
	return (FileValue){.bytes = column->text.data ? column->text.data : "", .length = column->text.length};
}

/* Goes to the next row of the file that is not deleted. */
static bool
next_in_file(DeltaRows *rows)
{
	while (parquet_part_next(&rows->part, rows->values))
		if (!delta_vector_has(&rows->vector, rows->row++))
			return true;
	return false;
}

bool
delta_rows_next(void *of, FileValue *values)
{
	DeltaRows *rows = of;

	for (;;)
	{
		if (rows->is_open && next_in_file(rows))
		{
			for (int i = 0; i < rows->count; i++)
				values[i] = value_of(rows, &rows->columns[i]);
			return true;
		}
		if (rows->is_open)
			close_file(rows);
		if (rows->next_file == rows->file_count)
			return false;
		open_file(rows, &rows->files[rows->next_file++]);
	}
}

void
delta_rows_end(void *of)
{
	DeltaRows *rows = of;

	if (rows->is_open)
		close_file(rows);
	for (int i = 0; i < rows->file_count; i++)
		free_file(rows, &rows->files[i]);
	for (int i = 0; i < rows->count; i++)
		wire_free(&rows->columns[i].text);
	delta_prune_end(&rows->pruning);
	free(rows->files);
	free(rows->columns);
	free(rows->values);
	free(rows);
}
