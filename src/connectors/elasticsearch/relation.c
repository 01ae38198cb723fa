#include "connectors/elasticsearch/relation.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/buffer_text.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/elasticsearch/mappings.h"

typedef struct Collected
{
	Fields fields;
	FieldsMerge how;
	int found;
	const char *reason;
} Collected;

static void
collect(Collected *collected, Fields *fields, const char *reason)
{
	if (fields == NULL)
		collected->reason = reason;
	else if (collected->found++ == 0)
	{
		collected->fields = *fields;
		*fields = (Fields){0};
	}
	else
		fields_merge(&collected->fields, fields, collected->how);
}

static void
take_mapping(void *context, const char *index, Fields *fields, const char *reason)
{
	(void) index;
	collect(context, fields, reason);
}

static bool
give(Collected *collected, Fields *fields, const char **reason)
{
	*reason = collected->reason;
	if (collected->reason != NULL)
		fields_free(&collected->fields);
	*fields = collected->fields;
	return collected->reason == NULL && collected->found > 0;
}

bool
stream_fields(Cluster *cluster, const Entry *stream, Fields *fields, const char **reason)
{
	Collected collected = {.how = MERGE_NEWER};

	mappings_read(cluster, stream->members, stream->member_count, take_mapping, &collected);
	return give(&collected, fields, reason);
}

static void
collect_stream(Collected *collected, Cluster *cluster, const Entry *stream)
{
	const char *reason;
	Fields fields;

	if (stream_fields(cluster, stream, &fields, &reason))
		collect(collected, &fields, NULL);
	else if (reason != NULL)
		collect(collected, NULL, reason);
	fields_free(&fields);
}

/* As a discovery does it: indices by their names, then streams. */
static void
collect_alias(Collected *collected, Cluster *cluster, const char *name)
{
	Catalog catalog;
	const Entry *alias;

	catalog_read(&catalog, cluster, NULL);
	alias = catalog_find(&catalog, name);
	for (int i = 0; alias != NULL && i < alias->member_count; i++)
	{
		const Entry *member = catalog_find(&catalog, alias->members[i]);

		if (member == NULL || member->kind != ENTRY_STREAM)
			mappings_read(cluster, &alias->members[i], 1, take_mapping, collected);
	}
	for (int i = 0; alias != NULL && i < alias->member_count; i++)
	{
		const Entry *member = catalog_find(&catalog, alias->members[i]);

		if (member != NULL && member->kind == ENTRY_STREAM)
			collect_stream(collected, cluster, member);
	}
	catalog_free(&catalog);
}

bool
relation_fields(Cluster *cluster, const char *name, Fields *fields, const char **reason)
{
	Collected collected = {.how = MERGE_JOINS};
	Catalog catalog;
	const Entry *entry;

	catalog_read(&catalog, cluster, name);
	entry = catalog_find(&catalog, name);
	if (entry != NULL && entry->kind == ENTRY_STREAM)
		collect_stream(&collected, cluster, entry);
	else if (entry != NULL && entry->kind == ENTRY_ALIAS)
		collect_alias(&collected, cluster, name);
	else if (entry != NULL && entry->is_closed)
		collected.reason = "The index is closed.";
	else if (entry != NULL)
		mappings_read(cluster, (char *const *) &entry->name, 1, take_mapping, &collected);
	catalog_free(&catalog);
	return give(&collected, fields, reason);
}

char *
relation_path(const char *name, const char *rest)
{
	WireBuffer path = {0};

	wire_append_text(&path, "/");
	url_append_escaped(&path, name, strlen(name), false);
	wire_append_text(&path, rest);
	return buffer_take_text(&path);
}
