/*
 * rules.h — what must be true of several fields of a definition together.
 */
#ifndef RG_CHECK_RULES_H
#define RG_CHECK_RULES_H

#include "postgres.h"

#include "draft.h"

/* rules.c: what must be true of several fields together. */
extern void rg_draft_check_rules(RgDraft *draft);

#endif
