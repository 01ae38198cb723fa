#include "connectors/parquet/parquet_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/parquet/describe.h"
#include "connectors/parquet/parquet_rows.h"

/* ---- is it a Parquet file? ---- */

static const struct
{
	const char *magic;
	size_t length;
	const char *what;
} kinds[] = {
	{"PAR1", 4, "a Parquet file without its end"},
	{"ORC", 3, "an ORC file"},
	{"Obj\1", 4, "an Avro file"},
	{"ARROW1", 6, "an Arrow file"},
	{"PK\3\4", 4, "a zip archive"},
	{"\x1F\x8B", 2, "packed by gzip: a Parquet file is read as it is"},
	{"\x28\xB5\x2F\xFD", 4, "packed by zstd: a Parquet file is read as it is"},
};

static const char *
kind_of(const StoredFile *file)
{
	char bytes[8];
	size_t length = stored_read(file, bytes, sizeof(bytes), 0);

	if (length == 0)
		return "empty";
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (length >= kinds[i].length && memcmp(bytes, kinds[i].magic, kinds[i].length) == 0)
			return kinds[i].what;
	return "none of Parquet";
}

static void
check(const Request *request, const StoredFile *file)
{
	char message[128];

	(void) request;
	if (footer_kind(file) != FOOTER_NONE)
		return;
	snprintf(message, sizeof(message), "The file is %s.", kind_of(file));
	give_up(&(Failure){.step = "connect",
					   .code = "configuration",
					   .message = message,
					   .hint = "A Parquet file begins with PAR1 and ends with it."});
}

/* ---- the survey ---- */

/* Its columns are not known; discovery says that the relation is there. */
static void
pass_encrypted(const Request *request, const StoredFile *file)
{
	char *name = file_relation_name(file);
	RelationFrame frame = {.schema = FILES_SCHEMA, .name = name, .id = FILE_ID};

	if (request->operation != OPERATION_DISCOVER)
		give_up(&(Failure){.step = "query",
						   .code = "unsupported",
						   .message = "The footer of the Parquet file is encrypted.",
						   .hint = "Its columns cannot be known without the key."});
	emit_skipped(&frame, "its footer is encrypted");
	free(name);
}

static void
survey(const Request *request, const StoredFile *file, FileRelations *relations)
{
	ParquetTable *table;
	FileRelation *relation;

	if (footer_kind(file) == FOOTER_ENCRYPTED)
	{
		pass_encrypted(request, file);
		return;
	}
	table = allocate(sizeof(ParquetTable));
	relation = relations_add(relations, file);
	footer_read(&table->footer, file);
	schema_make(&table->schema, &table->footer);
	relation->name = file_relation_name(file);
	relation->id = copy_text(FILE_ID);
	relation->rows = table->footer.row_count;
	relation->content = table;
	describe_columns(&table->schema, relation, &table->types);
}

static void *
rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	return parquet_rows_begin(relation, columns, count, read);
}

static bool
rows_next(void *rows, FileValue *values)
{
	return parquet_rows_next(rows, values);
}

static void
rows_end(void *rows)
{
	parquet_rows_end(rows);
}

const Format parquet_format = {.what = "a Parquet file",
							   .documents = "1",
							   .has_one_relation = true,
							   .check = check,
							   .survey = survey,
							   .rows_are_exact = true,
							   .rows_begin = rows_begin,
							   .rows_next = rows_next,
							   .rows_end = rows_end};
