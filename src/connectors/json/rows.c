#include "connectors/json/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/memory.h"
#include "connectors/json/cell.h"

/* A value of a row; what a row has none of is null. */
typedef struct Cell
{
	int column;
	size_t start; /* in the texts */
	size_t length;
} Cell;

typedef struct JsonRows
{
	JsonEvents events;
	const JsonTable *table;
	const int *columns; /* those that are read */
	int count;
	bool *is_read;  /* by the number of the column */
	FileValue *row; /* the same, of the row that is given */
	int *buckets;   /* of a table of names: numbers of columns, from 1 */
	size_t bucket_count;
	RowFilter filter;
	int element; /* number of the next one of a row that is an array */
	int column;  /* of the value that comes or is open; -1: none that is read */
	int expected;
	CellWriter writer;
	WireBuffer texts; /* of the rows of a piece of the file */
	WireBuffer scratch;
	size_t row_start; /* in the texts: of the row that is not whole */
	Cell *cells;
	size_t cell_count;
	size_t cell_capacity;
	size_t *row_ends; /* in the cells, of the rows that are whole */
	size_t row_count;
	size_t row_capacity;
	size_t given;
	int64_t number; /* of rows that are whole */
	bool has_ended;
} JsonRows;

/* ---- columns by name ---- */

static size_t
hash(const char *name, size_t length)
{
	uint64_t sum = hash_bytes(HASH_BEGINS, name, length);

	return (size_t) (sum ^ sum >> 32);
}

static void
index_columns(JsonRows *rows)
{
	rows->bucket_count = 16;
	while (rows->bucket_count < 2 * (size_t) rows->table->column_count)
		rows->bucket_count *= 2;
	rows->buckets = allocate(rows->bucket_count * sizeof(int));
	memset(rows->buckets, 0, rows->bucket_count * sizeof(int));
	for (int i = 0; i < rows->table->column_count; i++)
	{
		const PathNode *node = rows->table->columns[i].node;
		size_t place = hash(node->name, node->length) % rows->bucket_count;

		while (rows->buckets[place] != 0)
			place = (place + 1) % rows->bucket_count;
		rows->buckets[place] = i + 1;
	}
}

static bool
is_column(const JsonRows *rows, int number, const JsonEvent *event)
{
	const PathNode *node = rows->table->columns[number].node;

	return node->length == event->length && memcmp(node->name, event->bytes, event->length) == 0;
}

/* Rows have their members in the same order, mostly. */
static int
find_column(JsonRows *rows, const JsonEvent *event)
{
	size_t place;

	if (rows->expected < rows->table->column_count && is_column(rows, rows->expected, event))
		return rows->expected++;
	place = hash(event->bytes, event->length) % rows->bucket_count;
	while (rows->buckets[place] != 0 && !is_column(rows, rows->buckets[place] - 1, event))
		place = (place + 1) % rows->bucket_count;
	if (rows->buckets[place] == 0)
		return -1;
	rows->expected = rows->buckets[place];
	return rows->buckets[place] - 1;
}

/* ---- cells ---- */

static void
begin_cell(JsonRows *rows, const JsonEvent *event)
{
	rows->writer = (CellWriter){.out = &rows->texts,
								.element = &rows->scratch,
								.form = rows->table->columns[rows->column].form,
								.depth = event->depth,
								.start = rows->texts.length};
	wire_reset(&rows->scratch);
}

static void give_up_row(const JsonRows *rows) __attribute__((noreturn));

static void
give_up_row(const JsonRows *rows)
{
	char detail[64];

	snprintf(detail, sizeof(detail), "Row %lld.", (long long) rows->number + 1);
	give_up(&(Failure){.step = "query",
					   .code = "too_large",
					   .message = "What is read of a row of the file is longer than 16 MiB.",
					   .detail = detail,
					   .hint = "Fewer columns may be shorter."});
}

static void
end_cell(JsonRows *rows, bool is_null)
{
	if (rows->cell_count == rows->cell_capacity)
	{
		rows->cell_capacity = rows->cell_capacity ? 2 * rows->cell_capacity : 256;
		rows->cells = reallocate(rows->cells, rows->cell_capacity * sizeof(Cell));
	}
	rows->cells[rows->cell_count++] = (Cell){.column = rows->column,
											 .start = is_null ? SIZE_MAX : rows->writer.start,
											 .length = is_null ? 0 : rows->texts.length - rows->writer.start};
}

static void
take_cell(JsonRows *rows, const JsonEvent *event, int depth)
{
	if (event->depth == depth && event->kind == JSON_NULL)
	{
		end_cell(rows, true);
		return;
	}
	if (event->depth == depth && event_begins_value(event))
		begin_cell(rows, event);
	cell_take(&rows->writer, event);
	if (rows->texts.failed || rows->scratch.failed)
		give_up_out_of_memory();
	if (rows->texts.length - rows->row_start + rows->scratch.length > MOST_ROW_BYTES)
		give_up_row(rows);
	if (event->depth == depth && event_ends_value(event))
		end_cell(rows, false);
}

/* ---- rows ---- */

static void
end_row(JsonRows *rows)
{
	if (rows->row_count == rows->row_capacity)
	{
		rows->row_capacity = rows->row_capacity ? 2 * rows->row_capacity : 256;
		rows->row_ends = reallocate(rows->row_ends, rows->row_capacity * sizeof(size_t));
	}
	rows->row_ends[rows->row_count++] = rows->cell_count;
	rows->row_start = rows->texts.length;
	rows->number++;
	rows->expected = 0;
	rows->element = 0;
}

/* Sets the column of the value that comes. */
static void
choose_column(JsonRows *rows, const JsonEvent *event)
{
	RowForm form = rows->table->layout.form;

	if (form == ROW_VALUE)
		rows->column = rows->table->column_count > 0 ? 0 : -1;
	else if (form == ROW_OBJECT && event->depth == 1 && event->kind == JSON_KEY)
		rows->column = find_column(rows, event);
	else if (form == ROW_ARRAY && event->depth == 1 && event_begins_value(event))
	{
		rows->column = rows->element < rows->table->column_count ? rows->element : -1;
		rows->element++;
	}
	else
		return;
	if (rows->column >= 0 && !rows->is_read[rows->column])
		rows->column = -1;
}

/* Behind what was surveyed rows may be of another kind. */
static void
check_kind(JsonRows *rows, const JsonEvent *event)
{
	RowForm form = rows->table->layout.form;
	char message[96];

	if (form == ROW_VALUE || event->kind == JSON_NULL ||
		event->kind == (form == ROW_OBJECT ? JSON_OBJECT : JSON_ARRAY))
		return;
	snprintf(message, sizeof(message), "Row %lld of the file is no %s, as the first ones are.",
			 (long long) rows->number + 1, form == ROW_OBJECT ? "object" : "array");
	give_up(&(Failure){.step = "query", .code = "query", .message = message});
}

static void
take(void *context, const JsonEvent *event)
{
	JsonRows *rows = context;
	int depth = rows->table->layout.form == ROW_VALUE ? 0 : 1;
	JsonEvent row_event = *event;

	if (!row_filter_takes(&rows->filter, &row_event))
		return;
	if (row_event.depth == 0 && event_begins_value(&row_event))
		check_kind(rows, &row_event);
	choose_column(rows, &row_event);
	if (rows->column >= 0 && row_event.depth >= depth &&
		!(row_event.kind == JSON_KEY && row_event.depth == depth))
		take_cell(rows, &row_event, depth);
	if (row_event.depth == 0 && event_ends_value(&row_event))
	{
		end_row(rows);
		rows->column = -1;
	}
}

void *
json_rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	JsonRows *rows = allocate(sizeof(JsonRows));
	size_t size;

	(void) read;
	memset(rows, 0, sizeof(*rows));
	rows->table = relation->content;
	rows->columns = columns;
	rows->count = count;
	rows->column = -1;
	rows->filter = (RowFilter){.layout = &rows->table->layout};
	size = (size_t) rows->table->column_count + 1;
	rows->is_read = allocate(size * sizeof(bool));
	memset(rows->is_read, 0, size * sizeof(bool));
	rows->row = allocate(size * sizeof(FileValue));
	for (int i = 0; i < count; i++)
		rows->is_read[columns[i]] = true;
	index_columns(rows);
	json_events_begin(&rows->events, relation->file, take, rows);
	return rows;
}

/* Keeps what is there of the row that is not whole. */
static void
forget_given(JsonRows *rows)
{
	size_t first = rows->row_count > 0 ? rows->row_ends[rows->row_count - 1] : 0;
	size_t start = rows->row_start;

	if (rows->cell_count > first)
		memmove(rows->cells, rows->cells + first, (rows->cell_count - first) * sizeof(Cell));
	rows->cell_count -= first;
	for (size_t i = 0; i < rows->cell_count; i++)
		if (rows->cells[i].start != SIZE_MAX)
			rows->cells[i].start -= start;
	if (rows->texts.length > start)
		memmove(rows->texts.data, rows->texts.data + start, rows->texts.length - start);
	rows->texts.length -= start;
	rows->writer.start -= rows->writer.start >= start ? start : 0;
	rows->row_start = 0;
	rows->row_count = 0;
	rows->given = 0;
}

bool
json_rows_next(void *context, FileValue *values)
{
	JsonRows *rows = context;
	size_t first;

	while (rows->given == rows->row_count)
	{
		if (rows->has_ended)
			return false;
		if (rows->row_count > 0)
			forget_given(rows);
		rows->has_ended = !json_events_next(&rows->events);
	}
	for (int i = 0; i < rows->count; i++)
		rows->row[rows->columns[i]] = (FileValue){.bytes = NULL};
	first = rows->given > 0 ? rows->row_ends[rows->given - 1] : 0;
	for (size_t i = first; i < rows->row_ends[rows->given]; i++)
	{
		const Cell *cell = &rows->cells[i];

		rows->row[cell->column] = (FileValue){.bytes = NULL};
		if (cell->start != SIZE_MAX)
			rows->row[cell->column] = (FileValue){
				.bytes = cell->length > 0 ? rows->texts.data + cell->start : "", .length = cell->length};
	}
	for (int i = 0; i < rows->count; i++)
		values[i] = rows->row[rows->columns[i]];
	rows->given++;
	return true;
}

void
json_rows_end(void *context)
{
	JsonRows *rows = context;

	json_events_end(&rows->events);
	wire_free(&rows->texts);
	wire_free(&rows->scratch);
	free(rows->is_read);
	free(rows->row);
	free(rows->buckets);
	free(rows->cells);
	free(rows->row_ends);
	free(rows);
}
