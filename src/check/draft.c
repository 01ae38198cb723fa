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

/* A path that is a key or a prefix in a bucket of the tenant's own, not one in the storage. */
static const RgField key_field = {.name = "file_path", .kind = RG_KIND_TEXT, .minimum = 1, .maximum = 1000};

static bool
is_key(const RgDraft *draft, RgFieldId id)
{
	const RgSourceType *type = draft->definition->type;

	return id == RG_FIELD_FILE_PATH && type != NULL && (type->needs & RG_NEEDS_FILE) != 0 &&
		   !type->connector.is_stored;
}

JsonbValue *
rg_draft_check_value(RgDraft *draft, const char *label, RgFieldId id, const JsonbValue *value)
{
	const RgSourceType *type = draft->definition->type;
	RgFaults *faults = &draft->definition->faults;

	if (id == RG_FIELD_HOST && type != NULL && type->several_hosts && value->type == jbvString &&
		rg_hosts_is_list(value->val.string.val, value->val.string.len))
		return rg_hosts_check(faults, label, value);
	return rg_field_check(faults, label, is_key(draft, id) ? &key_field : &rg_fields[id], value,
						  draft->organization_id);
}
