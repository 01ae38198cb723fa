/*
 * text.h — UTF-8 here, UTF-16 at the driver manager.
 */
#ifndef RG_ODBC_TEXT_H
#define RG_ODBC_TEXT_H

#include <sqlext.h>

#include "wire/wire.h"

/* Returns a copy that ends with 0; the caller frees it. */
extern SQLWCHAR *wide_text(const char *text);

/* Zeroes and frees what wide_text() returned. */
extern void forget_wide_text(SQLWCHAR *text);

/* Appends units of UTF-16. Half a character becomes U+FFFD, and *is_broken is set; it may be NULL. */
extern void append_narrow(WireBuffer *out, const SQLWCHAR *text, size_t units, bool *is_broken);

#endif
