/*
 * folder.h — a folder whose files are the parts of one table, as a file of several parts: with the columns
 * that all of them have, then those of the partitions that they are in (partition.h).
 */
#ifndef RG_FILES_FOLDER_H
#define RG_FILES_FOLDER_H

#include "connectors/files/format.h"

/* Lists the folder whose descriptor the file has, and makes a file of it. */
extern void folder_open(StoredFile *file, const Format *format);

/* The format of such a file, whose parts are of this one. */
extern const Format *folder_format(const Format *format);

#endif
