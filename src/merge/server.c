/*
 * server.c — which server a discovery reads: another one than before, or another major version.
 *
 * Native ids are those of one server. When its identity is another one than that whose ids are stored, they
 * say nothing: they are forgotten, and relations are found by name. A document is stored with the server's
 * name and major version, because another version may spell the same texts otherwise: README.md.
 */
#include "internal.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "sql.h"

#define MOST_BYTES 256
#define DIGITS     "0123456789"

/* ---- what is known ---- */

void
rg_server_load(RgMerge *merge)
{
	static RgStatement load = {
		.text = "SELECT server_identity FROM rivergen_catalog.schema_history "
				"WHERE organization_id = $1 AND data_source_id = $2",
		.types = {INT8OID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(merge->organization_id), Int64GetDatum(merge->data_source_id)};
	char *identity = rg_sql_run(&load, values, NULL) > 0 ? rg_sql_text(0, 1) : NULL;

	merge->known_identity = identity ? MemoryContextStrdup(merge->memory, identity) : NULL;
}

/* Nearly all relations were read with the same one. */
const char *
rg_server_of_known(RgMerge *merge, const char *server)
{
	if (server == NULL)
		return NULL;
	if (merge->last_server == NULL || strcmp(merge->last_server, server) != 0)
		merge->last_server = MemoryContextStrdup(merge->memory, server);
	return merge->last_server;
}

/* ---- what is met ---- */

static char *
beginning(RgMerge *merge, const char *text, size_t length)
{
	int clipped = pg_mbcliplen(text, length, MOST_BYTES);
	char *copy = MemoryContextAlloc(merge->memory, clipped + 1);

	memcpy(copy, text, clipped);
	copy[clipped] = '\0';
	return copy;
}

static void
forget_known_ids(RgMerge *merge)
{
	merge->is_other_server = true;
	for (int i = 0; i < merge->known_count; i++)
		merge->known[i].native_id = 0;
}

void
rg_merge_connected(RgMerge *merge, const char *server, const char *identity)
{
	size_t name_length = strcspn(server, DIGITS);

	if (merge->server != NULL)
		return; /* it was said before; nothing of it changes while it is read */
	merge->server = beginning(merge, server, name_length + strspn(server + name_length, DIGITS));
	merge->identity = identity ? beginning(merge, identity, strlen(identity)) : NULL;
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
		.types = {INT8OID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(merge->organization_id), Int64GetDatum(merge->data_source_id)};

	if (merge->is_other_server)
		rg_sql_run(&forget, values, NULL);
}

/* What another version spells as the last one did. */
static void
note_version(RgMerge *merge)
{
	static RgStatement note = {
		.text = "UPDATE rivergen_catalog.relation SET server = $4 "
				"WHERE organization_id = $1 AND data_source_id = $2 AND relation_id = ANY ($3)",
		.types = {INT8OID, INT8OID, INT8ARRAYOID, TEXTOID},
	};
	List *ids = NIL;

	for (int i = 0; i < merge->known_count; i++)
	{
		KnownRelation *relation = &merge->known[i];

		if (relation->seen && !relation->differs &&
			(relation->server == NULL || strcmp(relation->server, merge->server) != 0))
			ids = lappend(ids, &relation->relation_id);
	}
	if (ids == NIL)
		return;

	Datum values[] = {Int64GetDatum(merge->organization_id), Int64GetDatum(merge->data_source_id),
					  rg_merge_id_array(ids), CStringGetTextDatum(merge->server)};

	rg_sql_run(&note, values, NULL);
}

static void
note_identity(RgMerge *merge)
{
	static RgStatement note = {
		.text = "UPDATE rivergen_catalog.schema_history SET server_identity = $3 "
				"WHERE organization_id = $1 AND data_source_id = $2",
		.types = {INT8OID, INT8OID, TEXTOID},
	};

	if (merge->identity == NULL || (merge->known_identity != NULL && !merge->is_other_server))
		return;

	Datum values[] = {Int64GetDatum(merge->organization_id), Int64GetDatum(merge->data_source_id),
					  CStringGetTextDatum(merge->identity)};

	rg_sql_run(&note, values, NULL);
}

void
rg_server_note(RgMerge *merge)
{
	note_version(merge);
	note_identity(merge);
}
