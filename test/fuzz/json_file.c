/*
 * json_file.c — a file of JSON: its relations, their columns, and their rows.
 *
 * Sources: src/connectors/json/cell.c src/connectors/json/events.c
 * Sources: src/connectors/json/json_format.c src/connectors/json/layout.c
 * Sources: src/connectors/json/json_types.c
 * Sources: src/connectors/json/rows.c src/connectors/json/table.c src/connectors/inference
 * Sources: src/connectors/files/encoding.c src/connectors/files/format.c
 * Sources: src/connectors/files/infer.c src/connectors/files/infer_time.c
 * Sources: src/connectors/files/kind.c src/connectors/files/storage.c
 * Sources: src/connectors/files/unpacked.c src/wire src/connectors/common/configuration.c
 * Sources: src/connectors/common/memory.c src/connectors/common/value_text.c
 * Sources: src/connectors/files/file_document.c src/connectors/files/versions.c
 * Sources: src/connectors/common/buffer_text.c
 * Uses: connector packed yajl
 */
#include "connectors/json/json_format.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "connectors/inference/paths.h"
#include "fuzz.h"

static int file = -1;

void
fuzz_begin(void)
{
	file = memfd_create("json", MFD_CLOEXEC);
}

static bool
is_utf8(const char *text, size_t length)
{
	while (length > 0)
	{
		size_t taken = wire_utf8_length(text, length);

		if (taken == 0 || *text == '\0')
			return false;
		text += taken;
		length -= taken;
	}
	return true;
}

/* As the value of the only member of an object, which the wire's own reader checks. */
static bool
is_json(const FileValue *value)
{
	static WireObject object;
	WireBuffer text = {.data = NULL};
	bool is_fine;

	wire_append_text(&text, "{\"a\":");
	wire_append(&text, value->bytes, value->length);
	wire_append_text(&text, "}");
	is_fine = wire_object_scan(text.data, text.length, &object) == NULL && object.count == 1;
	wire_free(&text);
	return is_fine;
}

static void
check_columns(const FileRelation *relation)
{
	fuzz_must(relation->column_count <= MOST_PATHS, "columns are bounded");
	for (int i = 0; i < relation->column_count; i++)
	{
		const FileColumn *column = &relation->columns[i];

		fuzz_must(is_utf8(column->name, strlen(column->name)), "a name is UTF-8");
		for (int j = 0; j < i; j++)
			fuzz_must(strcmp(column->name, relation->columns[j].name) != 0, "names differ");
	}
}

static void
check_value(const FileColumn *column, const FileValue *value)
{
	if (value->bytes == NULL)
		return;
	fuzz_must(is_utf8(value->bytes, value->length), "a value is UTF-8 without NUL");
	if (column->pg_type && strcmp(column->pg_type, "jsonb") == 0)
		fuzz_must(is_json(value), "a value of jsonb is JSON");
	else if (column->pg_type && strchr(column->pg_type, '['))
		fuzz_must(value->length >= 2 && value->bytes[0] == '{' && value->bytes[value->length - 1] == '}',
				  "an array has braces");
}

static void
check_rows(const FileRelation *relation)
{
	int count = relation->column_count;
	int *numbers = malloc((size_t) (count + 1) * sizeof(int));
	FileValue *values = malloc((size_t) (count + 1) * sizeof(FileValue));
	int64_t found = 0;
	void *rows;

	if (numbers == NULL || values == NULL)
		return;
	for (int i = 0; i < count; i++)
		numbers[i] = i;
	rows = json_format.rows_begin(relation, numbers, count, NULL);
	for (; json_format.rows_next(rows, values); found++)
		for (int i = 0; i < count; i++)
			check_value(&relation->columns[i], &values[i]);
	json_format.rows_end(rows);
	fuzz_must(found == relation->rows, "rows are as many as were counted");
}

void
fuzz(const char *bytes, size_t length)
{
	FileRelations relations = {.items = NULL};
	StoredFile stored;
	Request request = {.path = "x.json"};

	if (ftruncate(file, 0) != 0 || pwrite(file, bytes, length, 0) != (ssize_t) length)
		abort();
	storage_take(&stored, file, "x.json");
	json_format.check(&request, &stored);
	json_format.survey(&request, &stored, &relations);
	fuzz_must(relations.count > 0, "a file has a relation");
	for (int i = 0; i < relations.count; i++)
	{
		check_columns(&relations.items[i]);
		check_rows(&relations.items[i]);
	}
}
