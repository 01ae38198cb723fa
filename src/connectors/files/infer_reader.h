/*
 * infer_reader.h — inside the room: reads a text from its beginning on.
 */
#ifndef RG_FILES_INFER_READER_H
#define RG_FILES_INFER_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "connectors/files/infer.h"

#define BIT(type) ((InferredTypes) 1 << (type))

static inline bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* What is left of a text while it is read. */
typedef struct Reader
{
	const char *at;
	const char *end;
} Reader;

static inline bool
take(Reader *in, char byte)
{
	if (in->at == in->end || *in->at != byte)
		return false;
	in->at++;
	return true;
}

static inline bool
is_done(const Reader *in)
{
	return in->at == in->end;
}

static inline size_t
take_digits(Reader *in)
{
	const char *start = in->at;

	while (in->at < in->end && is_digit(*in->at))
		in->at++;
	return (size_t) (in->at - start);
}

/* Reads a number of least to most digits. */
static inline bool
take_number(Reader *in, size_t least, size_t most, int *number)
{
	size_t count = 0;

	*number = 0;
	while (count < most && in->at < in->end && is_digit(*in->at))
	{
		*number = *number * 10 + (*in->at++ - '0');
		count++;
	}
	return count >= least;
}

#endif
