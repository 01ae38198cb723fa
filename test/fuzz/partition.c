/*
 * partition.c — paths below a folder, one a line, as partitions.
 *
 * Sources: src/connectors/files/partition.c src/connectors/files/infer.c src/connectors/files/infer_time.c
 * Sources: src/connectors/common/memory.c src/wire
 * Uses: connector packed
 */
#include "connectors/files/partition.h"

#include <string.h>

#include "connectors/common/memory.h"
#include "fuzz.h"

static void
check_value(InferredType type, const FileValue *value)
{
	if (value->bytes == NULL || type == INFERRED_TEXT)
		return;
	fuzz_must((infer_value(value->bytes, value->length) & ~((InferredTypes) 1 << INFERRED_TEXT)) != 0,
			  "a value is what PostgreSQL reads in the column's type");
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	Tree tree = {.files = allocate((length + 1) * sizeof(TreeFile))};
	Partitions partitions;

	while (rest.length > 0 && tree.count < 100)
		tree.files[tree.count++] = (TreeFile){.path = fuzz_line(&rest)};
	if (tree.count == 0)
		return;
	partitions_read(&partitions, &tree);
	for (int i = 0; i < partitions.count; i++)
	{
		fuzz_must(partitions.names[i][0] != '\0', "a column has a name");
		for (int j = 0; j < i; j++)
			fuzz_must(strcmp(partitions.names[i], partitions.names[j]) != 0, "names differ");
		for (int j = 0; j < tree.count; j++)
			check_value(partitions.types[i], partition_value(&partitions, j, i));
	}
}
