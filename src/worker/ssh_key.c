#include "ssh_key.h"

#include <sodium.h>

#include "secret/seal.h"
#include "wire/wire.h"

#define PEM_BEGIN "-----BEGIN PRIVATE KEY-----"
#define SSH_BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----\n"
#define SSH_END   "\n-----END OPENSSH PRIVATE KEY-----\n"
#define TYPE      "ssh-ed25519"
#define BLOCK     8

/* Longer than any form of an Ed25519 key. */
#define MOST_BYTES 512

char *
rg_ssh_credential(const char *credentials, const char *name)
{
	WireObject object;
	WireSpan value;
	char *text;

	if (wire_object_scan(credentials, strlen(credentials), &object) != NULL)
		return NULL;
	value = wire_member(&object, name);
	if (value.start == NULL)
		return NULL;
	text = rg_secret_alloc(value.length + 1);
	return wire_string(value, text, value.length + 1) >= 0 ? text : NULL;
}

/* PrivateKeyInfo of RFC 8410 behind its length and version: the algorithm, and how long the seed is. */
static const unsigned char ed25519_mark[] = {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65,
											 0x70, 0x04, 0x22, 0x04, 0x20};
#define MARK_PLACE 5

static bool
read_seed(const char *key, unsigned char seed[crypto_sign_SEEDBYTES])
{
	unsigned char *der = rg_secret_alloc(MOST_BYTES);
	size_t length = 0;
	const char *base64 = key + strlen(PEM_BEGIN);

	if (strncmp(key, PEM_BEGIN, strlen(PEM_BEGIN)) != 0 ||
		sodium_base642bin(der, MOST_BYTES, base64, strcspn(base64, "-"), "\r\n \t", &length, NULL,
						  sodium_base64_VARIANT_ORIGINAL) != 0 ||
		length < MARK_PLACE + sizeof(ed25519_mark) + crypto_sign_SEEDBYTES ||
		memcmp(der + MARK_PLACE, ed25519_mark, sizeof(ed25519_mark)) != 0)
		return false;
	memcpy(seed, der + MARK_PLACE + sizeof(ed25519_mark), crypto_sign_SEEDBYTES);
	return true;
}

static unsigned char *
put_number(unsigned char *out, uint32 number)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		*out++ = (number >> shift) & 0xff;
	return out;
}

static unsigned char *
put_string(unsigned char *out, const void *bytes, size_t length)
{
	out = put_number(out, length);
	memcpy(out, bytes, length);
	return out + length;
}

/* Both copies of the check number may be zero: they prove that a passphrase was right, and there is none. */
static unsigned char *
put_private(unsigned char *out, const unsigned char *public_key, const unsigned char *private_key)
{
	unsigned char *part = rg_secret_alloc(MOST_BYTES);
	unsigned char *end = put_number(put_number(part, 0), 0);

	end = put_string(end, TYPE, strlen(TYPE));
	end = put_string(end, public_key, crypto_sign_PUBLICKEYBYTES);
	end = put_string(end, private_key, crypto_sign_SECRETKEYBYTES);
	end = put_string(end, "", 0);
	for (unsigned char pad = 1; (end - part) % BLOCK != 0; pad++)
		*end++ = pad;
	return put_string(out, part, end - part);
}

/* OpenSSH's PROTOCOL.key, without a cipher. */
static size_t
write_key(unsigned char *out, const unsigned char *public_key, const unsigned char *private_key)
{
	static const char magic[] = "openssh-key-v1"; /* with its NUL */
	unsigned char *end = out;

	memcpy(end, magic, sizeof(magic));
	end += sizeof(magic);
	end = put_string(end, "none", 4);
	end = put_string(end, "none", 4);
	end = put_string(end, "", 0);
	end = put_number(end, 1);
	end = put_number(end, 4 + strlen(TYPE) + 4 + crypto_sign_PUBLICKEYBYTES);
	end = put_string(end, TYPE, strlen(TYPE));
	end = put_string(end, public_key, crypto_sign_PUBLICKEYBYTES);
	end = put_private(end, public_key, private_key);
	return end - out;
}

char *
rg_ssh_key_readable(char *key)
{
	unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
	unsigned char *seed = rg_secret_alloc(crypto_sign_SEEDBYTES);
	unsigned char *private_key = rg_secret_alloc(crypto_sign_SECRETKEYBYTES);
	unsigned char *binary = rg_secret_alloc(MOST_BYTES);
	size_t size = strlen(SSH_BEGIN) + sodium_base64_ENCODED_LEN(MOST_BYTES, sodium_base64_VARIANT_ORIGINAL) +
				  sizeof(SSH_END);
	char *text = rg_secret_alloc(size);

	if (!read_seed(key, seed) || crypto_sign_seed_keypair(public_key, private_key, seed) != 0)
		return key;

	size_t length = write_key(binary, public_key, private_key);

	strcpy(text, SSH_BEGIN);
	sodium_bin2base64(text + strlen(SSH_BEGIN), size - strlen(SSH_BEGIN), binary, length,
					  sodium_base64_VARIANT_ORIGINAL);
	strcat(text, SSH_END);
	return text;
}
