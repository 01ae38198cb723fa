/*
 * rules.c — rules that concern several fields of a definition together.
 */
#include "rules.h"

#include "check.h"
#include "check/draft.h"
#include "check/hosts.h"
#include "json_value.h"

/* Is a field missing that the type needs: at creation, or because the change removes it? */
static bool
is_missing(const RgDraft *draft, RgFieldId id)
{
	const JsonbValue *given = rg_json_member(draft->given, rg_fields[id].name);

	if (rg_draft_final(draft, id) != NULL)
		return false;
	if (draft->current != NULL)
		return draft->values[id] != NULL;
	/* A wrong value has its own fault already. */
	return given == NULL || given->type == jbvNull;
}

static void
require(RgDraft *draft, RgFieldId id, const char *meaning)
{
	RgFaults *faults = &draft->definition->faults;

	if (!is_missing(draft, id))
		return;
	if (meaning != NULL)
		rg_fault(faults, rg_fields[id].name, "is required for type %s (%s)", draft->definition->type->name,
				 meaning);
	else
		rg_fault(faults, rg_fields[id].name, "is required for type %s", draft->definition->type->name);
}

static void
hint_at_server(RgDraft *draft, int faults_before)
{
	const RgSourceType *type = draft->definition->type;

	if (draft->definition->faults.count == faults_before)
		return;
	if (type->needs & RG_NEEDS_PORT)
		rg_fault_hint(
			&draft->definition->faults,
			psprintf(
				"Give host, port and database_name, or connection_string. %s usually listens on port %d.",
				type->label, type->default_port));
	else
		rg_fault_hint(&draft->definition->faults, "Give the fields one by one, or connection_string.");
}

/* Was the field given and wrong? Then its absence from the draft is no second fault. */
static bool
is_faulty(const RgDraft *draft, RgFieldId id)
{
	const JsonbValue *given = rg_json_member(draft->given, rg_fields[id].name);

	return given != NULL && given->type != jbvNull && draft->values[id] == NULL;
}

/* Does each host have its own port? A list with a fault counts as if they did. */
static bool
have_hosts_ports(const RgDraft *draft)
{
	const JsonbValue *host = rg_draft_final(draft, RG_FIELD_HOST);

	if (draft->definition->type->several_hosts && is_faulty(draft, RG_FIELD_HOST))
		return true;
	return host != NULL && rg_hosts_have_ports(pnstrdup(host->val.string.val, host->val.string.len));
}

static void
require_for_type(RgDraft *draft)
{
	const RgSourceType *type = draft->definition->type;
	int before = draft->definition->faults.count;
	int needs = type->needs;

	if (draft->has_connection_string && !draft->is_connection_known)
		needs &= RG_NEEDS_FILE;
	if (needs & RG_NEEDS_HOST)
		require(draft, RG_FIELD_HOST, NULL);
	/* A connection string that gives a host gives a port too. */
	if ((needs & RG_NEEDS_PORT) && !draft->has_connection_string && !have_hosts_ports(draft))
		require(draft, RG_FIELD_PORT, NULL);
	if (needs & RG_NEEDS_DATABASE)
		require(draft, RG_FIELD_DATABASE_NAME, type->database_means);
	hint_at_server(draft, before);
	before = draft->definition->faults.count;
	if (needs & RG_NEEDS_FILE)
		require(draft, RG_FIELD_FILE_PATH, NULL);
	if (draft->definition->faults.count > before)
		rg_fault_hint(
			&draft->definition->faults,
			type->connector.is_stored
				? psprintf("file_path begins with organizations/" INT64_FORMAT "/", draft->organization_id)
				: "file_path is a key, or a prefix that ends in a slash; / is all of the bucket");
}

static void
require_for_tunnel(RgDraft *draft, RgFieldId id)
{
	if (rg_draft_final(draft, id) == NULL && !is_faulty(draft, id))
		rg_fault(&draft->definition->faults, rg_fields[id].name, "is required when use_ssh_tunnel is true");
}

static void
require_one_host(RgDraft *draft)
{
	const JsonbValue *host = rg_draft_final(draft, RG_FIELD_HOST);

	if (host != NULL && rg_hosts_is_list(host->val.string.val, host->val.string.len))
		rg_fault(&draft->definition->faults, "host", "must be one host when use_ssh_tunnel is true");
}

/* The port of a tunnel is 22 if none is given; without a tunnel none is stored. */
static void
settle_tunnel(RgDraft *draft)
{
	const JsonbValue *use = rg_draft_final(draft, RG_FIELD_USE_SSH_TUNNEL);
	const JsonbValue *port = rg_draft_final(draft, RG_FIELD_SSH_PORT);
	bool used = use != NULL && use->val.boolean;
	JsonbValue *default_port = rg_json_integer(22);

	if (used)
	{
		require_for_tunnel(draft, RG_FIELD_SSH_HOST);
		require_for_tunnel(draft, RG_FIELD_SSH_USERNAME);
		require_one_host(draft);
		if (port == NULL)
			draft->values[RG_FIELD_SSH_PORT] = default_port;
	}
	else if (port != NULL && rg_json_equal(port, default_port))
		draft->values[RG_FIELD_SSH_PORT] = rg_field_initial(&rg_fields[RG_FIELD_SSH_PORT]);
}

void
rg_draft_check_rules(RgDraft *draft)
{
	if (draft->definition->type != NULL)
		require_for_type(draft);
	settle_tunnel(draft);
}
