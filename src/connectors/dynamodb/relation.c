#include "connectors/dynamodb/relation.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/buffer_text.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* ---- the sample ---- */

/* The service gives a page of 1 MiB. */
#define SMALL_BYTES (1024 * 1024)

static bool
take_segment(Sampled *sampled, Items *items, HttpFailure *failure)
{
	const Table *table = items->table;
	bool fine;

	(void) items_next_page(items, &fine, failure);
	sampled->units += items->units;
	sampled->is_whole &= items->end == NULL;
	for (const JsonNode *item = fine ? items->next : NULL; item; item = item->next)
	{
		item_feed(sampled->paths, item, table->partition_key.name, table->sort_key.name);
		sampled->items++;
	}
	return fine;
}

/* Is it likely that one page has all items, as far as the service has counted them? */
static bool
is_small(const Table *table)
{
	int64_t items;
	int64_t bytes;

	return json_member_integer(table->description, "ItemCount", &items) &&
		   json_member_integer(table->description, "TableSizeBytes", &bytes) &&
		   items <= SAMPLED_SEGMENTS * SAMPLED_ITEMS && bytes <= SMALL_BYTES;
}

static void
ask_items(Items *items, Service *service, const Table *table, const ItemsWanted *wanted)
{
	items_begin(items, service, table, wanted);
	items_ask(items);
}

static void
ask_segments(Sampled *sampled, Service *service, const Table *table)
{
	*sampled = (Sampled){
		.paths = paths_create(&attribute_types), .segment_count = SAMPLED_SEGMENTS, .is_whole = true};
	for (int i = 0; i < SAMPLED_SEGMENTS; i++)
		ask_items(&sampled->segments[i], service, table,
				  &(ItemsWanted){.segment = i, .segments = SAMPLED_SEGMENTS, .page = SAMPLED_ITEMS});
}

static void
ask_whole(Sampled *sampled, Service *service, const Table *table)
{
	*sampled = (Sampled){.paths = paths_create(&attribute_types), .segment_count = 1, .is_whole = true};
	ask_items(&sampled->segments[0], service, table,
			  &(ItemsWanted){.page = SAMPLED_SEGMENTS * SAMPLED_ITEMS});
}

void
sampled_ask(Sampled *sampled, Service *service, const Table *table)
{
	if (is_small(table))
		ask_whole(sampled, service, table);
	else
		ask_segments(sampled, service, table);
}

static bool
take_segments(Sampled *sampled, HttpFailure *failure)
{
	for (int i = 0; i < sampled->segment_count; i++)
		if (!take_segment(sampled, &sampled->segments[i], failure))
		{
			sampled_free(sampled);
			return false;
		}
	return true;
}

/* A table that has grown since the service counted: one page of it is no sample, as its items are neighbours.
 */
static bool
take_again(Sampled *sampled, HttpFailure *failure)
{
	Service *service = sampled->segments[0].service;
	const Table *table = sampled->segments[0].table;
	double units = sampled->units;

	sampled_free(sampled);
	ask_segments(sampled, service, table);
	sampled->units = units;
	return take_segments(sampled, failure);
}

bool
sampled_take(Sampled *sampled, HttpFailure *failure)
{
	if (!take_segments(sampled, failure))
		return false;
	return sampled->segment_count > 1 || sampled->is_whole || take_again(sampled, failure);
}

void
sampled_free(Sampled *sampled)
{
	for (int i = 0; i < SAMPLED_SEGMENTS; i++)
		items_end(&sampled->segments[i]);
	paths_free(sampled->paths);
}

/* ---- columns ---- */

static void
add_key_column(FileRelation *relation, const TableKey *key)
{
	FileColumn *column;

	if (key->name == NULL)
		return;
	column = relation_add_column(relation);
	column->name = copy_text(key->name);
	column->type = attribute_type_name(key->type);
	column->pg_type = attribute_pg_type(key->type);
	column->not_null = true;
}

static void
add_attribute_column(FileRelation *relation, const Sampled *sampled, const PathNode *node)
{
	FileColumn *column = relation_add_column(relation);
	WireBuffer more = {.data = NULL};

	column->name = copy_text(node->name);
	column->type = path_type(&attribute_types, node);
	column->pg_type = attribute_node_pg_type(node);
	column->may_have_categories = sampled->is_whole && attribute_may_have_categories(node);
	path_append_content(&more, &attribute_types, node);
	column->more = buffer_take_text(&more);
}

static void
add_whole_item(FileRelation *relation)
{
	FileColumn *column = relation_add_column(relation);

	column->name = copy_text(WHOLE_ITEM);
	column->type = "map";
	column->pg_type = "jsonb";
}

static void
tell_left_out(const Table *table, const Sampled *sampled)
{
	if (paths_left_out(sampled->paths) == 0)
		return;
	messages_are_of(table->name);
	emit_log("warning", "attributes are left out: there are too many, or they are nested too deeply");
	messages_are_of(NULL);
}

static int
compare_node_names(const void *a, const void *b)
{
	return strcmp((*(const PathNode *const *) a)->name, (*(const PathNode *const *) b)->name);
}

/* By name: items come in the order of a hash. */
static void
add_attribute_columns(FileRelation *relation, const Sampled *sampled, const PathNode *row)
{
	const PathNode **nodes = allocate((size_t) (row->member_count + 1) * sizeof(PathNode *));
	int count = 0;

	for (const PathNode *node = row->members; node; node = node->next)
		nodes[count++] = node;
	qsort(nodes, (size_t) count, sizeof(PathNode *), compare_node_names);
	for (int i = 0; i < count; i++)
		add_attribute_column(relation, sampled, nodes[i]);
	free(nodes);
}

static void
add_sampled_columns(FileRelation *relation, const Table *table, const Sampled *sampled)
{
	const PathNode *row = paths_finish(sampled->paths);

	tell_left_out(table, sampled);
	if (row->is_map)
		add_whole_item(relation);
	else
		add_attribute_columns(relation, sampled, row);
}

/* ---- the rest of the document ---- */

static void
append_name(WireBuffer *out, bool *is_open, const char *name)
{
	if (*is_open)
		document_literal(out, ",");
	*is_open = true;
	document_string(out, name);
}

/* The attributes of a key: HASH comes first. */
static void
append_key_names(WireBuffer *out, const JsonNode *schema)
{
	bool is_open = false;

	for (const JsonNode *each = schema ? schema->first : NULL; each; each = each->next)
	{
		const char *name = json_member_text(each, "AttributeName");

		if (name != NULL)
			append_name(out, &is_open, name);
	}
}

static void
append_projection(WireBuffer *out, const JsonNode *projection)
{
	const char *kind = json_member_text(projection, "ProjectionType");
	const JsonNode *names = json_member(projection, "NonKeyAttributes");
	bool is_open = false;

	if (kind == NULL || strcmp(kind, "KEYS_ONLY") == 0)
		return;
	document_literal(out, ",\"include\":[");
	if (strcmp(kind, "ALL") == 0)
		document_literal(out, "\"*\"");
	else
		for (const JsonNode *name = names ? names->first : NULL; name; name = name->next)
			if (json_text(name) != NULL)
				append_name(out, &is_open, json_text(name));
	document_literal(out, "]");
}

static int
compare_index_names(const void *a, const void *b)
{
	const char *first = json_member_text(*(const JsonNode *const *) a, "IndexName");
	const char *second = json_member_text(*(const JsonNode *const *) b, "IndexName");

	return strcmp(first ? first : "", second ? second : "");
}

/* The service gives them in no order. */
static void
append_indexes(WireBuffer *out, const Table *table, const char *member, const char *method, bool *is_open)
{
	const JsonNode *list = json_member(table->description, member);
	const JsonNode **indexes;
	int count = 0;

	if (list == NULL || list->count == 0)
		return;
	indexes = allocate((size_t) list->count * sizeof(JsonNode *));
	for (const JsonNode *each = list->first; each; each = each->next)
		indexes[count++] = each;
	qsort(indexes, (size_t) count, sizeof(JsonNode *), compare_index_names);
	for (int i = 0; i < count; i++)
	{
		const char *name = json_member_text(indexes[i], "IndexName");

		wire_append_text(out, *is_open ? ",{" : ",\"indexes\":[{");
		*is_open = true;
		document_text(out, "name", name);
		document_text(out, "method", method);
		document_member(out, "columns");
		document_literal(out, "[");
		append_key_names(out, json_member(indexes[i], "KeySchema"));
		document_literal(out, "]");
		append_projection(out, json_member(indexes[i], "Projection"));
		document_literal(out, "}");
	}
	free(indexes);
}

static void
append_keys(WireBuffer *out, const Table *table)
{
	bool is_open = false;

	document_literal(out, ",\"primary_key\":{\"columns\":[");
	append_key_names(out, json_member(table->description, "KeySchema"));
	document_literal(out, "]}");
	append_indexes(out, table, "GlobalSecondaryIndexes", "gsi", &is_open);
	append_indexes(out, table, "LocalSecondaryIndexes", "lsi", &is_open);
	wire_append_text(out, is_open ? "]" : "");
}

static void
append_options(WireBuffer *out, const Table *table)
{
	const JsonNode *description = table->description;
	const JsonNode *billing = json_member(description, "BillingModeSummary");
	const JsonNode *stream = json_member(description, "StreamSpecification");
	const JsonNode *class = json_member(description, "TableClassSummary");
	const JsonNode *expiry = table->time_to_live
								 ? json_member(json_tree_root(table->time_to_live), "TimeToLiveDescription")
								 : NULL;

	document_further(out, "billing_mode", json_member_text(billing, "BillingMode"));
	document_further(out, "table_class", json_member_text(class, "TableClass"));
	if (json_member_is_true(stream, "StreamEnabled"))
		document_further(out, "stream", json_member_text(stream, "StreamViewType"));
	document_further(out, "time_to_live", json_member_text(expiry, "AttributeName"));
}

static int64_t
number_of(const Table *table, const char *member, int64_t otherwise)
{
	int64_t number;

	return json_member_integer(table->description, member, &number) && number > 0 ? number : otherwise;
}

static FileRelation *
begin(FileRelations *relations, const Table *table)
{
	FileRelation *relation = relations_add(relations, &no_stored_file);

	relation->name = copy_text(table->name);
	relation->kind = "table";
	relation->rows = ABSENT;
	add_key_column(relation, &table->partition_key);
	add_key_column(relation, &table->sort_key);
	return relation;
}

/* The service counts items every six hours; a sample that is the whole table is fresher. */
FileRelation *
relation_of_table(FileRelations *relations, const Table *table, const Sampled *sampled)
{
	FileRelation *relation = begin(relations, table);

	relation->rows =
		sampled != NULL && sampled->is_whole ? sampled->items : number_of(table, "ItemCount", ABSENT);
	relation->size = number_of(table, "TableSizeBytes", ABSENT);
	if (sampled != NULL)
		add_sampled_columns(relation, table, sampled);
	append_keys(&relation->more, table);
	append_options(&relation->options, table);
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

/* A condition has its column's type; that of the others has no use here. */
FileRelation *
relation_of_request(FileRelations *relations, const Table *table, const ReadRequest *read)
{
	FileRelation *relation = begin(relations, table);

	for (int i = 0; i < read->condition_count; i++)
		if (read->conditions[i].type != NULL)
			require_column(relation, read->conditions[i].column, read->conditions[i].type);
	for (int i = 0; i < read->condition_count; i++)
		require_column(relation, read->conditions[i].column, NULL);
	for (int i = 0; i < read->column_count; i++)
		require_column(relation, read->columns[i], NULL);
	return relation;
}
