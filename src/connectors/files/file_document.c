#include "connectors/files/file_document.h"

#include <string.h>

#include "connectors/common/document.h"

static void
write_column(WireBuffer *out, const FileColumn *column)
{
	document_literal(out, "{");
	document_text(out, "name", column->name);
	document_text(out, "type", column->type);
	document_text(out, "pg_type", column->pg_type);
	document_flag(out, "not_null", column->not_null);
	if (column->more)
		wire_append(out, column->more, strlen(column->more));
	document_literal(out, "}");
}

const char *
file_relation_kind(const FileRelation *relation)
{
	return relation->kind ? relation->kind : "file";
}

static void
write_options(WireBuffer *out, const FileRelation *relation)
{
	const char *format = relation->file ? relation->file->format : NULL;

	if (relation->options.length < 2 && format == NULL)
		return;
	document_member(out, "options");
	document_literal(out, "{");
	if (relation->options.length > 1)
		wire_append(out, relation->options.data + 1, relation->options.length - 1);
	document_text(out, "format", format);
	document_literal(out, "}");
}

void
file_document_write(WireBuffer *out, const FileRelation *relation)
{
	bool is_open = false;

	document_literal(out, "{");
	for (int i = 0; i < relation->column_count; i++)
	{
		document_element(out, "columns", is_open);
		write_column(out, &relation->columns[i]);
	}
	document_end_elements(out, is_open);
	write_options(out, relation);
	if (relation->more.length > 0)
	{
		document_separate(out);
		wire_append(out, relation->more.data + 1, relation->more.length - 1);
	}
	document_literal(out, "}");
}
