#include "connectors/redis/column_document.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/memory.h"
#include "connectors/inference/path_document.h"

/* ---- the document ---- */

static void
begin_column(WireBuffer *out, const char *name, const char *type, const char *pg_type)
{
	document_separate(out);
	document_literal(out, "{");
	document_text(out, "name", name);
	document_text(out, "type", type);
	document_text(out, "pg_type", pg_type);
}

/* A column that Redis has for every key or element. */
static void
write_own_column(WireBuffer *out, const char *name, const char *type, const char *pg_type)
{
	begin_column(out, name, type, pg_type);
	document_flag(out, "not_null", true);
	document_literal(out, "}");
}

#define CONTAINERS (PATH_TYPE(TYPE_OBJECT) | PATH_TYPE(TYPE_ARRAY))

static void
write_json_column(WireBuffer *out, const char *name, const PathNode *node, bool is_always)
{
	bool is_of_one_kind =
		node && (node->types == PATH_TYPE(TYPE_OBJECT) || node->types == PATH_TYPE(TYPE_ARRAY));

	begin_column(out, name, "json", "jsonb");
	document_flag(out, "not_null", is_always);
	if (is_of_one_kind)
		path_append_content(out, &column_types, node);
	document_literal(out, "}");
}

/* JSON beside other texts is text for PostgreSQL. */
static void
write_mixed_column(WireBuffer *out, const char *name, bool is_always)
{
	begin_column(out, name, "json | string", NULL);
	document_flag(out, "not_null", is_always);
	document_literal(out, "}");
}

/* node NULL, or without types: no value was seen. */
static void
write_value_column(WireBuffer *out, const char *name, const PathNode *node, bool is_always)
{
	char *type;
	char *pg_type;

	if (node && (node->types & CONTAINERS) && (node->types & ~CONTAINERS) == 0)
	{
		write_json_column(out, name, node, is_always);
		return;
	}
	if (node && (node->types & CONTAINERS))
	{
		write_mixed_column(out, name, is_always);
		return;
	}
	type = node && node->types ? path_type(&column_types, node) : NULL;
	pg_type = type ? path_pg_type(&column_types, node) : NULL;
	begin_column(out, name, type ? type : "string", pg_type);
	document_flag(out, "not_null", is_always);
	document_literal(out, "}");
	free(type);
	free(pg_type);
}

/* The caller frees it. */
static char *
field_column(const Columns *columns, const PathNode *node)
{
	bool is_taken = column_name_is_taken(columns->type, node->name, node->length);
	char *name = allocate(node->length + sizeof(FIELD_SUFFIX));

	memcpy(name, node->name, node->length + 1);
	if (is_taken)
		memcpy(name + node->length, FIELD_SUFFIX, sizeof(FIELD_SUFFIX));
	return name;
}

static void
write_field_column(const Columns *columns, WireBuffer *out, const PathNode *node)
{
	char *name = field_column(columns, node);

	write_value_column(out, name, node, false);
	free(name);
}

static int
write_fields(const Columns *columns, WireBuffer *out, const PathNode *row)
{
	int count = 0;

	if (row->is_map)
	{
		begin_column(out, FIELDS_COLUMN, "map", "jsonb");
		path_append_content(out, &column_types, row);
		document_literal(out, "}");
		return 1;
	}
	for (const PathNode *node = row->members; node; node = node->next)
	{
		write_field_column(columns, out, node);
		count++;
	}
	return count;
}

static void
write_key(WireBuffer *out, const char *second)
{
	document_member(out, "primary_key");
	document_literal(out, "{\"columns\":[\"" KEY_COLUMN "\"");
	if (second)
	{
		document_literal(out, ",");
		document_string(out, second);
	}
	document_literal(out, "]}");
}

int
columns_write(Columns *columns, WireBuffer *out)
{
	const PathNode *row = paths_finish(columns->paths);
	const PathNode *value = row->members;
	const char *second = NULL;
	int count = 2;

	document_member(out, "columns");
	document_literal(out, "[");
	write_own_column(out, KEY_COLUMN, "string", NULL);
	switch (columns->type)
	{
		case KEY_LIST:
			second = INDEX_COLUMN;
			write_own_column(out, INDEX_COLUMN, "integer", "bigint");
			write_value_column(out, VALUE_COLUMN, value, true);
			count = 3;
			break;
		case KEY_SET:
			second = VALUE_COLUMN;
			write_value_column(out, VALUE_COLUMN, value, true);
			break;
		case KEY_ZSET:
			second = MEMBER_COLUMN;
			write_value_column(out, MEMBER_COLUMN, value, true);
			write_own_column(out, SCORE_COLUMN, "number", "double precision");
			count = 3;
			break;
		case KEY_STREAM:
			second = ID_COLUMN;
			write_own_column(out, ID_COLUMN, "string", NULL);
			count = 2 + write_fields(columns, out, row);
			break;
		case KEY_HASH:
			count = 1 + write_fields(columns, out, row);
			break;
		case KEY_JSON:
			write_json_column(out, VALUE_COLUMN, value, true);
			break;
		case KEY_STRING:
			write_value_column(out, VALUE_COLUMN, value, true);
			break;
		default:
			count = 1;
	}
	document_literal(out, "]");
	write_key(out, second);
	return count;
}

/* ---- one after the other ---- */

typedef void (*ColumnTaker)(void *context, const char *name, bool may_have_categories);

static bool
may_have_categories(const PathNode *node)
{
	return node && node->types == PATH_TYPE(TYPE_STRING);
}

static void
give_fields(const Columns *columns, const PathNode *row, ColumnTaker take, void *context)
{
	if (row->is_map)
		take(context, FIELDS_COLUMN, false);
	for (const PathNode *node = row->is_map ? NULL : row->members; node; node = node->next)
	{
		char *name = field_column(columns, node);

		take(context, name, may_have_categories(node));
		free(name);
	}
}

void
columns_each(Columns *columns, ColumnTaker take, void *context)
{
	const PathNode *row = paths_finish(columns->paths);

	take(context, KEY_COLUMN, false);
	switch (columns->type)
	{
		case KEY_LIST:
			take(context, INDEX_COLUMN, false);
			take(context, VALUE_COLUMN, may_have_categories(row->members));
			break;
		case KEY_ZSET:
			take(context, MEMBER_COLUMN, may_have_categories(row->members));
			take(context, SCORE_COLUMN, false);
			break;
		case KEY_STREAM:
			take(context, ID_COLUMN, false);
			give_fields(columns, row, take, context);
			break;
		case KEY_HASH:
			give_fields(columns, row, take, context);
			break;
		case KEY_SET:
		case KEY_STRING:
		case KEY_JSON:
			take(context, VALUE_COLUMN, may_have_categories(row->members));
			break;
		default:
			break;
	}
}
