/*
 * bounds.h — may a value between two bounds fulfil a condition of `read`? For parts of a source whose least
 * and greatest values are known, so that they can be passed over.
 */
#ifndef RG_CONNECTOR_BOUNDS_H
#define RG_CONNECTOR_BOUNDS_H

#include "connectors/common/judge.h"

typedef struct BoundText
{
	const char *start;
	size_t length;
} BoundText;

/* Can bounds tell that no value fulfils such a condition? */
extern bool bounds_can_refute(const Condition *condition);

/* Of values that have an order. Bounds the wrong way round say nothing. */
extern bool bounds_may_hold(const Judge *judge, const ComparedValue *least, const ComparedValue *greatest);

/* Of texts, by their bytes: `=` and `in` alone. */
extern bool bounds_may_hold_text(const Condition *condition, BoundText least, BoundText greatest);

#endif
