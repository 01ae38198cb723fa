/*
 * json_value.h — making and reading jsonb values, for every room of the server side.
 */
#ifndef RG_JSON_VALUE_H
#define RG_JSON_VALUE_H

#include "postgres.h"

#include "utils/jsonb.h"

/* Values in the current memory context. The text is copied; the container must live as long as the value. */
extern JsonbValue *rg_json_null(void);
extern JsonbValue *rg_json_boolean(bool truth);
extern JsonbValue *rg_json_integer(int64 number);
extern JsonbValue *rg_json_string(const char *text, int length);
extern JsonbValue *rg_json_text(const char *text);
extern JsonbValue *rg_json_container(Jsonb *container);

/* Adds a member to the object that is being built. */
extern void rg_json_put(JsonbParseState **object, const char *name, JsonbValue *value);

/* The member of an object, or NULL. */
extern JsonbValue *rg_json_member(JsonbContainer *object, const char *name);

/* Scalars only; containers are never equal. */
extern bool rg_json_equal(const JsonbValue *a, const JsonbValue *b);

/* The object without the member, and with the members of another one, which replace its own. */
extern Jsonb *rg_json_without(Jsonb *object, const char *name);
extern Jsonb *rg_json_with(Jsonb *object, Jsonb *more);

#endif
