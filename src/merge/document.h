/*
 * document.h — checks that a document has the form of src/wire/README.md. Views, comparisons and descriptions
 * rely on it, so each document is checked once, before it is stored.
 */
#ifndef RG_MERGE_DOCUMENT_H
#define RG_MERGE_DOCUMENT_H

#include "postgres.h"

#include "utils/jsonb.h"

/* Returns NULL, or a static text that names the fault. *has_nulls: one of the checked members is null. */
extern const char *rg_document_check(Jsonb *document, int32 columns, bool *has_nulls);

#endif
