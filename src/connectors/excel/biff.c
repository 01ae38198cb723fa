#include "connectors/excel/biff.h"

#include <stdio.h>
#include <string.h>

#include "connectors/excel/broken.h"
#include "connectors/excel/ole2.h"

#define HEAD_BYTES 4

bool
biff_record(const Biff *biff, size_t place, BiffRecord *record)
{
	size_t length;

	if (place + HEAD_BYTES > biff->length)
		return false;
	length = little16(biff->bytes + place + 2);
	*record = (BiffRecord){.biff = biff,
						   .start = place,
						   .type = little16(biff->bytes + place),
						   .at = place + HEAD_BYTES,
						   .end = place + HEAD_BYTES + length};
	return record->end <= biff->length;
}

size_t
biff_next(const BiffRecord *record)
{
	return record->start + HEAD_BYTES + little16(record->biff->bytes + record->start + 2);
}

/* Goes on in the record that continues this one. */
static bool
go_on(BiffRecord *record)
{
	BiffRecord next;

	if (!biff_record(record->biff, record->end, &next) || next.type != BIFF_CONTINUE || next.at == next.end)
	{
		record->is_cut = true;
		return false;
	}
	record->at = next.at;
	record->end = next.end;
	return true;
}

uint32_t
biff_8(BiffRecord *record)
{
	if (record->is_cut || (record->at == record->end && !go_on(record)))
		return 0;
	return record->biff->bytes[record->at++];
}

uint32_t
biff_16(BiffRecord *record)
{
	uint32_t low = biff_8(record);

	return low | biff_8(record) << 8;
}

uint32_t
biff_32(BiffRecord *record)
{
	uint32_t low = biff_16(record);

	return low | biff_16(record) << 16;
}

double
biff_double(BiffRecord *record)
{
	uint64_t low = biff_32(record);
	uint64_t bits = low | (uint64_t) biff_32(record) << 32;
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

void
biff_skip(BiffRecord *record, size_t length)
{
	while (length > 0 && !record->is_cut)
	{
		size_t part = record->end - record->at < length ? record->end - record->at : length;

		record->at += part;
		length -= part;
		if (length > 0)
			go_on(record);
	}
}

/* ---- texts ---- */

static void
append_character(WireBuffer *out, uint32_t character)
{
	char bytes[4];
	size_t length = 0;

	if (character < 0x80)
		bytes[length++] = (char) character;
	else if (character < 0x800)
		bytes[length++] = (char) (0xC0 | character >> 6);
	else if (character < 0x10000)
	{
		bytes[length++] = (char) (0xE0 | character >> 12);
		bytes[length++] = (char) (0x80 | (character >> 6 & 0x3F));
	}
	else
	{
		bytes[length++] = (char) (0xF0 | character >> 18);
		bytes[length++] = (char) (0x80 | (character >> 12 & 0x3F));
		bytes[length++] = (char) (0x80 | (character >> 6 & 0x3F));
	}
	if (character >= 0x80)
		bytes[length++] = (char) (0x80 | (character & 0x3F));
	wire_append(out, bytes, length);
}

/* Takes a half of a pair until the other one comes; a half alone becomes U+FFFD. */
static void
append_utf16(WireBuffer *out, uint32_t unit, uint32_t *high)
{
	if (*high && unit >= 0xDC00 && unit <= 0xDFFF)
	{
		append_character(out, 0x10000 + ((*high - 0xD800) << 10) + (unit - 0xDC00));
		*high = 0;
		return;
	}
	if (*high)
		append_character(out, 0xFFFD);
	*high = unit >= 0xD800 && unit <= 0xDBFF ? unit : 0;
	if (unit >= 0xDC00 && unit <= 0xDFFF)
		append_character(out, 0xFFFD);
	else if (!*high)
		append_character(out, unit);
}

/* Where a text goes on in another record, it says again whether characters have two bytes. */
static void
append_biff8(BiffRecord *record, uint32_t count, bool is_wide, WireBuffer *out)
{
	uint32_t high = 0;

	for (uint32_t i = 0; i < count && !record->is_cut; i++)
	{
		if (record->at == record->end && go_on(record))
			is_wide = biff_8(record) & 1;
		append_utf16(out, is_wide ? biff_16(record) : biff_8(record), &high);
	}
	if (high)
		append_character(out, 0xFFFD);
}

/* What Windows-1252 has instead of control characters; 0: none. */
static uint32_t
windows_1252(uint32_t byte)
{
	static const uint16_t characters[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
											0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
											0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
											0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
	uint32_t character = byte >= 0x80 && byte < 0xA0 ? characters[byte - 0x80] : byte;

	return character || byte == 0 ? character : 0xFFFD;
}

static void
append_biff5(BiffRecord *record, uint32_t count, WireBuffer *out)
{
	unsigned page = record->biff->code_page;
	char message[128];

	for (uint32_t i = 0; i < count && !record->is_cut; i++)
	{
		uint32_t byte = biff_8(record);

		if (byte >= 0x80 && page != 1252 && page != 1200 && page != 0x8001 && page != 0)
		{
			snprintf(message, sizeof(message), "The workbook has texts in the code page %u.", page);
			give_up_unsupported(message, "Store it as .xlsx.");
		}
		append_character(out, windows_1252(byte));
	}
}

void
biff_text(BiffRecord *record, int length_bytes, WireBuffer *out)
{
	uint32_t count = length_bytes == 1 ? biff_8(record) : biff_16(record);
	uint32_t flags;
	size_t behind = 0;

	if (!record->biff->is_biff8)
	{
		append_biff5(record, count, out);
		return;
	}
	flags = biff_8(record);
	if (flags & 8)
		behind += 4 * (size_t) biff_16(record);
	if (flags & 4)
		behind += biff_32(record);
	append_biff8(record, count, flags & 1, out);
	biff_skip(record, behind);
}
