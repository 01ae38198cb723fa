/*
 * keys.c — private keys exist in workers only, for as long as one job needs them.
 *
 * A new key is written to the key file first and its public half committed second: a crash in between leaves
 * a key that nothing was sealed for, and that the next call adopts; the other order would seal for a key that
 * is lost.
 */
#include "keys.h"

#include <unistd.h>

#include "catalog/pg_type.h"
#include "storage/fd.h"

#include "error.h"
#include "sql.h"
#include "transaction.h"

#define KEYRING_MAX_BYTES 65536
#define HOW_TO_SET                                                                                           \
	"Set rivergen.key_file to an absolute path outside the data directory, in a directory that the server "  \
	"may "                                                                                                   \
	"write to, reload the configuration, and run SELECT rivergen.key_create()."

static RgKeyring *
run_key_command(const char **fault)
{
	FILE *stream = OpenPipeStream(rg_key_command, "r");
	char *text = rg_secret_alloc(KEYRING_MAX_BYTES + 1);

	if (stream == NULL)
	{
		*fault = "rivergen.key_command could not be run";
		return NULL;
	}

	size_t length = fread(text, 1, KEYRING_MAX_BYTES, stream);

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

/* ---- making and adopting ---- */

static int64
newest_key(void)
{
	static RgStatement look = {
		.text = "SELECT max(key_id) FROM rivergen_catalog.sealing_key WHERE retired_at IS NULL",
	};

	rg_sql_run(&look, NULL, NULL);
	return rg_sql_int64(0, 1);
}

static Datum
public_key_datum(const RgKeyring *keyring, int index)
{
	bytea *public_key = palloc(VARHDRSZ + RG_PUBLIC_KEY_BYTES);

	SET_VARSIZE(public_key, VARHDRSZ + RG_PUBLIC_KEY_BYTES);
	rg_keyring_public(keyring, index, (unsigned char *) VARDATA(public_key));
	return PointerGetDatum(public_key);
}

/* False when the table knows another public key under the same id. */
static bool
adopt(const RgKeyring *keyring)
{
	static RgStatement insert = {
		.text =
			"INSERT INTO rivergen_catalog.sealing_key AS k (key_id, public_key) VALUES ($1, $2) "
			"ON CONFLICT (key_id) DO UPDATE SET key_id = k.key_id WHERE k.public_key = $2 RETURNING key_id",
		.types = {INT8OID, BYTEAOID},
	};

	for (int i = 0; i < rg_keyring_count(keyring); i++)
	{
		Datum values[] = {Int64GetDatum(rg_keyring_id(keyring, i)), public_key_datum(keyring, i)};

		if (rg_sql_run(&insert, values, NULL) == 0)
			return false;
	}
	return true;
}

static const char *
make_or_adopt(void)
{
	static RgStatement lock = {.text = "LOCK TABLE rivergen_catalog.sealing_key IN SHARE ROW EXCLUSIVE MODE"};
	const char *fault = NULL;

	rg_sql_run(&lock, NULL, NULL);
	if (newest_key() != 0)
		return NULL;
	if (*rg_key_command == '\0' && *rg_key_file != '\0' && access(rg_key_file, F_OK) != 0)
	{
		fault = rg_keyring_create(rg_key_file, 1);
		if (fault != NULL)
			return psprintf("the key file \"%s\" cannot be made: %s", rg_key_file, fault);
	}

	RgKeyring *keyring = rg_keys_load(&fault);

	if (keyring != NULL && !adopt(keyring))
		fault = "the keyring holds another key under an id that is in use";
	return keyring == NULL || fault != NULL ? fault : NULL;
}

void
rg_keys_serve(const RgRequest *request)
{
	rg_transaction_begin();

	const char *fault = make_or_adopt();
	int64 key_id = newest_key();

	if (fault != NULL)
		rg_request_answer(request, 0, RG_UNAVAILABLE, fault, HOW_TO_SET);
	rg_transaction_commit();
	if (fault == NULL)
		rg_request_answer(request, key_id, 0, NULL, NULL);
}
