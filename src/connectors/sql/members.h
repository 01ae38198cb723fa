/*
 * members.h — members of a relation, as a connector describes it.
 */
#ifndef RG_SQL_MEMBERS_H
#define RG_SQL_MEMBERS_H

#include "connectors/sql/relation.h"

/* Adds an option, or a member that the user may not read, to arrays that have room for it. A value that is
 * NULL is not added, nor a member that is there. */
extern void sql_add_option(SqlRelation *relation, const char *name, const char *value);
extern void sql_add_unreadable(SqlRelation *relation, const char *member);

/* The text if it is an integer, which the document has as it is written; otherwise NULL. */
extern const char *sql_integer(const char *text);

#endif
