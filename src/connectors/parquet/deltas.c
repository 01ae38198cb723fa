#include "connectors/parquet/deltas.h"

#include "connectors/parquet/bits.h"

#define MOST_BLOCK_SIZE 1048576

static bool
fail(Deltas *deltas)
{
	deltas->has_failed = true;
	deltas->left = 0;
	return false;
}

static uint64_t
unzigzag(uint64_t value)
{
	return value >> 1 ^ (0 - (value & 1));
}

void
deltas_begin(Deltas *deltas, const char *bytes, size_t length)
{
	uint64_t block;

	*deltas = (Deltas){.next = (const unsigned char *) bytes, .end = (const unsigned char *) bytes + length};
	block = varint_read(&deltas->next, deltas->end);
	deltas->parts = varint_read(&deltas->next, deltas->end);
	deltas->left = varint_read(&deltas->next, deltas->end);
	deltas->last = unzigzag(varint_read(&deltas->next, deltas->end));
	deltas->is_first = true;
	if (block == 0 || block > MOST_BLOCK_SIZE || block % 128 != 0 || deltas->parts == 0 ||
		deltas->parts > block / 8 || block % deltas->parts != 0 || deltas->left == UINT64_MAX)
	{
		fail(deltas);
		return;
	}
	deltas->part_size = block / deltas->parts;
	deltas->part = deltas->parts;
	if (deltas->part_size % 8 != 0)
		fail(deltas);
}

/* The head of the next block: its least difference, and the width of each part. */
static bool
begin_block(Deltas *deltas)
{
	deltas->least = unzigzag(varint_read(&deltas->next, deltas->end));
	if ((uint64_t) (deltas->end - deltas->next) < deltas->parts)
		return fail(deltas);
	deltas->widths = deltas->next;
	deltas->next += deltas->parts;
	deltas->part = 0;
	return true;
}

/* The last part may be cut behind its last number. */
static bool
begin_part(Deltas *deltas)
{
	size_t length;

	if (deltas->part == deltas->parts && !begin_block(deltas))
		return false;
	deltas->width = deltas->widths[deltas->part++];
	if (deltas->width > 64)
		return fail(deltas);
	deltas->packed = deltas->next;
	length = (size_t) (deltas->part_size / 8) * (size_t) deltas->width;
	if (length > (size_t) (deltas->end - deltas->next))
		length = (size_t) (deltas->end - deltas->next);
	deltas->next += length;
	deltas->packed_length = length;
	deltas->part_left = deltas->part_size;
	deltas->position = 0;
	return true;
}

bool
deltas_next(Deltas *deltas, int64_t *number)
{
	if (deltas->left == 0)
		return false;
	if (!deltas->is_first)
	{
		if (deltas->part_left == 0 && !begin_part(deltas))
			return false;
		if (deltas->position + (uint64_t) deltas->width > (uint64_t) deltas->packed_length * 8)
			return fail(deltas);
		deltas->last +=
			deltas->least + bits_at(deltas->packed, deltas->packed_length, deltas->position, deltas->width);
		deltas->position += (uint64_t) deltas->width;
		deltas->part_left--;
	}
	deltas->is_first = false;
	deltas->left--;
	*number = (int64_t) deltas->last;
	return true;
}

const char *
deltas_end(const Deltas *deltas)
{
	Deltas copy = *deltas;
	uint64_t left = copy.left > 0 ? copy.left - 1 : 0;

	while (left > 0 && !copy.has_failed)
	{
		if (!begin_part(&copy))
			break;
		left -= left < copy.part_size ? left : copy.part_size;
	}
	return copy.has_failed ? NULL : (const char *) copy.next;
}
