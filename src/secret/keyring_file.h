/*
 * keyring_file.h — reads the key file after checking its mode and place, and changes it by renaming a new
 * file into place.
 */
#ifndef RG_SECRET_KEYRING_FILE_H
#define RG_SECRET_KEYRING_FILE_H

#include "postgres.h"

#include "secret.h"

/*
 * Reads the key file. Returns NULL, and the fault as a text: missing, readable by others, inside the data
 * directory, malformed.
 */
extern RgKeyring *rg_keyring_read(const char *path, const char **fault);

/*
 * Adds a new key to the file; creates the file if it is missing. The new file is flushed to disk and then
 * renamed into place. Callers must serialize changes. Returns NULL or the fault.
 */
extern const char *rg_keyring_add(const char *path, int64 key_id);

/* Removes a key from the file in the same way, but never the last one. */
extern const char *rg_keyring_remove(const char *path, int64 key_id);

#endif
