/* bucket_root.h — inside the worker room: a bucket of S3 as rivergen.storage_root, and the way to it. */
#ifndef RG_WORKER_BUCKET_ROOT_H
#define RG_WORKER_BUCKET_ROOT_H

#include "postgres.h"

typedef struct RgBucketRoot
{
	const char *bucket;
	const char *prefix; /* '', or it ends in a slash */
	const char *scheme; /* https or http */
	const char *host;   /* '': Amazon's */
	const char *port;   /* '0': the scheme's own */
} RgBucketRoot;

/* Is the storage a bucket? */
extern bool rg_bucket_root_is_set(void);

/* Reads the settings. Returns NULL, or which of them is wrong, and why. */
extern const char *rg_bucket_root_read(RgBucketRoot *root);

#endif
