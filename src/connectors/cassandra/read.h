/*
 * read.h — sends the rows of a relation. Every condition is judged here, and some are pushed to the server,
 * too (pushed.h).
 */
#ifndef RG_CASSANDRA_READ_H
#define RG_CASSANDRA_READ_H

#include "connectors/common/request.h"

extern void read_relation(Request *request);

#endif
