/*
 * keys.c — private keys exist in workers only, for as long as one job or call needs them.
 *
 * A new key is written to the key file first, and its public half is committed second. A crash in between
 * leaves a key that no credentials are sealed for; in the other order it would leave credentials sealed for
 * a lost key.
 *
 * The key file belongs to the whole cluster. Each database has its own table of keys, and the ids in the
 * file are unique among all databases.
 */
#include "keys.h"

#include <unistd.h>

#include "lib/stringinfo.h"
#include "storage/fd.h"
#include "storage/lock.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "catalog/sealing_key.h"
#include "error.h"
#include "queue/calls.h"
#include "rotate.h"
#include "secret/keyring.h"
#include "secret/keyring_file.h"
#include "secret/seal.h"
#include "transaction.h"

#define HOW_TO_SET                                                                                           \
	"Set rivergen.key_file to an absolute path outside the data directory, in a directory that the server "  \
	"may "                                                                                                   \
	"write to, reload the configuration, and run SELECT rivergen.key_create()."

static RgKeyring *
run_key_command(const char **fault)
{
	FILE *stream = OpenPipeStream(rg_key_command, "r");
	char *text = rg_secret_alloc(RG_KEYRING_MAX_BYTES + 1);

	if (stream == NULL)
	{
		*fault = "rivergen.key_command could not be run";
		return NULL;
	}
	setvbuf(stream, NULL, _IONBF, 0); /* a buffer of the library would keep the keys */

	size_t length = fread(text, 1, RG_KEYRING_MAX_BYTES, stream);

	text[length] = '\0';
	if (ClosePipeStream(stream) != 0)
	{
		rg_secret_wipe(text, length);
		*fault = "rivergen.key_command failed";
		return NULL;
	}

	RgKeyring *keyring = rg_keyring_parse(text, fault);

	if (keyring == NULL)
		*fault = psprintf("the output of rivergen.key_command cannot be used: %s", *fault);
	return keyring;
}

RgKeyring *
rg_keys_load(const char **fault)
{
	if (*rg_key_command != '\0')
		return run_key_command(fault);
	if (*rg_key_file == '\0')
	{
		*fault = "neither rivergen.key_file nor rivergen.key_command is set";
		return NULL;
	}

	RgKeyring *keyring = rg_keyring_read(rg_key_file, fault);

	if (keyring == NULL)
		*fault = psprintf("the key file \"%s\" cannot be used: %s", rg_key_file, *fault);
	return keyring;
}

void
rg_keys_lock_file(void)
{
	LOCKTAG tag;

	/* Database 0: no session can take this lock by SQL. */
	SET_LOCKTAG_ADVISORY(tag, InvalidOid, 0x52474b46, 0, 1);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

RgSealingKey
rg_keys_public(const RgKeyring *keyring, int index)
{
	RgSealingKey key = {.key_id = rg_keyring_id(keyring, index)};

	rg_keyring_public(keyring, index, key.public_key);
	return key;
}

int
rg_keys_highest(const RgKeyring *keyring)
{
	int highest = 0;

	for (int i = 1; i < rg_keyring_count(keyring); i++)
	{
		if (rg_keyring_id(keyring, i) > rg_keyring_id(keyring, highest))
			highest = i;
	}
	return highest;
}

/* ---- creating and adopting ---- */

/* Adopts the newest of several keys: the others belong to other databases, or were retired there. */
static const char *
adopt(const RgKeyring *keyring)
{
	RgSealingKey key = rg_keys_public(keyring, rg_keys_highest(keyring));

	if (rg_sealing_key_known(key.key_id, NULL))
		return "the newest key of the keyring was retired here; run rivergen.key_rotate()";
	rg_sealing_key_add(&key);
	return NULL;
}

static const char *
make_or_adopt(void)
{
	RgSealingKey key;
	const char *fault = NULL;

	rg_keys_lock_file();
	rg_sealing_key_lock();
	if (rg_sealing_key_newest(&key))
		return NULL;
	if (*rg_key_command == '\0' && *rg_key_file != '\0' && access(rg_key_file, F_OK) != 0)
	{
		fault = rg_keyring_add(rg_key_file, 1);
		if (fault != NULL)
			return psprintf("the key file \"%s\" cannot be made: %s", rg_key_file, fault);
	}

	RgKeyring *keyring = rg_keys_load(&fault);

	return keyring == NULL ? fault : adopt(keyring);
}

static void
create(const RgCall *request)
{
	RgSealingKey key = {0};

	rg_transaction_begin();

	const char *fault = make_or_adopt();

	if (fault != NULL)
		rg_call_answer(request, 0, RG_UNAVAILABLE, fault, HOW_TO_SET);
	else
		rg_sealing_key_newest(&key);
	rg_transaction_commit();
	if (fault == NULL)
		rg_call_answer(request, key.key_id, 0, NULL, NULL);
}

/* ---- listing ---- */

/* A private key that does not belong to the public key in use counts as missing. */
static void
append_usable(StringInfo list, const RgKeyring *keyring)
{
	const char *separator = "";

	for (int i = 0; i < rg_keyring_count(keyring); i++)
	{
		RgSealingKey key = rg_keys_public(keyring, i);

		if (rg_sealing_key_known(key.key_id, NULL) && !rg_sealing_key_known(key.key_id, key.public_key))
			continue;
		appendStringInfo(list, "%s" INT64_FORMAT, separator, key.key_id);
		separator = ", ";
	}
}

static void
list(const RgCall *request)
{
	const char *fault = NULL;
	StringInfoData answer;

	rg_transaction_begin();

	RgKeyring *keyring = rg_keys_load(&fault);

	initStringInfo(&answer);
	appendStringInfoString(&answer, "{\"fault\": ");
	if (fault != NULL)
		escape_json(&answer, fault);
	else
		appendStringInfoString(&answer, "null");
	appendStringInfoString(&answer, ", \"key_ids\": [");
	if (keyring != NULL)
		append_usable(&answer, keyring);
	appendStringInfoString(&answer, "]}");
	if (answer.len < RG_MESSAGE_BYTES)
		rg_call_answer(request, 0, 0, answer.data, NULL);
	else
		rg_call_answer(request, 0, RG_UNAVAILABLE, "the keyring has too many keys to list them",
					   "Forget those that are not used: rivergen.key_forget(key_id).");
	rg_transaction_commit();
}

static void
known(const RgCall *request)
{
	rg_transaction_begin();

	bool is_known = rg_sealing_key_known(request->key_id, NULL);

	rg_transaction_commit();
	rg_call_answer(request, is_known, 0, NULL, NULL);
}

void
rg_keys_serve(const RgCall *request)
{
	MemoryContext memory =
		AllocSetContextCreate(CurrentMemoryContext, "rivergen keys", ALLOCSET_DEFAULT_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(memory);

	if (request->kind == RG_CALL_KEY_CREATE)
		create(request);
	else if (request->kind == RG_CALL_KEY_LIST)
		list(request);
	else if (request->kind == RG_CALL_KEY_KNOWN)
		known(request);
	else if (request->kind == RG_CALL_KEY_ROTATE)
		rg_rotate_serve(request);
	else
		rg_forget_serve(request);
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(memory);
}
