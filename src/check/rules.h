/*
 * rules.h — rules that concern several fields of a definition together.
 */
#ifndef RG_CHECK_RULES_H
#define RG_CHECK_RULES_H

#include "postgres.h"

#include "draft.h"

extern void rg_draft_check_rules(RgDraft *draft);

#endif
