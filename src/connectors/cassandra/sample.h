/*
 * sample.h — reads values of relations, one after the other.
 */
#ifndef RG_CASSANDRA_SAMPLE_H
#define RG_CASSANDRA_SAMPLE_H

#include "connectors/cassandra/session.h"

extern void sample(Session *session, const SampleRequest *request);

#endif
