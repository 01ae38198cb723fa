/*
 * seal.c — libsodium sealed boxes. Inside the seal: a mark, the context (three big-endian integers), the
 * text.
 */
#include "secret.h"

#include <sodium.h>

#include "port/pg_bswap.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "keyring.h"

#define SEAL_MARK         "RG1"
#define SEAL_MARK_BYTES   3
#define SEAL_HEADER_BYTES (SEAL_MARK_BYTES + 3 * sizeof(uint64))

char *rg_key_file = NULL;
char *rg_key_command = NULL;

void
rg_secret_init(void)
{
	if (sodium_init() < 0)
		elog(FATAL, "libsodium could not be initialised");

	DefineCustomStringVariable(
		"rivergen.key_file", "File with the private keys that open stored credentials.",
		"An absolute path outside the data directory; mode 0600. Read by rivergen's workers only.",
		&rg_key_file, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable(
		"rivergen.key_command", "Shell command that prints the keyring, instead of rivergen.key_file.",
		"Run by rivergen's workers; prints lines of the form \"<key id> <base64 private key>\".",
		&rg_key_command, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
}

void
rg_secret_wipe(void *memory, size_t length)
{
	sodium_memzero(memory, length);
}

typedef struct SecretBlock
{
	MemoryContextCallback callback;
	Size size;
	char bytes[FLEXIBLE_ARRAY_MEMBER];
} SecretBlock;

static void
wipe_block(void *argument)
{
	SecretBlock *block = argument;

	sodium_memzero(block->bytes, block->size);
}

void *
rg_secret_alloc(Size size)
{
	SecretBlock *block = palloc0(offsetof(SecretBlock, bytes) + size);

	block->size = size;
	block->callback.func = wipe_block;
	block->callback.arg = block;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &block->callback);
	return block->bytes;
}

static void
write_header(char *to, const RgSealContext *context)
{
	uint64 parts[3] = {pg_hton64(context->organization_id), pg_hton64(context->data_source_id),
					   pg_hton64(context->version)};

	memcpy(to, SEAL_MARK, SEAL_MARK_BYTES);
	memcpy(to + SEAL_MARK_BYTES, parts, sizeof(parts));
}

bytea *
rg_secret_seal(const RgSealContext *context, const char *plain, size_t length,
			   const unsigned char *public_key)
{
	size_t inner_length = SEAL_HEADER_BYTES + length;
	char *inner = rg_secret_alloc(inner_length);
	bytea *sealed = palloc(VARHDRSZ + inner_length + crypto_box_SEALBYTES);

	write_header(inner, context);
	memcpy(inner + SEAL_HEADER_BYTES, plain, length);
	SET_VARSIZE(sealed, VARHDRSZ + inner_length + crypto_box_SEALBYTES);
	if (crypto_box_seal((unsigned char *) VARDATA(sealed), (unsigned char *) inner, inner_length,
						public_key) != 0)
		elog(ERROR, "credentials could not be sealed");
	sodium_memzero(inner, inner_length);
	return sealed;
}

RgOpenResult
rg_secret_open(const RgKeyring *keyring, int64 key_id, const bytea *sealed, const RgSealContext *context,
			   char **plain, size_t *length)
{
	const RgKey *key = rg_keyring_find(keyring, key_id);
	size_t sealed_length = VARSIZE_ANY_EXHDR(sealed);
	char header[SEAL_HEADER_BYTES];

	if (key == NULL)
		return RG_OPEN_KEY_MISSING;
	if (sealed_length < crypto_box_SEALBYTES + SEAL_HEADER_BYTES)
		return RG_OPEN_CORRUPT;

	size_t inner_length = sealed_length - crypto_box_SEALBYTES;
	char *inner = rg_secret_alloc(inner_length + 1);

	if (crypto_box_seal_open((unsigned char *) inner, (const unsigned char *) VARDATA_ANY(sealed),
							 sealed_length, key->public_key, key->private_key) != 0)
		return RG_OPEN_CORRUPT;

	write_header(header, context);
	if (sodium_memcmp(inner, header, SEAL_HEADER_BYTES) != 0)
		return RG_OPEN_WRONG_CONTEXT;
	*plain = inner + SEAL_HEADER_BYTES;
	*length = inner_length - SEAL_HEADER_BYTES;
	return RG_OPENED;
}
