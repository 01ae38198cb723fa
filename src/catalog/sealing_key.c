/*
 * sealing_key.c — the public keys.
 *
 * A transaction that seals locks the key's row with KEY SHARE until it ends. Retiring a key does not wait for
 * that lock, forgetting it does. So a transaction that began before a rotation may still commit credentials
 * of the old key; a worker seals them again later, and the key exists until then.
 */
#include "catalog/sealing_key.h"

#include "catalog/pg_type.h"

#include "settings.h"
#include "error.h"
#include "sql.h"

/* A rotation that commits between read and lock hides the row; the next attempt finds the new key. */
#define HOLD_ATTEMPTS 3

static void
fail_without_key(void)
{
	rg_fail(RG_UNAVAILABLE, "no sealing key", "Credentials are stored encrypted, and there is no key yet.",
			"An operator runs SELECT rivergen.key_create();");
}

static RgSealingKey
key_of_row(void)
{
	RgSealingKey key = {.key_id = rg_spi_int64(0, 1)};
	bool is_null;
	bytea *public_key = DatumGetByteaPP(rg_spi_datum(0, 2, &is_null));

	if (VARSIZE_ANY_EXHDR(public_key) != RG_PUBLIC_KEY_BYTES)
		elog(ERROR, "sealing key " INT64_FORMAT " is damaged", key.key_id);
	memcpy(key.public_key, VARDATA_ANY(public_key), RG_PUBLIC_KEY_BYTES);
	return key;
}

#define NEWEST                                                                                               \
	"SELECT key_id, public_key FROM rivergen_catalog.sealing_key WHERE retired_at IS NULL "                  \
	"ORDER BY key_id DESC LIMIT 1"

RgSealingKey
rg_sealing_key_hold(void)
{
	static RgStatement hold = {.text = NEWEST " FOR KEY SHARE"};

	for (int attempt = 0; attempt < HOLD_ATTEMPTS; attempt++)
	{
		if (rg_spi_execute(&hold) > 0)
			return key_of_row();
	}
	fail_without_key();
	pg_unreachable();
}

Jsonb *
rg_sealing_key_read(int64 organization_id)
{
	static RgStatement look = {
		.text = "SELECT jsonb_build_object('organization_id', $1, 'key_id', key_id, 'algorithm', $2, "
				"'public_key', encode(public_key, 'base64')) FROM (" NEWEST ") k",
	};

	if (rg_spi_read(&look, rg_int8(organization_id), rg_text(RG_SEAL_ALGORITHM)) == 0)
		fail_without_key();
	return rg_catalog_jsonb(0, 1);
}

/* ---- for workers ---- */

void
rg_sealing_key_lock(void)
{
	static RgStatement lock = {.text = "LOCK TABLE rivergen_catalog.sealing_key IN SHARE ROW EXCLUSIVE MODE"};

	rg_spi_execute(&lock);
}

bool
rg_sealing_key_newest(RgSealingKey *key)
{
	static RgStatement look = {.text = NEWEST};

	if (rg_spi_execute(&look) == 0)
		return false;
	*key = key_of_row();
	return true;
}

int64
rg_sealing_key_highest(void)
{
	static RgStatement look = {.text = "SELECT max(key_id) FROM rivergen_catalog.sealing_key"};

	rg_spi_execute(&look);
	return rg_spi_int64(0, 1);
}

static RgArgument
key_argument(const unsigned char *public_key)
{
	bytea *copy = palloc(VARHDRSZ + RG_PUBLIC_KEY_BYTES);

	SET_VARSIZE(copy, VARHDRSZ + RG_PUBLIC_KEY_BYTES);
	memcpy(VARDATA(copy), public_key, RG_PUBLIC_KEY_BYTES);
	return rg_pointer(copy, BYTEAOID);
}

bool
rg_sealing_key_known(int64 key_id, const unsigned char *public_key)
{
	static RgStatement look = {
		.text = "SELECT FROM rivergen_catalog.sealing_key "
				"WHERE key_id = $1 AND public_key = coalesce($2, public_key)",
	};

	return rg_spi_execute(&look, rg_int8(key_id),
						  public_key != NULL ? key_argument(public_key) : rg_null(BYTEAOID)) > 0;
}

void
rg_sealing_key_add(const RgSealingKey *key)
{
	static RgStatement insert = {
		.text = "INSERT INTO rivergen_catalog.sealing_key (key_id, public_key) VALUES ($1, $2)",
	};
	static RgStatement retire = {
		.text = "UPDATE rivergen_catalog.sealing_key SET retired_at = now() "
				"WHERE key_id <> $1 AND retired_at IS NULL",
	};

	rg_spi_execute(&insert, rg_int8(key->key_id), key_argument(key->public_key));
	rg_spi_execute(&retire, rg_int8(key->key_id));
}

bool
rg_sealing_key_claim(int64 key_id)
{
	static RgStatement claim = {
		.text = "SELECT FROM rivergen_catalog.sealing_key WHERE key_id = $1 FOR UPDATE SKIP LOCKED",
	};

	return rg_spi_execute(&claim, rg_int8(key_id)) > 0;
}

int64
rg_sealing_key_uses(int64 key_id)
{
	static RgStatement count = {
		.text = "SELECT count(*) FROM rivergen_catalog.credential WHERE key_id = $1",
	};

	rg_spi_execute(&count, rg_int8(key_id));
	return rg_spi_int64(0, 1);
}

bool
rg_sealing_key_is_retired(int64 key_id)
{
	static RgStatement look = {
		.text = "SELECT FROM rivergen_catalog.sealing_key WHERE key_id = $1 AND retired_at IS NOT NULL",
	};

	return rg_spi_execute(&look, rg_int8(key_id)) > 0;
}

void
rg_sealing_key_delete(int64 key_id)
{
	static RgStatement remove = {
		.text = "DELETE FROM rivergen_catalog.sealing_key WHERE key_id = $1",
	};

	rg_spi_execute(&remove, rg_int8(key_id));
}
