/*
 * keyring.c — the private keys: a text of "<key id> <base64>" lines, from the key file or the key command.
 */
#include "keyring.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "miscadmin.h"
#include "storage/fd.h"

#define KEYRING_MAX_BYTES 65536

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

/* A private key beside the data it protects would be in every base backup. */
static bool
inside_data_directory(const char *path)
{
	char directory[PATH_MAX];
	char data[PATH_MAX];

	strlcpy(directory, path, sizeof(directory));
	get_parent_directory(directory);
	if (realpath(DataDir, data) == NULL)
		return false;

	char *real = realpath(directory, NULL);
	bool inside = real != NULL && path_is_prefix_of_path(data, real);

	free(real);
	return inside;
}

static const char *
check_file(const char *path, int descriptor)
{
	struct stat status;

	if (descriptor < 0)
		return errno == ENOENT ? "it does not exist" : "it cannot be opened";
	if (inside_data_directory(path))
		return "it lies inside the data directory";
	if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
		return "it is not a regular file";
	if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "it may be read by others; its mode must be 0600";
	return NULL;
}

RgKeyring *
rg_keyring_read(const char *path, const char **fault)
{
	int descriptor = OpenTransientFile(path, O_RDONLY | O_CLOEXEC);
	RgKeyring *keyring = NULL;

	*fault = check_file(path, descriptor);
	if (*fault == NULL)
	{
		char *text = rg_secret_alloc(KEYRING_MAX_BYTES + 1);
		ssize_t length = read(descriptor, text, KEYRING_MAX_BYTES);

		if (length < 0)
			*fault = "it cannot be read";
		else
			keyring = rg_keyring_parse(text, fault);
	}
	if (descriptor >= 0)
		CloseTransientFile(descriptor);
	return keyring;
}

static bool
write_key(int descriptor, int64 key_id)
{
	unsigned char public_key[crypto_box_PUBLICKEYBYTES];
	unsigned char private_key[crypto_box_SECRETKEYBYTES];
	char encoded[sodium_base64_ENCODED_LEN(crypto_box_SECRETKEYBYTES, sodium_base64_VARIANT_ORIGINAL)];
	char line[sizeof(encoded) + 32];

	crypto_box_keypair(public_key, private_key);
	sodium_bin2base64(encoded, sizeof(encoded), private_key, sizeof(private_key),
					  sodium_base64_VARIANT_ORIGINAL);

	int length = snprintf(line, sizeof(line), INT64_FORMAT " %s\n", key_id, encoded);
	bool written = write(descriptor, line, length) == length && pg_fsync(descriptor) == 0;

	sodium_memzero(private_key, sizeof(private_key));
	sodium_memzero(encoded, sizeof(encoded));
	sodium_memzero(line, sizeof(line));
	return written;
}

const char *
rg_keyring_create(const char *path, int64 key_id)
{
	char *temporary = psprintf("%s.new", path);
	const char *fault = NULL;

	if (!is_absolute_path(path))
		return "it is not an absolute path";
	if (inside_data_directory(path))
		return "it lies inside the data directory";
	if (access(path, F_OK) == 0)
		return "it exists already";

	int descriptor = OpenTransientFilePerm(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (descriptor < 0)
		return psprintf("it cannot be created: %s", strerror(errno));
	if (!write_key(descriptor, key_id))
		fault = psprintf("it cannot be written: %s", strerror(errno));
	CloseTransientFile(descriptor);
	if (fault == NULL && durable_rename(temporary, path, LOG) != 0)
		fault = "it cannot be renamed into place";
	if (fault != NULL)
		unlink(temporary);
	return fault;
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
