/*
 * place.h — where the fault of a query is.
 */
#ifndef RG_BIGQUERY_PLACE_H
#define RG_BIGQUERY_PLACE_H

#include <stdint.h>

/* In characters of the text, from 1, of a line and a column, both from 1; 0: there is no such place. */
extern int64_t place_in_text(const char *text, int64_t line, int64_t column);

#endif
