/*
 * stored.h — what a connector asks the storage broker, and what it answers ("The storage broker" in
 * README.md).
 * Both are built from this file and run on one machine, so numbers are as the machine has them. The broker
 * believes nothing that is asked, and the connector nothing that is answered.
 */
#ifndef RG_WIRE_STORED_H
#define RG_WIRE_STORED_H

#include <stdbool.h>
#include <stdint.h>

#define STORED_PATH_BYTES  1024               /* the longest key of a service */
#define STORED_TAG_BYTES   96                 /* what tells one state of an object from another, as text */
#define STORED_RANGE_BYTES (INT64_C(8) << 20) /* the most that one answer has */
#define STORED_TEXT_BYTES  1300               /* a failure */

typedef enum StoredOperation
{
	STORED_FIND, /* is the path a file, a folder or nothing? */
	STORED_LIST, /* what is directly below the path */
	STORED_TREE, /* the files below it, at all levels */
	STORED_READ, /* a range of a file's bytes */
	STORED_OPERATIONS
} StoredOperation;

/* Followed by the path's bytes: from the source's file_path on; empty: the source itself. */
typedef struct StoredQuestion
{
	uint32_t operation;
	uint32_t path_length;
	int64_t offset; /* these are of STORED_READ */
	int64_t length;
	int64_t size;
	char tag[STORED_TAG_BYTES];
} StoredQuestion;

typedef enum StoredKind
{
	STORED_FILE,    /* size and tag; in a list followed by its path from the asked one on */
	STORED_FOLDER,  /* likewise */
	STORED_NOTHING, /* there is no such file or folder */
	STORED_BYTES,   /* followed by the bytes */
	STORED_WAITING, /* another answer follows */
	STORED_END,     /* of a list */
	STORED_FAILURE, /* followed by step, code, "1" or "" for transient, message, detail and hint, each with
					   its NUL */
	STORED_KINDS
} StoredKind;

/* Followed by `length` bytes. */
typedef struct StoredAnswer
{
	uint32_t kind;
	uint32_t length;
	int64_t size;
	char tag[STORED_TAG_BYTES];
} StoredAnswer;

/* May the path lead below a folder? No part of it is empty, or leads to the folder itself or above it. */
extern bool stored_leads_below(const char *path);

#endif
