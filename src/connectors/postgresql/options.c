/*
 * options.c — options of foreign tables are free text, and some wrappers store passwords among them.
 */
#include "connectors/common/document.h"
#include "wire/mask.h"
#include "connectors/postgresql/options.h"

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
		if (wire_option_looks_secret(option.bytes, name_length))
			continue;
		if (!is_open)
		{
			document_member(out, "options");
			document_literal(out, "{");
			is_open = true;
		}
		document_separate(out);
		wire_append_string(out, option.bytes, name_length);
		document_literal(out, ":");
		wire_append_string(out, equals + 1, (size_t) option.length - name_length - 1);
	}
	if (is_open)
		document_literal(out, "}");
}
