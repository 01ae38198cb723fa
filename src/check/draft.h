/*
 * draft.h — a request while it is being checked; private to this room.
 */
#ifndef RG_DRAFT_H
#define RG_DRAFT_H

#include "postgres.h"

#include "check/check.h"
#include "check/connection_string.h"
#include "check/field.h"

typedef struct RgDraft
{
	RgDefinition *definition;
	JsonbContainer *given;
	JsonbContainer *current; /* NULL while the source is being created */
	int64 organization_id;
	bool has_connection_string;
	bool is_connection_known;           /* and had no fault */
	JsonbValue *values[RG_FIELD_COUNT]; /* to be set; NULL: not changed */
} RgDraft;

/* Returns the field's value after the change, whether it is set or stays; NULL for null. */
extern JsonbValue *rg_draft_final(const RgDraft *draft, RgFieldId field);

/*
 * Returns the value as it will be stored, or NULL after adding its faults under the label (rg_field_check).
 * The type decides whether host may be a list.
 */
extern JsonbValue *
rg_draft_check_value(RgDraft *draft, const char *label, RgFieldId id, const JsonbValue *value);

#endif
