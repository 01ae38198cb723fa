/*
 * scalar.h — single values as text.
 */
#ifndef RG_CASSANDRA_SCALAR_H
#define RG_CASSANDRA_SCALAR_H

#include "connectors/cassandra/value.h"

/* An empty value of a type that has no empty text is null. */
extern ValueState scalar_append(WireBuffer *out, CqlKind kind, Bytes value);

#endif
