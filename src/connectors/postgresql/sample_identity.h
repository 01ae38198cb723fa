/*
 * sample_identity.h — checks that a relation is still the discovered one.
 */
#ifndef RG_POSTGRESQL_SAMPLE_IDENTITY_H
#define RG_POSTGRESQL_SAMPLE_IDENTITY_H

#include "connectors/common/request.h"
#include "connectors/postgresql/session.h"

/*
 * To be called as the first statement of the transaction that will read the relation. Returns NULL, or a
 * static text that says why it is another relation. If the query fails the transaction has failed, and the
 * next query reports it.
 */
extern const char *sample_identity(Session *session, const SampledRelation *relation);

#endif
