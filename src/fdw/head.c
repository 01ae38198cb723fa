#include "head.h"

#include "condition.h"
#include "wire/wire.h"

static bool
is_applied(WireSpan applied, int position)
{
	WireSpan element;
	int64_t number;

	while (wire_array_next(&applied, &element))
		if (wire_integer(element, &number) && number == position)
			return true;
	return false;
}

bool
rg_head_applies(const char *json, List *conditions)
{
	WireObject *head = palloc(sizeof(WireObject));
	WireSpan applied;
	ListCell *cell;

	if (wire_object_scan(json, strlen(json), head) != NULL)
		return false;
	applied = wire_member(head, "applied");
	foreach (cell, conditions)
	{
		RgCondition condition;

		rg_condition_unpack(lfirst(cell), &condition);
		if (condition.is_exact &&
			(applied.start == NULL || !is_applied(applied, foreach_current_index(cell))))
			return false;
	}
	return true;
}
