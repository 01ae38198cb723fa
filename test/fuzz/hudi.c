/*
 * hudi.c — the files of a table of Hudi, from which it is described and its rows are read: blocks with a
 * line of hyphens between them; of each, the first line is the path of a file, and the rest its content.
 *
 * Sources: src/connectors/hudi/base_files.c src/connectors/hudi/commit.c src/connectors/hudi/evolution.c
 * Sources: src/connectors/hudi/file_name.c
 * Sources: src/connectors/hudi/hudi_format.c src/connectors/hudi/hudi_rows.c
 * Sources: src/connectors/hudi/partition_path.c src/connectors/hudi/properties.c
 * Sources: src/connectors/hudi/schema.c src/connectors/hudi/table.c src/connectors/hudi/timeline.c
 * Sources: src/connectors/avro src/connectors/jsontree src/connectors/lake/conversion.c
 * Sources: src/connectors/parquet/assemble.c src/connectors/parquet/codec.c src/connectors/parquet/decoder.c
 * Sources: src/connectors/parquet/deltas.c src/connectors/parquet/describe.c src/connectors/parquet/element.c
 * Sources: src/connectors/parquet/footer.c src/connectors/parquet/leaf.c src/connectors/parquet/names.c
 * Sources: src/connectors/parquet/page.c src/connectors/parquet/parquet_format.c
 * Sources: src/connectors/parquet/parquet_rows.c src/connectors/parquet/part.c src/connectors/parquet/prune.c
 * Sources: src/connectors/parquet/runs.c src/connectors/parquet/schema.c src/connectors/parquet/text.c
 * Sources: src/connectors/parquet/thrift.c src/connectors/parquet/types.c
 * Sources: src/connectors/common/bounds.c src/connectors/common/compare.c src/connectors/common/judge.c
 * Sources: src/connectors/common/value_text.c src/connectors/common/configuration.c
 * Sources: src/connectors/common/memory.c src/connectors/common/read_request.c
 * Sources: src/connectors/files/format.c src/connectors/files/storage.c src/connectors/files/unpacked.c
 * Sources: src/wire
 * Sources: src/connectors/files/file_document.c src/connectors/files/versions.c
 * Sources: src/connectors/hudi/describe.c src/connectors/hudi/history.c src/connectors/common/attempt.c
 * Uses: connector columnar versions yajl
 */
#include "connectors/hudi/hudi_format.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/files/directory.h"
#include "lib/columnar.h"
#include "lib/versions.h"

#define MOST_FILES 40
#define BETWEEN    "\n----\n"

/* ---- the files ---- */

typedef struct MemoryFile
{
	char *path;
	const char *bytes;
	size_t length;
} MemoryFile;

static MemoryFile files[MOST_FILES];
static int file_count;

static size_t
read_memory(const StoredFile *file, void *bytes, size_t size, int64_t offset)
{
	const MemoryFile *memory = file->object;
	size_t left = (size_t) offset < memory->length ? memory->length - (size_t) offset : 0;

	if (size > left)
		size = left;
	if (size > 0)
		memcpy(bytes, memory->bytes + offset, size);
	return size;
}

static bool
is_unchanged(const StoredFile *file)
{
	(void) file;
	return true;
}

static const Storage in_memory = {.read = read_memory, .is_unchanged = is_unchanged};

static void
take_files(const char *bytes, size_t length)
{
	const char *end = bytes + length;

	file_count = 0;
	while (bytes < end && file_count < MOST_FILES)
	{
		const char *block_end = memmem(bytes, (size_t) (end - bytes), BETWEEN, strlen(BETWEEN));
		FuzzRest rest = {.bytes = bytes};

		block_end = block_end ? block_end : end;
		rest.length = (size_t) (block_end - bytes);
		files[file_count].path = fuzz_line(&rest);
		files[file_count].bytes = rest.bytes;
		files[file_count++].length = rest.length;
		bytes = block_end < end ? block_end + strlen(BETWEEN) : end;
	}
}

/* What a file is called below a folder; NULL: it is not there. */
static const char *
below(const char *folder, const char *path)
{
	size_t length = strlen(folder);

	if (length == 0)
		return path;
	return strncmp(path, folder, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

static int
order_entries(const void *a, const void *b)
{
	return strcmp(((const DirectoryEntry *) a)->name, ((const DirectoryEntry *) b)->name);
}

static void
add_entry(Directory *directory, const char *name)
{
	size_t length = strcspn(name, "/");
	DirectoryEntry entry = {.name = allocate(length + 1), .is_folder = name[length] == '/'};

	memcpy(entry.name, name, length);
	entry.name[length] = '\0';
	for (int i = 0; i < directory->count; i++)
		if (strcmp(directory->entries[i].name, entry.name) == 0)
			length = 0;
	if (length > 0)
		directory->entries[directory->count++] = entry;
	else
		free(entry.name);
}

bool
directory_list(const StoredFile *folder, const char *path, Directory *directory)
{
	(void) folder;
	*directory = (Directory){.entries = allocate(MOST_FILES * sizeof(DirectoryEntry))};
	for (int i = 0; i < file_count; i++)
		if (below(path, files[i].path))
			add_entry(directory, below(path, files[i].path));
	qsort(directory->entries, (size_t) directory->count, sizeof(DirectoryEntry), order_entries);
	return directory->count > 0;
}

void
directory_free(Directory *directory)
{
	for (int i = 0; i < directory->count; i++)
		free(directory->entries[i].name);
	free(directory->entries);
}

bool
directory_open(const StoredFile *folder, const char *path, StoredFile *file)
{
	(void) folder;
	for (int i = 0; i < file_count; i++)
		if (strcmp(files[i].path, path) == 0)
		{
			*file = (StoredFile){
				.storage = &in_memory, .name = "x", .size = (int64_t) files[i].length, .object = &files[i]};
			return true;
		}
	return false;
}

void
directory_close(StoredFile *file)
{
	(void) file;
}

char *
directory_read(const StoredFile *folder, const char *path, size_t most, size_t *length)
{
	StoredFile file;
	char *text;

	if (!directory_open(folder, path, &file) || (size_t) file.size > most)
		return NULL;
	text = allocate((size_t) file.size + 1);
	*length = stored_read(&file, text, (size_t) file.size, 0);
	text[*length] = '\0';
	return text;
}

/* ---- what must hold ---- */

static void
must_be_object(const char *members, size_t length, const char *property)
{
	static WireObject object;
	WireBuffer text = {.data = NULL};
	const char *fault;

	wire_append_text(&text, "{");
	if (length > 1)
		wire_append(&text, members + 1, length - 1);
	wire_append_text(&text, "}");
	fault = wire_object_scan(text.data, text.length, &object);
	fuzz_must(fault == NULL || strstr(fault, "members") || strstr(fault, "deep"), property);
	wire_free(&text);
}

static void
check_relation(const FileRelation *relation)
{
	must_be_object(relation->more.data, relation->more.length, "the members of the document are JSON");
	must_be_object(relation->options.data, relation->options.length, "the options are JSON");
	for (int i = 0; i < relation->column_count; i++)
		must_be_object(relation->columns[i].more,
					   strlen(relation->columns[i].more ? relation->columns[i].more : ""),
					   "the members of a column are JSON");
}

void
fuzz(const char *bytes, size_t length)
{
	static const Request request = {
		.operation = OPERATION_DISCOVER, .document_bytes = MOST_LINE, .path = (char *) "organizations/1/x"};
	FileRelations relations = {.items = NULL};
	StoredFile folder = {.name = "x"};

	take_files(bytes, length);
	hudi_format.open_folder(&folder);
	hudi_format.check(&request, &folder);
	hudi_format.survey(&request, &folder, &relations);
	check_relation(&relations.items[0]);
	fuzz_check_versions(&relations.items[0]);
	fuzz_read_rows(&hudi_format, &relations.items[0], NULL);
}
