/*
 * iceberg.c — a table of Iceberg: its metadata; its manifest list or a manifest; a Parquet file as its data;
 * or, behind the letter V, a deletion vector.
 *
 * Sources: src/connectors/iceberg/data_file.c src/connectors/iceberg/deletes.c
 * Sources: src/connectors/iceberg/evolution.c src/connectors/iceberg/filter.c
 * Sources: src/connectors/iceberg/iceberg_format.c src/connectors/iceberg/iceberg_rows.c
 * Sources: src/connectors/iceberg/location.c src/connectors/iceberg/manifest.c
 * Sources: src/connectors/iceberg/manifest_list.c src/connectors/iceberg/metadata.c
 * Sources: src/connectors/iceberg/partition.c src/connectors/iceberg/record.c
 * Sources: src/connectors/iceberg/scalar.c src/connectors/iceberg/schema.c
 * Sources: src/connectors/iceberg/stored_field.c src/connectors/iceberg/type.c
 * Sources: src/connectors/iceberg/vector.c src/connectors/avro src/connectors/lake
 * Sources: src/connectors/parquet/assemble.c src/connectors/parquet/codec.c
 * Sources: src/connectors/parquet/decoder.c src/connectors/parquet/deltas.c
 * Sources: src/connectors/parquet/describe.c src/connectors/parquet/element.c
 * Sources: src/connectors/parquet/footer.c src/connectors/parquet/leaf.c src/connectors/parquet/names.c
 * Sources: src/connectors/parquet/page.c src/connectors/parquet/parquet_format.c
 * Sources: src/connectors/parquet/parquet_rows.c src/connectors/parquet/prune.c
 * Sources: src/connectors/parquet/runs.c src/connectors/parquet/schema.c src/connectors/parquet/text.c
 * Sources: src/connectors/parquet/thrift.c src/connectors/parquet/types.c
 * Sources: src/connectors/orc/column.c src/connectors/orc/dictionary.c src/connectors/orc/fault.c
 * Sources: src/connectors/orc/local_time.c src/connectors/orc/orc_format.c src/connectors/orc/protobuf.c
 * Sources: src/connectors/orc/runs.c src/connectors/orc/schema.c src/connectors/orc/stream.c
 * Sources: src/connectors/orc/stripe.c src/connectors/orc/tail.c
 * Sources: src/connectors/files/directory.c src/connectors/files/format.c src/connectors/files/storage.c
 * Sources: src/connectors/files/local.c src/connectors/files/tree.c src/connectors/files/unpacked.c
 * Sources: src/connectors/common/bounds.c
 * Sources: src/connectors/common/compare.c src/connectors/common/configuration.c
 * Sources: src/connectors/common/judge.c src/connectors/common/memory.c
 * Sources: src/connectors/common/read_request.c src/connectors/common/value_text.c
 * Sources: src/connectors/jsontree src/wire
 * Sources: src/connectors/files/file_document.c src/connectors/files/versions.c
 * Sources: src/connectors/iceberg/describe.c src/connectors/iceberg/history.c
 * Sources: src/connectors/common/attempt.c
 * Uses: connector columnar versions yajl
 */
#include "connectors/iceberg/iceberg_format.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/files/local.h"
#include "connectors/iceberg/vector.h"

#include "lib/columnar.h"
#include "lib/versions.h"

#define MOST_DOCUMENT 4000

static int folder = -1; /* the greatest descriptor that stays open */

void
fuzz_begin(void)
{
	char path[] = "/tmp/rivergen-fuzz-XXXXXX";

	if (mkdtemp(path) == NULL || (folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
		mkdirat(folder, "metadata", 0700) != 0)
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
read_table(const ReadRequest *read)
{
	static const Request request = {
		.operation = OPERATION_DISCOVER, .path = (char *) "organizations/1/x", .document_bytes = MOST_LINE};
	FileRelations relations = {.items = NULL};
	StoredFile table = {.name = "x", .descriptor = folder, .below = &local_below};

	iceberg_format.open_folder(&table);
	iceberg_format.check(&request, &table);
	iceberg_format.survey(&request, &table, &relations);
	check_members(&relations.items[0].options);
	check_members(&relations.items[0].more);
	fuzz_check_versions(&relations.items[0]);
	relations.items[0].rows = -1;
	fuzz_read_rows(&iceberg_format, &relations.items[0], read);
}

/* The table has one snapshot, whose manifests the member tells. Apostrophes stand for quotes. */
static void
write_metadata(const char *manifests)
{
	static const char *const texts[] = {
		"{'format-version':1,'location':'/t','last-updated-ms':1,'current-snapshot-id':1,'schema':{'fields':[",
		"{'id':1,'name':'n','type':'double'},{'id':2,'name':'t','type':'timestamptz'},",
		"{'id':3,'name':'d','type':'decimal(20,6)'},{'id':5,'name':'s','type':'string'},",
		"{'id':6,'name':'i','type':'long'},{'id':4,'name':'l','type':{'type':'list','element-id':7,'element':",
		"{'type':'struct','fields':[{'id':8,'name':'b','type':'long'},{'id':9,'name':'a','type':'string'},",
		"{'id':10,'name':'c','type':'decimal(4,1)','initial-default':'1.2.3'}]}}}]},'partition-spec':[",
		"{'source-id':5,'field-id':1000,'transform':'identity','name':'p'},",
		"{'source-id':6,'field-id':1001,'transform':'identity','name':'q'}],'properties':",
		"{'schema.name-mapping.default':'[{\\'field-id\\':1,\\'names\\':[\\'n\\']}]'},'snapshots':[{'snapshot-id':1,"};
	WireBuffer text = {.data = NULL};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		wire_append_text(&text, texts[i]);
	wire_append_text(&text, manifests);
	wire_append_text(&text, "}]}");
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] == '\'')
			text.data[i] = '"';
	write_file("metadata/v1.metadata.json", text.data, text.length);
	wire_free(&text);
}

static const ReadRequest *
with_conditions(void)
{
	static char *few[] = {(char *) "7"};
	static char *words[] = {(char *) "x", (char *) "y"};
	static Condition conditions[] = {{.column = (char *) "i",
									  .operation = CONDITION_GREATER,
									  .type = (char *) "bigint",
									  .values = few,
									  .value_count = 1},
									 {.column = (char *) "s",
									  .operation = CONDITION_IN,
									  .type = (char *) "text",
									  .values = words,
									  .value_count = 2},
									 {.column = (char *) "t", .operation = CONDITION_NOT_NULL}};
	static const ReadRequest read = {.limit = NO_LIMIT, .conditions = conditions, .condition_count = 3};

	return &read;
}

/* The file is both: what is no list is a manifest. */
static void
try_avro(const char *bytes, size_t length)
{
	bool is_list = memmem(bytes, length, "manifest_path", 13) != NULL;

	write_file("x.avro", bytes, length);
	write_metadata(is_list ? "'manifest-list':'/t/x.avro'" : "'manifests':['/t/x.avro']");
	read_table(with_conditions());
}

/* A manifest that has the one file x.parquet. */
static void
try_parquet(const char *bytes, size_t length)
{
	static const char manifest[] =
		"Obj\1\2\x16"
		"avro.schema\x90\x03"
		"{\"type\":\"record\",\"name\":\"e\",\"fields\":[{\"name\":\"d\",\"field-id\":2,\"type\":{\"type\":\"record\","
		"\"name\":\"f\",\"fields\":[{\"name\":\"p\",\"type\":\"string\",\"field-id\":100},"
		"{\"name\":\"q\",\"type\":\"string\",\"field-id\":101}]}}]}\0"
		"0123456789abcdef\2\x2A\x18"
		"/t/x.parquet\x0E"
		"PARQUET0123456789abcdef";

	write_file("x.parquet", bytes, length);
	write_file("m.avro", manifest, sizeof(manifest) - 1);
	write_metadata("'manifests':['/t/m.avro']");
	read_table(&(ReadRequest){.limit = NO_LIMIT});
}

static void
try_vector(const char *bytes, size_t length)
{
	static JsonNode location = {.kind = JSON_TEXT, .name = "location", .text = "/t", .length = 2};
	static JsonNode root = {.kind = JSON_OBJECT, .first = &location, .count = 1};
	IcebergMetadata metadata = {.path = (char *) "m", .root = &root};
	StoredFile table = {.name = "x", .descriptor = folder, .below = &local_below, .object = &metadata};
	IcebergFile listed = {.path = {"/t/v.puffin", 11}, .size = (int64_t) length, .records = -1};
	IcebergVectorPlace place;
	Roaring rows;

	write_file("v.puffin", bytes, length);
	iceberg_vector_place(&place, &listed);
	iceberg_vector_read(&place, &table, &rows);
	for (uint64_t row = 0; row < 1000; row++)
		roaring_has(&rows, row);
}

/* What the last execution left open is closed. */
void
fuzz(const char *bytes, size_t length)
{
	close_range((unsigned) folder + 1, ~0U, 0);
	if (length >= 4 && memcmp(bytes, "Obj\1", 4) == 0)
		try_avro(bytes, length);
	else if (length >= 4 && memcmp(bytes, "PAR1", 4) == 0)
		try_parquet(bytes, length);
	else if (length > 0 && bytes[0] == 'V')
		try_vector(bytes + 1, length - 1);
	else
	{
		write_file("metadata/v1.metadata.json", bytes, length);
		read_table(with_conditions());
	}
}
