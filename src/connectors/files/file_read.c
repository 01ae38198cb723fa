#include "connectors/files/file_read.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/row_frames.h"

static const FileRelation *
find_relation(const FileRelations *relations, const ReadRequest *wanted)
{
	for (int i = 0; i < relations->count; i++)
	{
		const FileRelation *relation = &relations->items[i];

		if (strcmp(wanted->schema, FILES_SCHEMA) == 0 && strcmp(wanted->name, relation->name) == 0 &&
			(wanted->id == NULL || strcmp(wanted->id, relation->id) == 0))
			return relation;
	}
	give_up_changed("The relation is no longer in the data source.", NULL);
}

static int
find_column(const FileRelation *relation, const char *name)
{
	for (int i = 0; i < relation->column_count; i++)
		if (strcmp(relation->columns[i].name, name) == 0)
			return i;
	give_up_changed("A column is no longer in the file.", name);
}

static int *
find_columns(const FileRelation *relation, const ReadRequest *read)
{
	int *numbers = allocate((size_t) (read->column_count + 1) * sizeof(int));

	for (int i = 0; i < read->column_count; i++)
		numbers[i] = find_column(relation, read->columns[i]);
	for (int i = 0; i < read->condition_count; i++)
		find_column(relation, read->conditions[i].column);
	return numbers;
}

static void
send_row(RowFrames *frames, const FileValue *values, int count)
{
	for (int i = 0; i < count; i++)
		if (values[i].bytes)
			rows_value(&frames->rows, values[i].bytes, values[i].length);
		else
			rows_null(&frames->rows);
	row_frames_end_row(frames);
}

static void
send_rows(const Format *format, const Request *request, void *rows)
{
	const ReadRequest *read = &request->read;
	bool is_limited = read->condition_count == 0 && read->limit != NO_LIMIT;
	int64_t left = is_limited ? read->limit : INT64_MAX;
	int64_t count = 0;
	FileValue *values = allocate((size_t) (read->column_count + 1) * sizeof(FileValue));
	RowFrames frames;

	row_frames_begin(&frames, request->row_bytes);
	for (; left > 0 && format->rows_next(rows, values); left--, count++)
		if (read->column_count > 0)
			send_row(&frames, values, read->column_count);
	if (read->column_count == 0)
		row_frames_count(count);
	else
		row_frames_end(&frames);
	free(values);
}

void
file_read_relation(const Format *format, const Request *request, const FileRelation *relation)
{
	const ReadRequest *read = &request->read;
	int *numbers = find_columns(relation, read);
	void *rows;

	emit_reading(NULL, 0, read->condition_count == 0 && read->limit != NO_LIMIT, NULL);
	rows = format->rows_begin(relation, numbers, read->column_count, read);
	send_rows(format, request, rows);
	stored_check(relation->file);
	format->rows_end(rows);
	free(numbers);
}

void
file_read(const Format *format, const Request *request, const StoredFile *file)
{
	FileRelations relations = {.items = NULL};

	format->survey(request, file, &relations);
	file_read_relation(format, request, find_relation(&relations, &request->read));
	relations_free(&relations);
}
