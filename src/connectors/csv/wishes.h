/*
 * wishes.h — what the source's metadata says of the file: encoding, delimiter, quote, header.
 */
#ifndef RG_CSV_WISHES_H
#define RG_CSV_WISHES_H

#include "connectors/csv/layout.h"
#include "connectors/files/encoding.h"

typedef struct TableWishes
{
	Encoding encoding;
	LayoutWishes layout;
} TableWishes;

/* Ends the process if metadata says what cannot be. */
extern void wishes_read(const Request *request, TableWishes *wishes);

#endif
