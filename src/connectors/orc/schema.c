#include "connectors/orc/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/orc/fault.h"

static const struct
{
	const char *name;
	const char *pg_type;
} kinds[] = {[ORC_BOOLEAN] = {"boolean", "boolean"},
			 [ORC_TINYINT] = {"tinyint", "smallint"},
			 [ORC_SMALLINT] = {"smallint", "smallint"},
			 [ORC_INT] = {"int", "integer"},
			 [ORC_BIGINT] = {"bigint", "bigint"},
			 [ORC_FLOAT] = {"float", "real"},
			 [ORC_DOUBLE] = {"double", "double precision"},
			 [ORC_STRING] = {"string", NULL},
			 [ORC_BINARY] = {"binary", "bytea"},
			 [ORC_TIMESTAMP] = {"timestamp", "timestamp without time zone"},
			 [ORC_LIST] = {"array", "jsonb"},
			 [ORC_MAP] = {"map", "jsonb"},
			 [ORC_STRUCT] = {"struct", "jsonb"},
			 [ORC_UNION] = {"uniontype", "jsonb"},
			 [ORC_DECIMAL] = {"decimal", "numeric"},
			 [ORC_DATE] = {"date", "date"},
			 [ORC_VARCHAR] = {"varchar", NULL},
			 [ORC_CHAR] = {"char", NULL},
			 [ORC_TIMESTAMP_INSTANT] = {"timestamp with local time zone", "timestamp with time zone"},
			 [ORC_GEOMETRY] = {"geometry", "bytea"},
			 [ORC_GEOGRAPHY] = {"geography", "bytea"}};

const char *
orc_pg_type(const OrcType *type)
{
	return kinds[type->kind].pg_type;
}

/* ---- in words ---- */

static void
check_depth(int depth)
{
	if (depth > MOST_ORC_DEPTH)
		orc_unsupported("The types of the ORC file are nested in more than 20 levels.", NULL);
}

static void write_type(WireBuffer *out, const OrcTail *tail, int number, int depth);

/* Decimals of old files have no precision. */
static void
write_size(WireBuffer *out, const OrcType *type)
{
	char size[64] = "";

	if ((type->kind == ORC_CHAR || type->kind == ORC_VARCHAR) && type->length > 0)
		snprintf(size, sizeof(size), "(%lld)", (long long) type->length);
	else if (type->kind == ORC_DECIMAL && type->precision > 0)
		snprintf(size, sizeof(size), "(%lld,%lld)", (long long) type->precision, (long long) type->scale);
	wire_append_text(out, size);
}

static void
write_members(WireBuffer *out, const OrcTail *tail, const OrcType *type, int depth)
{
	wire_append(out, "<", 1);
	for (int i = 0; i < type->child_count; i++)
	{
		if (i > 0)
			wire_append(out, ",", 1);
		if (type->kind == ORC_STRUCT)
		{
			wire_append_text(out, type->names[i]);
			wire_append(out, ":", 1);
		}
		write_type(out, tail, type->children[i], depth + 1);
	}
	wire_append(out, ">", 1);
}

static void
write_type(WireBuffer *out, const OrcTail *tail, int number, int depth)
{
	const OrcType *type = &tail->types[number];

	check_depth(depth);
	wire_append_text(out, kinds[type->kind].name);
	if (type->child_count > 0 || type->kind == ORC_STRUCT)
		write_members(out, tail, type, depth);
	else
		write_size(out, type);
}

void
orc_type_text(WireBuffer *out, const OrcTail *tail, int number)
{
	write_type(out, tail, number, 1);
}

static char *
type_text(const OrcTail *tail, int number)
{
	WireBuffer text = {.data = NULL};

	orc_type_text(&text, tail, number);
	wire_append(&text, "", 1);
	if (text.failed)
		give_up_out_of_memory();
	return text.data;
}

/* ---- columns ---- */

static int
compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *) left, *(char *const *) right);
}

static void
check_names(const OrcType *type)
{
	size_t count = (size_t) type->name_count;
	char **names = allocate((count + 1) * sizeof(char *));

	if (count > MOST_ORC_COLUMNS)
		orc_too_large("The ORC file has more than 10,000 columns.");
	for (size_t i = 0; i < count; i++)
		names[i] = type->names[i];
	qsort(names, count, sizeof(char *), compare_names);
	for (size_t i = 1; i < count; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			orc_unsupported("Two columns of the ORC file have the same name.", names[i]);
	free(names);
}

static void write_fields(WireBuffer *out, const OrcTail *tail, int number, int depth);

static void
write_field(WireBuffer *out, const OrcTail *tail, const char *name, int number, int depth)
{
	const OrcType *type = &tail->types[number];
	char *text;

	/* An array is told as its element, repeated. */
	bool is_repeated = type->kind == ORC_LIST;
	int element = is_repeated ? type->children[0] : number;

	check_depth(depth);
	text = type_text(tail, element);
	document_literal(out, "{");
	document_text(out, "name", name);
	document_text(out, "id", type->field_id);
	document_text(out, "type", text);
	document_text(out, "pg_type", orc_pg_type(type));
	document_flag(out, "not_null", type->is_required);
	document_flag(out, "repeated", is_repeated);
	write_fields(out, tail, element, depth + 1);
	document_literal(out, "}");
	free(text);
}

/* An alternative of a union has a number for its name. */
static void
write_fields(WireBuffer *out, const OrcTail *tail, int number, int depth)
{
	static const char *const map_names[] = {"key", "value"};
	const OrcType *type = &tail->types[number];
	bool is_open = false;
	char alternative[16];

	if (type->kind == ORC_LIST)
		return;
	if (type->kind == ORC_STRUCT)
		check_names(type);
	for (int i = 0; i < type->child_count; i++)
	{
		const char *name = type->kind == ORC_STRUCT ? type->names[i] : alternative;

		if (type->kind == ORC_MAP)
			name = map_names[i];
		snprintf(alternative, sizeof(alternative), "%d", i);
		document_element(out, "fields", is_open);
		write_field(out, tail, name, type->children[i], depth);
	}
	document_end_elements(out, is_open);
}

/* Names of a type's members, in the order in which Hive writes them. */
static bool
is_change_of_row(const OrcTail *tail, const OrcType *type)
{
	static const char *const names[] = {"operation", "originalTransaction", "bucket",
										"rowId",     "currentTransaction",  "row"};
	int count = sizeof(names) / sizeof(names[0]);

	if (type->kind != ORC_STRUCT || type->child_count != count)
		return false;
	for (int i = 0; i < count; i++)
		if (strcmp(type->names[i], names[i]) != 0)
			return false;
	return tail->types[type->children[count - 1]].kind == ORC_STRUCT;
}

int
orc_row_type(const OrcTail *tail)
{
	const OrcType *root = &tail->types[0];

	if (is_change_of_row(tail, root))
		return root->children[root->child_count - 1];
	return root->kind == ORC_STRUCT ? 0 : -1;
}

static char *
further_members(const OrcTail *tail, int number)
{
	const OrcType *type = &tail->types[number];
	bool is_repeated = type->kind == ORC_LIST;
	WireBuffer more = {.data = NULL};

	document_literal(&more, "{");
	document_text(&more, "id", type->field_id);
	document_flag(&more, "repeated", is_repeated);
	write_fields(&more, tail, is_repeated ? type->children[0] : number, 2);
	wire_append(&more, "", 1);
	if (more.failed)
		give_up_out_of_memory();
	more.data[0] = ',';
	if (more.data[1] == '\0')
		more.data[0] = '\0';
	return more.data;
}

static void
add_column(FileRelation *relation, const OrcTail *tail, const char *name, int number)
{
	const OrcType *type = &tail->types[number];
	FileColumn *column = relation_add_column(relation);

	column->name = copy_text(name);
	column->type = type_text(tail, type->kind == ORC_LIST ? type->children[0] : number);
	column->pg_type = orc_pg_type(type);
	column->not_null = type->is_required;
	column->may_have_categories = type->kind == ORC_BOOLEAN || type->kind == ORC_STRING ||
								  type->kind == ORC_VARCHAR || type->kind == ORC_CHAR;
	column->more = further_members(tail, number);
}

void
orc_add_columns(FileRelation *relation, const OrcTail *tail)
{
	int number = orc_row_type(tail);

	if (number < 0)
	{
		add_column(relation, tail, "value", 0);
		return;
	}
	check_names(&tail->types[number]);
	for (int i = 0; i < tail->types[number].child_count; i++)
		add_column(relation, tail, tail->types[number].names[i], tail->types[number].children[i]);
}
