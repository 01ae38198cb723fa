/*
 * file_read.h — the operation read: the rows of a relation, with their values as PostgreSQL reads them in the
 * column's type. Conditions and limits are applied as PostgreSQL does.
 */
#ifndef RG_FILES_FILE_READ_H
#define RG_FILES_FILE_READ_H

#include "connectors/files/format.h"

extern void file_read(const Format *format, const Request *request, const StoredFile *file);

/* Answers with the rows of this relation. */
extern void file_read_relation(const Format *format, const Request *request, const FileRelation *relation);

#endif
