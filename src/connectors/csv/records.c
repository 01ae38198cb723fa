#include "connectors/csv/records.h"

#include <string.h>

typedef struct Scan
{
	const Dialect *dialect;
	char *at;
	char *end;
	bool at_end;
	bool is_cut; /* more bytes are needed */
} Scan;

static bool
ends_field(const Dialect *dialect, char byte)
{
	return byte == dialect->delimiter || byte == '\n' || byte == '\r';
}

/* To the end of the field, without regard to quotes. */
static void
scan_plain(Scan *scan)
{
	char delimiter = scan->dialect->delimiter;
	char *at = scan->at;

	while (at < scan->end && *at != delimiter && *at != '\n' && *at != '\r')
		at++;
	scan->at = at;
	if (at == scan->end && !scan->at_end)
		scan->is_cut = true;
}

static char *
next_of(char *at, char *end, char one, char other)
{
	char *first = memchr(at, one, (size_t) (end - at));

	if (other == one || other == '\0')
		return first ? first : end;
	end = first ? first : end;
	first = memchr(at, other, (size_t) (end - at));
	return first ? first : end;
}

/* Behind the opening quote, to behind the closing one. Returns false if there is none. */
static bool
scan_quoted(Scan *scan, Field *field)
{
	const Dialect *dialect = scan->dialect;

	for (;;)
	{
		scan->at = next_of(scan->at, scan->end, dialect->quote, dialect->escape);
		if (scan->at == scan->end)
			return false;
		if (*scan->at == dialect->escape && dialect->escape != dialect->quote)
		{
			if (scan->at + 1 == scan->end)
				return false;
			field->is_escaped = true;
			scan->at += 2;
			continue;
		}
		if (scan->at + 1 == scan->end && !scan->at_end)
		{
			scan->is_cut = true;
			return true;
		}
		if (dialect->escape != dialect->quote || scan->at + 1 == scan->end || scan->at[1] != dialect->quote)
			return true;
		field->is_escaped = true;
		scan->at += 2;
	}
}

static void
take_quoted(Scan *scan, Record *record, Field *field)
{
	char *start = ++scan->at;

	field->is_quoted = true;
	if (!scan_quoted(scan, field))
	{
		record->is_unclosed = true;
		scan->is_cut = !scan->at_end;
		field->bytes = start;
		field->length = (size_t) (scan->end - start);
		scan->at = scan->end;
		return;
	}
	field->bytes = start;
	field->length = (size_t) (scan->at - start);
	if (scan->is_cut)
		return;
	scan->at++;
	while (scan->at < scan->end && *scan->at == ' ' && scan->dialect->delimiter != ' ')
		scan->at++;
	if (scan->at == scan->end)
	{
		scan->is_cut = !scan->at_end;
		return;
	}
	if (ends_field(scan->dialect, *scan->at))
		return;
	/* Text behind the closing quote: the whole is a plain field. */
	field->is_odd = true;
	field->is_quoted = false;
	field->is_escaped = false;
	field->bytes = start - 1;
	scan_plain(scan);
	field->length = (size_t) (scan->at - field->bytes);
}

/* Spaces before an opening quote are passed over. */
static void
take_field(Scan *scan, Record *record, Field *field)
{
	char *start = scan->at;
	char *first = start;

	*field = (Field){.bytes = start};
	while (scan->dialect->quote && first < scan->end && *first == ' ' && scan->dialect->delimiter != ' ')
		first++;
	if (scan->dialect->quote && first < scan->end && *first == scan->dialect->quote)
	{
		scan->at = first;
		take_quoted(scan, record, field);
		return;
	}
	scan_plain(scan);
	field->length = (size_t) (scan->at - start);
}

/* Behind the end of the row. */
static size_t
finish(Scan *scan, const char *bytes)
{
	if (scan->at < scan->end && *scan->at++ == '\r')
	{
		if (scan->at == scan->end && !scan->at_end)
			return 0;
		if (scan->at < scan->end && *scan->at == '\n')
			scan->at++;
	}
	return (size_t) (scan->at - bytes);
}

size_t
record_find(const Dialect *dialect, char *bytes, size_t length, bool at_end, Record *record)
{
	Scan scan = {.dialect = dialect, .at = bytes, .end = bytes + length, .at_end = at_end};
	Field beyond;

	record->count = 0;
	record->has_more = false;
	record->is_unclosed = false;
	for (;;)
	{
		bool has_room = record->count < MOST_FIELDS;

		take_field(&scan, record, has_room ? &record->fields[record->count] : &beyond);
		if (scan.is_cut)
			return 0;
		if (has_room)
			record->count++;
		else
			record->has_more = true;
		if (scan.at == scan.end || *scan.at != dialect->delimiter)
			return finish(&scan, bytes);
		scan.at++;
	}
}

void
field_unescape(const Dialect *dialect, Field *field)
{
	char *out = field->bytes;
	const char *end = field->bytes + field->length;

	if (!field->is_escaped)
		return;
	for (const char *at = field->bytes; at < end; at++)
	{
		/* A backslash escapes the quote and itself; before other letters it is one. */
		if (*at == dialect->escape && at + 1 < end && (at[1] == dialect->quote || at[1] == dialect->escape))
			at++;
		*out++ = *at;
	}
	field->length = (size_t) (out - field->bytes);
	field->is_escaped = false;
}

bool
record_is_blank(const Record *record)
{
	return record->count == 1 && record->fields[0].length == 0 && !record->fields[0].is_quoted;
}
