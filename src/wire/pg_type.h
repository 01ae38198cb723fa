/*
 * pg_type.h — the PostgreSQL types that a column's pg_type may name; README.md has the list.
 */
#ifndef RG_WIRE_PG_TYPE_H
#define RG_WIRE_PG_TYPE_H

#include <stdbool.h>
#include <stddef.h>

/* Is the name in the list, or a listed name followed by []? The name needs no NUL at its end. */
extern bool wire_pg_type_is_listed(const char *name, size_t length);

#endif
