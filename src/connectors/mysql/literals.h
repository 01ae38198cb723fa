/*
 * literals.h — values of conditions, in PostgreSQL's text, as literals of MySQL.
 */
#ifndef RG_MYSQL_LITERALS_H
#define RG_MYSQL_LITERALS_H

#include "wire/wire.h"

/* Where a value stands that PostgreSQL's type has and the source's has not. */
typedef enum Place
{
	PLACE_AMONG,   /* a literal was written */
	PLACE_BELOW,   /* less than every value of the source */
	PLACE_ABOVE,   /* greater than every one */
	PLACE_UNKNOWN, /* it cannot be compared */
} Place;

/* Writes the value of that PostgreSQL type, unless it is not among those of the source. */
extern Place literal_write(WireBuffer *sql, const char *pg_type, const char *value);

#endif
