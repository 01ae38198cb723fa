/*
 * sample.h — categories and examples of collections.
 */
#ifndef RG_MONGODB_SAMPLE_H
#define RG_MONGODB_SAMPLE_H

#include "connectors/mongodb/session.h"

extern void sample(Session *session, const SampleRequest *request);

#endif
