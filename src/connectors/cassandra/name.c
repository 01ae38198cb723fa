#include "connectors/cassandra/name.h"

#include <string.h>

#include "connectors/sql/quote.h"

void
name_append_quoted(WireBuffer *out, const char *name)
{
	sql_quote_name(out, name, '"', '"');
}

void
name_append(WireBuffer *out, const char *name)
{
	bool is_plain =
		*name >= 'a' && *name <= 'z' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);

	if (is_plain)
		wire_append_text(out, name);
	else
		name_append_quoted(out, name);
}
