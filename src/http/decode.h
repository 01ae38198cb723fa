/*
 * decode.h — percent-decoding, strictly.
 */
#ifndef RG_HTTP_DECODE_H
#define RG_HTTP_DECODE_H

#include "postgres.h"

/* decode.c: 400 on bad escapes, NUL, and what is not UTF-8. plus_is_space: in queries. */
extern char *rg_http_decode(const char *text, int length, bool plus_is_space, const char *what);

#endif
