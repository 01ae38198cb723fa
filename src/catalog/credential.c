/*
 * credential.c — the sealed credentials of a source. Plain text is sealed here; only a worker can open the
 * ciphertext.
 */
#include "credential.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "catalog/event.h"
#include "catalog/identity.h"
#include "catalog/sealing_key.h"
#include "error.h"
#include "secret/seal.h"
#include "secret/secret.h"
#include "sql.h"

/* The values of failure_reason of a source that needs credentials and has none. */
static const char *const reminders[] = {
	"The destination was changed by a user who had not given the credentials: they must be given again",
	"The catalog document that the source was made from holds no credentials: they must be given",
};
#define MOVED        reminders[0]
#define NOT_EXPORTED reminders[1]

ArrayType *
rg_credential_reminders(void)
{
	Datum texts[lengthof(reminders)];

	for (int i = 0; i < (int) lengthof(reminders); i++)
		texts[i] = CStringGetTextDatum(reminders[i]);
	return construct_array(texts, lengthof(reminders), TEXTOID, -1, false, TYPALIGN_INT);
}

/* A version is never used twice, so that old ciphertext put back into the row does not open. */
static int64
next_version(void)
{
	static RgStatement next = {.text = "SELECT nextval('rivergen_catalog.credential_id_seq')"};

	rg_spi_execute(&next);
	return rg_spi_int64(0, 1);
}

static void
forget_reminder(int64 organization_id, int64 data_source_id)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.data_source_state SET failure_reason = NULL "
				"WHERE organization_id = $1 AND data_source_id = $2 AND failure_reason = ANY ($3)",
	};

	rg_spi_execute(&update, rg_int8(organization_id), rg_int8(data_source_id),
				   rg_pointer(rg_credential_reminders(), TEXTARRAYOID));
}

static void
store(const RgIdentity *identity, const RgSealContext *context, int64 key_id, bytea *sealed,
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
				"excluded.created_at",
	};

	rg_spi_execute(&upsert, rg_int8(context->organization_id), rg_int8(context->data_source_id),
				   rg_int8(context->version), rg_int8(key_id), rg_pointer(sealed, BYTEAOID),
				   rg_pointer(key_names, TEXTARRAYOID), rg_int8(identity->user_id));
	forget_reminder(context->organization_id, context->data_source_id);
}

void
rg_credential_replace(const RgIdentity *identity, int64 data_source_id, const char *plain, size_t size,
					  ArrayType *key_names)
{
	RgSealingKey key = rg_sealing_key_hold();
	RgSealContext context = {identity->organization_id, data_source_id, next_version()};

	store(identity, &context, key.key_id, rg_secret_seal(&context, plain, size, key.public_key), key_names);
}

static void
require_present_key(const RgSealingKey *key, int64 key_id)
{
	if (key->key_id != key_id)
		rg_fail(RG_CONFLICT, "the credentials are not sealed for the present sealing key",
				psprintf("credentials.key_id is " INT64_FORMAT ", the key is " INT64_FORMAT ".", key_id,
						 key->key_id),
				"Fetch the sealing key again, and seal the credentials for it.");
}

void
rg_credential_replace_box(const RgIdentity *identity, int64 data_source_id, int64 key_id, const char *box,
						  size_t size, ArrayType *key_names)
{
	RgSealingKey key = rg_sealing_key_hold();
	RgSealContext context = {identity->organization_id, data_source_id, next_version()};

	require_present_key(&key, key_id);
	store(identity, &context, key_id, rg_secret_seal_box(&context, box, size, key.public_key), key_names);
}

bytea *
rg_credential_seal(int64 organization_id, const char *plain, size_t size, int64 *key_id)
{
	RgSealingKey key = rg_sealing_key_hold();
	RgSealContext context = {.organization_id = organization_id};

	*key_id = key.key_id;
	return rg_secret_seal(&context, plain, size, key.public_key);
}

bytea *
rg_credential_seal_box(int64 organization_id, int64 key_id, const char *box, size_t size)
{
	RgSealingKey key = rg_sealing_key_hold();
	RgSealContext context = {.organization_id = organization_id};

	require_present_key(&key, key_id);
	return rg_secret_seal_box(&context, box, size, key.public_key);
}

void
rg_credential_remove(int64 organization_id, int64 data_source_id)
{
	static RgStatement remove = {
		.text = "DELETE FROM rivergen_catalog.credential WHERE organization_id = $1 AND data_source_id = $2",
	};

	rg_spi_execute(&remove, rg_int8(organization_id), rg_int8(data_source_id));
	forget_reminder(organization_id, data_source_id);
}

static void
remind(int64 organization_id, int64 data_source_id, const char *reminder)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.data_source_state n SET status = 'inactive', failure_reason = $3 "
				"FROM rivergen_catalog.data_source_state o WHERE o.organization_id = $1 "
				"AND o.data_source_id = $2 AND n.organization_id = $1 AND n.data_source_id = $2 "
				"RETURNING o.status <> n.status",
	};

	if (rg_spi_execute(&update, rg_int8(organization_id), rg_int8(data_source_id), rg_text(reminder)) > 0 &&
		rg_spi_bool(0, 1))
		rg_event(RG_EVENT_STATUS_CHANGED, organization_id, data_source_id, 0);
}

void
rg_credential_drop_moved(const RgIdentity *identity, int64 data_source_id)
{
	static RgStatement drop = {
		.text = "DELETE FROM rivergen_catalog.credential "
				"WHERE organization_id = $1 AND data_source_id = $2 AND given_by_user_id <> $3",
	};

	if (rg_spi_execute(&drop, rg_int8(identity->organization_id), rg_int8(data_source_id),
					   rg_int8(identity->user_id)) > 0)
		remind(identity->organization_id, data_source_id, MOVED);
}

void
rg_credential_await(int64 organization_id, int64 data_source_id)
{
	remind(organization_id, data_source_id, NOT_EXPORTED);
}
