/*
 * merge_connection.c — puts the parts of a connection string into the fields and credentials of the request.
 * A part that differs from a field given beside it is a fault.
 */
#include "merge_connection.h"

#include "utils/builtins.h"

#include "check.h"
#include "check/draft.h"
#include "json_value.h"

/* The parts that are fields, and the parts that are credentials. */
static const struct
{
	RgConnectionPart part;
	RgFieldId field;
} field_parts[] = {
	{RG_PART_HOST, RG_FIELD_HOST},
	{RG_PART_PORT, RG_FIELD_PORT},
	{RG_PART_DATABASE, RG_FIELD_DATABASE_NAME},
	{RG_PART_SCHEMA, RG_FIELD_SCHEMA_NAME},
	{RG_PART_CONNECT_TIMEOUT, RG_FIELD_CONNECTION_TIMEOUT},
};

static const struct
{
	RgConnectionPart part;
	RgCredentialKey key;
} credential_parts[] = {
	{RG_PART_USERNAME, RG_KEY_USERNAME},
	{RG_PART_PASSWORD, RG_KEY_PASSWORD},
	{RG_PART_WAREHOUSE, RG_KEY_WAREHOUSE},
	{RG_PART_ROLE, RG_KEY_ROLE},
};

static JsonbValue *
part_value(const RgField *field, const char *text)
{
	if (field->kind == RG_KIND_INTEGER && strlen(text) < 18 && strspn(text, "0123456789") == strlen(text))
		return rg_json_integer(pg_strtoint64(text));
	return rg_json_string(text, strlen(text));
}

static void
lay_field(RgDraft *draft, RgFieldId id, const char *text, bool is_default)
{
	const RgField *field = &rg_fields[id];
	RgFaults *faults = &draft->definition->faults;
	JsonbValue *value = rg_draft_check_value(draft, psprintf("connection_string (%s)", field->name), id,
											 part_value(field, text));
	JsonbValue *given = rg_json_member(draft->given, field->name);

	if (value == NULL)
		return;
	if (given == NULL || given->type == jbvNull)
		draft->values[id] = value;
	else if (is_default)
		return;
	else if (draft->values[id] != NULL && !rg_json_equal(draft->values[id], value))
		rg_fault(faults, "connection_string", "contradicts %s", field->name);
}

static bool
is_current_key(const RgDraft *draft, const char *name)
{
	JsonbValue *keys = rg_json_member(draft->current, "credential_keys");
	JsonbValue wanted = *rg_json_string(name, strlen(name));

	return keys != NULL && keys->type == jbvBinary &&
		   findJsonbValueFromContainer(keys->val.binary.data, JB_FARRAY, &wanted) != NULL;
}

/* Are there credentials that a client sealed without declaring their names? */
static bool
has_unnamed_keys(const RgDraft *draft)
{
	JsonbValue *keys = rg_json_member(draft->current, "credential_keys");

	return keys != NULL && keys->type == jbvBinary && JsonContainerSize(keys->val.binary.data) == 0;
}

static const char leave_out[] = "Leave user and password out of it, and replace the credentials "
								"by a call of their own.\n"
								"Use rivergen.data_source_update_credentials(id, credentials).";

/*
 * A new connection string with a password replaces the stored credentials. If it lacks some of them they
 * would be lost, and cannot be read back: then the request is refused.
 */
static void
check_nothing_is_lost(RgDraft *draft)
{
	RgDefinition *request = draft->definition;

	for (int key = 0; key < RG_KEY_COUNT; key++)
	{
		if (request->credentials.values[key] != NULL || !is_current_key(draft, rg_credential_key_names[key]))
			continue;
		rg_fault(&request->faults, "connection_string",
				 "its credentials would replace the stored ones and lose %s", rg_credential_key_names[key]);
		rg_fault_hint(&request->faults, leave_out);
	}
	if (has_unnamed_keys(draft))
	{
		rg_fault(&request->faults, "connection_string",
				 "its credentials would replace the sealed ones, and what those are is not known");
		rg_fault_hint(&request->faults, leave_out);
	}
}

static void
lay_credentials(RgDraft *draft, const RgConnection *connection)
{
	RgDefinition *request = draft->definition;

	for (int i = 0; i < (int) lengthof(credential_parts); i++)
	{
		const char *value = connection->parts[credential_parts[i].part];
		RgCredentialKey key = credential_parts[i].key;

		if (value == NULL)
			continue;
		if (!rg_credentials_add(&request->credentials, key, value))
			rg_fault(&request->faults, "connection_string", "contradicts credentials.%s",
					 rg_credential_key_names[key]);
		request->has_credentials = true;
	}
	if (draft->current != NULL && request->has_credentials && draft->is_connection_known)
		check_nothing_is_lost(draft);
}

static Jsonb *
single_member(const char *name, JsonbValue *value)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	pushJsonbValue(&state, WJB_KEY, rg_json_string(name, strlen(name)));
	pushJsonbValue(&state, WJB_VALUE, value);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* Returns the object with one member set; object may be NULL. */
static JsonbValue *
with_member(const JsonbValue *object, const char *name, JsonbValue *value)
{
	Jsonb *member = single_member(name, value);
	JsonbValue copy;

	if (object == NULL || object->type != jbvBinary)
		return rg_json_container(member);
	copy = *object;
	return rg_json_container(DatumGetJsonbP(
		DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(JsonbValueToJsonb(&copy)), JsonbPGetDatum(member))));
}

static JsonbValue *
find_in(const JsonbValue *object, const char *name)
{
	return object != NULL && object->type == jbvBinary ? rg_json_member(object->val.binary.data, name) : NULL;
}

static void
lay_tls_mode(RgDraft *draft, const char *mode)
{
	JsonbValue *metadata = rg_draft_final(draft, RG_FIELD_METADATA);
	JsonbValue *tls = find_in(metadata, "tls");
	JsonbValue *value = rg_json_string(mode, strlen(mode));
	JsonbValue *given = draft->values[RG_FIELD_METADATA] ? find_in(tls, "mode") : NULL;

	if (given != NULL && !rg_json_equal(given, value))
		rg_fault(&draft->definition->faults, "connection_string", "contradicts metadata.tls.mode");
	else
		draft->values[RG_FIELD_METADATA] = with_member(metadata, "tls", with_member(tls, "mode", value));
}

static void
lay_member(RgDraft *draft, const char *name, JsonbValue *value)
{
	draft->values[RG_FIELD_METADATA] = with_member(rg_draft_final(draft, RG_FIELD_METADATA), name, value);
}

static void
lay_text_member(RgDraft *draft, const char *name, const char *value)
{
	if (value != NULL)
		lay_member(draft, name, rg_json_string(value, strlen(value)));
}

/* A string that names hosts ends what another one said. */
static void
lay_srv(RgDraft *draft, const RgConnection *connection)
{
	JsonbValue *value = rg_json_boolean(connection->is_srv);
	JsonbValue *before = find_in(rg_draft_final(draft, RG_FIELD_METADATA), "srv");
	bool is_given = draft->values[RG_FIELD_METADATA] != NULL && before != NULL;

	if (connection->parts[RG_PART_HOST] == NULL)
		return;
	if (is_given && !rg_json_equal(before, value))
		rg_fault(&draft->definition->faults, "connection_string", "contradicts metadata.srv");
	else if (connection->is_srv || before != NULL)
		lay_member(draft, "srv", value);
}

void
rg_draft_take_connection_string(RgDraft *draft, const JsonbValue *text)
{
	RgDefinition *request = draft->definition;
	RgConnection connection = {.faults = &request->faults, .type = request->type};
	int before = request->faults.count;

	if (text == NULL || text->type == jbvNull)
		return;
	draft->has_connection_string = true;
	if (text->type != jbvString)
		rg_fault(&request->faults, "connection_string", "must be a string");
	else if (request->type != NULL)
		rg_connstr_parse(&connection, text->val.string.val, text->val.string.len);
	draft->is_connection_known = request->faults.count == before;
	for (int i = 0; i < (int) lengthof(field_parts); i++)
	{
		if (connection.parts[field_parts[i].part] != NULL)
			lay_field(draft, field_parts[i].field, connection.parts[field_parts[i].part],
					  field_parts[i].part == RG_PART_PORT && connection.has_default_port);
	}
	lay_credentials(draft, &connection);
	if (connection.parts[RG_PART_TLS_MODE] != NULL)
		lay_tls_mode(draft, connection.parts[RG_PART_TLS_MODE]);
	lay_text_member(draft, "application_name", connection.parts[RG_PART_APPLICATION_NAME]);
	lay_text_member(draft, "auth_source", connection.parts[RG_PART_AUTH_SOURCE]);
	lay_srv(draft, &connection);
	draft->is_connection_known = request->faults.count == before;
}
