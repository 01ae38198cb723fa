/*
 * delta_lake.c — a table of Delta Lake: commits, a NUL byte between two; a Parquet file as its checkpoint or
 * as its data; or the bitmap of deleted rows.
 *
 * Sources: src/connectors/delta_lake/actions.c
 * Sources: src/connectors/delta_lake/delta_format.c
 * Sources: src/connectors/delta_lake/delta_rows.c src/connectors/delta_lake/describe.c
 * Sources: src/connectors/delta_lake/features.c src/connectors/delta_lake/lines.c
 * Sources: src/connectors/delta_lake/log.c src/connectors/delta_lake/partition_value.c
 * Sources: src/connectors/delta_lake/path.c src/connectors/delta_lake/plan.c
 * Sources: src/connectors/delta_lake/prune.c src/connectors/lake/roaring.c
 * Sources: src/connectors/delta_lake/schema.c src/connectors/delta_lake/seen.c
 * Sources: src/connectors/delta_lake/snapshot.c src/connectors/delta_lake/vector.c
 * Sources: src/connectors/parquet/assemble.c src/connectors/parquet/codec.c
 * Sources: src/connectors/parquet/decoder.c src/connectors/parquet/deltas.c
 * Sources: src/connectors/parquet/describe.c src/connectors/parquet/element.c
 * Sources: src/connectors/parquet/footer.c src/connectors/parquet/leaf.c src/connectors/parquet/names.c
 * Sources: src/connectors/parquet/page.c src/connectors/parquet/parquet_format.c
 * Sources: src/connectors/parquet/parquet_rows.c src/connectors/parquet/prune.c
 * Sources: src/connectors/parquet/runs.c src/connectors/parquet/schema.c src/connectors/parquet/text.c
 * Sources: src/connectors/parquet/thrift.c src/connectors/parquet/types.c
 * Sources: src/connectors/files/directory.c src/connectors/files/format.c src/connectors/files/storage.c
 * Sources: src/connectors/files/local.c src/connectors/files/tree.c src/connectors/files/unpacked.c
 * Sources: src/connectors/common/bounds.c
 * Sources: src/connectors/common/compare.c src/connectors/common/configuration.c
 * Sources: src/connectors/common/judge.c src/connectors/common/memory.c
 * Sources: src/connectors/common/read_request.c src/connectors/common/value_text.c
 * Sources: src/connectors/jsontree src/wire
 * Sources: src/connectors/parquet/part.c
 * Sources: src/connectors/delta_lake/stored_type.c
 * Sources: src/connectors/lake/conversion.c src/connectors/lake/shape.c
 * Sources: src/connectors/files/file_document.c src/connectors/files/versions.c
 * Sources: src/connectors/delta_lake/history.c src/connectors/common/attempt.c
 * Sources: src/connectors/common/buffer_text.c
 * Uses: connector columnar versions yajl
 */
#include "connectors/delta_lake/delta_format.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/lake/roaring.h"
#include "connectors/files/local.h"

#include "lib/columnar.h"
#include "lib/versions.h"

#define MOST_COMMITS  4
#define MOST_PROBED   40
#define MOST_DOCUMENT 4000

static int folder = -1; /* the greatest descriptor that stays open */

void
fuzz_begin(void)
{
	char path[] = "/tmp/rivergen-fuzz-XXXXXX";

	if (mkdtemp(path) == NULL || (folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
		mkdirat(folder, "_delta_log", 0700) != 0)
		abort();
}

static void
write_file(const char *path, const char *bytes, size_t length)
{
	int file = openat(folder, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (file < 0 || write(file, bytes, length) != (ssize_t) length)
		abort();
	close(file);
}

/* ---- the table ---- */

static void
check_members(const WireBuffer *members)
{
	static WireObject object;
	WireBuffer text = {.data = NULL};

	if (members->length < 2 || members->length > MOST_DOCUMENT)
		return;
	wire_append_text(&text, "{");
	wire_append(&text, members->data + 1, members->length - 1);
	wire_append_text(&text, "}");
	fuzz_must(wire_object_scan(text.data, text.length, &object) == NULL || object.count == WIRE_MAX_MEMBERS,
			  "members are those of an object");
	wire_free(&text);
}

static void
read_table(void)
{
	static const Request request = {
		.operation = OPERATION_DISCOVER, .path = (char *) "organizations/1/x", .document_bytes = MOST_LINE};
	static const ReadRequest everything = {.limit = NO_LIMIT};
	FileRelations relations = {.items = NULL};
	StoredFile table = {.name = "x", .descriptor = folder, .below = &local_below};

	delta_format.open_folder(&table);
	delta_format.check(&request, &table);
	delta_format.survey(&request, &table, &relations);
	check_members(&relations.items[0].options);
	check_members(&relations.items[0].more);
	fuzz_check_versions(&relations.items[0]);
	relations.items[0].rows = -1;
	fuzz_read_rows(&delta_format, &relations.items[0], &everything);
}

static void
forget_commits(void)
{
	char path[64];

	for (int i = 0; i < MOST_COMMITS; i++)
	{
		snprintf(path, sizeof(path), "_delta_log/%020d.json", i);
		unlinkat(folder, path, 0);
	}
	unlinkat(folder, "_delta_log/00000000000000000000.checkpoint.parquet", 0);
}

static void
try_commits(const char *bytes, size_t length)
{
	char path[64];

	for (int i = 0; i < MOST_COMMITS && length > 0; i++)
	{
		const char *end = memchr(bytes, '\0', length);
		size_t part = end ? (size_t) (end - bytes) : length;

		snprintf(path, sizeof(path), "_delta_log/%020d.json", i);
		write_file(path, bytes, part);
		part += end != NULL;
		bytes += part;
		length -= part;
	}
	read_table();
}

/* With a first byte of its file the table has a log; else the file is its checkpoint. */
static void
try_parquet(const char *bytes, size_t length, bool is_data)
{
	static const char log[] =
		"{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
		"{\"metaData\":{\"id\":\"x\",\"partitionColumns\":[],\"configuration\":{\"delta.columnMapping.mode\":"
		"\"id\"},\"schemaString\":\"{\\\"fields\\\":["
		"{\\\"name\\\":\\\"n\\\",\\\"type\\\":\\\"double\\\"},"
		"{\\\"name\\\":\\\"t\\\",\\\"type\\\":\\\"timestamp\\\"},"
		"{\\\"name\\\":\\\"d\\\",\\\"type\\\":\\\"decimal(20,6)\\\"},"
		"{\\\"name\\\":\\\"l\\\",\\\"type\\\":{\\\"type\\\":\\\"array\\\",\\\"elementType\\\":"
		"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[{\\\"name\\\":\\\"b\\\",\\\"type\\\":\\\"long\\\"},"
		"{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"string\\\"}]}}},"
		"{\\\"name\\\":\\\"m\\\",\\\"type\\\":{\\\"type\\\":\\\"map\\\",\\\"keyType\\\":\\\"date\\\","
		"\\\"valueType\\\":\\\"timestamp_ntz\\\"}}]}\"}}\n"
		"{\"add\":{\"path\":\"x.parquet\",\"partitionValues\":{}}}\n";

	write_file(is_data ? "x.parquet" : "_delta_log/00000000000000000000.checkpoint.parquet", bytes, length);
	if (is_data)
		write_file("_delta_log/00000000000000000000.json", log, sizeof(log) - 1);
	read_table();
}

/* ---- bitmaps ---- */

static int64_t
count_hits(Roaring *roaring)
{
	int64_t count = 0;

	for (size_t i = 0; i < roaring->container_count; i++)
	{
		uint64_t base = roaring->containers[i].base;

		for (uint64_t low = 0; low <= 0xFFFF; low++)
			count += roaring_has(roaring, base | low);
	}
	return count;
}

static void
try_bitmap(const char *bytes, size_t length)
{
	Roaring roaring;
	const char *fault = roaring_read(&roaring, bytes, length);

	if (fault == NULL && roaring.container_count <= MOST_PROBED)
		fuzz_must(count_hits(&roaring) == roaring.count, "a bitmap has as many numbers as it says");
	roaring_free(&roaring);
	fuzz_must_have_freed();
}

/* What the last execution left open is closed. */
void
fuzz(const char *bytes, size_t length)
{
	close_range((unsigned) folder + 1, ~0U, 0);
	forget_commits();
	if (length >= 4 && memcmp(bytes, "\xD1\xD3\x39\x64", 4) == 0)
		try_bitmap(bytes, length);
	else if (length >= 4 && memcmp(bytes, "PAR1", 4) == 0)
		try_parquet(bytes, length, false);
	else if (length >= 5 && memcmp(bytes + 1, "PAR1", 4) == 0)
		try_parquet(bytes + 1, length - 1, true);
	else
		try_commits(bytes, length);
}
