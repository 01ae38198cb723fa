/*
 * given.h — what the server hands over as the source: a file, a folder, or the way to the storage broker.
 */
#ifndef RG_FILES_GIVEN_H
#define RG_FILES_GIVEN_H

#include "connectors/common/request.h"
#include "connectors/files/storage.h"

/*
 * Returns true for a file. Returns false for a folder: then only the name, the descriptor and what is below
 * are set. Anything else ends the process.
 */
extern bool given_open(const Request *request, StoredFile *file);

#endif
