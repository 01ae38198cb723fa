/*
 * runs.h — integers, bytes and booleans of an ORC file, whose runs are told by their length. An exhausted
 * stream ends the process.
 */
#ifndef RG_ORC_RUNS_H
#define RG_ORC_RUNS_H

#include "connectors/orc/stream.h"

#define MOST_RUN 512

typedef struct OrcIntegers
{
	OrcStream stream;
	bool is_second; /* the second version of the encoding */
	bool is_signed;
	int64_t values[MOST_RUN];
	int count;
	int used;
} OrcIntegers;

extern void orc_integers_next_run(OrcIntegers *integers);

static inline int64_t
orc_integer(OrcIntegers *integers)
{
	if (integers->used == integers->count)
		orc_integers_next_run(integers);
	return integers->values[integers->used++];
}

typedef struct OrcBytes
{
	OrcStream stream;
	int repeated; /* how often `byte` comes yet */
	int literal;  /* how many bytes are as they are */
	unsigned char byte;
} OrcBytes;

extern unsigned char orc_byte(OrcBytes *bytes);

typedef struct OrcBooleans
{
	OrcBytes bytes;
	unsigned char byte;
	int left; /* bits of it */
} OrcBooleans;

extern bool orc_boolean(OrcBooleans *booleans);

#endif
