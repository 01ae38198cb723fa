/*
 * document.h — is a document what src/wire/README.md says? Everything that reads documents (views,
 * comparisons, descriptions) relies on it, so it is checked once, before a document is stored.
 */
#ifndef RG_MERGE_DOCUMENT_H
#define RG_MERGE_DOCUMENT_H

#include "postgres.h"

#include "utils/jsonb.h"

/* document.c: NULL, or a static text that names the fault. *has_nulls: a member that is looked at is null. */
extern const char *rg_document_check(Jsonb *document, int32 columns, bool *has_nulls);

#endif
