/*
 * resp.h — reads answers of the protocol RESP2, whatever a server sends: each in bounded memory, with bounded
 * nesting. A text that is too long to be kept is read to its end, and its length is known.
 */
#ifndef RG_REDIS_RESP_H
#define RG_REDIS_RESP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/wire.h"

/* Answers to the commands that are sent have 4 levels at most. */
#define MOST_RESP_DEPTH 8

typedef enum RespKind
{
	RESP_NULL,
	RESP_TEXT,
	RESP_ERROR,
	RESP_INTEGER,
	RESP_ARRAY
} RespKind;

typedef struct RespValue
{
	RespKind kind;
	int64_t integer;
	size_t start; /* of the text, in that of the answer */
	size_t length;
	bool is_left_out; /* the text has this length, and was not kept */
	uint32_t count;   /* of items */
	uint32_t first;   /* item; 0: none */
	uint32_t next;    /* beside this one; 0: none */
} RespValue;

/* The values of one answer; the first one is the answer. */
typedef struct RespAnswer
{
	RespValue *values;
	uint32_t count;
	uint32_t capacity;
	WireBuffer text;
} RespAnswer;

/* Texts end with a zero that does not count. */
typedef struct RespText
{
	const char *bytes;
	size_t length;
} RespText;

typedef struct RespReader
{
	size_t (*read)(void *source, void *bytes, size_t size); /* at least one byte; 0: there are no more */
	void *source;
	size_t most_text;   /* bytes of a text that is kept */
	size_t most_answer; /* bytes of an answer */
	const char *fault;  /* NULL: the bytes have ended */
	bool is_too_large;  /* and for that reason a fault */
	size_t at;
	size_t filled;
	char bytes[16384];
} RespReader;

/* Returns false if the bytes ended before the answer was whole, or with a fault. */
extern bool resp_read(RespReader *reader, RespAnswer *answer);
extern void resp_free(RespAnswer *answer);

/* Have bytes been read that belong to no answer yet? */
extern bool resp_has_more(const RespReader *reader);

static inline const RespValue *
resp_root(const RespAnswer *answer)
{
	return &answer->values[0];
}

/* NULL if there is none. */
static inline const RespValue *
resp_first(const RespAnswer *answer, const RespValue *array)
{
	return array->kind == RESP_ARRAY && array->first ? &answer->values[array->first] : NULL;
}

static inline const RespValue *
resp_next(const RespAnswer *answer, const RespValue *value)
{
	return value->next ? &answer->values[value->next] : NULL;
}

/* Empty unless the value is a text or an error that was kept. */
extern RespText resp_text(const RespAnswer *answer, const RespValue *value);

/* Is it a text or an error that begins with the word? */
extern bool resp_begins_with(const RespAnswer *answer, const RespValue *value, const char *word);

#endif
