/*
 * input.h — standard input: a line for each request, and its end.
 */
#ifndef RG_CONNECTOR_INPUT_H
#define RG_CONNECTOR_INPUT_H

#include <stdbool.h>

#include "wire/wire.h"

typedef enum InputLine
{
	INPUT_LINE,  /* a line, or what stood before the end */
	INPUT_END,   /* nothing more */
	INPUT_FAULT, /* it cannot be read, is too long, or more came behind the line */
} InputLine;

/* Reads one line of at most `most` bytes and appends it, without its newline. */
extern InputLine input_read_line(WireBuffer *line, size_t most);

/*
 * Has standard input ended? Does not wait. While a request is being answered nothing comes there: input that
 * comes nevertheless counts as the end, for the caller does not keep to the protocol.
 */
extern bool input_has_ended(void);

#endif
