#include "connectors/csv/table.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* The layout is told from so much of the text. */
#define HEAD_BYTES 262144
/* Types are told from so much of it. */
#define SURVEYED_BYTES (INT64_C(256) << 20)
/* The server is told that the work goes on, each so many rows. */
#define ROWS_OF_PROGRESS 1000000
/* One in so many rows must be longer than the header to add columns. */
#define LONG_ROWS_SHARE 100

static void give_up_row(const TableRows *rows, const char *code, const char *message, const char *hint)
	__attribute__((noreturn));

static void
give_up_row(const TableRows *rows, const char *code, const char *message, const char *hint)
{
	char detail[64];

	snprintf(detail, sizeof(detail), "Row %lld, without the header.", (long long) rows->number + 1);
	give_up(&(Failure){.step = "query", .code = code, .message = message, .detail = detail, .hint = hint});
}

/* ---- rows ---- */

/* Moves what is not yet used to the beginning, and reads as much behind it as there is room. */
static void
fill(TableRows *rows)
{
	memmove(rows->buffer, rows->buffer + rows->used, rows->length - rows->used);
	rows->length -= rows->used;
	rows->used = 0;
	while (!rows->has_ended && rows->capacity - rows->length >= 16)
	{
		size_t length = text_read(&rows->text, rows->buffer + rows->length, rows->capacity - rows->length);

		rows->has_ended = length == 0;
		rows->length += length;
	}
}

static void
grow(TableRows *rows)
{
	if (rows->capacity >= MOST_ROW_BYTES)
		give_up_row(rows, "too_large",
					rows->record.is_unclosed ? "A quote in the file is not closed."
											 : "A row of the file is longer than 16 MiB.",
					"metadata.quote and metadata.delimiter say what the file is written with.");
	rows->capacity *= 2;
	rows->buffer = reallocate(rows->buffer, rows->capacity);
}

void
table_rows_begin(TableRows *rows, const StoredFile *file, Encoding encoding, const LayoutWishes *wishes,
				 const Layout *layout)
{
	memset(rows, 0, offsetof(TableRows, record));
	text_begin(&rows->text, file, encoding);
	rows->capacity = HEAD_BYTES;
	rows->buffer = allocate(rows->capacity);
	fill(rows);
	if (layout != NULL)
		rows->layout = *layout;
	else
		layout_detect(rows->buffer, rows->length, rows->has_ended, wishes, &rows->layout);
	rows->used = rows->layout.start;
	rows->number = rows->layout.has_header ? -1 : 0;
}

static bool
find_record(TableRows *rows)
{
	for (;;)
	{
		size_t left = rows->length - rows->used;
		size_t taken = 0;

		if (left > 0)
			taken = record_find(&rows->layout.dialect, rows->buffer + rows->used, left, rows->has_ended,
								&rows->record);
		rows->used += taken;
		if (taken > 0)
			return true;
		if (rows->has_ended)
			return false;
		if (left >= rows->capacity / 2)
			grow(rows);
		fill(rows);
	}
}

static void
check_record(const TableRows *rows)
{
	if (rows->record.is_unclosed)
		give_up_row(rows, "query", "A quote in the file is not closed.",
					"metadata.quote says what fields are quoted with: \"none\" if with nothing.");
	if (rows->record.has_more)
		give_up_row(rows, "too_large", "A row of the file has more than 10,000 fields.",
					"metadata.delimiter says what the fields are separated by.");
}

bool
table_rows_next(TableRows *rows)
{
	while (find_record(rows))
	{
		if ((record_is_blank(&rows->record) && rows->layout.width > 1) ||
			layout_is_comment(&rows->layout, &rows->record))
			continue;
		check_record(rows);
		rows->number++;
		for (int i = 0; i < rows->record.count; i++)
			field_unescape(&rows->layout.dialect, &rows->record.fields[i]);
		return true;
	}
	return false;
}

void
table_rows_end(TableRows *rows)
{
	text_end(&rows->text);
	free(rows->buffer);
}

/* ---- names ---- */

/* Returns the column of that name among the first ones, or NULL. */
static TableColumn *
find_column(const Table *table, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return &table->columns[i];
	return NULL;
}

/* A name that is there already gets the first free number. */
static char *
unique_name(const Table *table, int count, const char *name)
{
	TableColumn *first = find_column(table, count, name);
	size_t size = strlen(name) + 16;
	char *unique = allocate(size);

	snprintf(unique, size, "%s", name);
	if (first == NULL)
		return unique;
	do
		snprintf(unique, size, "%s_%d", name, ++first->repeats + 1);
	while (find_column(table, count, unique) != NULL);
	return unique;
}

static void
add_column(Table *table, const Field *field)
{
	int number = table->column_count;
	char generic[32];
	char *given;
	const char *text = field ? field->bytes : "";
	size_t length = field ? field->length : 0;

	infer_trim(&text, &length);
	given = allocate(length + 1);
	memcpy(given, text, length);
	given[length] = '\0';
	snprintf(generic, sizeof(generic), "column_%d", number + 1);
	table->columns = reallocate(table->columns, (size_t) (number + 1) * sizeof(TableColumn));
	table->columns[number] = (TableColumn){.name = unique_name(table, number, length > 0 ? given : generic),
										   .inference = INFERENCE_BEGINS};
	table->column_count++;
	free(given);
}

/* ---- the survey ---- */

/* What rows have beyond the header's columns, while it is not known whether they are columns. */
typedef struct Survey
{
	Table *table;
	TableRows rows;
	TableColumn *beyond;
	int beyond_count;
} Survey;

static void
take_names(Survey *survey)
{
	Table *table = survey->table;
	TableRows *rows = &survey->rows;

	if (rows->layout.has_header && table_rows_next(rows))
		for (int i = 0; i < rows->record.count; i++)
			add_column(table, &rows->record.fields[i]);
	while (!rows->layout.has_header && table->column_count < rows->layout.width)
		add_column(table, NULL);
}

static Inference *
inference_of(Survey *survey, int number)
{
	int beyond = number - survey->table->column_count;

	if (beyond < 0)
		return &survey->table->columns[number].inference;
	while (survey->beyond_count <= beyond)
	{
		survey->beyond =
			reallocate(survey->beyond, (size_t) (survey->beyond_count + 1) * sizeof(TableColumn));
		survey->beyond[survey->beyond_count++] = (TableColumn){.inference = INFERENCE_BEGINS};
	}
	return &survey->beyond[beyond].inference;
}

static void
take_row(Survey *survey)
{
	Table *table = survey->table;
	const Record *record = &survey->rows.record;

	for (int i = 0; i < record->count; i++)
		infer_add(inference_of(survey, i), record->fields[i].bytes, record->fields[i].length);
	for (int i = record->count; i < table->column_count; i++)
		table->columns[i].inference.has_null = true;
	table->long_rows += record->count > table->column_count;
	table->rows++;
	if (table->rows % ROWS_OF_PROGRESS == 0)
		emit_progress("read", ABSENT);
}

static void
add_beyond(Survey *survey)
{
	Table *table = survey->table;

	while (survey->beyond_count > 0 && survey->beyond[survey->beyond_count - 1].inference.values == 0)
		survey->beyond_count--;
	if (table->long_rows * LONG_ROWS_SHARE > table->rows)
		for (int i = 0; i < survey->beyond_count; i++)
		{
			Inference inference = survey->beyond[i].inference;

			add_column(table, NULL);
			table->columns[table->column_count - 1].inference = inference;
			table->columns[table->column_count - 1].inference.has_null = true;
		}
	free(survey->beyond);
}

static void
take_types(Table *table)
{
	for (int i = 0; i < table->column_count; i++)
		table->columns[i].type = infer_type(&table->columns[i].inference, table->with_comma);
}

static void
forget_columns(Table *table)
{
	for (int i = 0; i < table->column_count; i++)
		free(table->columns[i].name);
	free(table->columns);
	table->columns = NULL;
	table->column_count = 0;
	table->rows = 0;
	table->long_rows = 0;
}

/* Returns false if the text has not the encoding that was guessed. */
static bool
survey_as(Table *table, Encoding encoding, bool is_guess)
{
	static Survey survey;
	bool is_fine;

	memset(&survey, 0, offsetof(Survey, rows) + offsetof(TableRows, record));
	survey.beyond = NULL;
	survey.beyond_count = 0;
	survey.table = table;
	forget_columns(table);
	table_rows_begin(&survey.rows, table->file, encoding, &table->wishes, NULL);
	table->layout = survey.rows.layout;
	table->encoding = survey.rows.text.encoding;
	table->packing = survey.rows.text.in.packing;
	take_names(&survey);
	while (survey.rows.text.in.count <= SURVEYED_BYTES && !(is_guess && survey.rows.text.is_invalid) &&
		   table_rows_next(&survey.rows))
		take_row(&survey);
	is_fine = !(is_guess && survey.rows.text.is_invalid);
	table->is_whole = survey.rows.has_ended;
	add_beyond(&survey);
	table->with_comma = table->layout.dialect.delimiter == ';' || table->layout.dialect.delimiter == '\t';
	take_types(table);
	table_rows_end(&survey.rows);
	return is_fine;
}

/* Text that is not the UTF-8 that it might have been is Windows-1252, in which every byte is a character. */
void
table_survey(Table *table, const StoredFile *file, const TableWishes *wishes)
{
	*table = (Table){.file = file, .wishes = wishes->layout};
	if (!survey_as(table, wishes->encoding, wishes->encoding == ENCODING_UNKNOWN))
		survey_as(table, table->encoding == ENCODING_UTF8 ? ENCODING_WINDOWS_1252 : table->encoding, false);
	table->name = unpacked_name(file, table->packing);
	stored_check(file);
}

bool
table_join(Table *table, Table *other)
{
	if (table->column_count != other->column_count)
		return false;
	for (int i = 0; i < table->column_count; i++)
		if (strcmp(table->columns[i].name, other->columns[i].name) != 0)
			return false;
	for (int i = 0; i < table->column_count; i++)
		infer_join(&table->columns[i].inference, &other->columns[i].inference);
	table->with_comma = other->with_comma = table->with_comma && other->with_comma;
	table->is_whole = other->is_whole = table->is_whole && other->is_whole;
	take_types(table);
	take_types(other);
	return true;
}

bool
table_is_null(const TableColumn *column, const Field *field)
{
	const char *text = field->bytes;
	size_t length = field->length;

	if (column->type == INFERRED_TEXT)
		return length == 0 && !field->is_quoted;
	infer_trim(&text, &length);
	return infer_is_null(text, length);
}
