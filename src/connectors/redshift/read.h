/*
 * read.h — operation read.
 */
#ifndef RG_REDSHIFT_READ_H
#define RG_REDSHIFT_READ_H

#include "connectors/redshift/session.h"

extern void read_relation(Session *session, const Request *request);

#endif
