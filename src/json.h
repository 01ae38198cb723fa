/* json.h — parses JSON text from callers, and writes members of objects. */
#ifndef RG_JSON_H
#define RG_JSON_H

#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/jsonb.h"

/*
 * Returns NULL if the text is not valid jsonb; *fault then says where and why. The text is neither quoted nor
 * logged, since it may contain a password. text ends with a NUL byte.
 */
extern Jsonb *rg_json_parse(const char *text, int length, const char **fault);

/* Appends a member to an object's text that is not closed yet, with the comma if it is not the first. NULL is
 * null. */
extern void rg_json_append_text(StringInfo object, const char *name, const char *value);

#endif
