/*
 * stored.h — turns a document into the form that the table stores.
 */
#ifndef RG_MERGE_STORED_H
#define RG_MERGE_STORED_H

#include "postgres.h"

#include "wire/wire.h"

/*
 * Returns the document as jsonb, compressed if it is long, in the caller's memory context; outside any
 * transaction. columns: the number of its columns as the frame counts them. If the document is at fault,
 * returns NULL and sets *fault to a static text.
 */
extern struct varlena *rg_merge_stored_form(WireSpan document, int32 columns, const char **fault);

#endif
