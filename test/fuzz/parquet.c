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
 * Sources: src/connectors/common/compare.c src/connectors/files/format.c src/connectors/common/judge.c
 * Sources: src/connectors/files/storage.c src/connectors/files/unpacked.c src/connectors/common/value_text.c
 * Sources: src/connectors/common/configuration.c src/connectors/common/memory.c
 * Sources: src/connectors/common/bounds.c src/connectors/common/read_request.c src/wire
 * Sources: src/connectors/files/file_document.c src/connectors/files/versions.c
 * Uses: connector columnar
 */
#include "connectors/parquet/parquet_format.h"

#include "connectors/parquet/footer.h"
#include "lib/columnar.h"

void
fuzz_begin(void)
{
	fuzz_file_begin();
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
	fuzz_read_rows(&parquet_format, relation, &read);
}

void
fuzz(const char *bytes, size_t length)
{
	static const Request request = {.path = (char *) "organizations/1/x.parquet"};
	FileRelations relations = {.items = NULL};
	StoredFile stored;

	fuzz_file(bytes, length, &stored);
	if (footer_kind(&stored) != FOOTER_PLAIN)
		return;
	parquet_format.survey(&request, &stored, &relations);
	for (int i = 0; i < relations.count; i++)
	{
		fuzz_read_rows(&parquet_format, &relations.items[i], NULL);
		read_some_rows(&relations.items[i]);
	}
}
