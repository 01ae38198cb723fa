#include "connectors/parquet/runs.h"

#include "connectors/parquet/bits.h"

void
runs_begin(Runs *runs, const char *bytes, size_t length, int width)
{
	*runs = (Runs){
		.next = (const unsigned char *) bytes, .end = (const unsigned char *) bytes + length, .width = width};
}

void
runs_begin_backwards(Runs *runs, const char *bytes, size_t length, int width)
{
	runs_begin(runs, bytes, length, width);
	runs->is_backwards = true;
}

static void
fail(Runs *runs)
{
	runs->has_failed = true;
	runs->next = runs->end;
	runs->value = 0;
	runs->repeated = UINT64_MAX;
}

/* The last group may be shorter than it should be: only its numbers that are asked for must be there. */
static void
begin_group(Runs *runs, uint64_t groups)
{
	uint64_t length;

	if (groups == 0 || groups > UINT64_MAX / 64 || runs->next == runs->end)
	{
		fail(runs);
		return;
	}
	length = groups * (uint64_t) runs->width;
	if (length > (uint64_t) (runs->end - runs->next))
		length = (uint64_t) (runs->end - runs->next);
	runs->packed = groups * 8;
	runs->position = 0;
	runs->group = runs->next;
	runs->group_length = (size_t) length;
	runs->next += length;
}

void
runs_turn(Runs *runs)
{
	uint64_t head = varint_read(&runs->next, runs->end);
	int bytes = (runs->width + 7) / 8;

	if (head == UINT64_MAX || ((head & 1) == 0 && (head == 0 || runs->end - runs->next < bytes)))
		fail(runs);
	else if (head & 1)
		begin_group(runs, head >> 1);
	else
	{
		runs->repeated = head >> 1;
		runs->value = (uint32_t) bits_at(runs->next, (size_t) bytes, 0, runs->width);
		runs->next += bytes;
	}
}

uint32_t
runs_next_packed(Runs *runs)
{
	uint64_t position = runs->position;

	runs->packed--;
	runs->position += (uint64_t) runs->width;
	if (runs->position > (uint64_t) runs->group_length * 8)
	{
		runs->packed = 0;
		fail(runs);
		return 0;
	}
	return (uint32_t) bits_at(runs->group, runs->group_length, position, runs->width);
}

uint32_t
runs_next_backwards(Runs *runs)
{
	uint32_t value = 0;

	if (runs->position + (uint64_t) runs->width > (uint64_t) (runs->end - runs->next) * 8)
	{
		runs->has_failed = true;
		return 0;
	}
	for (int i = 0; i < runs->width; i++, runs->position++)
		value = value << 1 | ((uint32_t) runs->next[runs->position >> 3] >> (7 - (runs->position & 7)) & 1);
	return value;
}
