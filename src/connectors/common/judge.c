#include "connectors/common/judge.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

static bool
is_for_type(const Condition *condition, ComparedKind kind, const char *pg_type)
{
	bool has_order =
		condition->operation >= CONDITION_LESS && condition->operation <= CONDITION_GREATER_OR_EQUAL;

	return strcmp(condition->type, pg_type ? pg_type : "text") == 0 && kind != COMPARED_NOT &&
		   !(kind == COMPARED_TEXT && (has_order || condition_has_replacement(condition)));
}

static bool
read_value(ComparedKind kind, const char *text, size_t length, ComparedValue *value)
{
	return compared_read(kind, text, length, value) || compared_read_beyond(kind, text, length, value);
}

bool
judge_begin(Judge *judge, const Condition *condition, const char *pg_type)
{
	*judge = (Judge){.condition = condition, .kind = compared_kind(pg_type)};
	if (condition->operation >= CONDITION_NULL)
		return condition->operation != CONDITION_UNKNOWN;
	if (!is_for_type(condition, judge->kind, pg_type))
		return false;
	judge->values = allocate((size_t) condition->value_count * sizeof(ComparedValue));
	for (int i = 0; i < condition->value_count; i++)
		if (!read_value(judge->kind, condition->values[i], strlen(condition->values[i]), &judge->values[i]))
		{
			judge_end(judge);
			return false;
		}
	return true;
}

static bool
is_among(const Judge *judge, const ComparedValue *value)
{
	for (int i = 0; i < judge->condition->value_count; i++)
		if (compared_order(judge->kind, value, &judge->values[i]) == 0)
			return true;
	return false;
}

static bool
holds(const Judge *judge, const ComparedValue *value)
{
	int order;

	if (judge->condition->operation == CONDITION_IN)
		return is_among(judge, value);
	order = compared_order(judge->kind, value, &judge->values[0]);
	switch (judge->condition->operation)
	{
		case CONDITION_EQUAL:
			return order == 0;
		case CONDITION_NOT_EQUAL:
			return order != 0;
		case CONDITION_LESS:
			return order < 0;
		case CONDITION_LESS_OR_EQUAL:
			return order <= 0;
		case CONDITION_GREATER:
			return order > 0;
		default:
			return order >= 0;
	}
}

bool
judge_passes(const Judge *judge, const JudgedValue *value)
{
	ComparedValue compared;

	if (judge->condition->operation == CONDITION_NULL)
		return value->bytes == NULL;
	if (value->bytes == NULL)
		return false;
	if (judge->condition->operation == CONDITION_NOT_NULL ||
		!read_value(judge->kind, value->bytes, value->length, &compared))
		return true;
	return holds(judge, &compared);
}

void
judge_end(Judge *judge)
{
	free(judge->values);
	judge->values = NULL;
}
