/*
 * window_option.h — metadata.discovery.window: {"from": "22:00", "to": "06:00", "time_zone": "Europe/Berlin",
 * "days": ["mon", …]}. Every member may be left out: from midnight, to midnight, in UTC, every day.
 */
#ifndef RG_CHECK_WINDOW_OPTION_H
#define RG_CHECK_WINDOW_OPTION_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/jsonb.h"

#include "check/fault.h"

extern void rg_window_check(RgFaults *faults, const char *label, const JsonbValue *value);

/*
 * Returns when a discovery that is due at that moment may begin, by the window of the metadata: at once, or
 * at a moment in the next opening, by chance (0 up to but not including 1). An invalid window does not delay
 * it.
 */
extern TimestampTz rg_window_apply(Jsonb *metadata, TimestampTz due, double chance);

/* Is the source without a window, or is its window open? columns has metadata among its members. */
extern bool rg_window_is_open(Jsonb *columns, TimestampTz moment);

#endif
