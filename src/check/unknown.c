/*
 * unknown.c — refuses members of a request that are no fields, and suggests the nearest name.
 */
#include "unknown.h"

#include "check/draft.h"

/* Members that are no columns. */
static const char *const other_members[] = {"connection_string", "credentials", "storage_file_id"};

/* Fields of an answer that no request may set. */
static const char *const read_only[] = {
	"id",
	"organization_id",
	"ssh_key_id",
	"status",
	"last_tested_at",
	"last_successful_connection_at",
	"last_failed_connection_at",
	"failure_count",
	"failure_reason",
	"schema_discovered_at",
	"created_by_user_id",
	"created_at",
	"updated_at",
	"updated_by_user_id",
};

#define SETTABLE (RG_FIELD_COUNT + lengthof(other_members))

static bool
is_among(const char *const *names, int count, const JsonbValue *name)
{
	for (int i = 0; i < count; i++)
	{
		if (strlen(names[i]) == (size_t) name->val.string.len &&
			memcmp(names[i], name->val.string.val, name->val.string.len) == 0)
			return true;
	}
	return false;
}

static void
refuse_member(RgFaults *faults, const char *const *settable, const JsonbValue *name)
{
	char *label = rg_printable_name(name->val.string.val, name->val.string.len);
	const char *nearest;

	if (is_among(read_only, lengthof(read_only), name))
	{
		rg_fault(faults, label, "is read-only");
		return;
	}
	if (rg_credentials_key_find(NULL, name->val.string.val, name->val.string.len) >= 0)
	{
		rg_fault(faults, label, "belongs into credentials");
		return;
	}
	nearest = rg_nearest(faults, name->val.string.val, name->val.string.len, settable, SETTABLE);
	if (nearest != NULL)
		rg_fault(faults, label, "is not a field; did you mean %s?", nearest);
	else
		rg_fault(faults, label, "is not a field");
}

void
rg_draft_refuse_unknown(RgDraft *draft)
{
	const char *settable[SETTABLE];
	JsonbIterator *iterator = JsonbIteratorInit(draft->given);
	JsonbIteratorToken token;
	JsonbValue name;
	JsonbValue ignored;

	for (int id = 0; id < RG_FIELD_COUNT; id++)
		settable[id] = rg_fields[id].name;
	for (int i = 0; i < (int) lengthof(other_members); i++)
		settable[RG_FIELD_COUNT + i] = other_members[i];
	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		JsonbIteratorNext(&iterator, &ignored, true);
		if (!is_among(settable, SETTABLE, &name))
			refuse_member(&draft->definition->faults, settable, &name);
	}
}
