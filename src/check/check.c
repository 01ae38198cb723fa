/*
 * check.c — checks definitions of data sources, to be created or changed, against all rules at once.
 */
#include "check.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "check/draft.h"
#include "check/hosts.h"
#include "check/text.h"
#include "merge_connection.h"
#include "rules.h"
#include "unknown.h"
#include "json_value.h"

static RgDefinition *
begin_request(void)
{
	RgDefinition *request = palloc0(sizeof(RgDefinition));

	rg_faults_begin(&request->faults);
	return request;
}

static RgDraft *
begin_draft(Jsonb *given, Jsonb *current, int64 organization_id)
{
	RgDraft *draft = palloc0(sizeof(RgDraft));

	draft->definition = begin_request();
	draft->organization_id = organization_id;
	draft->current = current ? &current->root : NULL;
	if (given != NULL && JB_ROOT_IS_OBJECT(given))
		draft->given = &given->root;
	else
		rg_fault(&draft->definition->faults, "request", "must be a JSON object");
	return draft;
}

static void
take_type(RgDraft *draft, const JsonbValue *type)
{
	RgFaults *faults = &draft->definition->faults;
	const char *nearest = NULL;

	if (type == NULL || type->type == jbvNull)
		rg_fault(faults, "type", "is required");
	else if (type->type != jbvString)
		rg_fault(faults, "type", "must be a string");
	else
		draft->definition->type = rg_source_type_find(type->val.string.val, type->val.string.len);
	if (draft->definition->type != NULL)
		return;
	if (type != NULL && type->type == jbvString)
	{
		nearest = rg_source_type_nearest(faults, type->val.string.val, type->val.string.len);
		if (nearest != NULL)
			rg_fault(faults, "type", "is not known; did you mean %s?", nearest);
		else
			rg_fault(faults, "type", "is not known");
	}
	rg_fault_hint(faults, psprintf("Types are: %s.", rg_source_type_names()));
	if (type != NULL && type->type == jbvString && nearest == NULL)
		rg_fault_hint(faults, "A database without a type of its own can be other, by an ODBC driver.");
}

static void
take_null(RgDraft *draft, RgFieldId id)
{
	const RgField *field = &rg_fields[id];

	if (field->required)
		rg_fault(&draft->definition->faults, field->name, "must not be null");
	else if (draft->current != NULL)
		draft->values[id] = rg_field_initial(field);
}

static void
take_field(RgDraft *draft, RgFieldId id)
{
	const RgField *field = &rg_fields[id];
	JsonbValue *value = rg_json_member(draft->given, field->name);
	RgFaults *faults = &draft->definition->faults;

	if (value != NULL && field->fixed && draft->current != NULL)
		rg_fault(faults, field->name, "cannot be changed");
	else if (value != NULL && value->type == jbvNull)
		take_null(draft, id);
	else if (value != NULL)
		draft->values[id] = rg_draft_check_value(draft, field->name, id, value);
	else if (field->required && draft->current == NULL)
		rg_fault(faults, field->name, "is required");
}

static void
take_fields(RgDraft *draft)
{
	for (int id = 0; id < RG_FIELD_COUNT; id++)
	{
		if (id == RG_FIELD_TYPE && draft->current == NULL)
			take_type(draft, rg_json_member(draft->given, "type"));
		else
			take_field(draft, id);
	}
	draft->definition->ignores_storage_file = rg_json_member(draft->given, "storage_file_id") != NULL;
}

static void
take_credentials(RgDraft *draft)
{
	RgDefinition *request = draft->definition;
	JsonbValue *object = rg_json_member(draft->given, "credentials");

	if (draft->current != NULL)
	{
		if (object == NULL)
			return;
		rg_fault(&request->faults, "credentials", "cannot be changed here");
		rg_fault_hint(&request->faults,
					  "Credentials are replaced by a call of their own, all of them at once.\n"
					  "Use rivergen.data_source_update_credentials(id, credentials).");
		return;
	}
	request->has_credentials = true;
	if (object != NULL && object->type != jbvNull)
	{
		rg_credentials_take(&request->credentials, &request->faults, request->type, object);
		return;
	}
	rg_fault(&request->faults, "credentials", object ? "must not be null" : "is required");
	rg_fault_hint(
		&request->faults,
		"Credentials are an object, {} for a source that needs none or whose connection_string holds them.");
}

static void
take_defaults(RgDraft *draft)
{
	for (int id = 0; id < RG_FIELD_COUNT; id++)
	{
		if (draft->values[id] == NULL && id != RG_FIELD_TYPE)
			draft->values[id] = rg_field_initial(&rg_fields[id]);
	}
}

static Jsonb *
build_columns(RgDraft *draft)
{
	JsonbParseState *state = NULL;

	draft->definition->is_empty = true;
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int id = 0; id < RG_FIELD_COUNT; id++)
	{
		if (draft->values[id] == NULL)
			continue;
		pushJsonbValue(&state, WJB_KEY, rg_json_string(rg_fields[id].name, strlen(rg_fields[id].name)));
		pushJsonbValue(&state, WJB_VALUE, draft->values[id]);
		draft->definition->is_empty = false;
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

static ArrayType *
build_key_names(const RgCredentials *credentials)
{
	Datum names[RG_KEY_COUNT];
	int count = 0;

	for (int key = 0; key < RG_KEY_COUNT; key++)
	{
		if (rg_credentials_has(credentials, key))
			names[count++] = CStringGetTextDatum(rg_credential_key_names[key]);
	}
	return construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT);
}

static void
finish_credentials(RgDefinition *request)
{
	request->key_names = build_key_names(&request->credentials);
	rg_credentials_write(&request->credentials);
}

static RgDefinition *
finish_draft(RgDraft *draft)
{
	RgDefinition *request = draft->definition;
	JsonbValue *value;

	value = draft->current == NULL ? rg_draft_final(draft, RG_FIELD_WORKSPACE_ID) : NULL;
	if (value != NULL)
		request->workspace_id =
			DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(value->val.numeric)));
	if (request->faults.count > 0)
		return request;
	request->auto_refresh = rg_draft_final(draft, RG_FIELD_SCHEMA_AUTO_REFRESH)->val.boolean;
	request->columns = build_columns(draft);
	if (request->has_credentials)
		finish_credentials(request);
	return request;
}

RgDefinition *
rg_check_create(Jsonb *request, int64 organization_id)
{
	RgDraft *draft = begin_draft(request, NULL, organization_id);

	if (draft->given == NULL)
		return draft->definition;
	take_fields(draft);
	take_credentials(draft);
	rg_draft_take_connection_string(draft, rg_json_member(draft->given, "connection_string"));
	rg_draft_check_rules(draft);
	rg_draft_refuse_unknown(draft);
	take_defaults(draft);
	if (draft->definition->type != NULL)
		draft->values[RG_FIELD_TYPE] =
			rg_json_string(draft->definition->type->name, strlen(draft->definition->type->name));
	return finish_draft(draft);
}

RgDefinition *
rg_check_update(Jsonb *changes, Jsonb *current, int64 organization_id)
{
	RgDraft *draft = begin_draft(changes, current, organization_id);
	JsonbValue *type = rg_json_member(&current->root, "type");

	if (draft->given == NULL)
		return draft->definition;
	draft->definition->type = rg_source_type_find(type->val.string.val, type->val.string.len);
	take_fields(draft);
	if (rg_json_member(draft->given, "type") != NULL)
		rg_fault_hint(&draft->definition->faults, "A source of another type is another source: create it.");
	take_credentials(draft);
	rg_draft_take_connection_string(draft, rg_json_member(draft->given, "connection_string"));
	rg_draft_check_rules(draft);
	rg_draft_refuse_unknown(draft);
	return finish_draft(draft);
}

RgDefinition *
rg_check_credentials(Jsonb *credentials, const char *type)
{
	RgDefinition *request = begin_request();

	request->type = rg_source_type_find(type, strlen(type));
	request->has_credentials = true;
	if (credentials == NULL || !JB_ROOT_IS_OBJECT(credentials))
		rg_fault(&request->faults, "credentials", "must be an object");
	else
		rg_credentials_take(&request->credentials, &request->faults, request->type,
							rg_json_container(credentials));
	if (request->faults.count == 0)
		finish_credentials(request);
	return request;
}

char *
rg_check_name(RgFaults *faults, const char *field, text *name)
{
	const char *start;
	int length;

	if (name == NULL)
	{
		rg_fault(faults, field, "must not be null");
		return NULL;
	}
	start = VARDATA_ANY(name);
	length = VARSIZE_ANY_EXHDR(name);
	rg_text_trim(&start, &length);
	if (length == 0)
		rg_fault(faults, field, "must not be empty");
	else if (pg_mbstrlen_with_len(start, length) > 255)
		rg_fault(faults, field, "must be at most 255 characters long");
	return pnstrdup(start, length);
}
