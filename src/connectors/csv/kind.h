/*
 * kind.h — is the file text? What is plainly another kind of file is refused by its name.
 */
#ifndef RG_CSV_KIND_H
#define RG_CSV_KIND_H

#include "connectors/files/storage.h"

/* Ends the process if the file, or what is packed in it, is no text. */
extern void check_kind(const StoredFile *file);

#endif
