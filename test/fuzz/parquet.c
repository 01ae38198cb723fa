/*
 * parquet.c — a Parquet file: its footer, and all values of its columns.
 *
 * Sources: src/connectors/parquet/assemble.c src/connectors/parquet/codec.c src/connectors/parquet/decoder.c
 * Sources: src/connectors/parquet/deltas.c src/connectors/parquet/describe.c src/connectors/parquet/element.c
 * Sources: src/connectors/parquet/footer.c src/connectors/parquet/leaf.c src/connectors/parquet/names.c
 * Sources: src/connectors/parquet/page.c src/connectors/parquet/parquet_format.c
 * Sources: src/connectors/parquet/parquet_rows.c src/connectors/parquet/prune.c src/connectors/parquet/runs.c
 * Sources: src/connectors/parquet/schema.c src/connectors/parquet/text.c src/connectors/parquet/thrift.c
 * Sources: src/connectors/parquet/types.c
 * Sources: src/connectors/files/compare.c src/connectors/files/format.c src/connectors/files/judge.c
 * Sources: src/connectors/files/storage.c src/connectors/files/unpacked.c src/connectors/files/value_text.c
 * Sources: src/connectors/common/configuration.c src/connectors/common/memory.c
 * Sources: src/connectors/common/read_request.c src/wire
 * Uses: connector columnar
 */
#include "connectors/parquet/parquet_format.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "connectors/parquet/footer.h"
#include "fuzz.h"

#define MOST_ROWS 2000

static int file = -1;

void
fuzz_begin(void)
{
	file = memfd_create("parquet", MFD_CLOEXEC);
}

/* A value that consists of others is JSON. Longer ones may go beyond the bounds of the reader of objects. */
static void
check_value(const FileColumn *column, const FileValue *value)
{
	static WireObject object;
	WireBuffer text = {.data = NULL};

	if (value->bytes == NULL || value->length > 60 || column->pg_type == NULL ||
		strcmp(column->pg_type, "jsonb") != 0)
		return;
	wire_append_text(&text, "{\"value\":");
	wire_append(&text, value->bytes, value->length);
	wire_append_text(&text, "}");
	fuzz_must(wire_object_scan(text.data, text.length, &object) == NULL, "a nested value is JSON");
	wire_free(&text);
}

static void
read_rows(const FileRelation *relation, const ReadRequest *read)
{
	int *numbers = malloc(((size_t) relation->column_count + 1) * sizeof(int));
	FileValue *values = malloc(((size_t) relation->column_count + 1) * sizeof(FileValue));
	int64_t count = 0;
	bool has_more = true;
	void *rows;

	for (int i = 0; i < relation->column_count; i++)
		numbers[i] = i;
	rows = parquet_format.rows_begin(relation, numbers, relation->column_count, read);
	while (count < MOST_ROWS && (has_more = parquet_format.rows_next(rows, values)))
	{
		count++;
		for (int i = 0; i < relation->column_count; i++)
			check_value(&relation->columns[i], &values[i]);
	}
	if (read == NULL)
		fuzz_must(has_more || count == relation->rows, "as many rows come as were told");
	parquet_format.rows_end(rows);
}

/* Under a condition on the first column, of its own type: bounds are looked at. */
static void
read_some_rows(const FileRelation *relation)
{
	char *value = (char *) "1";
	Condition condition = {.operation = CONDITION_EQUAL, .values = &value, .value_count = 1};
	ReadRequest read = {.conditions = &condition, .condition_count = 1};

	if (relation->column_count == 0)
		return;
	condition.column = relation->columns[0].name;
	condition.type = (char *) (relation->columns[0].pg_type ? relation->columns[0].pg_type : "text");
	read_rows(relation, &read);
}

void
fuzz(const char *bytes, size_t length)
{
	static const Request request = {.path = (char *) "organizations/1/x.parquet"};
	FileRelations relations = {.items = NULL};
	StoredFile stored;

	if (ftruncate(file, 0) != 0 || pwrite(file, bytes, length, 0) != (ssize_t) length)
		abort();
	storage_take(&stored, file, "x.parquet");
	if (footer_kind(&stored) != FOOTER_PLAIN)
		return;
	parquet_format.survey(&request, &stored, &relations);
	for (int i = 0; i < relations.count; i++)
	{
		read_rows(&relations.items[i], NULL);
		read_some_rows(&relations.items[i]);
	}
}
