#include "connectors/csv/csv_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/csv/table.h"
#include "connectors/files/kind.h"

static void
check(const Request *request, const StoredFile *file)
{
	TableWishes wishes;

	wishes_read(request, &wishes);
	kind_must_be_text(file, "Sources of the type csv are text files, also packed by gzip or zstd.");
}

/* ---- the survey ---- */

static const char *
quote_name(const Dialect *dialect)
{
	return dialect->quote == 0 ? "none" : dialect->quote == '"' ? "\"" : "'";
}

/* What a reader of the file needs to know. */
static void
add_options(WireBuffer *out, const Table *table)
{
	char delimiter[2] = {table->layout.dialect.delimiter, '\0'};

	document_further(out, "encoding", encoding_name(table->encoding));
	document_further(out, "delimiter", delimiter);
	document_further(out, "quote", quote_name(&table->layout.dialect));
	document_further(out, "header", table->layout.has_header ? "true" : "false");
	if (table->packing != PACKED_NOT)
		document_further(out, "packed", table->packing == PACKED_GZIP ? "gzip" : "zstd");
}

static void
tell(const Table *table)
{
	char message[512];

	for (int i = 0; i < table->column_count; i++)
		if (infer_is_ambiguous(&table->columns[i].inference))
		{
			snprintf(message, sizeof(message),
					 "column %.200s: %s (ambiguous: d/m/y or m/d/y); d/m/y is taken", table->columns[i].name,
					 inferred_name(table->columns[i].type));
			emit_log("warning", message);
		}
	if (table->layout.skipped_rows > 0)
	{
		snprintf(message, sizeof(message), "%d rows before the table are passed over",
				 table->layout.skipped_rows);
		emit_log("info", message);
	}
	if (table->long_rows > 0)
	{
		snprintf(message, sizeof(message), "%lld rows have more fields than the first one",
				 (long long) table->long_rows);
		emit_log("warning", message);
	}
}

static void
set_type(FileColumn *column, const Table *table, const TableColumn *from)
{
	column->type = inferred_name(from->type);
	column->pg_type = inferred_pg_type(from->type);
	column->may_have_categories =
		(from->type == INFERRED_TEXT || from->type == INFERRED_BOOLEAN) && table->is_whole;
}

static void
add_column(FileRelation *relation, const Table *table, const TableColumn *from)
{
	FileColumn *column = relation_add_column(relation);

	column->name = copy_text(from->name);
	set_type(column, table, from);
}

static void
survey(const Request *request, const StoredFile *file, FileRelations *relations)
{
	Table *table = allocate(sizeof(Table));
	FileRelation *relation = relations_add(relations, file);
	TableWishes wishes;

	wishes_read(request, &wishes);
	table_survey(table, file, &wishes);
	tell(table);
	relation->name = copy_text(table->name);
	relation->id = copy_text(FILE_ID);
	relation->rows = table->is_whole ? table->rows : ABSENT;
	relation->content = table;
	for (int i = 0; i < table->column_count; i++)
		add_column(relation, table, &table->columns[i]);
	add_options(&relation->options, table);
}

static bool
join(FileRelation *relation, FileRelation *other)
{
	Table *table = relation->content;
	Table *part = other->content;

	if (!table_join(table, part))
		return false;
	for (int i = 0; i < table->column_count; i++)
	{
		set_type(&relation->columns[i], table, &table->columns[i]);
		set_type(&other->columns[i], table, &part->columns[i]);
	}
	return true;
}

/* ---- rows ---- */

typedef struct CsvRows
{
	TableRows rows;
	const Table *table;
	const int *numbers; /* of the columns that are read */
	int count;
	WireBuffer *values; /* one of each column that is read */
} CsvRows;

static void *
rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	CsvRows *csv = allocate(sizeof(CsvRows));

	(void) read;
	csv->table = relation->content;
	csv->numbers = columns;
	csv->count = count;
	csv->values = allocate((size_t) (count + 1) * sizeof(WireBuffer));
	for (int i = 0; i < count; i++)
		csv->values[i] = (WireBuffer){.data = NULL};
	table_rows_begin(&csv->rows, relation->file, csv->table->encoding, &csv->table->wishes,
					 &csv->table->layout);
	if (csv->rows.layout.has_header)
		table_rows_next(&csv->rows);
	return csv;
}

static FileValue
value_of(WireBuffer *written, const TableColumn *column, const Field *field)
{
	const char *text = field->bytes;
	size_t length = field->length;

	if (table_is_null(column, field))
		return (FileValue){.bytes = NULL};
	if (column->type == INFERRED_TEXT)
		return (FileValue){.bytes = text, .length = length};
	infer_trim(&text, &length);
	wire_reset(written);
	inferred_write(written, column->type, text, length);
	if (written->failed)
		give_up_out_of_memory();
	return (FileValue){.bytes = written->data, .length = written->length};
}

/* Behind what was surveyed the text may be no longer what it seemed. */
static void
check_text(const TableRows *rows)
{
	char detail[64];

	if (!rows->text.is_invalid || rows->text.encoding != ENCODING_UTF8)
		return;
	snprintf(detail, sizeof(detail), "About row %lld.", (long long) rows->number);
	give_up(&(Failure){.step = "query",
					   .code = "query",
					   .message = "The file has bytes that are no UTF-8.",
					   .detail = detail,
					   .hint = "metadata.encoding can say which encoding it has, such as Windows-1252."});
}

static bool
rows_next(void *rows, FileValue *values)
{
	CsvRows *csv = rows;

	if (!table_rows_next(&csv->rows))
		return false;
	check_text(&csv->rows);
	for (int i = 0; i < csv->count; i++)
	{
		int number = csv->numbers[i];

		values[i] = (FileValue){.bytes = NULL};
		if (number < csv->rows.record.count)
			values[i] =
				value_of(&csv->values[i], &csv->table->columns[number], &csv->rows.record.fields[number]);
	}
	return true;
}

static void
rows_end(void *rows)
{
	CsvRows *csv = rows;

	table_rows_end(&csv->rows);
	for (int i = 0; i < csv->count; i++)
		wire_free(&csv->values[i]);
	free(csv->values);
	free(csv);
}

const Format csv_format = {.what = "a text file",
						   .documents = "2",
						   .has_one_relation = true,
						   .check = check,
						   .survey = survey,
						   .rows_begin = rows_begin,
						   .rows_next = rows_next,
						   .rows_end = rows_end,
						   .join = join};
