/*
 * sample.h — reads values: categories and examples.
 */
#ifndef RG_POSTGRESQL_SAMPLE_H
#define RG_POSTGRESQL_SAMPLE_H

#include "connectors/common/request.h"
#include "connectors/postgresql/session.h"

/* Emits a sample of each relation of the request. */
extern void sample(Session *session, const SampleRequest *request);

#endif
