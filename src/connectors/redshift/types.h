/*
 * types.h — types of Redshift and Spectrum, in PostgreSQL.
 */
#ifndef RG_REDSHIFT_TYPES_H
#define RG_REDSHIFT_TYPES_H

#include <stdbool.h>

#include "connectors/sql/arena.h"

/* The type that holds the values of a type with its length or precision; NULL: text. */
extern const char *types_in_postgresql(SqlArena *arena, const char *type);

/* Are the values bytes, which Redshift gives as digits without a sign before them? */
extern bool types_are_digits(const char *type);

#endif
