/*
 * options.c — options of foreign tables may be anything, and some wrappers keep passwords among a table's
 * options.
 */
#include <strings.h>

#include "connectors/postgresql/options.h"
#include "connectors/postgresql/json.h"

static bool
starts_with(const char *text, size_t length, const char *word)
{
	size_t word_length = strlen(word);

	return length >= word_length && strncasecmp(text, word, word_length) == 0;
}

static bool
suggests_secret(const char *name, size_t length)
{
	static const char *const signs[] = {"pass",    "pwd",     "secret", "token",      "credential", "auth",
										"private", "api_key", "apikey", "access_key", "accesskey",  "sslkey"};

	for (size_t at = 0; at < length; at++)
		for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
			if (starts_with(name + at, length - at, signs[i]))
				return true;
	return false;
}

void
write_options(WireBuffer *out, Elements options)
{
	bool is_open = false;
	Element option;

	while (next_element(&options, &option))
	{
		const char *equals = memchr(option.bytes, '=', (size_t) option.length);
		size_t name_length;

		if (equals == NULL)
			give_up_malformed();
		name_length = (size_t) (equals - option.bytes);
		if (suggests_secret(option.bytes, name_length))
			continue;
		if (!is_open)
		{
			json_member(out, "options");
			json_literal(out, "{");
			is_open = true;
		}
		json_separate(out);
		wire_append_string(out, option.bytes, name_length);
		json_literal(out, ":");
		wire_append_string(out, equals + 1, (size_t) option.length - name_length - 1);
	}
	if (is_open)
		json_literal(out, "}");
}
