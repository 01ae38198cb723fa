/*
 * reading.h — inside the room: numbers of variable length, and values without a byte.
 */
#ifndef RG_AVRO_READING_H
#define RG_AVRO_READING_H

#include <stdbool.h>
#include <stdint.h>

#include "connectors/avro/avro_file.h"

#define MOST_VARINT 10 /* bytes */

/* Reads a number, zigzag. Returns false if the bytes end before it does. */
static inline bool
varint_take(const char **at, const char *end, int64_t *number)
{
	uint64_t bits = 0;

	for (int shift = 0; shift < 7 * MOST_VARINT; shift += 7)
	{
		uint64_t byte;

		if (*at == end)
			return false;
		byte = (unsigned char) *(*at)++;
		bits |= (byte & 0x7F) << shift;
		if (byte < 0x80)
		{
			*number = (int64_t) (bits >> 1) ^ -(int64_t) (bits & 1);
			return true;
		}
	}
	avro_broken("a number has more than 10 bytes");
}

/* Values without a byte cost nothing to write, and time to read. */
#define MOST_EMPTY 10000

/* Is called before each value that may have none. */
static inline void
check_progress(AvroFile *avro)
{
	if (avro->at != avro->last)
		avro->empty = 0;
	else if (++avro->empty > MOST_EMPTY)
		avro_broken("it has more than 10,000 values without a byte");
	avro->last = avro->at;
}

#endif
