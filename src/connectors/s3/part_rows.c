#include "connectors/s3/part_rows.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/infer.h"
#include "connectors/common/judge.h"
#include "connectors/s3/join_columns.h"
#include "connectors/s3/parts.h"

/* Where the value of a column comes from, when it is not what is read of the part. */
#define FROM_FOLDER (-1) /* or it is null */

typedef struct PartRows
{
	const Parts *parts;
	const ReadRequest *read;
	int *columns; /* of the relation, that are wanted */
	int count;
	int next; /* part */
	Survey survey;
	void *rows;         /* of the present part, or NULL */
	int *of_file;       /* columns that are read of the part */
	int *sources;       /* of the wanted columns: positions in of_part, or FROM_FOLDER */
	char **of_folder;   /* values of the wanted columns; NULL: null */
	FileValue *of_part; /* values as they are read of the part */
} PartRows;

void *
part_rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	PartRows *rows = allocate(sizeof(PartRows));
	size_t places = (size_t) count + 1;

	*rows = (PartRows){.parts = relation->content, .read = read, .count = count};
	rows->columns = allocate(places * sizeof(int));
	rows->sources = allocate(places * sizeof(int));
	rows->of_file = allocate(places * sizeof(int));
	rows->of_part = allocate(places * sizeof(FileValue));
	rows->of_folder = allocate(places * sizeof(char *));
	for (int i = 0; i < count; i++)
	{
		rows->columns[i] = columns[i];
		rows->of_folder[i] = NULL;
	}
	return rows;
}

/* The value of a column that no file has, as PostgreSQL reads it, or NULL. */
static char *
folder_value(const Parts *parts, const ListedObject *object, const char *column)
{
	const BucketRelation *source = parts->source;
	int number = 0;
	char *value;
	WireBuffer written = {0};

	while (number < source->partition_count && strcmp(source->partitions[number], column) != 0)
		number++;
	value = number < source->partition_count ? folders_partition_value(source, object->key, number) : NULL;
	if (value == NULL || parts->partition_types[number] == INFERRED_TEXT)
		return value;
	if (!infer_is_null(value, strlen(value)))
	{
		inferred_write(&written, parts->partition_types[number], value, strlen(value));
		wire_append(&written, "", 1);
		if (written.failed)
			give_up_out_of_memory();
	}
	free(value);
	return written.data;
}

/* ---- which parts are read ---- */

/* May a row of a part with this value fulfil the condition? */
static bool
may_hold(const Condition *condition, const char *text, const char *pg_type)
{
	FileValue value = {.bytes = text, .length = text ? strlen(text) : 0};
	Judge judge;
	bool may;

	if (!judge_begin(&judge, condition, pg_type))
		return true;
	may = judge_passes(&judge, &value);
	judge_end(&judge);
	return may;
}

static bool
may_have_rows(const PartRows *rows, const ListedObject *object)
{
	const FileRelation *relation = &rows->parts->relation;
	bool may = true;

	for (int i = 0; may && rows->read != NULL && i < rows->read->condition_count; i++)
	{
		const Condition *condition = &rows->read->conditions[i];
		int column = find_file_column(relation, condition->column);
		char *value;

		if (column < rows->parts->file_columns)
			continue;
		value = folder_value(rows->parts, object, condition->column);
		may = may_hold(condition, value, relation->columns[column].pg_type);
		free(value);
	}
	return may;
}

/* ---- the present part ---- */

/* A format looks at conditions by the names and types of the part's own columns. */
static bool
conditions_fit(const PartRows *rows, const FileRelation *part)
{
	for (int i = 0; rows->read != NULL && i < rows->read->condition_count; i++)
	{
		int place = find_file_column(part, rows->read->conditions[i].column);
		int column = find_file_column(&rows->parts->relation, rows->read->conditions[i].column);
		const char *type = place < 0 ? NULL : part->columns[place].pg_type;
		const char *wanted = column < 0 ? NULL : rows->parts->relation.columns[column].pg_type;

		if (place < 0 || strcmp(type ? type : "text", wanted ? wanted : "text") != 0)
			return false;
	}
	return true;
}

static void
begin_part(PartRows *rows, const ListedObject *object)
{
	FileRelation *part = &rows->survey.found.items[0];
	int count = 0;

	(void) parts_join(rows->parts, part);

	for (int i = 0; i < rows->count; i++)
	{
		const char *name = rows->parts->relation.columns[rows->columns[i]].name;
		int place = find_file_column(part, name);

		free(rows->of_folder[i]);
		rows->of_folder[i] = NULL;
		rows->sources[i] = place < 0 ? FROM_FOLDER : count;
		if (place >= 0)
			rows->of_file[count++] = place;
		else
			rows->of_folder[i] = folder_value(rows->parts, object, name);
	}
	rows->rows = rows->survey.format->rows_begin(part, rows->of_file, count,
												 conditions_fit(rows, part) ? rows->read : NULL);
}

/* Returns false behind the last part. */
static bool
open_next_part(PartRows *rows)
{
	const Parts *parts = rows->parts;
	const BucketRelation *source = parts->source;
	AttemptFailure failure;

	while (rows->rows == NULL && rows->next < source->object_count)
	{
		const ListedObject *object = source->objects[rows->next++];

		if (!may_have_rows(rows, object))
			continue;
		if (!survey_object(&rows->survey, parts->request, parts->bucket, source->format, object, &failure))
			survey_report(&failure, object->key);
		messages_are_of(object->key);
		begin_part(rows, object);
	}
	return rows->rows != NULL;
}

static void
close_part(PartRows *rows)
{
	if (rows->rows == NULL)
		return;
	rows->survey.format->rows_end(rows->rows);
	rows->rows = NULL;
	survey_end(&rows->survey);
	messages_are_of(NULL);
}

static void
set_values(const PartRows *rows, FileValue *values)
{
	for (int i = 0; i < rows->count; i++)
	{
		const char *text = rows->of_folder[i];

		values[i] = rows->sources[i] == FROM_FOLDER
						? (FileValue){.bytes = text, .length = text ? strlen(text) : 0}
						: rows->of_part[rows->sources[i]];
	}
}

bool
part_rows_next(void *argument, FileValue *values)
{
	PartRows *rows = argument;

	while (open_next_part(rows))
	{
		if (rows->survey.format->rows_next(rows->rows, rows->of_part))
		{
			set_values(rows, values);
			return true;
		}
		close_part(rows);
	}
	return false;
}

void
part_rows_end(void *argument)
{
	PartRows *rows = argument;

	close_part(rows);
	for (int i = 0; i < rows->count; i++)
		free(rows->of_folder[i]);
	free(rows->columns);
	free(rows->sources);
	free(rows->of_file);
	free(rows->of_folder);
	free(rows->of_part);
	free(rows);
}
