/*
 * unknown.h — refuses members of a request that are no fields, and suggests the nearest name.
 */
#ifndef RG_CHECK_UNKNOWN_H
#define RG_CHECK_UNKNOWN_H

#include "postgres.h"

#include "draft.h"

extern void rg_draft_refuse_unknown(RgDraft *draft);

#endif
