/*
 * keyring.c — the private keys in memory: parsed from "<key id> <base64>" lines.
 */
#include "keyring.h"

#include "seal.h"

static int
count_lines(const char *text)
{
	int lines = 1;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static bool
parse_line(char *line, RgKey *key)
{
	char *end;
	size_t length;

	errno = 0;
	key->key_id = strtoll(line, &end, 10);
	if (errno != 0 || end == line || key->key_id <= 0 || *end != ' ')
		return false;
	if (sodium_base642bin(key->private_key, sizeof(key->private_key), end + 1, strlen(end + 1), " \r",
						  &length, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
		length != sizeof(key->private_key))
		return false;
	return crypto_scalarmult_base(key->public_key, key->private_key) == 0;
}

RgKeyring *
rg_keyring_parse(char *text, const char **fault)
{
	size_t length = strlen(text);
	RgKeyring *keyring = rg_secret_alloc(offsetof(RgKeyring, keys) + count_lines(text) * sizeof(RgKey));
	char *rest = text;
	char *line;
	bool valid = true;

	while (valid && (line = strsep(&rest, "\n")) != NULL)
	{
		if (*line != '\0' && *line != '#')
			valid = parse_line(line, &keyring->keys[keyring->count++]);
	}
	sodium_memzero(text, length);
	if (!valid)
		*fault = "a line is not of the form \"<key id> <base64 private key>\"";
	else if (keyring->count == 0)
		*fault = "it holds no key";
	return valid && keyring->count > 0 ? keyring : NULL;
}

int
rg_keyring_count(const RgKeyring *keyring)
{
	return keyring->count;
}

int64
rg_keyring_id(const RgKeyring *keyring, int index)
{
	return keyring->keys[index].key_id;
}

void
rg_keyring_public(const RgKeyring *keyring, int index, unsigned char *public_key)
{
	memcpy(public_key, keyring->keys[index].public_key, crypto_box_PUBLICKEYBYTES);
}

const RgKey *
rg_keyring_find(const RgKeyring *keyring, int64 key_id)
{
	for (int i = 0; i < keyring->count; i++)
	{
		if (keyring->keys[i].key_id == key_id)
			return &keyring->keys[i];
	}
	return NULL;
}

bool
rg_keyring_has(const RgKeyring *keyring, int64 key_id)
{
	return rg_keyring_find(keyring, key_id) != NULL;
}
