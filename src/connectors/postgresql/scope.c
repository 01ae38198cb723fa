/*
 * scope.c — writes patterns for LIKE, so that the server does not read excluded relations.
 */
#include "connectors/common/emit.h"
#include "connectors/postgresql/scope.h"

/* Escapes LIKE's special characters with a backslash, and those of an array literal with another. */
static void
append_like(WireBuffer *list, const char *part)
{
	for (; *part; part++)
	{
		switch (*part)
		{
			case WIRE_ANY_STRING:
				wire_append_text(list, "%");
				break;
			case WIRE_ANY_CHARACTER:
				wire_append_text(list, "_");
				break;
			case '%':
			case '_':
				wire_append_text(list, "\\\\");
				wire_append(list, part, 1);
				break;
			case '\\':
				wire_append_text(list, "\\\\\\\\");
				break;
			case '"':
				wire_append_text(list, "\\\"");
				break;
			default:
				wire_append(list, part, 1);
		}
	}
}

static void
append_element(WireBuffer *list, const char *part)
{
	wire_append_text(list, list->length == 0 ? "{\"" : ",\"");
	append_like(list, part);
	wire_append_text(list, "\"");
}

static void
end_list(WireBuffer *list, Parameter *parameter)
{
	if (list->length == 0)
		wire_append_text(list, "{");
	wire_append(list, "}", sizeof("}"));
	if (list->failed)
		give_up_out_of_memory();
	parameter->value = list->data;
}

void
scope_begin(Scope *scope, const Request *request)
{
	const WirePatterns *patterns[] = {&request->selection.include, &request->selection.exclude};

	*scope = (Scope){.parameters[0].value = request->schema};
	for (int list = 0; list < 2; list++)
		for (int i = 0; i < patterns[list]->count; i++)
		{
			append_element(&scope->lists[2 * list], patterns[list]->items[i].schema);
			append_element(&scope->lists[2 * list + 1], patterns[list]->items[i].relation);
		}
	for (int list = 0; list < SCOPE_PARAMETERS - 1; list++)
		end_list(&scope->lists[list], &scope->parameters[list + 1]);
}

void
scope_end(Scope *scope)
{
	for (int list = 0; list < SCOPE_PARAMETERS - 1; list++)
		wire_free(&scope->lists[list]);
}
