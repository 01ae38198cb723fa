/*
 * server.c — recognises that a discovery reads another server, or one with another dialect.
 *
 * Ids have a meaning within one server only. If its identity differs from that of the server whose ids are
 * stored, the stored ids are deleted and relations are found by name. Each document is stored with the
 * dialect it was read in, because another dialect may spell the same texts in another way: README.md.
 */
#include "server.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "sql.h"
#include "state.h"

#define IDENTITY_BYTES 256

/* ---- what is known ---- */

void
rg_server_load(RgMerge *merge)
{
	static RgStatement load = {
		.text = "SELECT server_identity FROM rivergen_catalog.schema_history "
				"WHERE organization_id = $1 AND data_source_id = $2",
	};
	char *identity =
		rg_spi_execute(&load, rg_int8(merge->organization_id), rg_int8(merge->data_source_id)) > 0
			? rg_spi_text(0, 1)
			: NULL;

	merge->known_identity = rg_merge_keep(merge, identity);
}

/* Nearly all relations have the same dialect, so its text is kept once. */
const char *
rg_dialect_of_known(RgMerge *merge, const char *dialect)
{
	if (dialect == NULL)
		return NULL;
	if (!rg_merge_same_text(merge->last_dialect, dialect))
		merge->last_dialect = rg_merge_keep(merge, dialect);
	return merge->last_dialect;
}

/* ---- what is met ---- */

static char *
clipped(const char *identity)
{
	return pnstrdup(identity, pg_mbcliplen(identity, strlen(identity), IDENTITY_BYTES));
}

static void
forget_known_ids(RgMerge *merge)
{
	merge->is_other_server = true;
	for (int i = 0; i < merge->known_count; i++)
		merge->known[i].id = NULL;
}

void
rg_merge_connected(RgMerge *merge, const char *dialect, const char *identity)
{
	if (merge->connected)
		return; /* a second `connected` changes nothing */
	merge->connected = true;
	merge->dialect = rg_merge_keep(merge, dialect);
	merge->identity = identity ? rg_merge_keep(merge, clipped(identity)) : NULL;
	if (merge->identity != NULL && merge->known_identity != NULL &&
		strcmp(merge->identity, merge->known_identity) != 0)
		forget_known_ids(merge);
}

/* ---- writing ---- */

void
rg_server_forget_ids(RgMerge *merge)
{
	static RgStatement forget = {
		.text = "UPDATE rivergen_catalog.relation SET native_id = NULL "
				"WHERE organization_id = $1 AND data_source_id = $2 AND native_id IS NOT NULL",
	};

	if (merge->is_other_server)
		rg_spi_execute(&forget, rg_int8(merge->organization_id), rg_int8(merge->data_source_id));
}

/* Stores the new dialect for relations whose document is the same in it. */
static void
note_dialect(RgMerge *merge)
{
	static RgStatement note = {
		.text = "UPDATE rivergen_catalog.relation SET dialect = $4 "
				"WHERE organization_id = $1 AND data_source_id = $2 AND relation_id = ANY ($3)",
	};
	List *ids = NIL;

	for (int i = 0; i < merge->known_count; i++)
	{
		KnownRelation *relation = &merge->known[i];

		if (relation->seen && !relation->differs && !rg_merge_same_text(relation->dialect, merge->dialect))
			ids = lappend(ids, &relation->relation_id);
	}
	if (ids == NIL)
		return;

	rg_spi_execute(&note, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_int8_array(rg_merge_id_array(ids)), rg_text_or_null(merge->dialect));
}

static void
note_identity(RgMerge *merge)
{
	static RgStatement note = {
		.text = "UPDATE rivergen_catalog.schema_history SET server_identity = $3 "
				"WHERE organization_id = $1 AND data_source_id = $2",
	};

	if (merge->identity == NULL || (merge->known_identity != NULL && !merge->is_other_server))
		return;

	rg_spi_execute(&note, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_text(merge->identity));
}

void
rg_server_note(RgMerge *merge)
{
	note_dialect(merge);
	note_identity(merge);
}
