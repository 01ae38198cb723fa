/*
 * values.h — converts the text of a query, or a member of a body, to an SQL value.
 */
#ifndef RG_HTTP_VALUES_H
#define RG_HTTP_VALUES_H

#include "postgres.h"

#include "check/fault.h"
#include "routes.h"

/* Convert to a value of the parameter's kind; an invalid one becomes a fault. */
extern Datum rg_http_value(RgFaults *faults, const RgParameter *parameter, const char *text);
extern Datum rg_http_json_value(RgFaults *faults, const RgParameter *parameter, const JsonbValue *value);

/* 404: the object that the parameter names does not exist. */
extern void rg_http_fail_missing(const RgParameter *parameter, const char *id) __attribute__((noreturn));

#endif
