/*
 * read.h — operation read.
 */
#ifndef RG_MYSQL_READ_H
#define RG_MYSQL_READ_H

#include "connectors/common/request.h"

extern void read_relation(Request *request);

#endif
