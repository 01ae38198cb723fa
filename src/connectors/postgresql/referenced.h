/*
 * referenced.h — what a discovery of one schema names of others.
 */
#ifndef RG_POSTGRESQL_REFERENCED_H
#define RG_POSTGRESQL_REFERENCED_H

#include "connectors/postgresql/session.h"

/* Emits the relations of other schemas that relations of this one depend on. Nothing else is unanswered. */
extern void tell_referenced(Session *session, const char *schema);

#endif
