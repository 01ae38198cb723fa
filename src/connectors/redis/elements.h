/*
 * elements.h — the rows of keys, whole: keys are asked for in batches, and what is long is read page by page.
 */
#ifndef RG_REDIS_ELEMENTS_H
#define RG_REDIS_ELEMENTS_H

#include "connectors/redis/client.h"
#include "connectors/redis/seen.h"
#include "connectors/redis/wanted.h"

/* Keys that are asked for at once. */
#define MOST_BATCH 50

/* Takes a row, whose values are in `wanted`. Returns false if no more are wanted. */
typedef bool (*RowTaker)(void *context);

typedef struct Elements
{
	Client *client;
	Wanted *wanted;
	int64_t row_bytes;
	bool may_be_elsewhere; /* keys that another node has are no fault */
	RowTaker take;
	void *context;
	bool has_ended;  /* no more rows are wanted, or the time is over */
	int64_t refused; /* keys that the user may not read */
	RespAnswer answer;
	Seen seen; /* members of a set */
} Elements;

/* Reads the keys that are of the type. */
extern void elements_read(Elements *elements, const RespText *keys, int count);

extern void elements_end(Elements *elements);

#endif
