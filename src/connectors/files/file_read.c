#include "connectors/files/file_read.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/row_frames.h"
#include "connectors/common/judge.h"

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
	give_up_changed("A column is no longer in the relation.", name);
}

/* What a request comes to for this relation: the columns to send, then those of the conditions that are
 * applied. */
typedef struct FileReading
{
	const ReadRequest *request;
	int *numbers;
	int count;
	Judge *judges;
	int *applied; /* positions of the conditions */
	int applied_count;
	bool is_limited;
	RowFrames frames;
} FileReading;

static void
take_conditions(FileReading *reading, const FileRelation *relation)
{
	const ReadRequest *request = reading->request;

	for (int i = 0; i < request->condition_count; i++)
	{
		const Condition *condition = &request->conditions[i];
		int number = find_column(relation, condition->column);

		if (!judge_begin(&reading->judges[reading->applied_count], condition,
						 relation->columns[number].pg_type))
			continue;
		reading->numbers[reading->count++] = number;
		reading->applied[reading->applied_count++] = i;
	}
	reading->is_limited = reading->applied_count == request->condition_count && request->limit != NO_LIMIT;
}

static void
begin_reading(FileReading *reading, const ReadRequest *request, const FileRelation *relation)
{
	size_t conditions = (size_t) request->condition_count + 1;

	*reading = (FileReading){.request = request};
	reading->numbers = allocate(((size_t) request->column_count + conditions) * sizeof(int));
	reading->judges = allocate(conditions * sizeof(Judge));
	reading->applied = allocate(conditions * sizeof(int));
	for (int i = 0; i < request->column_count; i++)
		reading->numbers[reading->count++] = find_column(relation, request->columns[i]);
	take_conditions(reading, relation);
}

static void
end_reading(FileReading *reading)
{
	for (int i = 0; i < reading->applied_count; i++)
		judge_end(&reading->judges[i]);
	free(reading->numbers);
	free(reading->judges);
	free(reading->applied);
}

static bool
is_wanted(const FileReading *reading, const FileValue *values)
{
	for (int i = 0; i < reading->applied_count; i++)
		if (!judge_passes(&reading->judges[i], &values[reading->request->column_count + i]))
			return false;
	return true;
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

/* Rows without columns need not be read. Returns false if their number is not known without that. */
static bool
count_rows(const FileReading *reading, const Format *format, const FileRelation *relation)
{
	int64_t rows = relation->rows;

	if (reading->count > 0 || reading->request->condition_count > 0 || !format->rows_are_exact ||
		rows == ABSENT)
		return false;
	row_frames_count(reading->is_limited && reading->request->limit < rows ? reading->request->limit : rows);
	return true;
}

static void
send_rows(FileReading *reading, const Format *format, void *rows)
{
	int columns = reading->request->column_count;
	int64_t left = reading->is_limited ? reading->request->limit : INT64_MAX;
	int64_t count = 0;
	FileValue *values = allocate((size_t) (reading->count + 1) * sizeof(FileValue));

	while (count < left && format->rows_next(rows, values))
	{
		if (!is_wanted(reading, values))
			continue;
		count++;
		if (columns > 0)
			send_row(&reading->frames, values, columns);
	}
	if (columns == 0)
		row_frames_count(count);
	free(values);
}

void
file_read_relation(const Format *format, const Request *request, const FileRelation *relation)
{
	FileReading reading;
	void *rows;

	begin_reading(&reading, &request->read, relation);
	emit_reading(reading.applied, reading.applied_count, reading.is_limited, NULL);
	row_frames_begin(&reading.frames, request->row_bytes);
	rows = format->rows_begin(relation, reading.numbers, reading.count, &request->read);
	if (!count_rows(&reading, format, relation))
		send_rows(&reading, format, rows);
	stored_check(relation->file);
	row_frames_end(&reading.frames);
	format->rows_end(rows);
	end_reading(&reading);
}

void
file_read(const Format *format, const Request *request, const StoredFile *file)
{
	FileRelations relations = {.items = NULL};

	format->survey(request, file, &relations);
	file_read_relation(format, request, find_relation(&relations, &request->read));
	relations_free(&relations);
}
