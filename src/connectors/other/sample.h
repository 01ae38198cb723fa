/* sample.h — reads values of relations. */
#ifndef RG_OTHER_SAMPLE_H
#define RG_OTHER_SAMPLE_H

#include "connectors/odbc/session.h"

extern void sample(OdbcSession *session, const SampleRequest *request);

#endif
