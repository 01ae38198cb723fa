/*
 * sample.h — values of relations.
 */
#ifndef RG_ORACLE_SAMPLE_H
#define RG_ORACLE_SAMPLE_H

#include "connectors/common/request.h"
#include "connectors/oracle/statements.h"

extern void sample(OdbcSession *session, const Features *features, const SampleRequest *request);

#endif
