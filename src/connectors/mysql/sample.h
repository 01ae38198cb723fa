/*
 * sample.h — operation sample.
 */
#ifndef RG_MYSQL_SAMPLE_H
#define RG_MYSQL_SAMPLE_H

#include "connectors/mysql/session.h"

extern void sample(Session *session, const SampleRequest *request);

#endif
