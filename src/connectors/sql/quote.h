/*
 * quote.h — names and texts as parts of statements, in forms that no byte of them can leave.
 */
#ifndef RG_SQL_QUOTE_H
#define RG_SQL_QUOTE_H

#include "wire/wire.h"

/* Writes a name between two quotes of the dialect; a closing one inside is doubled. */
extern void sql_quote_name(WireBuffer *sql, const char *name, char open, char close);

/* Writes the text's bytes as hexadecimal digits. */
extern void sql_hexadecimal(WireBuffer *sql, const char *text);

#endif
