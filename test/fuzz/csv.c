/*
 * csv.c — a text file, plain or packed, as a table.
 *
 * Sources: src/connectors/csv/layout.c src/connectors/csv/records.c src/connectors/csv/table.c
 * Sources: src/connectors/files/encoding.c src/connectors/files/infer.c src/connectors/files/infer_time.c
 * Sources: src/connectors/files/storage.c src/connectors/files/unpacked.c src/wire
 * Sources: src/connectors/common/configuration.c src/connectors/common/memory.c
 * Uses: connector packed
 */
#include "connectors/csv/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

static int file = -1;

void
fuzz_begin(void)
{
	file = memfd_create("csv", MFD_CLOEXEC);
}

static bool
is_of_type(const TableColumn *column, const Field *field)
{
	const char *text = field->bytes;
	size_t length = field->length;

	infer_trim(&text, &length);
	return (infer_value(text, length) & ((InferredTypes) 1 << column->type)) != 0;
}

static void
read_again(const Table *table)
{
	static TableRows rows;
	int64_t count = 0;

	table_rows_begin(&rows, table->file, table->encoding, &table->wishes, &table->layout);
	if (rows.layout.has_header)
		table_rows_next(&rows);
	for (; table_rows_next(&rows); count++)
		for (int i = 0; i < rows.record.count && i < table->column_count; i++)
			fuzz_must(table_is_null(&table->columns[i], &rows.record.fields[i]) ||
						  is_of_type(&table->columns[i], &rows.record.fields[i]),
					  "each value is of the type of its column");
	fuzz_must(count == table->rows, "rows are the same when they are read again");
	table_rows_end(&rows);
}

static void
check_names(const Table *table)
{
	for (int i = 0; i < table->column_count; i++)
	{
		fuzz_must(table->columns[i].name[0] != '\0', "a column has a name");
		for (int j = 0; j < i; j++)
			fuzz_must(strcmp(table->columns[i].name, table->columns[j].name) != 0, "names differ");
	}
}

void
fuzz(const char *bytes, size_t length)
{
	StoredFile stored;
	TableWishes wishes = {.encoding = ENCODING_UNKNOWN};
	Table table;

	if (ftruncate(file, 0) != 0 || pwrite(file, bytes, length, 0) != (ssize_t) length)
		abort();
	storage_take(&stored, file, "x.csv");
	table_survey(&table, &stored, &wishes);
	check_names(&table);
	if (table.is_whole)
		read_again(&table);
}
