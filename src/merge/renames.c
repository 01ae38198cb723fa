/*
 * renames.c — new names of schemas, and of relations outside of the scope. A document that differs only by
 * such a name has not changed.
 */
#include "renames.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "index.h"
#include "merge.h"
#include "state.h"

/* source_changes() of sql/objects/214_source_changes.sql follows no more. */
#define MOST_RENAMES 50

static void
note(RgMerge *merge, const char *old_name, const char *new_name)
{
	MemoryContext previous;
	Rename *rename;

	if (strcmp(old_name, new_name) == 0 || list_length(merge->renames) > 2 * MOST_RENAMES)
		return;
	previous = MemoryContextSwitchTo(merge->memory);
	rename = palloc(sizeof(Rename));
	*rename = (Rename){.old_name = pstrdup(old_name), .new_name = pstrdup(new_name)};
	merge->renames = lappend(merge->renames, rename);
	MemoryContextSwitchTo(previous);
}

const char *
rg_renames_take(RgMerge *merge, const WireRelation *referenced)
{
	int known = rg_index_find_id(merge, referenced->id);

	if (merge->scope == NULL)
		return "a referenced relation was sent of a whole source";
	if (merge->referenced_count++ >= rg_max_relations)
		return "more referenced relations were sent than rivergen.max_relations allows";
	if (known >= 0)
	{
		note(merge, merge->known[known].schema, referenced->schema);
		note(merge, merge->known[known].name, referenced->name);
	}
	return NULL;
}

/* Notes each stored schema whose id was announced under a new name. */
static void
note_schemas(RgMerge *merge)
{
	ListCell *cell, *other;

	foreach (cell, merge->schemas)
	{
		const SourceSchema *old = lfirst(cell);

		if (!old->known || old->announced || old->id == NULL || merge->is_other_server)
			continue;
		foreach (other, merge->schemas)
		{
			const SourceSchema *new = lfirst(other);

			if (!new->known &&new->announced && rg_merge_same_text(new->id, old->id))
				note(merge, old->name, new->name);
		}
	}
}

void
rg_renames_list(RgMerge *merge, Datum *old_names, Datum *new_names)
{
	Datum *old, *new;
	int count = 0;
	ListCell *cell;

	note_schemas(merge);
	old = palloc(sizeof(Datum) * (list_length(merge->renames) + 1));
	new = palloc(sizeof(Datum) * (list_length(merge->renames) + 1));
	foreach (cell, merge->renames)
	{
		const Rename *rename = lfirst(cell);

		old[count] = CStringGetTextDatum(rename->old_name);
		new[count++] = CStringGetTextDatum(rename->new_name);
	}
	*old_names = rg_merge_text_array(old, count);
	*new_names = rg_merge_text_array(new, count);
}
