/*
 * signatures.c — loads signatures, offers them to the connector, and stores the new ones.
 *
 * A relation has a stored signature only if the last discovery that could have seen it confirmed it. A
 * relation that was skipped, could not be listed or went away loses its signature: only a document that was
 * read under a signature may count as current. All signatures hold together with the source's signature;
 * without it none of them counts.
 */
#include "signatures.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "index.h"
#include "state.h"

/* Size of the signatures in a request; relations beyond it are read. */
#define OFFERED_BYTES (8 * 1024 * 1024)

void
rg_signatures_load(RgMerge *merge)
{
	static RgStatement load = {
		.text =
			"SELECT schema_signature, coalesce(extract(epoch FROM full_discovered_at - interval '1 hour') * 1000, "
			"0)::bigint FROM rivergen_catalog.data_source_state WHERE organization_id = $1 AND data_source_id = $2",
	};

	if (rg_spi_execute(&load, rg_int8(merge->organization_id), rg_int8(merge->data_source_id)) == 0)
		return;
	merge->signature = rg_merge_keep(merge, rg_spi_text(0, 1));
	merge->known_at = rg_spi_int64(0, 2);
}

static bool
in_scope(const RgMerge *merge, const KnownRelation *relation)
{
	return merge->scope == NULL || strcmp(relation->schema, merge->scope) == 0;
}

static bool
may_offer(RgMerge *merge, int i)
{
	const KnownRelation *relation = &merge->known[i];

	return relation->current && relation->signature != NULL && rg_index_find_id(merge, relation->id) == i;
}

static void
append_offer(StringInfo json, KnownRelation *relation, bool first)
{
	appendStringInfoString(json, first ? "[" : ", [");
	escape_json(json, relation->id);
	appendStringInfoString(json, ", ");
	escape_json(json, relation->signature);
	appendStringInfoChar(json, ']');
	relation->offered = true;
}

char *
rg_merge_known(RgMerge *merge, bool full)
{
	StringInfoData json;
	bool first = true;

	/*
	 * The first discovery makes no signatures, so that a source which is discovered once does not pay for
	 * them. A discovery of one schema must read everything in it: its documents may name relations that
	 * changed elsewhere.
	 */
	if (merge->known_count == 0 || merge->scope != NULL)
		return NULL;
	initStringInfo(&json);
	appendStringInfo(&json, "{\"as_of\": " INT64_FORMAT ", ", merge->known_at);
	if (full || merge->signature == NULL)
	{
		appendStringInfoString(&json, "\"signature\": null, \"relations\": []}");
		return json.data;
	}
	appendStringInfoString(&json, "\"signature\": ");
	escape_json(&json, merge->signature);
	appendStringInfoString(&json, ", \"relations\": [");
	for (int i = 0; i < merge->known_count && json.len < OFFERED_BYTES; i++)
	{
		KnownRelation *relation = &merge->known[i];

		if (!may_offer(merge, i))
			continue;
		append_offer(&json, relation, first);
		first = false;
	}
	appendStringInfoString(&json, "]}");
	return json.data;
}

const char *
rg_signatures_check_end(RgMerge *merge, const char *signature)
{
	if (signature != NULL && strlen(signature) > RG_SIGNATURE_BYTES)
		return "a signature is too long";
	if (merge->unchanged_received > 0 && signature == NULL)
		return "relations were called unchanged without a signature of the source";
	merge->fresh_signature = rg_merge_keep(merge, signature);
	return NULL;
}

/* ---- writing ---- */

static void
store_source(RgMerge *merge, const char *signature)
{
	static RgStatement store = {
		.text = "UPDATE rivergen_catalog.data_source_state SET schema_signature = $3 "
				"WHERE organization_id = $1 AND data_source_id = $2 AND schema_signature IS DISTINCT FROM $3",
	};

	rg_spi_execute(&store, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_text_or_null(signature));
}

static void
forget_unconfirmed(RgMerge *merge)
{
	static RgStatement forget = {
		.text = "DELETE FROM rivergen_catalog.relation_signature "
				"WHERE organization_id = $1 AND data_source_id = $2 AND relation_id = ANY ($3)",
	};
	List *ids = NIL;

	for (int i = 0; i < merge->known_count; i++)
	{
		KnownRelation *relation = &merge->known[i];

		/* A discovery of one schema sees of other schemas only relations that moved out of them. */
		if (relation->signature != NULL && !relation->confirmed && relation->fresh_signature == NULL &&
			(relation->seen || in_scope(merge, relation)))
			ids = lappend(ids, &relation->relation_id);
	}
	rg_merge_run_for_ids(merge, &forget, ids);
}

static Datum
text_array(Datum *texts, int count)
{
	return PointerGetDatum(construct_array(texts, count, TEXTOID, -1, false, TYPALIGN_INT));
}

static Datum
id_array(Datum *ids, int count)
{
	return PointerGetDatum(
		construct_array(ids, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

static Datum *
allocate_elements(int count)
{
	return palloc_extended(Max(count, 1) * sizeof(Datum), MCXT_ALLOC_HUGE);
}

#define STORE                                                                                                \
	"INSERT INTO rivergen_catalog.relation_signature "                                                       \
	"(organization_id, data_source_id, relation_id, signature) "
#define REPLACE                                                                                              \
	" ON CONFLICT (organization_id, data_source_id, relation_id) "                                           \
	"DO UPDATE SET signature = excluded.signature"

static void
store_of_known(RgMerge *merge)
{
	static RgStatement store = {
		.text = STORE
		"SELECT $1, $2, n.relation_id, n.signature FROM unnest($3, $4) n (relation_id, signature)" REPLACE,
	};
	Datum *ids = allocate_elements(merge->known_count);
	Datum *signatures = allocate_elements(merge->known_count);
	int count = 0;

	for (int i = 0; i < merge->known_count; i++)
	{
		if (merge->known[i].fresh_signature == NULL)
			continue;
		ids[count] = Int64GetDatum(merge->known[i].relation_id);
		signatures[count++] = CStringGetTextDatum(merge->known[i].fresh_signature);
	}
	if (count == 0)
		return;

	rg_spi_execute(&store, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_int8_array(id_array(ids, count)), rg_text_array(text_array(signatures, count)));
}

static void
store_of_new(RgMerge *merge)
{
	static RgStatement store = {
		.text = STORE "SELECT $1, $2, r.relation_id, n.signature "
					  "FROM unnest($3, $4, $5) n (schema_name, relation_name, signature) "
					  "JOIN rivergen_catalog.relation r ON r.organization_id = $1 AND r.data_source_id = $2 "
					  "AND r.schema_name = n.schema_name AND r.relation_name = n.relation_name "
					  "AND r.deprecated_at IS NULL" REPLACE,
	};
	int most = list_length(merge->new_signatures);
	Datum *schemas = allocate_elements(most);
	Datum *names = allocate_elements(most);
	Datum *signatures = allocate_elements(most);
	int count = 0;
	ListCell *cell;

	if (most == 0)
		return;
	foreach (cell, merge->new_signatures)
	{
		NewSignature *new = lfirst(cell);

		schemas[count] = PointerGetDatum(new->schema);
		names[count] = PointerGetDatum(new->name);
		signatures[count++] = PointerGetDatum(new->signature);
	}

	rg_spi_execute(&store, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_text_array(text_array(schemas, count)), rg_text_array(text_array(names, count)),
				   rg_text_array(text_array(signatures, count)));
}

void
rg_signatures_apply(RgMerge *merge)
{
	/* The next whole discovery must read these relations again, with everything that depends on them. */
	if (merge->scope != NULL)
	{
		forget_unconfirmed(merge);
		return;
	}
	if (merge->fresh_signature == NULL)
	{
		store_source(merge, NULL);
		return;
	}
	forget_unconfirmed(merge);
	store_of_known(merge);
	store_of_new(merge);
	store_source(merge, merge->fresh_signature);
}
