#include "connectors/json/json_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/buffer_text.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/kind.h"
#include "connectors/json/rows.h"
#include "connectors/json/table.h"

static void
check(const Request *request, const StoredFile *file)
{
	(void) request;
	kind_must_be_text(file, "Sources of the type json are JSON files, also packed by gzip or zstd.");
}

static void
tell(const JsonTable *table)
{
	char message[256];

	if (paths_left_out(table->paths) > 0)
	{
		snprintf(message, sizeof(message),
				 "paths are left out at %" PRId64 " values: more than %d, or more than %d levels",
				 paths_left_out(table->paths), MOST_PATHS, MOST_PATH_DEPTH);
		emit_log("warning", message);
	}
	if (paths_repeated(table->paths) > 0)
	{
		snprintf(message, sizeof(message),
				 "%" PRId64 " members stand in their object more than once: the last one is taken",
				 paths_repeated(table->paths));
		emit_log("warning", message);
	}
}

static void
set_type(FileColumn *column, const JsonTable *table, const PathNode *node)
{
	WireBuffer more = {.data = NULL};

	free(column->more);
	column->type = path_type(&json_types, node);
	column->pg_type = path_pg_type(&json_types, node);
	column->may_have_categories = table->is_whole && (path_is_of(&json_types, node, JSON_TYPE_TEXT) ||
													  path_is_of(&json_types, node, JSON_TYPE_BOOLEAN));
	path_append_content(&more, &json_types, node);
	column->more = buffer_take_text(&more);
}

static void
add_column(FileRelation *relation, const JsonTable *table, const JsonColumn *from)
{
	FileColumn *column = relation_add_column(relation);

	column->name = copy_text(table->is_data ? VALUE_COLUMN : from->node->name);
	set_type(column, table, from->node);
}

static bool
join(FileRelation *relation, FileRelation *other)
{
	JsonTable *table = relation->content;
	JsonTable *part = other->content;

	if (!json_table_join(table, part))
		return false;
	for (int i = 0; i < table->column_count; i++)
	{
		set_type(&relation->columns[i], table, table->columns[i].node);
		set_type(&other->columns[i], part, part->columns[i].node);
	}
	return true;
}

static void
add_options(WireBuffer *out, const JsonTable *table)
{
	static const char *const places[] = {[ROWS_ARE_VALUES] = "values of the file",
										 [ROWS_ARE_ELEMENTS] = "elements of an array",
										 [ROWS_ARE_OF_MEMBER] = "elements of a member"};

	document_further(out, "encoding", encoding_name(table->encoding));
	document_further(out, "rows", places[table->layout.place]);
	if (table->layout.member)
		document_further(out, "member", table->layout.member);
	if (table->packing != PACKED_NOT)
		document_further(out, "packed", table->packing == PACKED_GZIP ? "gzip" : "zstd");
}

/* A member's rows are a relation of their own, also if it is the only one. */
static void
take_name(FileRelation *relation, const JsonTable *table, const char *file_name)
{
	size_t size = strlen(file_name) + (table->layout.member ? strlen(table->layout.member) : 0) + 16;

	relation->name = allocate(size);
	relation->id = allocate(size);
	if (table->layout.member)
	{
		snprintf(relation->name, size, "%s.%s", file_name, table->layout.member);
		snprintf(relation->id, size, "member %s", table->layout.member);
		return;
	}
	snprintf(relation->name, size, "%s", file_name);
	snprintf(relation->id, size, FILE_ID);
}

static void
survey(const Request *request, const StoredFile *file, FileRelations *relations)
{
	int count;
	JsonTable *tables = tables_survey(file, &count);
	char *file_name = file_relation_name(file);

	(void) request;
	for (int i = 0; i < count; i++)
	{
		JsonTable *table = &tables[i];
		FileRelation *relation = relations_add(relations, file);

		tell(table);
		take_name(relation, table, file_name);
		relation->rows = table->is_whole ? table->rows : ABSENT;
		relation->content = table;
		for (int j = 0; j < table->column_count; j++)
			add_column(relation, table, &table->columns[j]);
		add_options(&relation->options, table);
	}
	free(file_name);
}

const Format json_format = {.what = "a JSON file",
							.documents = "1",
							.check = check,
							.survey = survey,
							.rows_begin = json_rows_begin,
							.rows_next = json_rows_next,
							.rows_end = json_rows_end,
							.join = join};
