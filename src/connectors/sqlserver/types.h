/*
 * types.h — the type of a column, made of what the catalog says of it.
 */
#ifndef RG_SQLSERVER_TYPES_H
#define RG_SQLSERVER_TYPES_H

#include <stdbool.h>

#include "connectors/sql/arena.h"

/* The type's own word; of an alias that of its base: "nvarchar" of sysname. row: of statement_columns(). */
extern const char *type_word(const char *const *row);

/* "nvarchar(40)". An alias is called by its name, and *base is then what it stands for, else NULL. */
extern const char *type_text(SqlArena *arena, const char *const *row, const char **base);

/* The PostgreSQL type for the values, or NULL for text. */
extern const char *type_in_postgresql(const char *word);

extern bool type_is_bytes(const char *word);
/* char, varchar, nchar, nvarchar: these can be compared. */
extern bool type_is_text(const char *word);

#endif
