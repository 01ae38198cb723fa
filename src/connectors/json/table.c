#include "connectors/json/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define BYTES_OF_PROGRESS (INT64_C(32) << 20)
static void
feed(Paths *paths, const JsonEvent *event)
{
	switch (event->kind)
	{
		case JSON_NULL:
			paths_null(paths);
			break;
		case JSON_FALSE:
		case JSON_TRUE:
			paths_value(paths, JSON_TYPE_BOOLEAN, 0);
			break;
		case JSON_NUMBER:
			paths_value(paths, (int) json_type_of_number(event->bytes, event->length), 0);
			break;
		case JSON_TEXT:
			paths_value(paths, JSON_TYPE_TEXT, json_types_of_text(event->bytes, event->length));
			break;
		case JSON_KEY:
			paths_key(paths, event->bytes, event->length);
			break;
		case JSON_OBJECT:
			paths_object_begin(paths);
			break;
		case JSON_OBJECT_END:
			paths_object_end(paths);
			break;
		case JSON_ARRAY:
			paths_array_begin(paths);
			break;
		case JSON_ARRAY_END:
			paths_array_end(paths);
			break;
	}
}

/* ---- rows ---- */

typedef struct Surveyed
{
	JsonTable *table;
	RowFilter filter;
	int element; /* number of the next one of a row that is an array */
} Surveyed;

typedef struct Survey
{
	JsonEvents events;
	Surveyed *tables;
	int count;
} Survey;

static void
feed_array(Surveyed *surveyed, const JsonEvent *event)
{
	Paths *paths = surveyed->table->paths;
	char name[16];

	if (event->depth == 0 && event->kind == JSON_ARRAY)
	{
		surveyed->element = 0;
		paths_object_begin(paths);
		return;
	}
	if (event->depth == 0 && event->kind == JSON_ARRAY_END)
	{
		paths_object_end(paths);
		return;
	}
	if (event->depth == 1 && event_begins_value(event))
	{
		snprintf(name, sizeof(name), "[%d]", surveyed->element++);
		paths_key(paths, name, strlen(name));
	}
	feed(paths, event);
}

static void
feed_value(Paths *paths, const JsonEvent *event)
{
	if (event->depth == 0 && event_begins_value(event))
	{
		paths_object_begin(paths);
		paths_key(paths, VALUE_COLUMN, strlen(VALUE_COLUMN));
	}
	feed(paths, event);
	if (event->depth == 0 && event_ends_value(event))
		paths_object_end(paths);
}

static void
take(void *context, const JsonEvent *event)
{
	Survey *survey = context;

	for (int i = 0; i < survey->count; i++)
	{
		Surveyed *surveyed = &survey->tables[i];
		JsonEvent row_event = *event;

		if (!row_filter_takes(&surveyed->filter, &row_event))
			continue;
		surveyed->table->rows += row_event.depth == 0 && event_ends_value(&row_event);
		if (surveyed->table->layout.form == ROW_OBJECT)
			feed(surveyed->table->paths, &row_event);
		else if (surveyed->table->layout.form == ROW_ARRAY)
			feed_array(surveyed, &row_event);
		else
			feed_value(surveyed->table->paths, &row_event);
	}
}

static void
take_columns(JsonTable *table)
{
	const PathNode *row = paths_finish(table->paths);

	table->is_data = row->is_map;
	table->columns = allocate((size_t) (row->member_count + 1) * sizeof(JsonColumn));
	if (row->is_map)
	{
		table->layout.form = ROW_VALUE;
		table->columns[table->column_count++] = (JsonColumn){.node = row, .form = PATH_FORM_JSON};
		return;
	}
	for (const PathNode *node = row->members; node; node = node->next)
		table->columns[table->column_count++] =
			(JsonColumn){.node = node, .form = path_form(&json_types, node)};
}

static void
read_file(Survey *survey)
{
	int64_t told = 0;

	while (survey->events.text.in.count <= SURVEYED_BYTES && json_events_next(&survey->events))
		if (survey->events.text.in.count - told > BYTES_OF_PROGRESS)
		{
			told = survey->events.text.in.count;
			emit_progress("read", ABSENT);
		}
}

JsonTable *
tables_survey(const StoredFile *file, int *count)
{
	Survey *survey = allocate(sizeof(Survey));
	FileLayout layout;
	JsonTable *tables;

	layout_find(file, &layout);
	*count = layout.count;
	tables = allocate((size_t) layout.count * sizeof(JsonTable));
	survey->count = layout.count;
	survey->tables = allocate((size_t) layout.count * sizeof(Surveyed));
	for (int i = 0; i < layout.count; i++)
	{
		tables[i] = (JsonTable){.layout = layout.relations[i], .paths = paths_create(&json_types)};
		survey->tables[i] = (Surveyed){.table = &tables[i], .filter = {.layout = &tables[i].layout}};
	}
	json_events_begin(&survey->events, file, take, survey);
	read_file(survey);
	for (int i = 0; i < layout.count; i++)
	{
		tables[i].is_whole = survey->events.has_ended;
		tables[i].encoding = survey->events.text.encoding;
		tables[i].packing = survey->events.text.in.packing;
		take_columns(&tables[i]);
	}
	json_events_end(&survey->events);
	free(survey->tables);
	free(survey);
	free(layout.relations);
	return tables;
}

static bool
are_alike(const JsonTable *table, const JsonTable *part)
{
	if (table->column_count != part->column_count || table->layout.form != part->layout.form ||
		table->is_data || part->is_data)
		return false;
	for (int i = 0; i < table->column_count; i++)
		if (strcmp(table->columns[i].node->name, part->columns[i].node->name) != 0)
			return false;
	return true;
}

static void
set_forms(JsonTable *table)
{
	for (int i = 0; i < table->column_count; i++)
		table->columns[i].form = path_form(&json_types, table->columns[i].node);
}

/* The members of rows may stand in another order in each row, but not in the parts. */
bool
json_table_join(JsonTable *table, JsonTable *part)
{
	if (!are_alike(table, part))
		return false;
	paths_add(table->paths, part->paths);
	paths_add(part->paths, table->paths);
	set_forms(table);
	set_forms(part);
	return true;
}
