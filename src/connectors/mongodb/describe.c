#include "connectors/mongodb/describe.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/inference/path_document.h"
#include "connectors/mongodb/columns.h"
#include "connectors/mongodb/extended_json.h"
#include "connectors/mongodb/indexes.h"
#include "connectors/mongodb/schema.h"
#include "connectors/mongodb/statistics.h"
#include "connectors/mongodb/types.h"
#include "connectors/mongodb/value.h"

/* ---- columns ---- */

/* Documents whose names are data have one column. */
static int64_t
append_columns(WireBuffer *out, const PathNode *row)
{
	bool is_open = false;

	if (row->is_map)
	{
		document_element(out, "columns", is_open);
		document_literal(out, "{\"name\":\"" DOCUMENT_COLUMN "\",\"type\":\"object\",\"pg_type\":\"jsonb\"");
		path_append_content(out, &mongo_types, row);
		document_literal(out, "}");
	}
	for (const PathNode *node = row->is_map ? NULL : row->members; node; node = node->next)
	{
		document_element(out, "columns", is_open);
		path_append_column(out, &mongo_types, node);
	}
	document_end_elements(out, is_open);
	return row->is_map ? 1 : row->member_count;
}

/* ---- options ---- */

static bool
is_shown_elsewhere(const char *name)
{
	static const char *const names[] = {"validator", "pipeline", "idIndex", "uuid", "timeseries", NULL};

	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void
append_option(WireBuffer *out, const bson_iter_t *option, bool *is_open)
{
	WireBuffer text = {.data = NULL};
	bool is_broken = false;

	if (!is_utf8(bson_iter_key(option)) || BSON_ITER_HOLDS_NULL(option))
		return;
	if (!*is_open)
	{
		document_member(out, "options");
		document_literal(out, "{");
		*is_open = true;
	}
	document_separate(out);
	document_string(out, bson_iter_key(option));
	document_literal(out, ":");
	if (BSON_ITER_HOLDS_DOCUMENT(option) || BSON_ITER_HOLDS_ARRAY(option))
		extended_json_append(out, option);
	else
	{
		(void) value_write(&text, option, PATH_FORM_SCALAR, &is_broken);
		wire_append_string(out, text.data ? text.data : "", text.length);
	}
	wire_free(&text);
}

static void
append_options(WireBuffer *out, const bson_t *options)
{
	bool is_open = false;
	bson_iter_t option;
	bson_iter_t series;

	if (bson_iter_init_find(&option, options, "timeseries") && BSON_ITER_HOLDS_DOCUMENT(&option) &&
		bson_iter_recurse(&option, &series))
		while (bson_iter_next(&series))
			append_option(out, &series, &is_open);
	if (bson_iter_init(&option, options))
		while (bson_iter_next(&option))
			if (!is_shown_elsewhere(bson_iter_key(&option)))
				append_option(out, &option, &is_open);
	if (is_open)
		document_literal(out, "}");
}

static void
append_definition(WireBuffer *out, const bson_t *options)
{
	bson_iter_t pipeline;

	if (!bson_iter_init_find(&pipeline, options, "pipeline") || !BSON_ITER_HOLDS_ARRAY(&pipeline))
		return;
	document_member(out, "definition");
	extended_json_append(out, &pipeline);
}

/* ---- all of it ---- */

/* What stands in a document beside columns. Returns false if the server refuses to say it. */
static bool
ask(Session *session, const Collection *collection, RelationFrame *frame, WireBuffer *indexes,
	bool *may_see_indexes)
{
	bson_error_t error = {0};

	document_literal(indexes, "{");
	if (collection->kind == VIEW)
		return true;
	*may_see_indexes = indexes_append(session, collection->name, indexes, &error);
	statistics_read(session, collection, frame);
	return *may_see_indexes || error.code == SERVER_UNAUTHORIZED;
}

static void
append_document(WireBuffer *out, const Collection *collection, const WireBuffer *columns,
				const WireBuffer *indexes, bool may_see_indexes)
{
	wire_append(out, columns->data, columns->length);
	if (collection->kind == PLAIN_COLLECTION)
	{
		document_member(out, "primary_key");
		document_literal(out, "{\"columns\":[\"_id\"]}");
	}
	schema_append_check(out, collection->options);
	if (indexes->length > 1)
	{
		document_separate(out);
		wire_append(out, indexes->data + 1, indexes->length - 1);
	}
	append_definition(out, collection->options);
	append_options(out, collection->options);
	if (!may_see_indexes)
	{
		document_member(out, "unreadable");
		document_literal(out, "[\"indexes\"]");
	}
	document_literal(out, "}");
}

void
describe(Session *session, const Request *request, const Collection *collection, Paths *paths,
		 RelationFrame *frame)
{
	WireBuffer indexes = {.data = NULL};
	WireBuffer columns = {.data = NULL};
	bool may_see_indexes = true;

	document_literal(&columns, "{");
	frame->columns = append_columns(&columns, paths_finish(paths));
	if (!ask(session, collection, frame, &indexes, &may_see_indexes))
		emit_skipped(frame, "the server refused to list its indexes");
	else
	{
		if (columns.failed || indexes.failed)
			give_up_out_of_memory();
		append_document(emit_relation_begin(frame), collection, &columns, &indexes, may_see_indexes);
		emit_relation_end(frame, request->document_bytes);
	}
	wire_free(&columns);
	wire_free(&indexes);
	paths_free(paths);
}
