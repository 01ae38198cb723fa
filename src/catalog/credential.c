/*
 * credential.c — the sealed credentials of a source. Plain text comes in here, and leaves as ciphertext that
 * only a worker can open.
 */
#include "catalog/catalog.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "catalog/event.h"
#include "catalog/internal.h"
#include "error.h"
#include "secret/secret.h"

static const char given_again[] =
	"The destination was changed by somebody else than who gave the credentials: they must be given again";

typedef struct SealingKey
{
	int64 key_id;
	unsigned char public_key[RG_PUBLIC_KEY_BYTES];
} SealingKey;

static SealingKey
newest_key(void)
{
	static RgStatement select = {
		.text = "SELECT key_id, public_key FROM rivergen_catalog.sealing_key WHERE retired_at IS NULL "
				"ORDER BY created_at DESC, key_id DESC LIMIT 1",
	};
	SealingKey key;
	bytea *public_key;
	bool is_null;

	if (rg_sql_run(&select, NULL, NULL) == 0)
		rg_fail(RG_UNAVAILABLE, "no sealing key",
				"Credentials are stored encrypted, and there is no key yet.",
				"An operator runs SELECT rivergen.key_create();");
	key.key_id = rg_sql_int64(0, 1);
	public_key = DatumGetByteaPP(rg_sql_datum(0, 2, &is_null));
	if (VARSIZE_ANY_EXHDR(public_key) != RG_PUBLIC_KEY_BYTES)
		elog(ERROR, "sealing key " INT64_FORMAT " is damaged", key.key_id);
	memcpy(key.public_key, VARDATA_ANY(public_key), RG_PUBLIC_KEY_BYTES);
	return key;
}

/* Never used before, not even by credentials that were deleted: old ciphertext put back does not open. */
static int64
next_version(void)
{
	static RgStatement next = {.text = "SELECT nextval('rivergen_catalog.credential_id_seq')"};

	rg_sql_run(&next, NULL, NULL);
	return rg_sql_int64(0, 1);
}

/* A reminder to give the credentials again is settled when they are given. */
static void
forget_reminder(int64 organization_id, int64 data_source_id)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.data_source_state SET failure_reason = NULL "
				"WHERE organization_id = $1 AND data_source_id = $2 AND failure_reason = $3",
		.types = {INT8OID, INT8OID, TEXTOID},
	};
	Datum values[] = {Int64GetDatum(organization_id), Int64GetDatum(data_source_id),
					  CStringGetTextDatum(given_again)};

	rg_sql_run(&update, values, NULL);
}

void
rg_credential_replace(const RgIdentity *identity, int64 data_source_id, const char *plain, size_t size,
					  ArrayType *key_names)
{
	static RgStatement upsert = {
		.text = "INSERT INTO rivergen_catalog.credential (organization_id, data_source_id, credential_id, "
				"version, "
				"key_id, sealed, key_names, given_by_user_id) VALUES ($1, $2, $3, $3, $4, $5, $6, $7) "
				"ON CONFLICT (organization_id, data_source_id) DO UPDATE SET credential_id = "
				"excluded.credential_id, "
				"version = excluded.version, key_id = excluded.key_id, sealed = excluded.sealed, "
				"key_names = excluded.key_names, given_by_user_id = excluded.given_by_user_id, created_at = "
				"now()",
		.types = {INT8OID, INT8OID, INT8OID, INT8OID, BYTEAOID, TEXTARRAYOID, INT8OID},
	};
	SealingKey key = newest_key();
	RgSealContext context = {identity->organization_id, data_source_id, next_version()};
	bytea *sealed = rg_secret_seal(&context, plain, size, key.public_key);
	Datum values[] = {Int64GetDatum(context.organization_id),
					  Int64GetDatum(context.data_source_id),
					  Int64GetDatum(context.version),
					  Int64GetDatum(key.key_id),
					  PointerGetDatum(sealed),
					  PointerGetDatum(key_names),
					  Int64GetDatum(identity->user_id)};

	rg_sql_run(&upsert, values, NULL);
	forget_reminder(identity->organization_id, data_source_id);
}

void
rg_credential_remove(int64 organization_id, int64 data_source_id)
{
	static RgStatement remove = {
		.text = "DELETE FROM rivergen_catalog.credential WHERE organization_id = $1 AND data_source_id = $2",
		.types = {INT8OID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(organization_id), Int64GetDatum(data_source_id)};

	rg_sql_run(&remove, values, NULL);
	forget_reminder(organization_id, data_source_id);
}

void
rg_credential_drop_moved(const RgIdentity *identity, int64 data_source_id)
{
	static RgStatement drop = {
		.text = "DELETE FROM rivergen_catalog.credential "
				"WHERE organization_id = $1 AND data_source_id = $2 AND given_by_user_id <> $3",
		.types = {INT8OID, INT8OID, INT8OID},
	};
	static RgStatement remind = {
		.text = "UPDATE rivergen_catalog.data_source_state n SET status = 'inactive', failure_reason = $3 "
				"FROM rivergen_catalog.data_source_state o WHERE o.organization_id = $1 "
				"AND o.data_source_id = $2 AND n.organization_id = $1 AND n.data_source_id = $2 "
				"RETURNING o.status <> n.status",
		.types = {INT8OID, INT8OID, TEXTOID},
	};
	Datum values[] = {Int64GetDatum(identity->organization_id), Int64GetDatum(data_source_id),
					  Int64GetDatum(identity->user_id)};

	if (rg_sql_run(&drop, values, NULL) == 0)
		return;
	values[2] = CStringGetTextDatum(given_again);
	if (rg_sql_run(&remind, values, NULL) > 0 && rg_sql_bool(0, 1))
		rg_event(RG_EVENT_STATUS_CHANGED, identity->organization_id, data_source_id, 0);
}
