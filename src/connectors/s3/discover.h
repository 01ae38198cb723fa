/*
 * discover.h — the operation discover: the bucket is the schema, and its objects and folders are the
 * relations.
 */
#ifndef RG_S3_DISCOVER_H
#define RG_S3_DISCOVER_H

#include "connectors/s3/source.h"

/* Returns the signature of the source, or NULL. */
extern const char *discover(const Request *request, Source *source);

#endif
