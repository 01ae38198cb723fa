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
 * When a discovery that is due at that moment may begin, by the window that metadata names: then, or, by
 * chance (from 0 up to but not including 1), some time in the next opening. What is no window keeps nothing
 * back.
 */
extern TimestampTz rg_window_apply(Jsonb *metadata, TimestampTz due, double chance);

/* Of a source with these columns, metadata among them: is there no window, or is it open? */
extern bool rg_window_is_open(Jsonb *columns, TimestampTz moment);

#endif
