/*
 * merge.c — compares frames with the stored relations as they arrive.
 *
 * A frame belongs to the stored relation with the same id, under whatever name; without a match by id, to the
 * stored relation of the same name. Whether a stored name may be taken over is only known after the last
 * frame: a relation without a match by id is therefore spooled with known = -1, and apply.c matches it by
 * name.
 */
#include "merge.h"

#include <sodium.h>

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "index.h"
#include "merge/history.h"
#include "renames.h"
#include "server.h"
#include "signatures.h"
#include "skipped.h"
#include "sql.h"
#include "state.h"
#include "stored.h"
#include "versions.h"

int rg_max_relations = 1000000;

void
rg_merge_init(void)
{
	DefineCustomIntVariable("rivergen.max_relations", "Relations that one discovery may bring.", NULL,
							&rg_max_relations, 1000000, 1, INT_MAX, PGC_SIGHUP, 0, NULL, NULL, NULL);
	rg_history_init();
}

/* ---- what is known ---- */

static void
add_known(RgMerge *merge, uint64 row)
{
	if (merge->known_count == merge->known_capacity)
	{
		merge->known_capacity *= 2;
		merge->known = repalloc_huge(merge->known, merge->known_capacity * sizeof(KnownRelation));
	}

	KnownRelation *relation = &merge->known[merge->known_count];
	bool is_null;
	bytea *hash = DatumGetByteaPP(rg_spi_datum(row, 5, &is_null));

	memset(relation, 0, sizeof(*relation));
	relation->relation_id = rg_spi_int64(row, 1);
	relation->id = rg_merge_keep(merge, rg_spi_text(row, 2));
	relation->schema = rg_merge_keep(merge, rg_spi_text(row, 3));
	relation->name = rg_merge_keep(merge, rg_spi_text(row, 4));
	memcpy(relation->hash, VARDATA_ANY(hash), Min(RG_HASH_BYTES, VARSIZE_ANY_EXHDR(hash)));
	relation->row_estimate = rg_spi_int64(row, 6);
	relation->size_bytes = rg_spi_int64(row, 7);
	relation->current = rg_spi_bool(row, 8);
	relation->columns = rg_spi_int32(row, 9);
	relation->signature = rg_merge_keep(merge, rg_spi_text(row, 10));
	relation->dialect = rg_dialect_of_known(merge, rg_spi_text(row, 11));
	rg_index_add_known(merge, merge->known_count++);
}

#define FETCH_ROWS 1000

/* Loads the schemas outside of the scope too: a relation inside may have moved from there. */
static void
load_relations(RgMerge *merge)
{
	static RgStatement list = {
		/*
		 * A subquery, not a join: the planner makes a nested loop of a join while the tables are not
		 * analysed.
		 */
		.text =
			"SELECT r.relation_id, r.native_id, r.schema_name, r.relation_name, r.hash, "
			"coalesce(r.row_estimate, -1), coalesce(r.size_bytes, -1), r.deprecated_at IS NULL, r.columns_count, "
			"(SELECT s.signature FROM rivergen_catalog.relation_signature s WHERE s.organization_id = $1 "
			"AND s.data_source_id = $2 AND s.relation_id = r.relation_id), r.dialect "
			"FROM rivergen_catalog.relation r WHERE r.organization_id = $1 AND r.data_source_id = $2 "
			"AND ($3 IS NULL OR r.schema_name = $3 OR r.native_id IS NOT NULL) "
			"ORDER BY r.deprecated_at DESC NULLS FIRST",
		.types = {INT8OID, INT8OID, TEXTOID},
	};
	Datum values[] = {Int64GetDatum(merge->organization_id), Int64GetDatum(merge->data_source_id),
					  merge->scope ? CStringGetTextDatum(merge->scope) : (Datum) 0};
	MemoryContext rows =
		AllocSetContextCreate(CurrentMemoryContext, "rivergen stored relations", ALLOCSET_DEFAULT_SIZES);
	Portal portal = rg_spi_open(&list, values, merge->scope ? NULL : "  n");

	while (rg_spi_fetch(portal, FETCH_ROWS) > 0)
	{
		MemoryContext previous = MemoryContextSwitchTo(rows);

		for (uint64 i = 0; i < SPI_processed; i++)
			add_known(merge, i);
		MemoryContextSwitchTo(previous);
		MemoryContextReset(rows);
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
	MemoryContextDelete(rows);
}

static void
load_schemas(RgMerge *merge)
{
	static RgStatement list = {
		.text = "SELECT schema_name, native_id, comment FROM rivergen_catalog.source_schema "
				"WHERE organization_id = $1 AND data_source_id = $2 AND ($3 IS NULL OR schema_name = $3)",
	};
	uint64 rows = rg_spi_execute(&list, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
								 rg_text_or_null(merge->scope));

	for (uint64 i = 0; i < rows; i++)
	{
		SourceSchema *schema = rg_merge_add_schema(merge, rg_spi_text(i, 1));

		schema->id = rg_merge_keep(merge, rg_spi_text(i, 2));
		schema->comment = rg_merge_keep(merge, rg_spi_text(i, 3));
		schema->known = true;
	}
}

/* The selection is memory from malloc: nothing that can raise an error may follow. */
static void
read_patterns(RgMerge *merge, const char *patterns)
{
	WireObject object;

	if (patterns == NULL || wire_object_scan(patterns, strlen(patterns), &object) != NULL)
		return;
	merge->patterns = MemoryContextStrdup(merge->memory, patterns);
	if (!wire_selection_read(&merge->selection, wire_member(&object, "include"),
							 wire_member(&object, "exclude")))
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

RgMerge *
rg_merge_begin(int64 organization_id, int64 data_source_id, const char *scope, const char *patterns)
{
	MemoryContext memory =
		AllocSetContextCreate(CurrentMemoryContext, "rivergen merge", ALLOCSET_DEFAULT_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(memory);
	RgMerge *merge = palloc0(sizeof(RgMerge));

	merge->memory = memory;
	merge->organization_id = organization_id;
	merge->data_source_id = data_source_id;
	merge->scope = scope ? pstrdup(scope) : NULL;
	merge->known_capacity = 64;
	merge->known = palloc(merge->known_capacity * sizeof(KnownRelation));
	initStringInfo(&merge->texts);
	initStringInfo(&merge->skipped);
	rg_index_create(merge);
	MemoryContextSwitchTo(previous);

	load_relations(merge);
	load_schemas(merge);
	rg_signatures_load(merge);
	rg_server_load(merge);
	read_patterns(merge, patterns);
	/* Until here an error frees it together with the transaction's memory. */
	MemoryContextSetParent(memory, TopMemoryContext);
	return merge;
}

void
rg_merge_end(RgMerge *merge)
{
	if (merge->spool != NULL)
		rg_spool_close(merge->spool);
	wire_selection_free(&merge->selection);
	MemoryContextDelete(merge->memory);
}

/* ---- frames ---- */

/* Makes room for the texts of one frame, which last until the next frame. */
static void
make_room(RgMerge *merge, const WireFrame *frame)
{
	resetStringInfo(&merge->texts);
	enlargeStringInfo(&merge->texts, wire_texts_size(frame));
}

static WireRelation
read_frame(RgMerge *merge, const WireFrame *frame)
{
	WireRelation relation;

	make_room(merge, frame);
	wire_relation_read(frame, merge->texts.data, &relation);
	return relation;
}

/* Has another schema of this discovery the id? */
static bool
is_schema_id_taken(const RgMerge *merge, const SourceSchema *schema, const char *id)
{
	ListCell *cell;

	foreach (cell, id != NULL ? merge->schemas : NIL)
	{
		const SourceSchema *other = lfirst(cell);

		if (other != schema && other->announced && other->id != NULL && strcmp(other->id, id) == 0)
			return true;
	}
	return false;
}

static const char *
take_schema(RgMerge *merge, const WireRelation *sent)
{
	const char *name = sent->schema;

	if (merge->scope != NULL && strcmp(name, merge->scope) != 0)
		return "a schema outside the scope was sent";

	SourceSchema *schema = rg_merge_schema(merge, name);

	if (schema == NULL)
		schema = rg_merge_add_schema(merge, name);
	if (schema->announced)
		return "a schema was sent twice";
	if (is_schema_id_taken(merge, schema, sent->id))
		return "two schemas with the same id were sent";
	if (!rg_merge_same_text(schema->id, sent->id) || !rg_merge_same_text(schema->comment, sent->comment))
	{
		schema->changed = true;
		schema->id = rg_merge_keep(merge, sent->id);
		schema->comment = rg_merge_keep(merge, sent->comment);
	}
	schema->announced = true;
	schema->shown = wire_selects_schema(&merge->selection, name) && !rg_skipped_too_long(merge, name, NULL);
	merge->schemas_received++;
	return NULL;
}

/* Includes the kind, which is not in the document: a table that becomes a partition has changed. */
static void
hash_document(unsigned char *hash, const char *kind, WireSpan document)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, RG_HASH_BYTES);
	crypto_generichash_update(&state, (const unsigned char *) kind, strlen(kind) + 1);
	crypto_generichash_update(&state, (const unsigned char *) document.start, document.length);
	crypto_generichash_final(&state, hash, RG_HASH_BYTES);
}

static void
open_spool(RgMerge *merge)
{
	if (merge->spool != NULL)
		return;
	merge->spool = rg_spool_open(merge->memory);
	merge->scratch = AllocSetContextCreate(merge->memory, "rivergen merge document", 0, RG_SCRATCH_BYTES,
										   ALLOCSET_DEFAULT_MAXSIZE);
}

static uint32
length_of(const char *text)
{
	return text ? strlen(text) : 0;
}

/* signature: NULL if the relation is known by its id; KnownRelation has it then. */
static void
write_record(RgMerge *merge, SpoolRecord *record, const WireRelation *sent, struct varlena *stored,
			 const char *signature, const StringInfoData *versions)
{
	record->id_length = length_of(sent->id);
	record->schema_length = length_of(sent->schema);
	record->name_length = length_of(sent->name);
	record->kind_length = length_of(sent->kind);
	record->document_length = stored ? VARSIZE(stored) : 0;
	record->signature_length = length_of(signature);
	record->versions_length = versions->len;
	rg_spool_write(merge->spool, record, sizeof(*record));
	rg_spool_write(merge->spool, sent->id, record->id_length);
	rg_spool_write(merge->spool, sent->schema, record->schema_length);
	rg_spool_write(merge->spool, sent->name, record->name_length);
	rg_spool_write(merge->spool, sent->kind, record->kind_length);
	rg_spool_write(merge->spool, stored, record->document_length);
	rg_spool_write(merge->spool, signature, record->signature_length);
	rg_spool_write(merge->spool, versions->data, record->versions_length);
}

/* Returns NULL, or the fault of the document. */
static const char *
spool(RgMerge *merge, SpoolRecord *record, const WireRelation *sent, const char *signature)
{
	MemoryContext previous;
	struct varlena *stored = NULL;
	StringInfoData versions = {.len = 0};
	const char *fault = NULL;

	open_spool(merge);
	previous = MemoryContextSwitchTo(merge->scratch);
	record->changed_at = record->statistics_only ? WIRE_ABSENT : sent->changed_at;
	merge->has_times |= record->changed_at != WIRE_ABSENT;
	if (!record->statistics_only)
		stored = rg_merge_stored_form(sent->document, record->columns, &fault);
	if (fault == NULL && !record->statistics_only)
		fault = rg_versions_pack(sent, &versions);
	if (fault == NULL)
		write_record(merge, record, sent, stored, signature, &versions);
	MemoryContextSwitchTo(previous);
	MemoryContextReset(merge->scratch);
	return fault;
}

/* Does the frame count other columns than the stored document has, though the document is the same? */
static bool
has_other_count(const KnownRelation *relation, const SpoolRecord *record)
{
	return relation->columns != record->columns && memcmp(relation->hash, record->hash, RG_HASH_BYTES) == 0;
}

/*
 * Must anything be written for this stored relation? Sets renamed and differs. A new id alone, as after a
 * restore of the source, is written but is no difference of the document.
 */
static bool
differs(KnownRelation *relation, SpoolRecord *record, const WireRelation *sent)
{
	relation->renamed =
		strcmp(relation->name, sent->name) != 0 || strcmp(relation->schema, sent->schema) != 0;

	bool same_document =
		relation->current && !relation->renamed && memcmp(relation->hash, record->hash, RG_HASH_BYTES) == 0;

	record->statistics_only = same_document;
	relation->differs = !same_document;
	return !same_document || !rg_merge_same_text(relation->id, sent->id) ||
		   relation->row_estimate != record->row_estimate || relation->size_bytes != record->size_bytes;
}

/* Keeps the signature only if it differs from the stored one. */
static void
take_signature(RgMerge *merge, KnownRelation *relation, const char *signature)
{
	if (signature == NULL)
		return;
	if (rg_merge_same_text(relation->signature, signature))
		relation->confirmed = true;
	else
		relation->fresh_signature = rg_merge_keep(merge, signature);
}

static const char *
check_relation(const SourceSchema *schema, const WireRelation *sent)
{
	if (schema == NULL || !schema->announced)
		return "a relation was sent before its schema";
	if (sent->columns > RG_MAX_COLUMNS)
		return "a relation has too many columns";
	if (sent->signature != NULL && strlen(sent->signature) > RG_SIGNATURE_BYTES)
		return "a signature is too long";
	return NULL;
}

/* Is the relation to be stored? Patterns and long names leave relations out. */
static bool
is_stored(RgMerge *merge, const WireRelation *sent)
{
	if (!wire_selects(&merge->selection, sent->schema, sent->name))
		return false; /* the connector knows nothing of patterns */
	if (!rg_skipped_too_long(merge, sent->schema, sent->name))
		return true;
	rg_skipped_note_known(merge, sent);
	return false;
}

static int32
find_known(RgMerge *merge, const WireRelation *sent)
{
	if (sent->id != NULL && !merge->is_other_server)
		return rg_index_find_id(merge, sent->id);
	return rg_index_find_name(merge, sent->schema, sent->name);
}

static const char two_with_one_id[] = "two relations with the same id were sent";

/* Spools the relation if it is new or differs from the stored one. Returns NULL, or the fault. */
static const char *
compare_relation(RgMerge *merge, SpoolRecord *record, const WireRelation *sent)
{
	KnownRelation *known;

	if (record->known < 0)
		return spool(merge, record, sent, sent->signature);
	known = &merge->known[record->known];
	if (known->seen)
		return two_with_one_id;
	if (has_other_count(known, record))
		return RG_WRONG_COUNT;
	known->seen = true;
	take_signature(merge, known, sent->signature);
	return differs(known, record, sent) ? spool(merge, record, sent, NULL) : NULL;
}

static const char *
take_relation(RgMerge *merge, const WireRelation *sent)
{
	SourceSchema *schema = rg_merge_schema(merge, sent->schema);
	SpoolRecord record = {
		.row_estimate = sent->row_estimate, .size_bytes = sent->size_bytes, .columns = sent->columns};
	const char *fault = check_relation(schema, sent);

	if (fault != NULL)
		return fault;
	merge->relations_received++;
	merge->columns_received += sent->columns;
	if (!is_stored(merge, sent))
		return NULL;
	schema->shown = true;
	record.known = find_known(merge, sent);
	if (!rg_index_claim_name(merge, sent->schema, sent->name, record.known < 0))
		return "a relation was sent twice";
	if (sent->id != NULL && !rg_index_claim_id(merge, sent->id))
		return two_with_one_id;
	hash_document(record.hash, sent->kind, sent->document);
	return compare_relation(merge, &record, sent);
}

static const char *
check_unchanged(const SourceSchema *schema, const KnownRelation *relation, const WireRelation *sent)
{
	if (schema == NULL || !schema->announced)
		return "a relation was sent before its schema";
	if (relation == NULL || !relation->offered)
		return "unchanged was sent for a relation that is not in known.relations";
	if (strcmp(relation->schema, sent->schema) != 0 || strcmp(relation->name, sent->name) != 0)
		return "unchanged was sent for a relation under another name than the known one";
	return NULL;
}

/* Takes the frame of a relation whose document is still the stored one. */
static const char *
take_unchanged(RgMerge *merge, const WireRelation *sent)
{
	SpoolRecord record = {.known = rg_index_find_id(merge, sent->id),
						  .row_estimate = sent->row_estimate,
						  .size_bytes = sent->size_bytes,
						  .statistics_only = true};
	SourceSchema *schema = rg_merge_schema(merge, sent->schema);
	KnownRelation *relation = record.known >= 0 ? &merge->known[record.known] : NULL;
	const char *fault = check_unchanged(schema, relation, sent);

	if (fault != NULL)
		return fault;
	merge->unchanged_received++;
	merge->unchanged_columns += relation->columns;
	if (!wire_selects(&merge->selection, sent->schema, sent->name))
		return NULL; /* the connector knows nothing of patterns */
	schema->shown = true;
	if (relation->seen || !rg_index_claim_name(merge, sent->schema, sent->name, false))
		return "a relation was sent twice";
	relation->seen = true;
	relation->confirmed = true;
	if (relation->row_estimate != record.row_estimate || relation->size_bytes != record.size_bytes)
		return spool(merge, &record, sent, NULL);
	return NULL;
}

bool
rg_merge_wants_reason(const RgMerge *merge)
{
	return merge->skipped_count < RG_SKIPPED_SHOWN;
}

int
rg_merge_max_relations(void)
{
	return rg_max_relations;
}

bool
rg_merge_is_full(const RgMerge *merge, WireFrameKind kind)
{
	if (kind == WIRE_SKIPPED)
		return merge->skipped_count >= rg_max_relations;
	return (kind == WIRE_RELATION || kind == WIRE_UNCHANGED) &&
		   merge->relations_received + merge->unchanged_received >= rg_max_relations;
}

const char *
rg_merge_frame(RgMerge *merge, const WireFrame *frame, const char *reason)
{
	WireRelation sent = read_frame(merge, frame);

	switch (frame->kind)
	{
		case WIRE_SCHEMA:
			return take_schema(merge, &sent);
		case WIRE_RELATION:
			return take_relation(merge, &sent);
		case WIRE_UNCHANGED:
			return take_unchanged(merge, &sent);
		case WIRE_REFERENCED:
			return rg_renames_take(merge, &sent);
		default:
			return rg_skipped_take(merge, &sent, reason);
	}
}

const char *
rg_merge_check_end(RgMerge *merge, const WireFrame *frame)
{
	WireEnd end;

	make_room(merge, frame);
	wire_end_read(frame, merge->texts.data, &end);
	if (end.schemas != merge->schemas_received || end.relations != merge->relations_received ||
		end.columns != merge->columns_received || end.unchanged != merge->unchanged_received)
		return "the counts of the end frame do not match what was sent";
	rg_skipped_settle(merge);
	return rg_signatures_check_end(merge, end.signature);
}

void
rg_merge_counts(const RgMerge *merge, int64 *relations, int64 *columns)
{
	*relations = merge->relations_received + merge->unchanged_received;
	*columns = merge->columns_received + merge->unchanged_columns;
}
