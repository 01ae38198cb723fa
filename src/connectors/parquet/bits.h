/*
 * bits.h — numbers of some bits each, one after the other, the least significant bit first.
 */
#ifndef RG_PARQUET_BITS_H
#define RG_PARQUET_BITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Of a width of 64 at most. Bits behind the end are 0. */
static inline uint64_t
bits_at(const unsigned char *bytes, size_t length, uint64_t position, int width)
{
	size_t byte = (size_t) (position >> 3);
	int shift = (int) (position & 7);
	uint64_t low = 0;
	uint64_t high = 0;

	if (width == 0 || byte >= length)
		return 0;
	memcpy(&low, bytes + byte, length - byte < 8 ? length - byte : 8);
	if (shift + width > 64 && byte + 8 < length)
		high = bytes[byte + 8];
	low >>= shift;
	if (shift > 0)
		low |= high << (64 - shift);
	return width == 64 ? low : low & ((UINT64_C(1) << width) - 1);
}

/* A number of seven bits a byte. Moves `next`; returns UINT64_MAX if it does not end. */
static inline uint64_t
varint_read(const unsigned char **next, const unsigned char *end)
{
	uint64_t value = 0;

	for (int shift = 0; shift < 64 && *next < end; shift += 7)
	{
		unsigned char byte = *(*next)++;

		value |= (uint64_t) (byte & 0x7F) << shift;
		if ((byte & 0x80) == 0)
			return value;
	}
	*next = end;
	return UINT64_MAX;
}

#endif
