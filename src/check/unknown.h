/*
 * unknown.h — members of a request that are no fields, each with the nearest name.
 */
#ifndef RG_CHECK_UNKNOWN_H
#define RG_CHECK_UNKNOWN_H

#include "postgres.h"

#include "draft.h"

/* unknown.c: the members of the request that are no fields. */
extern void rg_draft_refuse_unknown(RgDraft *draft);

#endif
