/*
 * draft.c — a request while it is being checked.
 */
#include "draft.h"

#include "check/hosts.h"
#include "json_value.h"

JsonbValue *
rg_draft_final(const RgDraft *draft, RgFieldId field)
{
	JsonbValue *value = draft->values[field];

	if (value == NULL && draft->current != NULL)
		value = rg_json_member(draft->current, rg_fields[field].name);
	return value == NULL || value->type == jbvNull ? NULL : value;
}

JsonbValue *
rg_draft_check_value(RgDraft *draft, const char *label, RgFieldId id, const JsonbValue *value)
{
	const RgSourceType *type = draft->definition->type;
	RgFaults *faults = &draft->definition->faults;

	if (id == RG_FIELD_HOST && type != NULL && type->several_hosts && value->type == jbvString &&
		rg_hosts_is_list(value->val.string.val, value->val.string.len))
		return rg_hosts_check(faults, label, value);
	return rg_field_check(faults, label, &rg_fields[id], value, draft->organization_id);
}
