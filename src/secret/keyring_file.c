/*
 * keyring_file.c — reads the key file after checking its mode and place, and changes it by renaming a new
 * file into place.
 *
 * A change reads the whole file first and keeps its comments. A crash leaves the old file or the new one, and
 * at worst a temporary file that the next change overwrites.
 */
#include "keyring_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/fd.h"

#include "keyring.h"
#include "private_file.h"
#include "seal.h"

#define LINE_BYTES (sodium_base64_ENCODED_LEN(crypto_box_SECRETKEYBYTES, sodium_base64_VARIANT_ORIGINAL) + 32)

static const char *
check_file(const char *path, int descriptor)
{
	const char *fault = rg_private_file_fault(path, descriptor);
	struct stat status;

	if (fault == NULL && (fstat(descriptor, &status) != 0 || status.st_size > RG_KEYRING_MAX_BYTES))
		fault = "it is too long";
	return fault;
}

/* Reads the whole file into memory that is wiped later. */
static char *
read_text(const char *path, const char **fault)
{
	int descriptor = OpenTransientFile(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;

	*fault = check_file(path, descriptor);
	if (*fault == NULL)
	{
		text = rg_secret_alloc(RG_KEYRING_MAX_BYTES + 1);
		if (read(descriptor, text, RG_KEYRING_MAX_BYTES) < 0)
			*fault = "it cannot be read";
	}
	if (descriptor >= 0)
		CloseTransientFile(descriptor);
	return *fault == NULL ? text : NULL;
}

RgKeyring *
rg_keyring_read(const char *path, const char **fault)
{
	char *text = read_text(path, fault);

	return text == NULL ? NULL : rg_keyring_parse(text, fault);
}

/* ---- changing ---- */

static const char *
write_text(int descriptor, const char *text)
{
	size_t length = strlen(text);

	if (write(descriptor, text, length) != (ssize_t) length || pg_fsync(descriptor) != 0)
		return psprintf("it cannot be written: %s", strerror(errno));
	return NULL;
}

static const char *
replace(const char *path, const char *text)
{
	char *temporary = psprintf("%s.new", path);
	int descriptor;
	const char *fault;

	unlink(temporary); /* left by a crashed change, perhaps with another mode */
	descriptor = OpenTransientFilePerm(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (descriptor < 0)
		return psprintf("it cannot be written: %s", strerror(errno));
	fault = write_text(descriptor, text);
	CloseTransientFile(descriptor);
	if (fault == NULL && durable_rename(temporary, path, LOG) != 0)
		fault = "the new one cannot be renamed into place";
	if (fault != NULL)
		unlink(temporary);
	return fault;
}

static void
write_fresh_line(char *line, int64 key_id)
{
	unsigned char public_key[crypto_box_PUBLICKEYBYTES];
	unsigned char private_key[crypto_box_SECRETKEYBYTES];
	int length = snprintf(line, LINE_BYTES, INT64_FORMAT " ", key_id);

	crypto_box_keypair(public_key, private_key);
	sodium_bin2base64(line + length, LINE_BYTES - length, private_key, sizeof(private_key),
					  sodium_base64_VARIANT_ORIGINAL);
	sodium_memzero(private_key, sizeof(private_key));
	strlcat(line, "\n", LINE_BYTES);
}

/* Parses a copy, because parsing wipes the text and the caller still needs it. */
static RgKeyring *
parse_copy(const char *text, const char **fault)
{
	size_t size = strlen(text) + 1;

	return rg_keyring_parse(memcpy(rg_secret_alloc(size), text, size), fault);
}

static const char *
append_key(const char *path, const char *text, int64 key_id)
{
	size_t length = strlen(text);
	char *changed = rg_secret_alloc(length + LINE_BYTES + 2);

	memcpy(changed, text, length);
	if (length > 0 && changed[length - 1] != '\n')
		changed[length++] = '\n';
	write_fresh_line(changed + length, key_id);
	if (strlen(changed) > RG_KEYRING_MAX_BYTES)
		return "it has no room for another key";
	return replace(path, changed);
}

const char *
rg_keyring_add(const char *path, int64 key_id)
{
	const char *fault = NULL;

	if (!is_absolute_path(path))
		return "it is not an absolute path";
	if (rg_inside_data_directory(path))
		return "it lies inside the data directory";
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return append_key(path, "", key_id);

	char *text = read_text(path, &fault);
	RgKeyring *keyring = text == NULL ? NULL : parse_copy(text, &fault);

	if (keyring == NULL)
		return fault;
	if (rg_keyring_has(keyring, key_id))
		return "it has a key of this id already";
	return append_key(path, text, key_id);
}

static bool
is_line_of(const char *line, int64 key_id)
{
	return *line != '#' && strtoll(line, NULL, 10) == key_id;
}

/* Copies every line but that of the key. */
static char *
without_key(char *text, int64 key_id)
{
	char *changed = rg_secret_alloc(strlen(text) + 2);
	char *rest = text;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL)
	{
		if (is_line_of(line, key_id) || (rest == NULL && *line == '\0'))
			continue;
		strcat(changed, line);
		strcat(changed, "\n");
	}
	return changed;
}

const char *
rg_keyring_remove(const char *path, int64 key_id)
{
	const char *fault = NULL;
	char *text = read_text(path, &fault);
	RgKeyring *keyring = text == NULL ? NULL : parse_copy(text, &fault);

	if (keyring == NULL)
		return fault;
	if (!rg_keyring_has(keyring, key_id))
		return NULL;
	if (rg_keyring_count(keyring) == 1)
		return "it would be left without a key";
	return replace(path, without_key(text, key_id));
}
