/*
 * array.c — walking through an array that reader.c found valid.
 */
#include <string.h>

#include "wire.h"

static const char *
skip_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++;
	return at;
}

/* at stands behind the opening quote; returns what follows the closing one. */
static const char *
skip_string(const char *at, const char *end)
{
	while (at < end && *at != '"')
		at += *at == '\\' ? 2 : 1;
	return at < end ? at + 1 : end;
}

/* What follows the value at `at`: the comma or bracket that ends it. */
static const char *
skip_value(const char *at, const char *end)
{
	int depth = 0;

	for (; at < end; at++)
	{
		if (*at == '"')
			at = skip_string(at + 1, end) - 1;
		else if (*at == '[' || *at == '{')
			depth++;
		else if (depth == 0 && (*at == ',' || *at == ']'))
			break;
		else if (*at == ']' || *at == '}')
			depth--;
	}
	return at;
}

bool
wire_array_next(WireSpan *array, WireSpan *element)
{
	const char *at = array->start;
	const char *end = array->start + array->length;

	/* Before the first element stands its bracket, before every other a comma. */
	if (array->length == 0 || (*at != '[' && *at != ','))
		return false;
	at = skip_space(at + 1, end);
	if (at == end || *at == ']')
		return false;
	element->start = at;
	at = skip_value(at, end);
	*array = (WireSpan){at, (size_t) (end - at)};
	while (strchr(" \t\r\n", at[-1]))
		at--;
	element->length = (size_t) (at - element->start);
	return true;
}
