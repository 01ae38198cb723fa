/*
 * skipped.c — objects that exist but could not be read, or whose names are too long to be stored. Their
 * stored rows stay; a relation that is skipped by its id may have a new name.
 */
#include "skipped.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "index.h"
#include "state.h"

#define SHOWN_BYTES  200
#define REASON_BYTES 128

/* ---- the list for people ---- */

/* A name that can be stored is not cut, because history.c searches the list for it. */
static void
append_name(StringInfo list, const char *name)
{
	size_t length = strlen(name);
	size_t shown = length > RG_NAMES_BYTES ? (size_t) pg_mbcliplen(name, length, SHOWN_BYTES) : length;

	escape_json(list, psprintf("%.*s%s", (int) shown, name, shown < length ? "…" : ""));
}

static void
note(RgMerge *merge, const char *schema, const char *name, const char *reason)
{
	StringInfo list = &merge->skipped;

	if (merge->skipped_count++ >= RG_SKIPPED_SHOWN)
		return;
	appendStringInfoString(list, list->len ? ", {\"schema\": " : "{\"schema\": ");
	append_name(list, schema);
	if (name != NULL)
	{
		appendStringInfoString(list, ", \"name\": ");
		append_name(list, name);
	}
	appendStringInfoString(list, ", \"reason\": ");
	escape_json(list, reason);
	appendStringInfoChar(list, '}');
}

bool
rg_skipped_too_long(RgMerge *merge, const char *schema, const char *name)
{
	size_t schema_length = strlen(schema);
	size_t length = schema_length + (name ? strlen(name) : 0);
	char reason[REASON_BYTES];

	if (length <= RG_NAMES_BYTES)
		return false;
	snprintf(reason, sizeof(reason), "its name has %zu bytes%s, of which %d can be stored", length,
			 name ? ", with that of its schema" : "", RG_NAMES_BYTES);
	if (name == NULL || schema_length <= RG_NAMES_BYTES)
		note(merge, schema, name, reason);
	return true;
}

char *
rg_merge_skipped(const RgMerge *merge)
{
	return merge->skipped_count > 0 ? psprintf("[%s]", merge->skipped.data) : NULL;
}

/* ---- stored relations and their new names ---- */

static void
note_moved(RgMerge *merge, int known, const char *schema, const char *name)
{
	MemoryContext previous = MemoryContextSwitchTo(merge->memory);
	MovedRelation *moved = palloc(sizeof(MovedRelation));

	*moved = (MovedRelation){.known = known, .schema = pstrdup(schema), .name = pstrdup(name)};
	merge->moved = lappend(merge->moved, moved);
	MemoryContextSwitchTo(previous);
}

void
rg_skipped_note_known(RgMerge *merge, const WireRelation *skipped)
{
	const char *schema = skipped->schema;
	const char *name = skipped->name;
	int known = rg_index_find_id(merge, skipped->id);
	KnownRelation *relation = known >= 0 ? &merge->known[known] : NULL;

	if (relation == NULL && (known = rg_index_find_name(merge, schema, name)) < 0)
		return;
	merge->known[known].skipped = true;
	if (relation != NULL && relation->current && strlen(schema) + strlen(name) <= RG_NAMES_BYTES &&
		(strcmp(relation->name, name) != 0 || strcmp(relation->schema, schema) != 0))
		note_moved(merge, known, schema, name);
}

static void
take_relation(RgMerge *merge, const WireRelation *skipped)
{
	SourceSchema *schema = rg_merge_schema(merge, skipped->schema);

	rg_skipped_note_known(merge, skipped);
	if (schema != NULL && strlen(skipped->schema) <= RG_NAMES_BYTES)
		schema->shown = true;
}

static void
take_schema(RgMerge *merge, const char *name)
{
	SourceSchema *schema = rg_merge_schema(merge, name);

	if (schema == NULL)
		schema = rg_merge_add_schema(merge, name);
	schema->unlistable = true;
}

const char *
rg_skipped_take(RgMerge *merge, const WireRelation *skipped, const char *reason)
{
	const char *schema = skipped->schema;
	const char *name = skipped->name;

	if (name ? !wire_selects(&merge->selection, schema, name)
			 : !wire_selects_any_of(&merge->selection, schema))
		return NULL;
	if (name != NULL)
		take_relation(merge, skipped);
	else
		take_schema(merge, schema);
	note(merge, schema, name, reason);
	return NULL;
}

/* Another relation may have sent the same name, which no source can mean: the first one keeps it. */
void
rg_skipped_settle(RgMerge *merge)
{
	List *settled = NIL;
	ListCell *cell;
	MemoryContext previous = MemoryContextSwitchTo(merge->memory);

	foreach (cell, merge->moved)
	{
		MovedRelation *moved = lfirst(cell);
		KnownRelation *relation = &merge->known[moved->known];
		SourceSchema *schema = rg_merge_schema(merge, moved->schema);

		if (relation->seen || schema == NULL || !schema->announced ||
			!rg_index_claim_name(merge, moved->schema, moved->name, false))
			continue;
		relation->seen = relation->renamed = relation->differs = true;
		settled = lappend(settled, moved);
	}
	merge->moved = settled;
	MemoryContextSwitchTo(previous);
}

int64
rg_skipped_rename(RgMerge *merge)
{
	static RgStatement rename = {
		.text = "UPDATE rivergen_catalog.relation r SET schema_name = m.schema_name, relation_name = m.name, "
				"changed_at = now() FROM unnest($3, $4, $5) m (relation_id, schema_name, name) "
				"WHERE r.organization_id = $1 AND r.data_source_id = $2 "
				"AND r.relation_id = ANY ($3) AND r.relation_id = m.relation_id",
	};
	int count = list_length(merge->moved);
	Datum *schemas = palloc(sizeof(Datum) * (count + 1));
	Datum *names = palloc(sizeof(Datum) * (count + 1));
	List *ids = NIL;
	ListCell *cell;

	if (count == 0)
		return 0;
	foreach (cell, merge->moved)
	{
		const MovedRelation *moved = lfirst(cell);

		schemas[list_length(ids)] = CStringGetTextDatum(moved->schema);
		names[list_length(ids)] = CStringGetTextDatum(moved->name);
		ids = lappend(ids, &merge->known[moved->known].relation_id);
	}

	rg_spi_execute(&rename, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_int8_array(rg_merge_id_array(ids)), rg_text_array(rg_merge_text_array(schemas, count)),
				   rg_text_array(rg_merge_text_array(names, count)));
	return count;
}
