/*
 * referenced.h — relations of other schemas that one schema refers to.
 */
#ifndef RG_POSTGRESQL_REFERENCED_H
#define RG_POSTGRESQL_REFERENCED_H

#include "connectors/postgresql/session.h"

/*
 * Emits the relations of other schemas that relations of this schema depend on. No answer may be outstanding.
 */
extern void emit_referenced_relations(Session *session, const char *schema);

#endif
