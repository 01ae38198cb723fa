/*
 * sample.h — operation sample.
 */
#ifndef RG_SQLSERVER_SAMPLE_H
#define RG_SQLSERVER_SAMPLE_H

#include "connectors/sqlserver/session.h"

extern void sample(Session *session, const SampleRequest *request);

#endif
