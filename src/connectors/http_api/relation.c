#include "connectors/http_api/relation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/memory.h"
#include "connectors/http_api/columns.h"
#include "connectors/inference/path_document.h"
#include "connectors/json/json_types.h"

#define OF_PARAMETER ",\"parameter\":"

/* ---- what every relation has ---- */

static FileRelation *
begin(FileRelations *relations, const ApiOperation *operation)
{
	FileRelation *relation = relations_add(relations, &no_stored_file);
	size_t size = strlen(operation->path) + 32;

	relation->name = copy_text(operation->path);
	relation->kind = "endpoint";
	relation->rows = ABSENT;
	relation->changed_at = ABSENT;
	relation->id = allocate(size);
	if (size < WIRE_ID_BYTES)
		snprintf(relation->id, size, "GET %s", operation->path);
	else
		snprintf(relation->id, size, "GET %016llx", (unsigned long long) hash_text(operation->path));
	return relation;
}

static void
append_comment(WireBuffer *out, const JsonNode *get)
{
	const char *summary = json_member_text(get, "summary");
	const char *description = json_member_text(get, "description");
	WireBuffer text = {0};

	wire_append_text(&text, summary ? summary : "");
	if (description != NULL && (summary == NULL || strcmp(summary, description) != 0))
	{
		wire_append_text(&text, text.length > 0 ? "\n" : "");
		wire_append_text(&text, description);
	}
	wire_append(&text, "", 1);
	if (text.failed)
		give_up_out_of_memory();
	document_further(out, "comment", text.data);
	wire_free(&text);
}

/* One line for each: its name, where it stands, its type. */
static void
append_parameters(WireBuffer *out, const ApiOperation *operation)
{
	WireBuffer list = {0};

	for (int i = 0; i < operation->parameter_count; i++)
	{
		const Parameter *parameter = &operation->parameters[i];
		const char *pg_type;
		char *type = schemas_type(operation->api, &parameter->schema, &pg_type);

		wire_append_text(&list, i > 0 ? ", " : "");
		wire_append_text(&list, parameter->name);
		wire_append_text(&list, " ");
		wire_append_text(&list, type);
		wire_append_text(&list, " in ");
		wire_append_text(&list, parameter->in);
		wire_append_text(&list, parameter->is_required ? " required" : "");
		free(type);
	}
	wire_append(&list, "", 1);
	if (list.failed)
		give_up_out_of_memory();
	document_further(out, "parameters", list.data);
	wire_free(&list);
}

/* ---- operations ---- */

bool
column_is_parameter(const FileColumn *column)
{
	return column->more != NULL && strncmp(column->more, OF_PARAMETER, sizeof(OF_PARAMETER) - 1) == 0;
}

/* What must be said to ask at all is a column, so that a condition can say it. */
static void
add_parameter_columns(FileRelation *relation, const ApiOperation *operation)
{
	for (int i = 0; i < operation->parameter_count; i++)
	{
		const Parameter *parameter = &operation->parameters[i];
		FileColumn *column;

		if (!parameter->is_required || parameter->place == PARAMETER_ELSEWHERE ||
			relation_has_column(relation, parameter->name))
			continue;
		column = relation_add_column(relation);
		column->name = copy_text(parameter->name);
		column->type = schemas_type(operation->api, &parameter->schema, &column->pg_type);
		column->more = copy_text(parameter->place == PARAMETER_PATH ? OF_PARAMETER "\"path\""
																	: OF_PARAMETER "\"query\"");
	}
}

static void
tell_left_out(const ApiOperation *operation, int left_out)
{
	if (left_out == 0)
		return;
	messages_are_of(operation->path);
	emit_log("warning", "fields are left out: there are too many");
	messages_are_of(NULL);
}

/* Without a schema the rows are values of which nothing is known. */
static void
add_value_column(FileRelation *relation)
{
	FileColumn *column = relation_add_column(relation);

	column->name = copy_text(VALUE_COLUMN);
	column->type = "any";
	column->pg_type = "jsonb";
}

FileRelation *
relation_of_operation(FileRelations *relations, const ApiOperation *operation)
{
	FileRelation *relation = begin(relations, operation);

	if (operation->row.count > 0)
		tell_left_out(operation, columns_add(relation, operation->api, &operation->row));
	else
		add_value_column(relation);
	add_parameter_columns(relation, operation);
	append_comment(&relation->more, operation->get);
	document_further(&relation->options, "operation_id", json_member_text(operation->get, "operationId"));
	document_further(&relation->options, "rows", operation->member);
	document_further(&relation->options, "prefix", operation->api->prefix);
	if (json_member_is_true(operation->get, "deprecated"))
		document_further(&relation->options, "deprecated", "true");
	append_parameters(&relation->options, operation);
	return relation;
}

/* ---- endpoints ---- */

static void
feed(Paths *paths, const JsonNode *value)
{
	switch (value->kind)
	{
		case JSON_NULL:
			paths_null(paths);
			break;
		case JSON_FALSE:
		case JSON_TRUE:
			paths_value(paths, JSON_TYPE_BOOLEAN, 0);
			break;
		case JSON_NUMBER:
			paths_value(paths, (int) json_type_of_number(value->text, value->length), 0);
			break;
		case JSON_TEXT:
			paths_value(paths, JSON_TYPE_TEXT, json_types_of_text(value->text, value->length));
			break;
		case JSON_ARRAY:
			paths_array_begin(paths);
			for (const JsonNode *each = value->first; each; each = each->next)
				feed(paths, each);
			paths_array_end(paths);
			break;
		case JSON_OBJECT:
			paths_object_begin(paths);
			for (const JsonNode *each = value->first; each; each = each->next)
			{
				paths_key(paths, each->name, strlen(each->name));
				feed(paths, each);
			}
			paths_object_end(paths);
	}
}

static void
feed_row(Paths *paths, const JsonNode *row)
{
	if (row->kind == JSON_OBJECT)
	{
		feed(paths, row);
		return;
	}
	paths_object_begin(paths);
	paths_key(paths, VALUE_COLUMN, strlen(VALUE_COLUMN));
	feed(paths, row);
	paths_object_end(paths);
}

static void
add_told_column(FileRelation *relation, const PathNode *node)
{
	FileColumn *column = relation_add_column(relation);
	WireBuffer more = {0};

	column->name = copy_text(node->name);
	column->type = path_type(&json_types, node);
	column->pg_type = path_pg_type(&json_types, node);
	column->may_have_categories =
		path_is_of(&json_types, node, JSON_TYPE_TEXT) || path_is_of(&json_types, node, JSON_TYPE_BOOLEAN);
	path_append_content(&more, &json_types, node);
	wire_append(&more, "", 1);
	if (more.failed)
		give_up_out_of_memory();
	column->more = more.data;
}

FileRelation *
relation_of_endpoint(FileRelations *relations, const ApiOperation *operation, const Pages *first)
{
	FileRelation *relation = begin(relations, operation);
	Paths *paths = paths_create(&json_types);
	bool is_one = first->tree != NULL && first->rows == json_tree_root(first->tree);
	const PathNode *row;

	for (const JsonNode *each = first->rows; each; each = is_one ? NULL : each->next)
		feed_row(paths, each);
	row = paths_finish(paths);
	if (row->is_map || row->members == NULL)
		add_value_column(relation);
	for (const PathNode *node = row->is_map ? NULL : row->members; node; node = node->next)
		add_told_column(relation, node);
	paths_free(paths);
	return relation;
}

/* ---- the relation of a request ---- */

static void
require_column(FileRelation *relation, const char *name, const char *pg_type)
{
	FileColumn *column;

	if (relation_has_column(relation, name))
		return;
	column = relation_add_column(relation);
	column->name = copy_text(name);
	column->pg_type = pg_type;
}

FileRelation *
relation_of_request(FileRelations *relations, const ApiOperation *operation, const ReadRequest *read)
{
	FileRelation *relation = begin(relations, operation);

	for (int i = 0; i < read->column_count; i++)
		require_column(relation, read->columns[i], read->types ? read->types[i] : NULL);
	for (int i = 0; i < read->condition_count; i++)
		require_column(relation, read->conditions[i].column, read->conditions[i].type);
	return relation;
}
