/*
 * state.c — helpers for the state of a merge: its schemas, texts that live as long as it does, and arrays of
 * ids for statements.
 */
#include "state.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "sql.h"

SourceSchema *
rg_merge_schema(RgMerge *merge, const char *name)
{
	ListCell *cell;

	/* Relations mostly come schema by schema. */
	if (merge->last_schema != NULL && strcmp(merge->last_schema->name, name) == 0)
		return merge->last_schema;
	foreach (cell, merge->schemas)
	{
		SourceSchema *schema = lfirst(cell);

		if (strcmp(schema->name, name) == 0)
		{
			merge->last_schema = schema;
			return schema;
		}
	}
	return NULL;
}

SourceSchema *
rg_merge_add_schema(RgMerge *merge, const char *name)
{
	MemoryContext previous = MemoryContextSwitchTo(merge->memory);
	SourceSchema *schema = palloc0(sizeof(SourceSchema));

	schema->name = pstrdup(name);
	merge->schemas = lappend(merge->schemas, schema);
	MemoryContextSwitchTo(previous);
	return schema;
}

bool
rg_merge_same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

char *
rg_merge_keep(RgMerge *merge, const char *text)
{
	return text ? MemoryContextStrdup(merge->memory, text) : NULL;
}

Datum
rg_merge_text_array(Datum *texts, int count)
{
	return PointerGetDatum(construct_array(texts, count, TEXTOID, -1, false, TYPALIGN_INT));
}

Datum
rg_merge_id_array(const List *ids)
{
	Datum *elements = palloc(list_length(ids) * sizeof(Datum));
	int count = 0;
	ListCell *cell;

	foreach (cell, ids)
		elements[count++] = Int64GetDatum(*(int64 *) lfirst(cell));
	return PointerGetDatum(
		construct_array(elements, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

void
rg_merge_run_for_ids(RgMerge *merge, RgStatement *statement, const List *ids)
{
	if (ids != NIL)
		rg_spi_execute(statement, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
					   rg_int8_array(rg_merge_id_array(ids)));
}
