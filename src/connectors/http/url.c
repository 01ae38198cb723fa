#include "connectors/http/url.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

static bool
is_unreserved(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
		   (byte != '\0' && strchr("-._~", byte) != NULL);
}

void
url_append_escaped(WireBuffer *out, const char *bytes, size_t length, bool keeps_slashes)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < length; i++)
	{
		unsigned char byte = (unsigned char) bytes[i];
		char escape[3] = {'%', digits[byte >> 4], digits[byte & 15]};

		if (is_unreserved(bytes[i]) || (keeps_slashes && byte == '/'))
			wire_append(out, &bytes[i], 1);
		else
			wire_append(out, escape, sizeof(escape));
	}
}

static int
digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit = (char) (digit | 0x20);
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

size_t
url_unescape(char *text, bool with_plus)
{
	char *out = text;

	for (const char *in = text; *in != '\0'; in++)
	{
		int high = *in == '%' ? digit_value(in[1]) : -1;
		int low = high >= 0 ? digit_value(in[2]) : -1;

		if (low >= 0)
		{
			*out++ = (char) (high << 4 | low);
			in += 2;
		}
		else
			*out++ = with_plus && *in == '+' ? ' ' : *in;
	}
	*out = '\0';
	return (size_t) (out - text);
}

char *
url_escaped(const char *text)
{
	WireBuffer out = {0};

	url_append_escaped(&out, text, strlen(text), false);
	wire_append(&out, "", 1);
	if (out.failed)
		give_up_out_of_memory();
	return out.data;
}

static bool
is_before(const UrlParameter *one, const UrlParameter *other)
{
	int order = strcmp(one->name, other->name);

	return order != 0 ? order < 0 : strcmp(one->value, other->value) < 0;
}

void
url_query_add(UrlQuery *query, const char *name, const char *value)
{
	UrlParameter added = {.name = url_escaped(name), .value = url_escaped(value)};
	int place = query->count;

	query->parameters = reallocate(query->parameters, (size_t) (query->count + 1) * sizeof(UrlParameter));
	for (; place > 0 && is_before(&added, &query->parameters[place - 1]); place--)
		query->parameters[place] = query->parameters[place - 1];
	query->parameters[place] = added;
	query->count++;
}

void
url_query_append(const UrlQuery *query, WireBuffer *out)
{
	for (int i = 0; i < query->count; i++)
	{
		if (i > 0)
			wire_append(out, "&", 1);
		wire_append_text(out, query->parameters[i].name);
		wire_append(out, "=", 1);
		wire_append_text(out, query->parameters[i].value);
	}
}

UrlQuery
url_query_copy(const UrlQuery *query)
{
	UrlQuery copy = {.count = query->count};

	if (query->count > 0)
		copy.parameters = allocate((size_t) query->count * sizeof(UrlParameter));
	for (int i = 0; i < query->count; i++)
		copy.parameters[i] = (UrlParameter){.name = copy_text(query->parameters[i].name),
											.value = copy_text(query->parameters[i].value)};
	return copy;
}

void
url_query_free(UrlQuery *query)
{
	for (int i = 0; i < query->count; i++)
	{
		free(query->parameters[i].name);
		free(query->parameters[i].value);
	}
	free(query->parameters);
	*query = (UrlQuery){0};
}
