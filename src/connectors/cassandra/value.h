/*
 * value.h — values as PostgreSQL reads them in the type of type_in_postgresql(). Inside of jsonb, numbers are
 * numbers, and what JSON has no form for is a text.
 */
#ifndef RG_CASSANDRA_VALUE_H
#define RG_CASSANDRA_VALUE_H

#include "connectors/cassandra/type.h"
#include "wire/wire.h"

typedef enum ValueState
{
	VALUE_NULL,
	VALUE_FINE,
	VALUE_BROKEN /* the bytes are no value of the type */
} ValueState;

/* Appends the text, in UTF-8. */
extern ValueState value_append(WireBuffer *out, const CqlType *type, Bytes value);

#endif
