/* attachments.h — inside the worker room: foreign tables follow what a discovery has found. */
#ifndef RG_WORKER_ATTACHMENTS_H
#define RG_WORKER_ATTACHMENTS_H

#include "postgres.h"

/*
 * Refreshes the attachments of the source, each in a transaction of its own; without changes only those that
 * an earlier refresh left behind. A failure is kept in the attachment, and fails nothing else. To be called
 * outside of a transaction.
 */
extern void rg_follow_discovery(int64 organization_id, int64 data_source_id, bool has_changed);

#endif
