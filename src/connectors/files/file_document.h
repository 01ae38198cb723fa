/*
 * file_document.h — a relation of a file as a document.
 */
#ifndef RG_FILES_FILE_DOCUMENT_H
#define RG_FILES_FILE_DOCUMENT_H

#include "connectors/files/format.h"

extern const char *file_relation_kind(const FileRelation *relation);

/* Appends the document of the relation, one object. */
extern void file_document_write(WireBuffer *out, const FileRelation *relation);

#endif
