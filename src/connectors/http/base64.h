/*
 * base64.h — bytes as letters, and back.
 */
#ifndef RG_HTTP_BASE64_H
#define RG_HTTP_BASE64_H

#include "wire/wire.h"

extern void base64_append(WireBuffer *out, const void *bytes, size_t length);

/* With the letters for URLs, without padding. */
extern void base64_append_for_url(WireBuffer *out, const void *bytes, size_t length);

/* Appends what the text stands for, as PostgreSQL reads bytea; a text that is no base64 stands for itself. */
extern void base64_append_value(WireBuffer *out, const char *text, size_t length);

#endif
