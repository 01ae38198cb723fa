/* json.h — parses JSON text from callers. */
#ifndef RG_JSON_H
#define RG_JSON_H

#include "postgres.h"

#include "utils/jsonb.h"

/*
 * Returns NULL if the text is not valid jsonb; *fault then says where and why. The text is neither quoted nor
 * logged, since it may contain a password. text ends with a NUL byte.
 */
extern Jsonb *rg_json_parse(const char *text, int length, const char **fault);

#endif
