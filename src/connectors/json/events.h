/*
 * events.h — the values of a JSON file as events, one after the other, in bounded memory. Several values may
 * follow one another. What is no JSON ends the process with an error that names line and column; so does what
 * is nested deeper than MOST_NESTING, a longer name than MOST_NAME_BYTES, and a longer text than
 * MOST_VALUE_BYTES.
 */
#ifndef RG_JSON_EVENTS_H
#define RG_JSON_EVENTS_H

#include "connectors/files/encoding.h"
#include "wire/wire.h"

#define MOST_NESTING     64
#define MOST_NAME_BYTES  65536
#define MOST_VALUE_BYTES (16 * 1024 * 1024)

typedef enum JsonKind
{
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_TEXT,
	JSON_KEY,
	JSON_OBJECT,
	JSON_OBJECT_END,
	JSON_ARRAY,
	JSON_ARRAY_END
} JsonKind;

/* Texts and names are UTF-8 without NUL: U+FFFD stands for it, and for half a surrogate pair. A number is as
 * it is written. */
typedef struct JsonEvent
{
	JsonKind kind;
	int depth; /* of the containers around it; an end has that of its beginning */
	const char *bytes;
	size_t length;
} JsonEvent;

typedef void (*JsonTaker)(void *context, const JsonEvent *event);

typedef struct JsonEvents
{
	EncodedText text;
	JsonTaker take;
	void *context;
	void *parser;
	WireBuffer cleaned;
	int depth;
	const char *fault; /* found in an event */
	const char *fault_code;
	bool must_separate; /* the last value was whole, and what follows may not touch it */
	bool has_text;      /* other than white space */
	bool has_ended;
	int64_t line; /* of the beginning of the piece, from 0 */
	int64_t column;
	char *piece;
	size_t length; /* of the piece, which ends between two values or marks */
	size_t filled; /* bytes with what is behind the piece */
	size_t capacity;
	size_t looked_at; /* bytes that were looked at for the end of the piece */
	bool in_text;     /* there a text goes on */
	bool is_escaped;
} JsonEvents;

extern void json_events_begin(JsonEvents *events, const StoredFile *file, JsonTaker take, void *context);

/* Called by a taker: the file is refused at this place. */
extern void json_events_refuse(JsonEvents *events, const char *fault);

/* Gives the events of the next piece of the file. Returns false at its end. */
extern bool json_events_next(JsonEvents *events);

extern void json_events_end(JsonEvents *events);

#endif
