/*
 * answers.h — what is sent to the connector, and the failures of the storage in the words for its users, who
 * are not the operator.
 */
#ifndef RG_STORAGE_BROKER_ANSWERS_H
#define RG_STORAGE_BROKER_ANSWERS_H

#include "connectors/bucket/listing.h"
#include "connectors/common/attempt.h"
#include "wire/stored.h"

extern void answer_nothing(StoredKind kind);
extern void answer_bytes(const char *bytes, int64_t length);

/* path: from the folder on that was asked for. */
extern void answer_entry(const ListedObject *object, const char *path);
extern void answer_failure(const AttemptFailure *failure);

/* Sends what has been collected. Ends the process when the connector has ended. */
extern void answers_flush(void);

#endif
