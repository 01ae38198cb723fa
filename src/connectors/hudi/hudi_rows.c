#include "connectors/hudi/hudi_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/hudi/base_files.h"
#include "connectors/hudi/evolution.h"
#include "connectors/hudi/partition_path.h"
#include "connectors/lake/conversion.h"
#include "connectors/parquet/part.h"

typedef struct HudiColumn
{
	const FileColumn *column;
	int place; /* among the fields of partitions; -1: it is none */

	/* In the present file */
	int stored; /* its number among the values that are read; -1: it has none */
	Conversion conversion;
	char *partition; /* the value that the path says; NULL: null */
	WireBuffer text;
} HudiColumn;

typedef struct HudiRows
{
	const HudiTable *table;
	const ReadRequest *read; /* NULL: a sample */
	HudiColumn *columns;
	int count;
	HudiEvolution evolution;
	HudiBaseFiles files;
	int next; /* file */
	bool is_open;
	const JsonNode *schema; /* that it was written with; NULL: not known */
	ParquetPart part;
	ReadRequest pushed; /* with the conditions that are used there */
	FileValue *values;
} HudiRows;

/* ---- the beginning ---- */

/* Such a table has the columns of a row in two files. */
static void
refuse_bootstrapped(const HudiTable *table)
{
	if (hudi_table_setting(table, "hoodie.bootstrap.base.path"))
		give_up(&(Failure){.step = "query",
						   .code = "unsupported",
						   .message = "The rows of a bootstrapped Hudi table are not read.",
						   .detail = "The property hoodie.bootstrap.base.path names files outside of it."});
}

static void
tell_unmerged(const HudiBaseFiles *files)
{
	char message[128];

	if (files->unmerged == 0)
		return;
	snprintf(message, sizeof(message),
			 "changes that are newer than the base files are in log files, which are not read: %" PRId64,
			 files->unmerged);
	emit_log("warning", message);
}

void *
hudi_rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	HudiRows *rows = allocate(sizeof(HudiRows));

	*rows = (HudiRows){.table = relation->content, .read = read, .count = count};
	refuse_bootstrapped(rows->table);
	rows->columns = allocate((size_t) (count + 1) * sizeof(HudiColumn));
	rows->values = allocate((size_t) (count + 1) * sizeof(FileValue));
	for (int i = 0; i < count; i++)
	{
		const FileColumn *column = &relation->columns[columns[i]];

		rows->columns[i] =
			(HudiColumn){.column = column, .place = hudi_partition_place(rows->table, column->name)};
	}
	hudi_evolution_read(&rows->evolution, rows->table);
	hudi_base_files_list(&rows->files, rows->table);
	tell_unmerged(&rows->files);
	return rows;
}

/* ---- a file ---- */

static bool
is_pg_type(const FileColumn *column, const char *pg_type)
{
	return column->pg_type && strcmp(column->pg_type, pg_type) == 0;
}

/* Old writers did not mark times as those of UTC. */
static ConversionKind
conversion_to(const FileColumn *column, const FileColumn *stored)
{
	static const char with_zone[] = "timestamp with time zone";
	static const char without_zone[] = "timestamp without time zone";

	if (is_pg_type(column, with_zone) && is_pg_type(stored, without_zone))
		return CONVERT_ADD_ZONE;
	return is_pg_type(column, without_zone) && is_pg_type(stored, with_zone) ? CONVERT_DROP_ZONE
																			 : CONVERT_NOT;
}

static bool
are_same_type(const FileColumn *one, const FileColumn *other)
{
	return strcmp(one->pg_type ? one->pg_type : "", other->pg_type ? other->pg_type : "") == 0;
}

static int
find_in_file(const FileRelation *relation, const char *name)
{
	for (int i = 0; name && i < relation->column_count; i++)
		if (strcmp(relation->columns[i].name, name) == 0)
			return i;
	return -1;
}

/* Finds the column in the file. Returns false if the file has none. */
static bool
place_column(const HudiRows *rows, HudiColumn *column, const HudiBaseFile *file, int *number)
{
	const FileRelation *relation = rows->part.relation;

	free(column->partition);
	column->partition = NULL;
	column->stored = -1;
	*number =
		find_in_file(relation, hudi_evolution_name(&rows->evolution, rows->schema, column->column->name));
	if (*number < 0)
	{
		if (column->place >= 0)
			column->partition = hudi_partition_value(rows->table, file->partition, column->place);
		return false;
	}
	column->conversion.kind = conversion_to(column->column, &relation->columns[*number]);
	return true;
}

/* Conditions on columns that have another type in the file are left to the caller. */
static void
take_conditions(HudiRows *rows, const int *numbers)
{
	ReadRequest *pushed = &rows->pushed;

	*pushed = *rows->read;
	pushed->conditions = allocate((size_t) (rows->read->condition_count + 1) * sizeof(Condition));
	pushed->condition_count = 0;
	for (int i = 0; i < rows->read->condition_count; i++)
		for (int j = 0; j < rows->count; j++)
		{
			const HudiColumn *column = &rows->columns[j];

			if (column->stored < 0 || strcmp(column->column->name, rows->read->conditions[i].column) != 0 ||
				!are_same_type(column->column, &rows->part.relation->columns[numbers[column->stored]]))
				continue;
			pushed->conditions[pushed->condition_count] = rows->read->conditions[i];
			pushed->conditions[pushed->condition_count++].column =
				rows->part.relation->columns[numbers[column->stored]].name;
			break;
		}
}

static void
begin_rows(HudiRows *rows, const HudiBaseFile *file)
{
	int *numbers = allocate((size_t) (rows->count + 1) * sizeof(int));
	int count = 0;

	rows->schema = hudi_evolution_schema(&rows->evolution, file->time);
	for (int i = 0; i < rows->count; i++)
		if (place_column(rows, &rows->columns[i], file, &numbers[count]))
			rows->columns[i].stored = count++;
	if (rows->read)
		take_conditions(rows, numbers);
	parquet_part_begin(&rows->part, numbers, count, rows->read ? &rows->pushed : NULL);
	free(numbers);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static void
open_file(HudiRows *rows, const HudiBaseFile *file)
{
	if (!ends_with(file->path, ".parquet"))
		give_up(&(Failure){.step = "query",
						   .code = "unsupported",
						   .message = "A base file of the Hudi table is no Parquet file.",
						   .detail = file->path,
						   .hint = "Only base files of Parquet are read."});
	if (!parquet_part_open(&rows->part, rows->table->folder, file->path))
		give_up(&(Failure){.step = "query",
						   .code = "relation_changed",
						   .transient = true,
						   .message = "A file of the Hudi table is no longer there.",
						   .detail = file->path,
						   .hint = "A writer may have cleaned it away; try again."});
	begin_rows(rows, file);
	rows->is_open = true;
}

static void
close_file(HudiRows *rows)
{
	parquet_part_close(&rows->part);
	free(rows->pushed.conditions);
	rows->pushed.conditions = NULL;
	rows->is_open = false;
}

/* ---- rows ---- */

static FileValue
value_of(const HudiRows *rows, HudiColumn *column)
{
	const FileValue *stored;

	if (column->stored < 0)
		return (FileValue){.bytes = column->partition,
						   .length = column->partition ? strlen(column->partition) : 0};
	stored = &rows->values[column->stored];
	if (stored->bytes == NULL || column->conversion.kind == CONVERT_NOT)
		return *stored;
	wire_reset(&column->text);
	convert(&column->text, &column->conversion, stored->bytes, stored->length);
	if (column->text.failed)
		give_up_out_of_memory();
	return (FileValue){.bytes = column->text.data, .length = column->text.length};
}

bool
hudi_rows_next(void *of, FileValue *values)
{
	HudiRows *rows = of;

	for (;;)
	{
		if (rows->is_open && parquet_part_next(&rows->part, rows->values))
		{
			for (int i = 0; i < rows->count; i++)
				values[i] = value_of(rows, &rows->columns[i]);
			return true;
		}
		if (rows->is_open)
			close_file(rows);
		if (rows->next == rows->files.count)
			return false;
		open_file(rows, &rows->files.files[rows->next++]);
	}
}

void
hudi_rows_end(void *of)
{
	HudiRows *rows = of;

	if (rows->is_open)
		close_file(rows);
	for (int i = 0; i < rows->count; i++)
	{
		free(rows->columns[i].partition);
		wire_free(&rows->columns[i].text);
	}
	hudi_evolution_free(&rows->evolution);
	hudi_base_files_free(&rows->files);
	free(rows->columns);
	free(rows->values);
	free(rows);
}
