/*
 * discover.h — describes the database's schemas and relations.
 */
#ifndef RG_REDSHIFT_DISCOVER_H
#define RG_REDSHIFT_DISCOVER_H

#include "connectors/redshift/session.h"

extern void discover(Session *session, const Request *request);

#endif
