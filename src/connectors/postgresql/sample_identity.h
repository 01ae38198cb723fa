/*
 * sample_identity.h — is a relation still the one that was discovered?
 */
#ifndef RG_POSTGRESQL_SAMPLE_IDENTITY_H
#define RG_POSTGRESQL_SAMPLE_IDENTITY_H

#include "connectors/common/request.h"
#include "connectors/postgresql/session.h"

/*
 * In the transaction that will read it, as its first statement. NULL, or a static text that says why its
 * values would be those of another one. Where asking fails the transaction does, and what is asked next tells
 * it.
 */
extern const char *sample_identity(Session *session, const SampledRelation *relation);

#endif
