#include "connectors/common/bounds.h"

#include <string.h>

bool
bounds_can_refute(const Condition *condition)
{
	return condition->operation == CONDITION_IN || (condition->operation <= CONDITION_GREATER_OR_EQUAL &&
													condition->operation != CONDITION_NOT_EQUAL);
}

static bool
is_within(const Judge *judge, const ComparedValue *least, const ComparedValue *greatest)
{
	for (int i = 0; i < judge->condition->value_count; i++)
		if (compared_order(judge->kind, &judge->values[i], least) >= 0 &&
			compared_order(judge->kind, &judge->values[i], greatest) <= 0)
			return true;
	return false;
}

bool
bounds_may_hold(const Judge *judge, const ComparedValue *least, const ComparedValue *greatest)
{
	if (compared_order(judge->kind, least, greatest) > 0)
		return true;
	switch (judge->condition->operation)
	{
		case CONDITION_LESS:
			return compared_order(judge->kind, least, &judge->values[0]) < 0;
		case CONDITION_LESS_OR_EQUAL:
			return compared_order(judge->kind, least, &judge->values[0]) <= 0;
		case CONDITION_GREATER:
			return compared_order(judge->kind, greatest, &judge->values[0]) > 0;
		case CONDITION_GREATER_OR_EQUAL:
			return compared_order(judge->kind, greatest, &judge->values[0]) >= 0;
		default:
			return is_within(judge, least, greatest);
	}
}

/* By bytes without sign. */
static int
order_bytes(BoundText a, const char *b)
{
	size_t length = strlen(b);
	int order = memcmp(a.start, b, a.length < length ? a.length : length);

	return order != 0 ? order : (a.length > length) - (a.length < length);
}

/* An upper bound that was cut should be more than all values; there are writers that only cut it. */
static bool
is_below(const char *value, BoundText greatest)
{
	return order_bytes(greatest, value) >= 0 || strncmp(value, greatest.start, greatest.length) == 0;
}

bool
bounds_may_hold_text(const Condition *condition, BoundText least, BoundText greatest)
{
	for (int i = 0; i < condition->value_count; i++)
		if (order_bytes(least, condition->values[i]) <= 0 && is_below(condition->values[i], greatest))
			return true;
	return false;
}
