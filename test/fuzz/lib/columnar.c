/* columnar.c — files of columnar formats, made of bytes, and what must hold of their rows. */
#include "columnar.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST_ROWS 2000

static int file = -1;

void
fuzz_file_begin(void)
{
	file = memfd_create("fuzz", MFD_CLOEXEC);
}

void
fuzz_file(const char *bytes, size_t length, StoredFile *stored)
{
	if (ftruncate(file, 0) != 0 || pwrite(file, bytes, length, 0) != (ssize_t) length)
		abort();
	storage_take(stored, file, "x");
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

void
fuzz_read_rows(const Format *format, const FileRelation *relation, const ReadRequest *read)
{
	int *numbers = malloc(((size_t) relation->column_count + 1) * sizeof(int));
	FileValue *values = malloc(((size_t) relation->column_count + 1) * sizeof(FileValue));
	int64_t count = 0;
	bool has_more = true;
	void *rows;

	for (int i = 0; i < relation->column_count; i++)
		numbers[i] = i;
	rows = format->rows_begin(relation, numbers, relation->column_count, read);
	while (count < MOST_ROWS && (has_more = format->rows_next(rows, values)))
	{
		count++;
		for (int i = 0; i < relation->column_count; i++)
			check_value(&relation->columns[i], &values[i]);
	}
	if (read == NULL)
		fuzz_must(has_more || relation->rows < 0 || count == relation->rows,
				  "as many rows come as were told");
	format->rows_end(rows);
}
