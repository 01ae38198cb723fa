/*
 * file_sample.h — the operation sample: the first rows as examples, and the categories of columns with few
 * values.
 */
#ifndef RG_FILES_FILE_SAMPLE_H
#define RG_FILES_FILE_SAMPLE_H

#include "connectors/files/format.h"

extern void file_sample(const Format *format, const Request *request, const StoredFile *file);

/* Emits the sample of the relation with that number in the request. */
extern void
file_sample_relation(const Format *format, const Request *request, int number, const FileRelation *relation);

#endif
