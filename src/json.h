/* json.h — text that a caller sent, as jsonb. */
#ifndef RG_JSON_H
#define RG_JSON_H

#include "postgres.h"

#include "utils/jsonb.h"

/*
 * NULL when the text is none that jsonb can hold: *fault then says where and why. Nothing of the text is
 * quoted or logged, because it may hold a password. text ends in a NUL byte.
 */
extern Jsonb *rg_json_parse(const char *text, int length, const char **fault);

#endif
