/*
 * keyring_file.h — the key file: read with its guards, changed by writing a new one and renaming it into
 * place.
 */
#ifndef RG_SECRET_KEYRING_FILE_H
#define RG_SECRET_KEYRING_FILE_H

#include "postgres.h"

#include "secret.h"

/*
 * Reads the key file. Returns NULL and a text that names the fault: missing, readable by others, inside the
 * data directory, malformed.
 */
extern RgKeyring *rg_keyring_read(const char *path, const char **fault);

/*
 * Adds a fresh key to the file, or makes the file with it. The file is replaced by rename, after its content
 * was written through to the disk. Callers see to it that nobody else changes the file meanwhile.
 */
extern const char *rg_keyring_add(const char *path, int64 key_id);

/* Takes a key out of the file, likewise. The last one stays. */
extern const char *rg_keyring_remove(const char *path, int64 key_id);

#endif
