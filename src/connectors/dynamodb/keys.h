/*
 * keys.h — conditions on the key, which the service looks up instead of reading every item.
 */
#ifndef RG_DYNAMODB_KEYS_H
#define RG_DYNAMODB_KEYS_H

#include "connectors/common/read_request.h"
#include "connectors/dynamodb/table.h"

/*
 * Adds to the request of an operation Query what the conditions say of the key, and to the object `names` the
 * names of the attributes. Returns false, and adds nothing, if they do not say which partition is wanted.
 * are_all: set to whether these are all conditions that there are.
 */
extern bool
keys_apply(WireBuffer *body, WireBuffer *names, const Table *table, const ReadRequest *read, bool *are_all);

#endif
