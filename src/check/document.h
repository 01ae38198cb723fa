/*
 * document.h — the outer form of a document that an export made and an apply takes: {"version": 1, list:
 * […]}.
 */
#ifndef RG_CHECK_DOCUMENT_H
#define RG_CHECK_DOCUMENT_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "check/fault.h"

typedef struct RgDocumentForm
{
	const char *kind;   /* what it is called: "catalog" */
	const char *list;   /* its member that has the entries */
	const char *source; /* the function that makes it */
} RgDocumentForm;

/* Returns the entries as an array, or NULL after adding a fault. document may be NULL. */
extern Jsonb *rg_check_document(RgFaults *faults, Jsonb *document, const RgDocumentForm *form);

#endif
