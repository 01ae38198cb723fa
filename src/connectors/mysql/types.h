/*
 * types.h — texts of information_schema about a column, as the document has them.
 */
#ifndef RG_MYSQL_TYPES_H
#define RG_MYSQL_TYPES_H

#include <stdbool.h>

#include "connectors/sql/relation.h"
#include "connectors/sql/rows.h"

/* The type's first word, in lower case: "bigint" of "bigint(20) unsigned". */
extern char *type_word(SqlArena *arena, const char *type);

/* Without the note about how values are stored that MariaDB adds to some: datetime "mariadb-5.3". */
extern const char *type_alone(SqlArena *arena, const char *type);

/*
 * The PostgreSQL type for the values, or NULL for text. default_text: as the source has it, or NULL. A date
 * whose default is a zero date has days that PostgreSQL does not know.
 */
extern const char *type_in_postgresql(const char *word, const char *type, const char *default_text);

extern bool type_is_bytes(const char *word);
extern bool type_is_geometry(const char *word);

/* The values of a type `enum`, in their order. */
extern SqlNames type_values(SqlArena *arena, const char *type);

/* Does the word occur in the text, which lists properties of a column? Case does not matter. */
extern bool type_has(const char *extra, const char *property);

/* MySQL escapes the texts of expressions, and marks each with its character set: _utf8mb4\'x\'. */
extern char *type_unescape(SqlArena *arena, const char *expression);

/* MySQL gives the bare value: as a literal, if the type's literals are texts. */
extern char *type_literal(SqlArena *arena, const char *word, const char *value);

#endif
