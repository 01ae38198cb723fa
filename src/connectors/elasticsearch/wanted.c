#include "connectors/elasticsearch/wanted.h"

#include "connectors/common/document.h"
#include "connectors/common/emit.h"

static bool
is_of_source(const ReadColumn *column)
{
	return column->field != NULL && !column->is_fetched;
}

static void
end_text(WireBuffer *out)
{
	wire_append(out, "", 1);
	if (out->failed)
		give_up_out_of_memory();
}

void
wanted_append(WireBuffer *source, WireBuffer *fields, const ReadColumn *columns, int count)
{
	document_literal(source, "[");
	document_literal(fields, "[");
	for (int i = 0; i < count; i++)
	{
		WireBuffer *out = is_of_source(&columns[i]) ? source : fields;

		if (columns[i].field == NULL)
			continue;
		document_separate(out);
		document_string(out, columns[i].name);
	}
	document_literal(source, "]");
	document_literal(fields, "]");
	if (source->length == 2)
	{
		wire_reset(source);
		document_literal(source, "false");
	}
	if (fields->length == 2)
		wire_reset(fields);
	else
		end_text(fields);
	end_text(source);
}

void
wanted_check(const ReadColumn *columns, int count, const Fields *fields)
{
	for (int i = 0; i < count && !fields->has_source; i++)
		if (is_of_source(&columns[i]))
			give_up(&(Failure){.step = "query",
							   .code = "unsupported",
							   .message = "The index does not store its documents.",
							   .detail = "Its mapping disables _source, so that values cannot be read.",
							   .hint = "The columns that the service computes, and _id, can be read."});
}
