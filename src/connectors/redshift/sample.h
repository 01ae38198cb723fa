/*
 * sample.h — operation sample.
 */
#ifndef RG_REDSHIFT_SAMPLE_H
#define RG_REDSHIFT_SAMPLE_H

#include "connectors/redshift/session.h"

extern void sample(Session *session, const SampleRequest *request);

#endif
