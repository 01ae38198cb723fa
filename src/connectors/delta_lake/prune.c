#include "connectors/delta_lake/prune.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/delta_lake/partition_value.h"
#include "connectors/delta_lake/schema.h"

/* Some writers put decimals through floating numbers, which keep as many digits. */
#define EXACT_DIGITS 15

/* Times are cut to milliseconds. */
#define MICROSECONDS_CUT 999

/* ---- conditions ---- */

/*
 * Bounds of floating numbers say nothing of NaN. A collation has an order of its own. A text with a length
 * may be padded.
 */
static bool
has_bounds(const JsonNode *field)
{
	static const char *const types[] = {"byte", "short",     "integer",       "long",
										"date", "timestamp", "timestamp_ntz", "string"};
	const char *type = json_member_text(field, "type");
	int precision;

	for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i], type) == 0)
			return json_member(json_member(field, "metadata"), "__COLLATIONS") == NULL;
	return type && sscanf(type, "decimal(%d", &precision) == 1 && precision <= EXACT_DIGITS;
}

static const JsonNode *
find_field(const DeltaSnapshot *snapshot, const char *name)
{
	for (const JsonNode *field = snapshot->fields ? snapshot->fields->first : NULL; field;
		 field = field->next)
		if (strcmp(delta_field_name(field), name) == 0)
			return field;
	return NULL;
}

static void
take_condition(DeltaPruning *pruning, const DeltaSnapshot *snapshot, const Condition *condition)
{
	DeltaPruneCondition *taken = &pruning->conditions[pruning->count];
	const JsonNode *field = find_field(snapshot, condition->column);

	if (field == NULL)
		return;
	*taken = (DeltaPruneCondition){.type = json_member(field, "type"),
								   .physical = delta_field_physical_name(field),
								   .is_of_partition = delta_is_partition(snapshot, field),
								   .has_bounds = bounds_can_refute(condition) && has_bounds(field)};
	if (judge_begin(&taken->judge, condition, delta_pg_type(taken->type)))
		pruning->count++;
}

void
delta_prune_begin(DeltaPruning *pruning, const DeltaSnapshot *snapshot, const ReadRequest *read)
{
	int count = read ? read->condition_count : 0;

	*pruning = (DeltaPruning){.count = 0};
	pruning->conditions = allocate((size_t) (count + 1) * sizeof(DeltaPruneCondition));
	for (int i = 0; i < count; i++)
		take_condition(pruning, snapshot, &read->conditions[i]);
}

void
delta_prune_end(DeltaPruning *pruning)
{
	for (int i = 0; i < pruning->count; i++)
		judge_end(&pruning->conditions[i].judge);
	free(pruning->conditions);
}

/* ---- partitions ---- */

static bool
keeps_partition(const DeltaPruneCondition *condition, const JsonNode *add)
{
	char *text =
		delta_partition_value(json_member(add, "partitionValues"), condition->physical, condition->type);
	JudgedValue value = {.bytes = text, .length = text ? strlen(text) : 0};
	bool keeps = judge_passes(&condition->judge, &value);

	free(text);
	return keeps;
}

/* ---- bounds ---- */

/* Are all values of the column null, or none? Only these two counts are exact where rows were deleted. */
static bool
keeps_nulls(const DeltaPruneCondition *condition, const JsonNode *stats)
{
	int64_t rows;
	int64_t nulls;

	if (!json_member_integer(stats, "numRecords", &rows) || rows <= 0 ||
		!json_member_integer(json_member(stats, "nullCount"), condition->physical, &nulls))
		return true;
	return condition->judge.condition->operation == CONDITION_NULL ? nulls != 0 : nulls != rows;
}

static bool
read_bound(const DeltaPruneCondition *condition, const JsonNode *bound, ComparedValue *value)
{
	return bound && (bound->kind == JSON_TEXT || bound->kind == JSON_NUMBER) &&
		   compared_read(condition->judge.kind, bound->text, bound->length, value);
}

static bool
keeps_bounds(const DeltaPruneCondition *condition, const JsonNode *stats)
{
	const JsonNode *least = json_member(json_member(stats, "minValues"), condition->physical);
	const JsonNode *greatest = json_member(json_member(stats, "maxValues"), condition->physical);
	ComparedKind kind = condition->judge.kind;
	ComparedValue first;
	ComparedValue last;

	if (!read_bound(condition, least, &first) || !read_bound(condition, greatest, &last))
		return true;
	if (kind == COMPARED_TEXT)
		return bounds_may_hold_text(condition->judge.condition, (BoundText){least->text, least->length},
									(BoundText){greatest->text, greatest->length});
	if (kind == COMPARED_TIMESTAMP || kind == COMPARED_TIMESTAMPTZ)
		last.integer += MICROSECONDS_CUT;
	return bounds_may_hold(&condition->judge, &first, &last);
}

static bool
keeps_file(const DeltaPruning *pruning, const JsonNode *add, const JsonNode *stats)
{
	for (int i = 0; i < pruning->count; i++)
	{
		const DeltaPruneCondition *condition = &pruning->conditions[i];

		if (condition->is_of_partition ? !keeps_partition(condition, add)
									   : !keeps_nulls(condition, stats) ||
											 (condition->has_bounds && !keeps_bounds(condition, stats)))
			return false;
	}
	return true;
}

/* What the log says of a file is a text of JSON; a checkpoint may have it as a structure alone. */
bool
delta_prune_keeps(const DeltaPruning *pruning, const JsonNode *add)
{
	const char *text = json_member_text(add, "stats");
	char fault[128];
	bool keeps;
	JsonTree *tree;

	if (pruning->count == 0)
		return true;
	tree = text ? json_tree_read(text, strlen(text), fault, sizeof(fault)) : NULL;
	keeps = keeps_file(pruning, add, tree ? json_tree_root(tree) : json_member(add, "stats_parsed"));
	if (tree)
		json_tree_free(tree);
	return keeps;
}
