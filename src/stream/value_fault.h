/* value_fault.h — values whose faults are no errors. */
#ifndef RG_STREAM_VALUE_FAULT_H
#define RG_STREAM_VALUE_FAULT_H

#include "postgres.h"

#include "stream/value.h"

/* Can a fault of the type be caught without a subtransaction? */
extern bool rg_value_is_plain(Oid type);

/*
 * As rg_value_read, but returns false, with the reason, for a value that cannot be read. What is no fault of
 * the value, such as a cancelled statement or a lack of memory, is an error. In parallel queries before
 * version 17, faults of types that are not plain are errors, too.
 */
extern bool
rg_value_read_or_fault(RgValueType *type, const WireField *field, Datum *value, const char **fault);

#endif
