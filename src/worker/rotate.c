/*
 * rotate.c — rotation of the sealing key: a new private half is written to the key file, its public half is
 * committed and the old key retired; then credentials are sealed for the new key, batch by batch; at last
 * the old key is forgotten.
 *
 * The server may die between any two steps. The stored credentials can be opened at every moment, since the
 * key file holds both keys from the first step until an unused key is forgotten. An interrupted rotation
 * need not start over: every worker, before it exits, seals credentials again that are sealed for a retired
 * key.
 */
#include "rotate.h"

#include "postgres.h"

#include "miscadmin.h"
#include "postmaster/interrupt.h"
#include "utils/memutils.h"

#include "catalog/reseal.h"
#include "catalog/sealing_key.h"
#include "error.h"
#include "keys.h"
#include "queue/pool.h"
#include "queue/calls.h"
#include "secret/keyring.h"
#include "secret/keyring_file.h"
#include "secret/seal.h"
#include "secret/secret.h"
#include "transaction.h"
#include "version.h"

static bool
has_command(void)
{
	return *rg_key_command != '\0';
}

/* ---- the new key ---- */

/*
 * With a key command the operator has created the key: it is the newest that the command prints, and not yet
 * in the table.
 */
static const char *
take_printed(const RgKeyring *keyring, RgSealingKey *key, const char **hint)
{
	*key = rg_keys_public(keyring, rg_keys_highest(keyring));
	if (key->key_id > rg_sealing_key_highest())
		return NULL;
	*hint = psprintf("Let the command print one line more, \"" INT64_FORMAT
					 " <base64 of 32 random bytes>\", beside those that it prints now; then run "
					 "SELECT rivergen.key_rotate() again.",
					 Max(rg_sealing_key_highest(), key->key_id) + 1);
	return "rivergen.key_command prints no new key";
}

static const char *
write_new(const RgKeyring *keyring, RgSealingKey *key)
{
	int64 in_file = rg_keyring_id(keyring, rg_keys_highest(keyring));
	const char *fault;

	key->key_id = Max(in_file, rg_sealing_key_highest()) + 1;
	fault = rg_keyring_add(rg_key_file, key->key_id);
	if (fault != NULL)
		return psprintf("the key file \"%s\" cannot be changed: %s", rg_key_file, fault);

	RgKeyring *changed = rg_keys_load(&fault);

	if (changed == NULL)
		return fault;
	for (int i = 0; i < rg_keyring_count(changed); i++)
	{
		if (rg_keyring_id(changed, i) == key->key_id)
			*key = rg_keys_public(changed, i);
	}
	return NULL;
}

/* Refuses the request and returns false when there can be no new key. */
static bool
renew(const RgCall *request, RgSealingKey *key)
{
	const char *fault = NULL;
	const char *hint = "Nothing was changed.";
	int status = RG_UNAVAILABLE;
	RgSealingKey old;

	rg_transaction_begin();
	rg_keys_lock_file();
	rg_sealing_key_lock();

	bool has_key = rg_sealing_key_newest(&old);
	RgKeyring *keyring = has_key ? rg_keys_load(&fault) : NULL;

	if (!has_key)
	{
		fault = "there is no sealing key to rotate";
		hint = "Run SELECT rivergen.key_create().";
		status = RG_CONFLICT;
	}
	else if (keyring != NULL && has_command())
	{
		fault = take_printed(keyring, key, &hint);
		status = RG_CONFLICT;
	}
	else if (keyring != NULL)
		fault = write_new(keyring, key);
	if (fault == NULL)
		rg_sealing_key_add(key);
	else
		rg_call_answer(request, 0, status, fault, hint);
	rg_transaction_commit();
	return fault == NULL;
}

/* ---- sealing again ---- */

static bool
must_stop(void)
{
	return ShutdownRequestPending || (rg_pool_notices() & RG_NOTICE_EVACUATE) != 0;
}

/* False: it was interrupted. */
static bool
reseal_all(RgReseal *reseal)
{
	bool more = true;

	while (more && !must_stop())
	{
		rg_transaction_begin();
		more = rg_sealing_key_newest(&reseal->key) && rg_reseal_batch(reseal);
		rg_transaction_commit();
	}
	return !more;
}

static bool
reseal(RgReseal *reseal, const char **fault)
{
	reseal->keyring = rg_keys_load(fault);
	return reseal->keyring == NULL || reseal_all(reseal);
}

void
rg_rotate_serve(const RgCall *request)
{
	RgSealingKey key;
	RgReseal work = {0};
	const char *fault = NULL;

	if (!renew(request, &key))
		return;

	bool done = reseal(&work, &fault);

	ereport(LOG, (errmsg("sealing key " INT64_FORMAT " is new; credentials sealed for it: " INT64_FORMAT
						 ", unreadable: " INT64_FORMAT,
						 key.key_id, work.resealed, work.unreadable)));
	if (done && fault == NULL)
		rg_call_answer(request, key.key_id, 0,
					   psprintf("{\"resealed\": " INT64_FORMAT ", \"unreadable\": " INT64_FORMAT "}",
								work.resealed, work.unreadable),
					   NULL);
	else
		rg_call_answer(request, key.key_id, RG_UNAVAILABLE, fault ? fault : "the worker was told to stop",
					   "The new key is in use. The other credentials are sealed for it later, by "
					   "themselves; see rivergen.key_status().");
}

static bool
is_due(void)
{
	rg_transaction_begin();

	bool due = rg_version_fit() == RG_VERSION_FITS && rg_reseal_is_due();

	rg_transaction_commit();
	return due;
}

void
rg_rotate_resume(void)
{
	RgReseal work = {0};
	const char *fault = NULL;

	if (must_stop() || !is_due())
		return;

	MemoryContext memory =
		AllocSetContextCreate(TopMemoryContext, "rivergen rotation", ALLOCSET_DEFAULT_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(memory);

	(void) reseal(&work, &fault);
	if (work.resealed > 0)
		ereport(LOG, (errmsg("a rotation of the sealing key went on: credentials sealed again: " INT64_FORMAT
							 ", unreadable: " INT64_FORMAT,
							 work.resealed, work.unreadable)));
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(memory);
}

/* ---- forgetting ---- */

/* Refuses the request and returns false when the key must stay. Sets *known: it was in the table. */
static bool
forget_public(const RgCall *request, bool *known)
{
	const char *fault = NULL;
	const char *hint = NULL;
	int64 uses = 0;

	rg_transaction_begin();
	rg_sealing_key_lock();
	*known = rg_sealing_key_known(request->key_id, NULL);

	bool claimed = *known && rg_sealing_key_claim(request->key_id);

	if (claimed)
		uses = rg_sealing_key_uses(request->key_id);
	if (*known && !rg_sealing_key_is_retired(request->key_id))
	{
		fault = psprintf("sealing key " INT64_FORMAT " is in use", request->key_id);
		hint = "Run SELECT rivergen.key_rotate() first.";
	}
	else if (*known && !claimed)
	{
		fault = psprintf("sealing key " INT64_FORMAT " is needed by a transaction that has not ended",
						 request->key_id);
		hint = "Try again when it has ended.";
	}
	else if (uses > 0)
	{
		fault = psprintf("sealing key " INT64_FORMAT " is still needed by " INT64_FORMAT " credentials",
						 request->key_id, uses);
		hint =
			"They are sealed for the new key within a minute. Those that the key cannot open must be given "
			"again, or their data sources deleted with force; rivergen.key_status() counts them.";
	}
	else if (*known)
		rg_sealing_key_delete(request->key_id);
	if (fault != NULL)
		rg_call_answer(request, 0, RG_CONFLICT, fault, hint);
	rg_transaction_commit();
	return fault == NULL;
}

/*
 * Returns removed, kept (another database may need the key, or it comes from the key command) or absent;
 * NULL and a fault.
 */
static const char *
forget_private(const RgCall *request, const char **fault)
{
	RgKeyring *keyring = rg_keys_load(fault);

	if (keyring == NULL)
		return NULL;
	if (!rg_keyring_has(keyring, request->key_id))
		return "absent";
	if (request->keep_private || has_command())
		return "kept";
	*fault = rg_keyring_remove(rg_key_file, request->key_id);
	return *fault == NULL ? "removed" : NULL;
}

/* The public half is deleted first: a crash leaves a private key that the next call removes. */
void
rg_forget_serve(const RgCall *request)
{
	bool known;
	const char *fault = NULL;

	if (!forget_public(request, &known))
		return;
	rg_transaction_begin();
	rg_keys_lock_file();

	const char *outcome = forget_private(request, &fault);

	if (outcome == NULL)
		rg_call_answer(request, 0, RG_UNAVAILABLE, fault,
					   "The key is not used any more, but its private half could not be removed.");
	else if (!known && strcmp(outcome, "absent") == 0)
		rg_call_answer(request, 0, RG_NOT_FOUND,
					   psprintf("sealing key " INT64_FORMAT " not found", request->key_id), NULL);
	else
		rg_call_answer(request, request->key_id, 0, psprintf("{\"private_key\": \"%s\"}", outcome), NULL);
	rg_transaction_commit();
}
