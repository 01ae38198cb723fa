/*
 * read.h — sends the rows of a relation.
 */
#ifndef RG_POSTGRESQL_READ_H
#define RG_POSTGRESQL_READ_H

#include "connectors/common/request.h"

extern void read_relation(Request *request);

#endif
