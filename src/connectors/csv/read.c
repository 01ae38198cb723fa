#include "connectors/csv/read.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/row_frames.h"
#include "connectors/csv/discover.h"

typedef struct Read
{
	const Request *request;
	Table table;
	int *numbers; /* of the columns that are asked for */
	RowFrames frames;
	WireBuffer value;
} Read;

static int
find_column(const Read *read, const char *name)
{
	for (int i = 0; i < read->table.column_count; i++)
		if (strcmp(read->table.columns[i].name, name) == 0)
			return i;
	give_up_changed("A column is no longer in the file.", name);
}

static void
find_columns(Read *read)
{
	const ReadRequest *request = &read->request->read;

	if (strcmp(request->schema, FILES_SCHEMA) != 0 || strcmp(request->name, read->table.name) != 0 ||
		(request->id != NULL && strcmp(request->id, FILE_ID) != 0))
		give_up_changed("The relation is no longer in the data source.", NULL);
	read->numbers = allocate((size_t) (request->column_count + 1) * sizeof(int));
	for (int i = 0; i < request->column_count; i++)
		read->numbers[i] = find_column(read, request->columns[i]);
	for (int i = 0; i < request->condition_count; i++)
		find_column(read, request->conditions[i].column);
}

static void
send_value(Read *read, const TableColumn *column, const Field *field)
{
	Rows *out = &read->frames.rows;
	const char *text = field->bytes;
	size_t length = field->length;

	if (table_is_null(column, field))
	{
		rows_null(out);
		return;
	}
	if (column->type == INFERRED_TEXT)
	{
		rows_value(out, text, length);
		return;
	}
	infer_trim(&text, &length);
	wire_reset(&read->value);
	inferred_write(&read->value, column->type, text, length);
	if (read->value.failed)
		give_up_out_of_memory();
	rows_value(out, read->value.data, read->value.length);
}

static void
send_row(Read *read, const TableRows *rows)
{
	for (int i = 0; i < read->request->read.column_count; i++)
	{
		int number = read->numbers[i];

		if (number < rows->record.count)
			send_value(read, &read->table.columns[number], &rows->record.fields[number]);
		else
			rows_null(&read->frames.rows);
	}
	row_frames_end_row(&read->frames);
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

static void
send_rows(Read *read)
{
	static TableRows rows;
	const ReadRequest *request = &read->request->read;
	bool is_limited = request->condition_count == 0 && request->limit != NO_LIMIT;
	int64_t left = is_limited ? request->limit : INT64_MAX;
	int64_t count = 0;

	table_rows_begin(&rows, read->table.file, read->table.encoding, &read->table.wishes);
	if (rows.layout.has_header)
		table_rows_next(&rows);
	row_frames_begin(&read->frames, read->request->row_bytes);
	for (; left > 0 && table_rows_next(&rows); left--, count++)
	{
		check_text(&rows);
		if (request->column_count > 0)
			send_row(read, &rows);
	}
	if (request->column_count == 0)
		row_frames_count(count);
	stored_check(read->table.file);
	if (request->column_count > 0)
		row_frames_end(&read->frames);
	table_rows_end(&rows);
}

void
read_table(const Request *request, const StoredFile *file, const TableWishes *wishes)
{
	Read read = {.request = request};

	table_survey(&read.table, file, wishes);
	find_columns(&read);
	emit_reading(NULL, 0, request->read.condition_count == 0 && request->read.limit != NO_LIMIT, NULL);
	send_rows(&read);
	wire_free(&read.value);
}
