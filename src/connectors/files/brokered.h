/*
 * brokered.h — files and folders that the storage broker reads, which holds the keys of the service that has
 * them (src/wire/stored.h).
 */
#ifndef RG_FILES_BROKERED_H
#define RG_FILES_BROKERED_H

#include "connectors/files/storage.h"

/*
 * Takes the source, which the broker at the other end of the descriptor knows. Returns true for a file, false
 * for a folder. Only the name has to be set.
 */
extern bool brokered_take(StoredFile *file, int descriptor);

#endif
