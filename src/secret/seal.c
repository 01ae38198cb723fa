/*
 * seal.c — libsodium sealed boxes. A seal contains a mark that names the kind of content, the context (three
 * big-endian integers) and the content. README.md specifies it.
 */
#include "seal.h"

#include <sodium.h>

#include "port/pg_bswap.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "keyring.h"
#include "secret.h"

#define MARK_BYTES    3
#define CONTEXT_BYTES (3 * sizeof(uint64))
#define HEADER_BYTES  (MARK_BYTES + CONTEXT_BYTES)

static const char mark_text[] = "RG1";        /* credentials that the server has checked */
static const char mark_box[] = "RG2";         /* a box that a client sealed for the same key */
static const char mark_client_text[] = "RG3"; /* the content of such a box, opened by a rotation */

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
write_header(char *to, const char *mark, const RgSealContext *context)
{
	uint64 parts[3] = {pg_hton64(context->organization_id), pg_hton64(context->data_source_id),
					   pg_hton64(context->version)};

	memcpy(to, mark, MARK_BYTES);
	memcpy(to + MARK_BYTES, parts, sizeof(parts));
}

static bytea *
seal_bytes(const char *bytes, size_t length, const unsigned char *public_key)
{
	bytea *sealed = palloc(VARHDRSZ + length + crypto_box_SEALBYTES);

	SET_VARSIZE(sealed, VARHDRSZ + length + crypto_box_SEALBYTES);
	if (crypto_box_seal((unsigned char *) VARDATA(sealed), (const unsigned char *) bytes, length,
						public_key) != 0)
		elog(ERROR, "credentials could not be sealed");
	return sealed;
}

static bytea *
seal_content(const char *mark, const RgSealContext *context, const char *content, size_t length,
			 const unsigned char *public_key)
{
	char *inner = rg_secret_alloc(HEADER_BYTES + length);

	write_header(inner, mark, context);
	memcpy(inner + HEADER_BYTES, content, length);

	bytea *sealed = seal_bytes(inner, HEADER_BYTES + length, public_key);

	sodium_memzero(inner, HEADER_BYTES + length);
	return sealed;
}

bytea *
rg_secret_seal(const RgSealContext *context, const char *plain, size_t length,
			   const unsigned char *public_key)
{
	return seal_content(mark_text, context, plain, length, public_key);
}

bytea *
rg_secret_seal_box(const RgSealContext *context, const char *box, size_t length,
				   const unsigned char *public_key)
{
	return seal_content(mark_box, context, box, length, public_key);
}

char *
rg_secret_decode_box(const char *text, size_t length, size_t *box_length)
{
	char *box = palloc(length + 1);

	if (sodium_base642bin((unsigned char *) box, length + 1, text, length, NULL, box_length, NULL,
						  sodium_base64_VARIANT_ORIGINAL) != 0 ||
		*box_length <= crypto_box_SEALBYTES)
		return NULL;
	return box;
}

/* ---- opening ---- */

/* NULL if the box does not open; otherwise memory that is wiped when freed, with a NUL at the end. */
static char *
open_box(const RgKey *key, const char *box, size_t box_length, size_t *length)
{
	if (box_length < crypto_box_SEALBYTES)
		return NULL;
	*length = box_length - crypto_box_SEALBYTES;

	char *content = rg_secret_alloc(*length + 1);

	if (crypto_box_seal_open((unsigned char *) content, (const unsigned char *) box, box_length,
							 key->public_key, key->private_key) != 0)
		return NULL;
	return content;
}

static bool
has_mark(const char *inner, const char *mark)
{
	return memcmp(inner, mark, MARK_BYTES) == 0;
}

static RgOpenResult
open_outer(const RgKey *key, const bytea *sealed, char **inner, size_t *length)
{
	if (key == NULL)
		return RG_OPEN_KEY_MISSING;
	*inner = open_box(key, VARDATA_ANY(sealed), VARSIZE_ANY_EXHDR(sealed), length);
	if (*inner == NULL || *length < HEADER_BYTES)
		return RG_OPEN_CORRUPT;
	if (!has_mark(*inner, mark_text) && !has_mark(*inner, mark_box) && !has_mark(*inner, mark_client_text))
		return RG_OPEN_CORRUPT;
	return RG_OPENED;
}

RgOpenResult
rg_secret_open(const RgKeyring *keyring, int64 key_id, const bytea *sealed, const RgSealContext *context,
			   RgOpened *opened)
{
	const RgKey *key = rg_keyring_find(keyring, key_id);
	char *inner;
	size_t length;
	char header[HEADER_BYTES];
	RgOpenResult result = open_outer(key, sealed, &inner, &length);

	if (result != RG_OPENED)
		return result;
	write_header(header, mark_text, context);
	if (memcmp(inner + MARK_BYTES, header + MARK_BYTES, CONTEXT_BYTES) != 0)
		return RG_OPEN_WRONG_CONTEXT;

	opened->by_client = !has_mark(inner, mark_text);
	opened->text = inner + HEADER_BYTES;
	opened->length = length - HEADER_BYTES;
	if (has_mark(inner, mark_box))
		opened->text = open_box(key, opened->text, opened->length, &opened->length);
	return opened->text == NULL ? RG_OPEN_BOX_CORRUPT : RG_OPENED;
}

/*
 * The inner box was sealed for the old key too. It is opened here, or that key could never be forgotten. A
 * box that does not open is kept, and a worker reports it as before.
 */
static bytea *
reseal_box(const RgKey *key, const char *inner, size_t length, const unsigned char *public_key)
{
	size_t content_length;
	char *content = open_box(key, inner + HEADER_BYTES, length - HEADER_BYTES, &content_length);

	if (content == NULL)
		return seal_bytes(inner, length, public_key);

	char *opened = rg_secret_alloc(HEADER_BYTES + content_length);

	memcpy(opened, inner, HEADER_BYTES);
	memcpy(opened, mark_client_text, MARK_BYTES);
	memcpy(opened + HEADER_BYTES, content, content_length);
	return seal_bytes(opened, HEADER_BYTES + content_length, public_key);
}

RgOpenResult
rg_secret_reseal(const RgKeyring *keyring, int64 key_id, const bytea *sealed, const unsigned char *public_key,
				 bytea **resealed)
{
	const RgKey *key = rg_keyring_find(keyring, key_id);
	char *inner;
	size_t length;
	RgOpenResult result = open_outer(key, sealed, &inner, &length);

	if (result != RG_OPENED)
		return result;
	*resealed = has_mark(inner, mark_box) ? reseal_box(key, inner, length, public_key)
										  : seal_bytes(inner, length, public_key);
	return RG_OPENED;
}
