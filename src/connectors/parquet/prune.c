#include "connectors/parquet/prune.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/bounds.h"
#include "connectors/common/memory.h"
#include "connectors/parquet/text.h"

/*
 * Bounds of floating numbers say nothing of NaN, and those of int96 and intervals have no order. An order of
 * texts is the source's own, but equal texts are equal bytes everywhere.
 */
static bool
has_bounds(const Schema *schema, int node)
{
	const SchemaElement *element = schema->nodes[node].element;
	const Footer *footer = schema->footer;
	int leaf = schema->nodes[node].leaf;

	if (schema_shape(schema, node) != SHAPE_VALUE || element->repetition == REPEATED ||
		leaf >= footer->order_count || !footer->orders[leaf])
		return false;
	switch (type_kind(element))
	{
		case KIND_BOOLEAN:
		case KIND_SIGNED:
		case KIND_UNSIGNED:
		case KIND_DECIMAL:
		case KIND_DATE:
		case KIND_TIMESTAMP:
		case KIND_TEXT:
			return true;
		default:
			return false;
	}
}

static int
find_column(const FileRelation *relation, const char *name)
{
	int number = 0;

	while (number < relation->column_count && strcmp(relation->columns[number].name, name) != 0)
		number++;
	return number;
}

static void
take_condition(Pruning *pruning, const FileRelation *relation, const Condition *condition)
{
	int number = find_column(relation, condition->column);
	PruneCondition *taken = &pruning->conditions[pruning->count];

	if (number == relation->column_count || !bounds_can_refute(condition))
		return;
	taken->node = pruning->schema->columns[number];
	if (has_bounds(pruning->schema, taken->node) &&
		judge_begin(&taken->judge, condition, relation->columns[number].pg_type))
		pruning->count++;
}

void
prune_begin(Pruning *pruning, const Schema *schema, const FileRelation *relation, const ReadRequest *read)
{
	int count = read ? read->condition_count : 0;

	*pruning = (Pruning){.schema = schema};
	pruning->conditions = allocate((size_t) (count + 1) * sizeof(PruneCondition));
	for (int i = 0; i < count; i++)
		take_condition(pruning, relation, &read->conditions[i]);
}

void
prune_end(Pruning *pruning)
{
	for (int i = 0; i < pruning->count; i++)
		judge_end(&pruning->conditions[i].judge);
	free(pruning->conditions);
}

/* ---- bounds ---- */

typedef struct Bound
{
	WireBuffer text;
	ComparedValue value;
} Bound;

/* The length that a value of the type has as a bound; 0: any. */
static size_t
bound_length(PhysicalType physical, const SchemaElement *element)
{
	switch (physical)
	{
		case PHYSICAL_BOOLEAN:
			return 1;
		case PHYSICAL_INT32:
			return 4;
		case PHYSICAL_INT64:
			return 8;
		case PHYSICAL_FIXED:
			return (size_t) element->length;
		default:
			return 0;
	}
}

/* Returns false if it is none of the type. Texts stay bytes. */
static bool
read_bound(Bound *bound, const SchemaElement *element, ComparedKind kind, ThriftBytes bytes)
{
	size_t length = bound_length(element->physical, element);
	ParquetValue value = {.bytes = bytes.start, .length = bytes.length};
	int32_t small;

	if (bytes.start == NULL || (length > 0 && bytes.length != length))
		return false;
	if (element->physical == PHYSICAL_BOOLEAN)
		value.number = bytes.start[0] != 0;
	else if (element->physical == PHYSICAL_INT32)
	{
		memcpy(&small, bytes.start, sizeof(small));
		value.number = (uint64_t) (int64_t) small;
	}
	else if (element->physical == PHYSICAL_INT64)
		memcpy(&value.number, bytes.start, sizeof(value.number));
	text_write(&bound->text, element, &value);
	return !bound->text.failed && compared_read(kind, bound->text.length > 0 ? bound->text.data : "",
												bound->text.length, &bound->value);
}

static bool
may_fulfil(const Pruning *pruning, const PruneCondition *taken, int group)
{
	const SchemaNode *node = &pruning->schema->nodes[taken->node];
	const ColumnStatistics *bounds = &pruning->schema->footer->groups[group].chunks[node->leaf].statistics;
	Bound least = {.text = {.data = NULL}};
	Bound greatest = {.text = {.data = NULL}};
	bool may = true;

	if (bounds->least.start == NULL || bounds->greatest.start == NULL)
		return true;
	if (taken->judge.kind == COMPARED_TEXT)
		return bounds_may_hold_text(taken->judge.condition,
									(BoundText){bounds->least.start, bounds->least.length},
									(BoundText){bounds->greatest.start, bounds->greatest.length});
	if (read_bound(&least, node->element, taken->judge.kind, bounds->least) &&
		read_bound(&greatest, node->element, taken->judge.kind, bounds->greatest))
		may = bounds_may_hold(&taken->judge, &least.value, &greatest.value);
	wire_free(&least.text);
	wire_free(&greatest.text);
	return may;
}

bool
prune_keeps(const Pruning *pruning, int group)
{
	for (int i = 0; i < pruning->count; i++)
		if (!may_fulfil(pruning, &pruning->conditions[i], group))
			return false;
	return true;
}
