/*
 * pushed.h — which values and operators of a condition mean the same to a service as to PostgreSQL.
 */
#ifndef RG_SERVICE_PUSHED_H
#define RG_SERVICE_PUSHED_H

#include "connectors/common/read_request.h"

/* Years of four digits, without BC, infinity, and without what another server might read otherwise. */
extern bool pushed_is_plain_time(const char *text);

/* Digits, at most 38, with a sign and a point. */
extern bool pushed_is_plain_number(const char *text);

/* true, false, t, f */
extern bool pushed_is_boolean(const char *text);

extern bool pushed_are_all(const Condition *condition, bool (*is_fine)(const char *text));

/* One of the operators that ask for an order. */
extern bool pushed_is_order(const Condition *condition);

/* NaN is the greatest number here, and not ordered elsewhere. */
extern bool pushed_loses_nan(const Condition *condition);

#endif
