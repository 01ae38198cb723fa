#include "connectors/cassandra/fields.h"

#include <string.h>

#include "connectors/common/document.h"

static bool
is_repeated(const CqlType *type)
{
	return (type->kind == CQL_LIST || type->kind == CQL_SET || type->kind == CQL_VECTOR) &&
		   type_has_fields(type->parts[0]);
}

bool
type_has_fields(const CqlType *type)
{
	switch (type->kind)
	{
		case CQL_USER:
			return type->count > 0;
		case CQL_LIST:
		case CQL_SET:
		case CQL_VECTOR: /* an array of arrays has no path: what is in it is not looked into */
			return type->parts[0]->kind == CQL_USER || type->parts[0]->kind == CQL_MAP
					   ? type_has_fields(type->parts[0])
					   : false;
		case CQL_MAP:
			return type_has_fields(type->parts[1]);
		default:
			return false;
	}
}

const CqlType *
type_shown(const CqlType *type)
{
	return is_repeated(type) ? type->parts[0] : type;
}

static void
append_field(WireBuffer *out, const char *name, const CqlType *type)
{
	document_separate(out);
	document_literal(out, "{");
	document_text(out, "name", name);
	document_text(out, "type", type_shown(type)->text);
	document_text(out, "pg_type", type_in_postgresql(type));
	fields_append(out, type);
	document_literal(out, "}");
}

void
fields_append(WireBuffer *out, const CqlType *type)
{
	const CqlType *shown = type_shown(type);

	if (!type_has_fields(type))
		return;
	if (is_repeated(type))
	{
		document_literal(out, ",\"repeated\":true");
		if (type->text)
		{
			document_literal(out, ",\"declared\":");
			document_string(out, type->text);
		}
	}
	if (shown->kind == CQL_MAP)
		document_literal(out, ",\"map\":true");
	document_literal(out, ",\"fields\":[");
	if (shown->kind == CQL_MAP)
		append_field(out, "{}", shown->parts[1]);
	else
		for (int i = 0; i < shown->count; i++)
			append_field(out, shown->names[i], shown->parts[i]);
	document_literal(out, "]");
}
