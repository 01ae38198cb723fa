#include "connectors/files/format.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/unpacked.h"
#include "connectors/files/versions.h"

FileRelation *
relations_add(FileRelations *relations, const StoredFile *file)
{
	relations->items = reallocate(relations->items, (size_t) (relations->count + 1) * sizeof(FileRelation));
	relations->items[relations->count] = (FileRelation){.file = file, .rows = ABSENT, .changed_at = ABSENT};
	return &relations->items[relations->count++];
}

/* Room is made for a power of two. */
FileColumn *
relation_add_column(FileRelation *relation)
{
	int count = relation->column_count;

	if ((count & (count - 1)) == 0)
		relation->columns =
			reallocate(relation->columns, (size_t) (count == 0 ? 1 : 2 * count) * sizeof(FileColumn));
	relation->columns[count] = (FileColumn){.name = NULL};
	relation->column_count++;
	return &relation->columns[count];
}

bool
relation_has_column(const FileRelation *relation, const char *name)
{
	for (int i = 0; i < relation->column_count; i++)
		if (strcmp(relation->columns[i].name, name) == 0)
			return true;
	return false;
}

void
relations_free(FileRelations *relations)
{
	for (int i = 0; i < relations->count; i++)
	{
		FileRelation *relation = &relations->items[i];

		for (int j = 0; j < relation->column_count; j++)
		{
			free(relation->columns[j].name);
			free(relation->columns[j].more);
		}
		free(relation->columns);
		free(relation->name);
		free(relation->id);
		wire_free(&relation->options);
		wire_free(&relation->more);
		file_versions_free(relation->versions);
	}
	free(relations->items);
	if (relations->owner != NULL)
		relations->release(relations->owner);
	*relations = (FileRelations){.items = NULL};
}

char *
file_relation_name(const StoredFile *file)
{
	Unpacked in;
	char *name;

	unpacked_begin(&in, file);
	name = unpacked_name(file, in.packing);
	unpacked_end(&in);
	return name;
}
