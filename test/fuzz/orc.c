/*
 * orc.c — an ORC file: its tail, and all values of its columns.
 *
 * Sources: src/connectors/orc/column.c src/connectors/orc/dictionary.c src/connectors/orc/fault.c
 * Sources: src/connectors/orc/local_time.c src/connectors/orc/orc_format.c src/connectors/orc/protobuf.c
 * Sources: src/connectors/orc/runs.c src/connectors/orc/schema.c src/connectors/orc/stream.c
 * Sources: src/connectors/orc/stripe.c src/connectors/orc/tail.c
 * Sources: src/connectors/files/format.c src/connectors/files/storage.c src/connectors/files/unpacked.c
 * Sources: src/connectors/common/value_text.c src/wire
 * Sources: src/connectors/common/configuration.c src/connectors/common/memory.c
 * Sources: src/connectors/files/file_document.c src/connectors/files/versions.c
 * Uses: connector columnar
 */
#include "connectors/orc/orc_format.h"

#include "lib/columnar.h"

void
fuzz_begin(void)
{
	fuzz_file_begin();
}

void
fuzz(const char *bytes, size_t length)
{
	static const Request request = {.path = (char *) "organizations/1/x.orc"};
	FileRelations relations = {.items = NULL};
	StoredFile stored;

	fuzz_file(bytes, length, &stored);
	orc_format.survey(&request, &stored, &relations);
	for (int i = 0; i < relations.count; i++)
		fuzz_read_rows(&orc_format, &relations.items[i], NULL);
}
