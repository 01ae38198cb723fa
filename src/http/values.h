/*
 * values.h — from the text of a query, or a member of a body, to a value that SQL takes.
 */
#ifndef RG_HTTP_VALUES_H
#define RG_HTTP_VALUES_H

#include "postgres.h"

#include "check/fault.h"
#include "routes.h"

/* values.c: text to a value of the parameter's kind, or a fault. */
extern Datum rg_http_value(RgFaults *faults, const RgParameter *parameter, const char *text);
extern Datum rg_http_json_value(RgFaults *faults, const RgParameter *parameter, const JsonbValue *value);

/* values.c: 404, of what the parameter names. */
extern void rg_http_fail_missing(const RgParameter *parameter, const char *id) __attribute__((noreturn));

#endif
