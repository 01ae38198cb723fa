/*
 * connect_failure.h — why a connection failed.
 */
#ifndef RG_SQLSERVER_CONNECT_FAILURE_H
#define RG_SQLSERVER_CONNECT_FAILURE_H

#include "connectors/guard/dial.h"

/* By what the handlers of session.c and the guards have kept of the last attempt. */
extern void connect_failure_describe(DialFailure *failure);

#endif
