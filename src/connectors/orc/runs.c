#include "connectors/orc/runs.h"

#include "connectors/orc/fault.h"

/* A run of the first version and one of bytes has at least so many values. */
#define SHORTEST_RUN 3

/* ---- bytes and booleans ---- */

unsigned char
orc_byte(OrcBytes *bytes)
{
	if (bytes->repeated == 0 && bytes->literal == 0)
	{
		int control = orc_stream_byte(&bytes->stream);

		if (control < 128)
		{
			bytes->repeated = control + SHORTEST_RUN;
			bytes->byte = orc_stream_byte(&bytes->stream);
		}
		else
			bytes->literal = 256 - control;
	}
	if (bytes->literal > 0)
	{
		bytes->literal--;
		return orc_stream_byte(&bytes->stream);
	}
	bytes->repeated--;
	return bytes->byte;
}

bool
orc_boolean(OrcBooleans *booleans)
{
	if (booleans->left == 0)
	{
		booleans->byte = orc_byte(&booleans->bytes);
		booleans->left = 8;
	}
	return (booleans->byte >> --booleans->left) & 1;
}

/* ---- integers, first version ---- */

static int64_t
unzigzag(uint64_t value)
{
	return (int64_t) ((value >> 1) ^ (~(value & 1) + 1));
}

static int64_t
read_varint(OrcIntegers *integers)
{
	uint64_t value = orc_stream_varint(&integers->stream);

	return integers->is_signed ? unzigzag(value) : (int64_t) value;
}

static int64_t
add(int64_t value, int64_t delta)
{
	return (int64_t) ((uint64_t) value + (uint64_t) delta);
}

static void
read_first_version(OrcIntegers *integers)
{
	int control = orc_stream_byte(&integers->stream);

	if (control >= 128)
	{
		integers->count = 256 - control;
		for (int i = 0; i < integers->count; i++)
			integers->values[i] = read_varint(integers);
		return;
	}
	integers->count = control + SHORTEST_RUN;
	{
		int64_t delta = (signed char) orc_stream_byte(&integers->stream);
		int64_t value = read_varint(integers);

		for (int i = 0; i < integers->count; i++, value = add(value, delta))
			integers->values[i] = value;
	}
}

/* ---- integers, second version ---- */

/* Widths from 24 bits on are coded in steps. */
static int
width_of_code(int code)
{
	static const int wide[] = {26, 28, 30, 32, 40, 48, 56, 64};

	return code < 24 ? code + 1 : wide[code - 24];
}

/* The narrowest width that has a code. */
static int
coded_width(int width)
{
	for (int code = 0; code < 31; code++)
		if (width_of_code(code) >= width)
			return width_of_code(code);
	return 64;
}

/* The highest byte first. */
static uint64_t
read_big_endian(OrcIntegers *integers, int bytes)
{
	uint64_t value = 0;

	for (int i = 0; i < bytes; i++)
		value = value << 8 | orc_stream_byte(&integers->stream);
	return value;
}

typedef struct Bits
{
	OrcIntegers *integers;
	unsigned char byte;
	int left; /* bits of it, the highest first */
} Bits;

static uint64_t
read_bits(Bits *bits, int width)
{
	uint64_t value = 0;

	while (width > 0)
	{
		int some;

		if (bits->left == 0)
		{
			bits->byte = orc_stream_byte(&bits->integers->stream);
			bits->left = 8;
		}
		some = width < bits->left ? width : bits->left;
		value = value << some | ((bits->byte >> (bits->left - some)) & ((1u << some) - 1));
		bits->left -= some;
		width -= some;
	}
	return value;
}

static int64_t
signed_or_not(const OrcIntegers *integers, uint64_t value)
{
	return integers->is_signed ? unzigzag(value) : (int64_t) value;
}

static void
read_short_repeat(OrcIntegers *integers, int first)
{
	int64_t value = signed_or_not(integers, read_big_endian(integers, ((first >> 3) & 7) + 1));

	integers->count = (first & 7) + SHORTEST_RUN;
	for (int i = 0; i < integers->count; i++)
		integers->values[i] = value;
}

/* The length that the first two bytes of a run tell. */
static int
run_length(OrcIntegers *integers, int first)
{
	return ((first & 1) << 8 | orc_stream_byte(&integers->stream)) + 1;
}

static void
read_direct(OrcIntegers *integers, int first)
{
	int width = width_of_code((first >> 1) & 31);
	Bits bits = {.integers = integers};

	integers->count = run_length(integers, first);
	for (int i = 0; i < integers->count; i++)
		integers->values[i] = signed_or_not(integers, read_bits(&bits, width));
}

/* The highest bit is the sign. */
static int64_t
read_base(OrcIntegers *integers, int bytes)
{
	uint64_t value = read_big_endian(integers, bytes);
	uint64_t sign = UINT64_C(1) << (bytes * 8 - 1);

	return value & sign ? (int64_t) (~(value & ~sign) + 1) : (int64_t) value;
}

/* Most values are narrow; the higher bits of the others are told apart, with the distance from the last one.
 */
static void
apply_patches(OrcIntegers *integers, Bits *bits, int width, int third, int fourth)
{
	int patch_width = width_of_code(third & 31);
	int gap_width = (fourth >> 5) + 1;
	int whole = coded_width(patch_width + gap_width);
	int at = 0;

	if (patch_width + gap_width > 64)
		orc_broken("A patched run of integers has patches of more than 64 bits.");
	for (int i = 0; i < (fourth & 31); i++)
	{
		uint64_t entry = read_bits(bits, whole);
		uint64_t patch = patch_width < 64 ? entry & ((UINT64_C(1) << patch_width) - 1) : entry;

		at += (int) (patch_width < 64 ? entry >> patch_width : 0);
		if (at >= integers->count || width >= 64)
			orc_broken("A patched run of integers has a patch behind its end.");
		integers->values[at] = (int64_t) ((uint64_t) integers->values[at] | patch << width);
	}
}

static void
read_patched_base(OrcIntegers *integers, int first)
{
	int width = width_of_code((first >> 1) & 31);
	int count = run_length(integers, first);
	int third = orc_stream_byte(&integers->stream);
	int fourth = orc_stream_byte(&integers->stream);
	int64_t base = read_base(integers, (third >> 5) + 1);
	Bits bits = {.integers = integers};

	integers->count = count;
	for (int i = 0; i < count; i++)
		integers->values[i] = (int64_t) read_bits(&bits, width);
	bits.left = 0;
	apply_patches(integers, &bits, width, third, fourth);
	for (int i = 0; i < count; i++)
		integers->values[i] = add(base, integers->values[i]);
}

/* The first difference has a sign, which all others share. Without a width, all are the first one. */
static void
read_delta(OrcIntegers *integers, int first)
{
	int code = (first >> 1) & 31;
	int count = run_length(integers, first);
	int64_t value = read_varint(integers);
	int64_t delta = unzigzag(orc_stream_varint(&integers->stream));
	bool falls = delta < 0;
	Bits bits = {.integers = integers};

	integers->count = count;
	integers->values[0] = value;
	for (int i = 1; i < count; i++)
	{
		if (i > 1 && code > 0)
		{
			delta = (int64_t) read_bits(&bits, width_of_code(code));
			delta = falls ? (int64_t) (~(uint64_t) delta + 1) : delta;
		}
		value = add(value, delta);
		integers->values[i] = value;
	}
}

void
orc_integers_next_run(OrcIntegers *integers)
{
	int first;

	integers->used = 0;
	if (!integers->is_second)
	{
		read_first_version(integers);
		return;
	}
	first = orc_stream_byte(&integers->stream);
	switch (first >> 6)
	{
		case 0:
			read_short_repeat(integers, first);
			break;
		case 1:
			read_direct(integers, first);
			break;
		case 2:
			read_patched_base(integers, first);
			break;
		default:
			read_delta(integers, first);
	}
}
