/*
 * decode.h — percent-decoding, strictly.
 */
#ifndef RG_HTTP_DECODE_H
#define RG_HTTP_DECODE_H

#include "postgres.h"

/* 400: invalid escapes, NUL or invalid UTF-8. plus_is_space: for queries. */
extern char *rg_http_decode(const char *text, int length, bool plus_is_space, const char *what);

#endif
