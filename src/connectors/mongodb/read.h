/*
 * read.h — the rows of a collection or view.
 */
#ifndef RG_MONGODB_READ_H
#define RG_MONGODB_READ_H

#include "connectors/common/request.h"

extern void read_relation(Request *request);

#endif
