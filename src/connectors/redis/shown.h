/*
 * shown.h — bytes as texts of PostgreSQL. What is UTF-8 without NUL stays as it is.
 */
#ifndef RG_REDIS_SHOWN_H
#define RG_REDIS_SHOWN_H

#include "connectors/redis/resp.h"

/* Is it UTF-8 without NUL? */
extern bool is_plain_text(RespText text);

/* Of a key or a name: \xff for each byte that is no text. */
extern void shown_append_name(WireBuffer *out, RespText name);

/* Of a value: \x and the digits of all bytes if one of them is no text, as bytea reads it. */
extern void shown_append_value(WireBuffer *out, RespText value);

/* Appends the bytes of a name with such escapes. Returns false if it has none. */
extern bool shown_read_name(WireBuffer *out, const char *shown);

#endif
