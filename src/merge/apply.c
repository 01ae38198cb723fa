/*
 * apply.c — writes the differences, all in one transaction of the worker.
 *
 * The order keeps clear of the unique index over current names: forget the ids of another server, keep for
 * the history what will be replaced, deprecate relations that have gone, take renamed relations off their old
 * names, then write the spool.
 */
#include "apply.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "index.h"
#include "merge/history.h"
#include "newcomers.h"
#include "server.h"
#include "signatures.h"
#include "skipped.h"
#include "sql.h"
#include "state.h"
#include "versions.h"

/* ---- what has gone, what was renamed ---- */

/*
 * A skipped relation, or one whose schema could not be listed, keeps its row. If another relation was found
 * under its name, it cannot have that name any more: it may have been dropped or renamed, and is deprecated.
 */
static bool
is_kept(RgMerge *merge, const KnownRelation *relation)
{
	SourceSchema *schema;

	if (!relation->current || relation->seen ||
		rg_index_name_is_taken_over(merge, relation->schema, relation->name))
		return true;
	if (rg_index_name_is_claimed(merge, relation->schema, relation->name))
		return false;
	if (merge->scope != NULL && strcmp(relation->schema, merge->scope) != 0)
		return true;
	schema = rg_merge_schema(merge, relation->schema);
	return (relation->skipped && wire_selects(&merge->selection, relation->schema, relation->name)) ||
		   (schema != NULL && schema->unlistable &&
			wire_selects(&merge->selection, relation->schema, relation->name));
}

/* Will the document be replaced, by the same relation or by a new one of that name? */
static bool
is_replaced(RgMerge *merge, int i)
{
	const KnownRelation *relation = &merge->known[i];

	if (relation->seen)
		return relation->differs;
	return rg_index_name_is_taken_over(merge, relation->schema, relation->name) &&
		   rg_index_find_name(merge, relation->schema, relation->name) == i;
}

static void
keep_history(RgMerge *merge)
{
	List *ids = NIL;

	for (int i = 0; i < merge->known_count; i++)
	{
		if (is_replaced(merge, i) || !is_kept(merge, &merge->known[i]))
			ids = lappend(ids, &merge->known[i].relation_id);
	}
	rg_history_keep(merge, ids);
}

static int64
deprecate_gone(RgMerge *merge)
{
	static RgStatement deprecate = {
		.text = "UPDATE rivergen_catalog.relation SET deprecated_at = now() "
				"WHERE organization_id = $1 AND data_source_id = $2 AND relation_id = ANY ($3)",
	};
	List *gone = NIL;

	for (int i = 0; i < merge->known_count; i++)
	{
		if (!is_kept(merge, &merge->known[i]))
			gone = lappend(gone, &merge->known[i].relation_id);
	}
	rg_merge_run_for_ids(merge, &deprecate, gone);
	return list_length(gone);
}

static void
vacate_renamed(RgMerge *merge)
{
	static RgStatement vacate = {
		.text = "UPDATE rivergen_catalog.relation SET relation_name = chr(1) || relation_id "
				"WHERE organization_id = $1 AND data_source_id = $2 AND relation_id = ANY ($3)",
	};
	List *renamed = NIL;

	for (int i = 0; i < merge->known_count; i++)
	{
		if (merge->known[i].renamed)
			renamed = lappend(renamed, &merge->known[i].relation_id);
	}
	rg_merge_run_for_ids(merge, &vacate, renamed);
}

/* ---- schemas ---- */

static void
store_schema(RgMerge *merge, const SourceSchema *schema)
{
	static RgStatement store = {
		.text =
			"INSERT INTO rivergen_catalog.source_schema "
			"(organization_id, data_source_id, schema_name, native_id, comment) VALUES ($1, $2, $3, $4, $5) "
			"ON CONFLICT (organization_id, data_source_id, schema_name) "
			"DO UPDATE SET native_id = excluded.native_id, comment = excluded.comment",
	};

	rg_spi_execute(&store, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_text(schema->name), rg_text_or_null(schema->id), rg_text_or_null(schema->comment));
}

static void
remove_schema(RgMerge *merge, const SourceSchema *schema)
{
	static RgStatement remove = {
		.text = "DELETE FROM rivergen_catalog.source_schema "
				"WHERE organization_id = $1 AND data_source_id = $2 AND schema_name = $3",
	};

	rg_spi_execute(&remove, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_text(schema->name));
}

static int64
apply_schemas(RgMerge *merge)
{
	int64 written = 0;
	ListCell *cell;

	foreach (cell, merge->schemas)
	{
		SourceSchema *schema = lfirst(cell);

		if (schema->shown && (schema->changed || !schema->known))
			store_schema(merge, schema);
		else if (schema->known && !schema->shown && !schema->unlistable)
			remove_schema(merge, schema);
		else
			continue;
		written++;
	}
	return written;
}

/* ---- the spool ---- */

static text *
read_text(RgSpool *spool, uint32 length)
{
	text *result = palloc(VARHDRSZ + length);

	SET_VARSIZE(result, VARHDRSZ + length);
	rg_spool_read(spool, VARDATA(result), length);
	return result;
}

/* NULL when there are only statistics. */
static struct varlena *
read_document(RgSpool *spool, uint32 length)
{
	struct varlena *result = length > 0 ? palloc(length) : NULL;

	rg_spool_read(spool, result, length);
	return result;
}

/* The relation that the record continues, or 0 when it is new. */
static int64
target_of(RgMerge *merge, const SpoolRecord *record, const text *schema, const text *name)
{
	int known = record->known;

	if (known < 0)
	{
		known = rg_index_find_name(merge, text_to_cstring(schema), text_to_cstring(name));
		if (known >= 0 && merge->known[known].seen)
			known = -1; /* its own id was found under another name */
	}
	return known >= 0 ? merge->known[known].relation_id : 0;
}

static void
write_statistics(RgMerge *merge, const SpoolRecord *record, int64 relation_id, text *id)
{
	static RgStatement update = {
		.text =
			"UPDATE rivergen_catalog.relation SET row_estimate = nullif($4, -1), size_bytes = nullif($5, -1), "
			"native_id = nullif($6, '') "
			"WHERE organization_id = $1 AND data_source_id = $2 AND relation_id = $3",
	};

	rg_spi_execute(&update, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_int8(relation_id), rg_int8(record->row_estimate), rg_int8(record->size_bytes),
				   rg_pointer(id, TEXTOID));
}

static Datum
hash_datum(const SpoolRecord *record)
{
	bytea *hash = palloc(VARHDRSZ + RG_HASH_BYTES);

	SET_VARSIZE(hash, VARHDRSZ + RG_HASH_BYTES);
	memcpy(VARDATA(hash), record->hash, RG_HASH_BYTES);
	return PointerGetDatum(hash);
}

static void
write_document(RgMerge *merge, RgNewcomers *newcomers, int64 relation_id, const SpoolRecord *record, text *id,
			   text *schema, text *name, text *kind, struct varlena *document)
{
	static RgStatement update = {
		.text =
			"UPDATE rivergen_catalog.relation SET schema_name = $4, relation_name = $5, kind = $6, "
			"native_id = nullif($7, ''), columns_count = $8, row_estimate = nullif($9, -1), "
			"size_bytes = nullif($10, -1), hash = $11, document = $12, dialect = $13, changed_at = now(), "
			"deprecated_at = NULL "
			"WHERE organization_id = $1 AND data_source_id = $2 AND relation_id = $3",
	};
	/* The columns of a new relation, without organization, source and dialect: newcomers.c. */
	Datum columns[] = {PointerGetDatum(schema),
					   PointerGetDatum(name),
					   PointerGetDatum(kind),
					   PointerGetDatum(id),
					   Int32GetDatum(record->columns),
					   Int64GetDatum(record->row_estimate),
					   Int64GetDatum(record->size_bytes),
					   hash_datum(record),
					   PointerGetDatum(document)};

	StaticAssertStmt(lengthof(columns) == RG_NEWCOMER_COLUMNS, "newcomers.c has other columns");
	if (relation_id == 0)
		rg_newcomers_add(newcomers, columns);
	else
		rg_spi_execute(&update, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
					   rg_int8(relation_id), rg_pointer(schema, TEXTOID), rg_pointer(name, TEXTOID),
					   rg_pointer(kind, TEXTOID), rg_pointer(id, TEXTOID), rg_int4(record->columns),
					   rg_int8(record->row_estimate), rg_int8(record->size_bytes),
					   rg_pointer(DatumGetPointer(columns[7]), BYTEAOID), rg_pointer(document, JSONBOID),
					   rg_text_or_null(merge->dialect));
}

/* The caller's context lasts for the transaction; `memory` holds the signature beyond the record. */
static void
note_signature(RgMerge *merge, MemoryContext memory, const SpoolRecord *record, const text *schema,
			   const text *name)
{
	MemoryContext previous;
	NewSignature *new;

	if (record->signature_length == 0)
		return;
	previous = MemoryContextSwitchTo(memory);
	new = palloc(sizeof(NewSignature));
	new->schema = (text *) PG_DETOAST_DATUM_COPY(PointerGetDatum(schema));
	new->name = (text *) PG_DETOAST_DATUM_COPY(PointerGetDatum(name));
	new->signature = read_text(merge->spool, record->signature_length);
	merge->new_signatures = lappend(merge->new_signatures, new);
	MemoryContextSwitchTo(previous);
}

/* *written counts documents only: new statistics are no change of the schema. */
static bool
apply_record(RgMerge *merge, RgNewcomers *newcomers, MemoryContext memory, int64 *written)
{
	SpoolRecord record;

	if (!rg_spool_has_more(merge->spool))
		return false;
	rg_spool_read(merge->spool, &record, sizeof(record));

	text *id = read_text(merge->spool, record.id_length);
	text *schema = read_text(merge->spool, record.schema_length);
	text *name = read_text(merge->spool, record.name_length);
	text *kind = read_text(merge->spool, record.kind_length);
	struct varlena *document = read_document(merge->spool, record.document_length);
	int64 target = target_of(merge, &record, schema, name);

	if (record.statistics_only)
		write_statistics(merge, &record, target, id);
	else
	{
		write_document(merge, newcomers, target, &record, id, schema, name, kind, document);
		(*written)++;
	}
	note_signature(merge, memory, &record, schema, name);
	rg_spool_skip(merge->spool, record.versions_length); /* they are told at the end: versions.c */
	return true;
}

static int64
apply_spool(RgMerge *merge)
{
	int64 written = 0;
	RgNewcomers *newcomers = rg_newcomers_begin(merge);
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "rivergen merge record", 0,
												  RG_SCRATCH_BYTES, ALLOCSET_DEFAULT_MAXSIZE);
	MemoryContext previous = MemoryContextSwitchTo(scratch);

	merge->new_signatures = NIL;
	if (merge->spool != NULL)
	{
		rg_spool_rewind(merge->spool);
		while (apply_record(merge, newcomers, previous, &written))
		{
			MemoryContextReset(scratch);
			CHECK_FOR_INTERRUPTS();
		}
	}
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(scratch);
	rg_newcomers_end(newcomers);
	return written;
}

/* Reads every relation of the source, so only a discovery that changed something calls it. */
static void
count_schemas(RgMerge *merge)
{
	static RgStatement count = {
		.text = "SELECT rivergen_catalog.count_schemas($1, $2)",
	};

	rg_spi_execute(&count, rg_int8(merge->organization_id), rg_int8(merge->data_source_id));
}

/* What search knows: names, and texts about relations. */
static void
index_relations(RgMerge *merge)
{
	static RgStatement index = {
		.text = "SELECT rivergen_catalog.index_relations($1, $2, NULL)",
	};

	rg_spi_execute(&index, rg_int8(merge->organization_id), rg_int8(merge->data_source_id));
}

int64
rg_merge_apply(RgMerge *merge, int64 job_id)
{
	bool first = rg_history_begin(merge);

	rg_server_forget_ids(merge);
	keep_history(merge);

	int64 relations = deprecate_gone(merge);

	vacate_renamed(merge);
	relations += rg_skipped_rename(merge);

	int64 schemas = apply_schemas(merge);

	relations += apply_spool(merge);
	rg_signatures_apply(merge);
	if (relations > 0)
		count_schemas(merge);
	if (relations > 0 && !first)
		rg_history_record_changes(merge, job_id);
	rg_versions_tell(merge, job_id, first);
	rg_server_note(merge);
	rg_history_finish(merge);
	if (relations + schemas > 0)
		index_relations(merge);
	return relations + schemas;
}
