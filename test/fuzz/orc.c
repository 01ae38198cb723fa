/*
 * orc.c — an ORC file: its tail, and all values of its columns.
 *
 * Sources: src/connectors/orc/column.c src/connectors/orc/dictionary.c src/connectors/orc/fault.c
 * Sources: src/connectors/orc/local_time.c src/connectors/orc/orc_format.c src/connectors/orc/protobuf.c
 * Sources: src/connectors/orc/runs.c src/connectors/orc/schema.c src/connectors/orc/stream.c
 * Sources: src/connectors/orc/stripe.c src/connectors/orc/tail.c
 * Sources: src/connectors/files/format.c src/connectors/files/storage.c src/connectors/files/unpacked.c
 * Sources: src/connectors/files/value_text.c src/wire
 * Sources: src/connectors/common/configuration.c src/connectors/common/memory.c
 * Uses: connector columnar
 */
#include "connectors/orc/orc_format.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

#define MOST_ROWS 2000

static int file = -1;

void
fuzz_begin(void)
{
	file = memfd_create("orc", MFD_CLOEXEC);
}

/* A value that consists of others is JSON. */
static void
check_value(const FileColumn *column, const FileValue *value)
{
	WireSpan rest = {.start = value->bytes, .length = value->length};
	WireSpan element;
	WireObject object;

	if (value->bytes == NULL || column->pg_type == NULL || strcmp(column->pg_type, "jsonb") != 0)
		return;
	if (value->length > 1 && value->bytes[0] == '{')
		wire_object_scan(value->bytes, value->length, &object);
	else if (value->length > 1 && value->bytes[0] == '[')
		while (wire_array_next(&rest, &element))
			;
}

static void
read_rows(const FileRelation *relation)
{
	int *numbers = malloc(((size_t) relation->column_count + 1) * sizeof(int));
	FileValue *values = malloc(((size_t) relation->column_count + 1) * sizeof(FileValue));
	int64_t count = 0;
	bool has_more = true;
	void *rows;

	for (int i = 0; i < relation->column_count; i++)
		numbers[i] = i;
	rows = orc_format.rows_begin(relation, numbers, relation->column_count, NULL);
	while (count < MOST_ROWS && (has_more = orc_format.rows_next(rows, values)))
	{
		count++;
		for (int i = 0; i < relation->column_count; i++)
			check_value(&relation->columns[i], &values[i]);
	}
	fuzz_must(has_more || relation->rows < 0 || count == relation->rows, "as many rows come as were told");
	orc_format.rows_end(rows);
}

void
fuzz(const char *bytes, size_t length)
{
	static const Request request = {.path = (char *) "organizations/1/x.orc"};
	FileRelations relations = {.items = NULL};
	StoredFile stored;

	if (ftruncate(file, 0) != 0 || pwrite(file, bytes, length, 0) != (ssize_t) length)
		abort();
	storage_take(&stored, file, "x.orc");
	orc_format.survey(&request, &stored, &relations);
	for (int i = 0; i < relations.count; i++)
		read_rows(&relations.items[i]);
}
