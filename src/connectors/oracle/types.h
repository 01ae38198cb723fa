/*
 * types.h — the types of Oracle's columns: their texts, the types of PostgreSQL that hold their values, and
 * how a statement asks for a value.
 */
#ifndef RG_ORACLE_TYPES_H
#define RG_ORACLE_TYPES_H

#include "connectors/sql/arena.h"
#include "wire/wire.h"

/* column: a row of the statement of columns. */
extern const char *type_text(SqlArena *arena, const char *const *column);

/* NULL: its values are texts. */
extern const char *type_in_postgresql(const char *const *column);

extern bool type_is_bytes(const char *const *column);

/* A text, or a number of few digits, of which a column may have few. */
extern bool type_may_have_categories(const char *const *column);

/* Texts of this type are equal only if they are the same. */
extern bool type_is_exact_text(const char *const *column);

/* May its values have parts of microseconds, which are not read? */
extern bool type_has_finer_moments(const char *const *column);

/*
 * Writes what has the column's value: a text that PostgreSQL reads as the type above, or bytes. False: values
 * of this type cannot be read.
 */
extern bool type_write_value(WireBuffer *sql, const char *const *column);

#endif
