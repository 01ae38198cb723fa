#include "connectors/orc/orc_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/orc/column.h"
#include "connectors/orc/fault.h"
#include "connectors/orc/schema.h"

static void
check(const Request *request, const StoredFile *file)
{
	(void) request;
	orc_tail_check(file);
}

/* ---- the survey ---- */

/* Are the rows in records of changes? Then a row that was deleted is null. */
static bool
has_changes(const OrcTail *tail)
{
	return orc_row_type(tail) > 0;
}

/* Before HIVE-4243, Hive did not write the names of columns. */
static void
tell_names(const FileRelation *relation)
{
	for (int i = 0; i < relation->column_count; i++)
		if (strncmp(relation->columns[i].name, "_col", 4) != 0)
			return;
	if (relation->column_count > 0)
		emit_log("info", "the writer of the file did not know the names of the columns");
}

static void
survey(const Request *request, const StoredFile *file, FileRelations *relations)
{
	FileRelation *relation = relations_add(relations, file);
	OrcTail *tail = allocate(sizeof(OrcTail));

	(void) request;
	orc_tail_read(tail, file);
	relation->name = copy_text(file->name);
	relation->id = copy_text(FILE_ID);
	relation->rows = has_changes(tail) ? ABSENT : tail->rows;
	relation->content = tail;
	orc_add_columns(relation, tail);
	if (tail->version)
	{
		document_literal(&relation->options, ",\"format_version\":");
		document_string(&relation->options, tail->version);
	}
	tell_names(relation);
}

/* ---- rows ---- */

typedef struct OrcRows
{
	const OrcTail *tail;
	const StoredFile *file;
	const int *wanted; /* numbers of columns */
	int count;
	int stripe;   /* of those in the tail: the next one */
	int64_t left; /* rows of the present one */
	OrcStripeParts parts;
	OrcBooleans present[2]; /* whether a row is null: the root, and the row in it that was changed */
	int present_count;
	OrcColumn **columns; /* of the present stripe, those that are wanted */
	WireBuffer *values;
} OrcRows;

/* The type of a column. */
static int
type_of(const OrcTail *tail, int column)
{
	int row = orc_row_type(tail);

	return row < 0 ? 0 : tail->types[row].children[column];
}

static void
end_stripe(OrcRows *rows)
{
	for (int i = 0; i < rows->present_count; i++)
		orc_stream_end(&rows->present[i].bytes.stream);
	rows->present_count = 0;
	for (int i = 0; i < rows->count && rows->columns[i] != NULL; i++)
	{
		orc_column_end(rows->columns[i]);
		rows->columns[i] = NULL;
	}
	orc_stripe_free(&rows->parts);
}

static void
begin_present(OrcRows *rows, int type)
{
	OrcBooleans *present = &rows->present[rows->present_count];

	if (!rows->parts.columns[type].places[ORC_PRESENT].is_there)
		return;
	*present = (OrcBooleans){.left = 0};
	orc_stripe_stream(&rows->parts, type, ORC_PRESENT, &present->bytes.stream);
	rows->present_count++;
}

static void
begin_stripe(OrcRows *rows)
{
	const OrcStripe *stripe = &rows->tail->stripes[rows->stripe++];
	int row = orc_row_type(rows->tail);

	end_stripe(rows);
	rows->left = stripe->rows;
	if (rows->count == 0 && row <= 0)
		return;
	orc_stripe_read(&rows->parts, rows->file, rows->tail, stripe);
	if (row >= 0)
		begin_present(rows, 0);
	if (row > 0)
		begin_present(rows, row);
	for (int i = 0; i < rows->count; i++)
		rows->columns[i] = orc_column_begin(&rows->parts, type_of(rows->tail, rows->wanted[i]));
}

static void *
rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	OrcRows *rows = allocate(sizeof(OrcRows));

	(void) read;
	*rows = (OrcRows){.tail = relation->content, .file = relation->file, .wanted = columns, .count = count};
	if (rows->tail->is_encrypted)
		orc_unsupported("The ORC file has encrypted columns, and is not read.", NULL);
	rows->columns = allocate((size_t) (count + 1) * sizeof(OrcColumn *));
	rows->values = allocate((size_t) (count + 1) * sizeof(WireBuffer));
	for (int i = 0; i < count; i++)
	{
		rows->columns[i] = NULL;
		rows->values[i] = (WireBuffer){.data = NULL};
	}
	return rows;
}

static FileValue
next_value(OrcColumn *column, WireBuffer *value)
{
	wire_reset(value);
	if (!orc_column_next(column, value))
		return (FileValue){.bytes = NULL};
	if (value->failed)
		give_up_out_of_memory();
	return (FileValue){.bytes = value->length > 0 ? value->data : "", .length = value->length};
}

/* Of a value that is null, nothing more is in the file. */
static bool
is_present(OrcRows *rows)
{
	for (int i = 0; i < rows->present_count; i++)
		if (!orc_boolean(&rows->present[i]))
			return false;
	return true;
}

static bool
find_row(OrcRows *rows)
{
	while (rows->left == 0)
	{
		if (rows->stripe == rows->tail->stripe_count)
			return false;
		begin_stripe(rows);
	}
	rows->left--;
	return true;
}

static bool
rows_next(void *given, FileValue *values)
{
	OrcRows *rows = given;
	bool is_null;

	do
	{
		if (!find_row(rows))
			return false;
		is_null = !is_present(rows);
	} while (is_null && has_changes(rows->tail));
	for (int i = 0; i < rows->count; i++)
		values[i] = is_null ? (FileValue){.bytes = NULL} : next_value(rows->columns[i], &rows->values[i]);
	return true;
}

static void
rows_end(void *given)
{
	OrcRows *rows = given;

	end_stripe(rows);
	for (int i = 0; i < rows->count; i++)
		wire_free(&rows->values[i]);
	free(rows->values);
	free(rows->columns);
	free(rows);
}

const Format orc_format = {.what = "an ORC file",
						   .documents = "1",
						   .has_one_relation = true,
						   .check = check,
						   .survey = survey,
						   .rows_begin = rows_begin,
						   .rows_next = rows_next,
						   .rows_end = rows_end};
