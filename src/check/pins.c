#include "check/pins.h"

#include <sodium.h>

#include "check/text.h"

#define MOST_WORDS        8
#define LONGEST_KEY       4096
#define FINGERPRINT_MARK  "SHA256:"
#define FINGERPRINT_BYTES (sizeof(FINGERPRINT_MARK) + 43)

static bool
is_key_type(const char *word)
{
	return rg_word_in("ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 ssh-rsa", word,
					  (int) strlen(word));
}

/* A key begins with the length of its type's name and the name. */
static bool
begins_with_type(const unsigned char *key, size_t length, const char *type)
{
	size_t size = strlen(type);

	return length > 4 + size && key[0] == 0 && key[1] == 0 && key[2] == 0 && key[3] == size &&
		   memcmp(key + 4, type, size) == 0;
}

static char *
fingerprint_of(const unsigned char *key, size_t length)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char *fingerprint = palloc(FINGERPRINT_BYTES);
	size_t mark = strlen(FINGERPRINT_MARK);

	crypto_hash_sha256(hash, key, length);
	memcpy(fingerprint, FINGERPRINT_MARK, mark);
	sodium_bin2base64(fingerprint + mark, FINGERPRINT_BYTES - mark, hash, sizeof(hash),
					  sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	return fingerprint;
}

static const char *
read_key(RgPin *pin, const char *type, const char *base64)
{
	unsigned char key[LONGEST_KEY];
	size_t length;

	if (sodium_base642bin(key, sizeof(key), base64, strlen(base64), NULL, &length, NULL,
						  sodium_base64_VARIANT_ORIGINAL) != 0 ||
		!begins_with_type(key, length, type))
		return psprintf("has a damaged key of type %s", type);
	*pin = (RgPin){.type = pstrdup(type), .key = pstrdup(base64), .fingerprint = fingerprint_of(key, length)};
	return NULL;
}

/* Other programs end the text of a fingerprint with =. */
static const char *
read_fingerprint(RgPin *pin, char *word)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char *text = word + strlen(FINGERPRINT_MARK);
	size_t length;

	text[strcspn(text, "=")] = '\0';
	if (sodium_base642bin(hash, sizeof(hash), text, strlen(text), NULL, &length, NULL,
						  sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 ||
		length != sizeof(hash))
		return "has a damaged fingerprint";
	*pin = (RgPin){.fingerprint = pstrdup(word)};
	return NULL;
}

static bool
is_fingerprint(const char *word)
{
	return strncmp(word, FINGERPRINT_MARK, strlen(FINGERPRINT_MARK)) == 0;
}

static const char *
read_words(RgPin *pin, char **words, int count)
{
	if (words[0][0] == '@')
		return "has a mark; only keys of the host itself are supported";
	if (is_fingerprint(words[0]))
		return read_fingerprint(pin, words[0]);
	if (count > 1 && is_fingerprint(words[1])) /* ssh-keygen -l begins with the number of bits */
		return read_fingerprint(pin, words[1]);
	for (int i = 0; i < 2 && i + 1 < count; i++)
	{
		if (is_key_type(words[i]))
			return read_key(pin, words[i], words[i + 1]);
	}
	return "is neither a line of a known_hosts file nor a SHA256 fingerprint";
}

static const char *
read_line(RgPins *pins, char *line)
{
	char *words[MOST_WORDS];
	char *word;
	int count = 0;

	while (count < MOST_WORDS && (word = strsep(&line, " \t\r")) != NULL)
	{
		if (*word != '\0')
			words[count++] = word;
	}
	if (count == 0 || words[0][0] == '#')
		return NULL;
	if (pins->count == RG_MOST_PINS)
		return psprintf("is one more than the %d keys that are allowed", RG_MOST_PINS);

	const char *fault = read_words(&pins->pins[pins->count], words, count);

	pins->count += fault == NULL;
	return fault;
}

const char *
rg_pins_read(RgPins *pins, const char *text)
{
	char *rest = pstrdup(text);
	char *line;

	*pins = (RgPins){0};
	for (int number = 1; (line = strsep(&rest, "\n")) != NULL; number++)
	{
		const char *fault = read_line(pins, line);

		if (fault != NULL)
			return psprintf("line %d %s", number, fault);
	}
	return NULL;
}

const RgPin *
rg_pins_find(const RgPins *pins, const char *fingerprint)
{
	for (int i = 0; i < pins->count; i++)
	{
		if (strcmp(pins->pins[i].fingerprint, fingerprint) == 0)
			return &pins->pins[i];
	}
	return NULL;
}
