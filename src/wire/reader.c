/*
 * reader.c — validates one line of JSON in a single pass and lists its members.
 *
 * The text may come from a process that hostile input has taken over, so all of it is checked: grammar,
 * UTF-8, nesting and the size of numbers, once, and strictly enough that jsonb's input function accepts
 * everything that passes. That is why NUL characters, lone surrogates and numbers beyond the range of numeric
 * are faults. Nothing is copied or allocated; the caller decodes values from their spans.
 *
 * A scanning function takes the first byte to read, and returns the first byte that it did not read, or NULL
 * after it stored the fault.
 */
#include <string.h>

#include "characters.h"
#include "wire.h"

/* numeric takes 131072 digits before and 16383 after the point; these bounds keep well inside. */
#define MAX_NUMBER_LENGTH   1000
#define MAX_EXPONENT_DIGITS 4

typedef struct Scan
{
	const Byte *end;
	const char *fault;
} Scan;

typedef enum ByteClass
{
	PLAIN,   /* stands for itself inside a string */
	SPECIAL, /* control characters, the quote, the backslash, and everything that is not ASCII */
} ByteClass;

#define SPECIALS_16                                                                                          \
	SPECIAL, SPECIAL, SPECIAL, SPECIAL, SPECIAL, SPECIAL, SPECIAL, SPECIAL, SPECIAL, SPECIAL, SPECIAL,       \
		SPECIAL, SPECIAL, SPECIAL, SPECIAL, SPECIAL

static const Byte string_class[256] = {
	[0x00] = SPECIALS_16, [0x10] = SPECIALS_16, ['"'] = SPECIAL,      ['\\'] = SPECIAL,
	[0x80] = SPECIALS_16, [0x90] = SPECIALS_16, [0xA0] = SPECIALS_16, [0xB0] = SPECIALS_16,
	[0xC0] = SPECIALS_16, [0xD0] = SPECIALS_16, [0xE0] = SPECIALS_16, [0xF0] = SPECIALS_16,
};

static const Byte *
fail(Scan *scan, const char *fault)
{
	scan->fault = fault;
	return NULL;
}

static inline const Byte *
skip_space(const Scan *scan, const Byte *at)
{
	while (at < scan->end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++;
	return at;
}

static const Byte *
skip_digits(const Scan *scan, const Byte *at)
{
	while (at < scan->end && is_digit(*at))
		at++;
	return at;
}

/* at: after "\u". */
static const Byte *
scan_unicode_escape(Scan *scan, const Byte *at)
{
	int code = hex_quad(at, scan->end);

	if (code < 0)
		return fail(scan, "malformed \\u escape");
	if (code == 0)
		return fail(scan, "NUL character");
	if (is_low_surrogate(code))
		return fail(scan, "lone surrogate");
	if (!is_high_surrogate(code))
		return at + 4;
	if (scan->end - at < 10 || at[4] != '\\' || at[5] != 'u' ||
		!is_low_surrogate(hex_quad(at + 6, scan->end)))
		return fail(scan, "lone surrogate");
	return at + 10;
}

/* at: after the backslash. */
static const Byte *
scan_escape(Scan *scan, const Byte *at)
{
	if (at == scan->end)
		return fail(scan, "unterminated string");
	if (*at == 'u')
		return scan_unicode_escape(scan, at + 1);
	if (*at == '\0' || strchr("\"\\/bfnrt", *at) == NULL)
		return fail(scan, "unknown escape");
	return at + 1;
}

/* Skips plain bytes, eight at a time while eight are left. */
static inline const Byte *
skip_plain(const Scan *scan, const Byte *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = UINT64_C(0x8080808080808080);

	while (scan->end - at >= 8)
	{
		uint64_t word;
		uint64_t quote;
		uint64_t backslash;

		memcpy(&word, at, 8);
		quote = word ^ ones * '"';
		backslash = word ^ ones * '\\';
		/* A byte's top bit is set here if it is not ASCII, below 0x20, a quote or a backslash. */
		if ((word | (word - ones * 0x20) | (quote - ones) | (backslash - ones)) & tops)
			break;
		at += 8;
	}
	while (at < scan->end && string_class[*at] == PLAIN)
		at++;
	return at;
}

/* at: after the opening quote. Returns the place after the closing quote. */
static const Byte *
scan_string(Scan *scan, const Byte *at)
{
	for (;;)
	{
		at = skip_plain(scan, at);
		if (at == scan->end)
			return fail(scan, "unterminated string");
		if (*at == '"')
			return at + 1;
		if (*at == '\\')
		{
			at = scan_escape(scan, at + 1);
			if (at == NULL)
				return NULL;
		}
		else if (*at < 0x20)
			return fail(scan, *at == 0 ? "NUL character" : "control character in a string");
		else
		{
			size_t length = wire_utf8_length((const char *) at, (size_t) (scan->end - at));

			if (length == 0)
				return fail(scan, "invalid UTF-8");
			at += length;
		}
	}
}

static const Byte *
scan_exponent(Scan *scan, const Byte *at)
{
	const Byte *digits;

	if (at < scan->end && (*at == '+' || *at == '-'))
		at++;
	digits = at;
	at = skip_digits(scan, at);
	if (at == digits)
		return fail(scan, "malformed number");
	if (at - digits > MAX_EXPONENT_DIGITS)
		return fail(scan, "number out of range");
	return at;
}

static const Byte *
scan_number(Scan *scan, const Byte *at)
{
	const Byte *start = at;
	const Byte *digits;

	if (*at == '-')
		at++;
	digits = at;
	at = skip_digits(scan, at);
	if (at == digits || (*digits == '0' && at - digits > 1))
		return fail(scan, "malformed number");
	if (at < scan->end && *at == '.')
	{
		digits = at + 1;
		at = skip_digits(scan, digits);
		if (at == digits)
			return fail(scan, "malformed number");
	}
	if (at < scan->end && (*at == 'e' || *at == 'E'))
		at = scan_exponent(scan, at + 1);
	if (at != NULL && at - start > MAX_NUMBER_LENGTH)
		return fail(scan, "number out of range");
	return at;
}

static const Byte *
scan_word(Scan *scan, const Byte *at, const char *word, size_t length)
{
	if ((size_t) (scan->end - at) < length || memcmp(at, word, length) != 0)
		return fail(scan, "malformed JSON");
	return at + length;
}

/* Scans any value but an object or an array. */
static inline const Byte *
scan_scalar(Scan *scan, const Byte *at)
{
	switch (*at)
	{
		case '"':
			return scan_string(scan, at + 1);
		case 't':
			return scan_word(scan, at, "true", 4);
		case 'f':
			return scan_word(scan, at, "false", 5);
		case 'n':
			return scan_word(scan, at, "null", 4);
		default:
			if (*at == '-' || is_digit(*at))
				return scan_number(scan, at);
			return fail(scan, *at == 0 ? "NUL character" : "malformed JSON");
	}
}

/* Scans the colon after a member's name. Returns the beginning of the value. */
static inline const Byte *
scan_colon(Scan *scan, const Byte *at)
{
	at = skip_space(scan, at);
	if (at == scan->end || *at != ':')
		return fail(scan, "malformed JSON");
	return skip_space(scan, at + 1);
}

static inline const Byte *
scan_quoted(Scan *scan, const Byte *at)
{
	if (at == scan->end || *at != '"')
		return fail(scan, "malformed JSON");
	return scan_string(scan, at + 1);
}

/* Scans a member's name and its colon. */
static inline const Byte *
scan_name(Scan *scan, const Byte *at)
{
	at = scan_quoted(scan, at);
	return at ? scan_colon(scan, at) : NULL;
}

/*
 * The open brackets: bit n of `objects`, counted from the innermost, is set if that bracket is an object's.
 */
typedef struct Nesting
{
	uint64_t objects;
	int depth;
} Nesting;

/*
 * Scans the opening bracket at `at`. Returns the next value to scan, or, with *complete set, the place after
 * the closing bracket of an empty object or array.
 */
static const Byte *
open_bracket(Scan *scan, const Byte *at, Nesting *nesting, bool *complete)
{
	bool object = *at == '{';

	if (nesting->depth == WIRE_MAX_DEPTH)
		return fail(scan, "nested too deeply");
	at = skip_space(scan, at + 1);
	*complete = at < scan->end && *at == (object ? '}' : ']');
	if (*complete)
		return at + 1;
	nesting->objects = nesting->objects << 1 | object;
	nesting->depth++;
	return object ? scan_name(scan, at) : at;
}

/*
 * Scans what follows a value: closes the objects and arrays that end here, down to depth `outer`, and returns
 * the next value to scan, if any.
 */
static const Byte *
close_brackets(Scan *scan, const Byte *at, Nesting *nesting, int outer)
{
	while (nesting->depth > outer)
	{
		bool object = nesting->objects & 1;

		at = skip_space(scan, at);
		if (at == scan->end)
			return fail(scan, "malformed JSON");
		if (*at == ',')
		{
			at = skip_space(scan, at + 1);
			return object ? scan_name(scan, at) : at;
		}
		if (*at != (object ? '}' : ']'))
			return fail(scan, "malformed JSON");
		at++;
		nesting->objects >>= 1;
		nesting->depth--;
	}
	return at;
}

/*
 * Scans one value of any kind inside `outer` levels of nesting. It is a loop, because recursion would let the
 * sender decide how much stack is used.
 */
static const Byte *
scan_value(Scan *scan, const Byte *at, int outer)
{
	Nesting nesting = {0, outer};

	do
	{
		bool complete = true;

		if (at == scan->end)
			return fail(scan, "malformed JSON");
		if (*at == '{' || *at == '[')
			at = open_bracket(scan, at, &nesting, &complete);
		else
			at = scan_scalar(scan, at);
		if (at != NULL && complete)
			at = close_brackets(scan, at, &nesting, outer);
	} while (at != NULL && nesting.depth > outer);
	return at;
}

static WireSpan
span_of(const Byte *start, const Byte *end)
{
	return (WireSpan){(const char *) start, (size_t) (end - start)};
}

static bool
span_equals(WireSpan span, const char *text, size_t length)
{
	return span.length == length && memcmp(span.start, text, length) == 0;
}

/* Is the name new in the object? Of two members with one name, two readers might take different values. */
static bool
is_new(const WireObject *object, WireSpan name)
{
	for (int i = 0; i < object->count; i++)
		if (span_equals(object->members[i].name, name.start, name.length))
			return false;
	return true;
}

/* Scans one member of the outer object. */
static const Byte *
scan_member(Scan *scan, const Byte *at, WireObject *object)
{
	WireMember *member = &object->members[object->count];
	const Byte *name = at + 1;
	const Byte *value;

	if (object->count == WIRE_MAX_MEMBERS)
		return fail(scan, "too many members");
	at = scan_quoted(scan, at);
	if (at == NULL)
		return NULL;
	member->name = span_of(name, at - 1);
	if (!is_new(object, member->name))
		return fail(scan, "a member stands twice");
	value = scan_colon(scan, at);
	if (value == NULL)
		return NULL;
	at = scan_value(scan, value, 1);
	if (at == NULL)
		return NULL;
	member->value = span_of(value, at);
	object->count++;
	return at;
}

/* at: after the opening brace. Returns the place after the closing brace. */
static const Byte *
scan_members(Scan *scan, const Byte *at, WireObject *object)
{
	at = skip_space(scan, at);
	if (at < scan->end && *at == '}')
		return at + 1;
	for (;;)
	{
		at = scan_member(scan, at, object);
		if (at == NULL)
			return NULL;
		at = skip_space(scan, at);
		if (at == scan->end || (*at != ',' && *at != '}'))
			return fail(scan, "malformed JSON");
		if (*at == '}')
			return at + 1;
		at = skip_space(scan, at + 1);
	}
}

const char *
wire_object_scan(const char *text, size_t length, WireObject *object)
{
	const Byte *at = (const Byte *) text;
	Scan scan = {at + length, NULL};

	object->count = 0;
	at = skip_space(&scan, at);
	if (at == scan.end || *at != '{')
		return "not a JSON object";
	at = scan_members(&scan, at + 1, object);
	if (at == NULL)
		return scan.fault;
	if (skip_space(&scan, at) != scan.end)
		return "text after the JSON object";
	return NULL;
}

WireSpan
wire_member(const WireObject *object, const char *name)
{
	size_t length = strlen(name);

	for (int i = 0; i < object->count; i++)
		if (span_equals(object->members[i].name, name, length) && object->members[i].value.start[0] != 'n')
			return object->members[i].value;
	return (WireSpan){NULL, 0};
}
