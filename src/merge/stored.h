/*
 * stored.h — a document as the table will hold it.
 */
#ifndef RG_MERGE_STORED_H
#define RG_MERGE_STORED_H

#include "postgres.h"

#include "wire/wire.h"

/*
 * The jsonb of a document, compressed if it is long: in the caller's memory context, and outside any
 * transaction. columns: how many it must have. Where its form is not that of src/wire/README.md, *fault tells
 * it in a static text, and the result is NULL.
 */
extern struct varlena *rg_merge_stored_form(WireSpan document, int32 columns, const char **fault);

#endif
