/*
 * types.h — types as ODBC numbers them and as the source names them.
 */
#ifndef RG_OTHER_TYPES_H
#define RG_OTHER_TYPES_H

#include "connectors/odbc/session.h"
#include "connectors/sql/arena.h"

typedef struct ColumnType
{
	int number;
	const char *name;
	const char *size;   /* or NULL */
	const char *digits; /* or NULL */
} ColumnType;

/* The source's own word, with length or precision. */
extern const char *type_text(SqlArena *arena, const ColumnType *type);

/* What holds all values, or NULL: text does, or it is not certain. */
extern const char *type_in_postgresql(const OdbcSession *session, const ColumnType *type);

extern bool type_is_bytes(const ColumnType *type);
extern bool type_is_text(const ColumnType *type);

#endif
