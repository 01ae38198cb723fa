/*
 * health.c — testing sources, their health, and their life cycle.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "api/api.h"
#include "api/discovery.h"
#include "catalog/audit.h"
#include "catalog/credential.h"
#include "catalog/data_source.h"
#include "catalog/discovery.h"
#include "catalog/event.h"
#include "catalog/foreign_server.h"
#include "catalog/identity.h"
#include "catalog/lifecycle.h"
#include "check/check.h"
#include "check/source_type.h"
#include "data_source.h"
#include "error.h"
#include "json.h"
#include "json_value.h"
#include "queue/queue.h"
#include "queue/wait.h"
#include "wordlist.h"

PG_FUNCTION_INFO_V1(rg_sql_data_source_test_stored);
PG_FUNCTION_INFO_V1(rg_sql_data_source_test_definition);
PG_FUNCTION_INFO_V1(rg_sql_data_source_test_text);
PG_FUNCTION_INFO_V1(rg_sql_data_source_databases_stored);
PG_FUNCTION_INFO_V1(rg_sql_data_source_databases_definition);
PG_FUNCTION_INFO_V1(rg_sql_data_source_databases_text);
PG_FUNCTION_INFO_V1(rg_sql_data_source_health);
PG_FUNCTION_INFO_V1(rg_sql_data_source_set_status);
PG_FUNCTION_INFO_V1(rg_sql_data_source_forget_host_key);
PG_FUNCTION_INFO_V1(rg_sql_data_source_restore);

/* ---- test ---- */

/* databases: JSON text; NULL: none were listed. */
static Datum
answer_test(const char *result, bool lists, const char *databases)
{
	Jsonb *body = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(result)));
	JsonbValue *success = getKeyJsonValueFromContainer(&body->root, "success", strlen("success"), NULL);
	const char *message = success->val.boolean ? "Connection successful" : "Connection failed";
	const char *list = psprintf("{\"databases\": %s}", databases != NULL ? databases : "null");

	if (lists)
		body = rg_json_with(body, DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(list))));
	return rg_api_answer(body, message);
}

/* lists: lists the databases of the source's server, too. */
static Datum
test_stored(FunctionCallInfo fcinfo, bool lists)
{
	RgIdentity identity = rg_identify(RG_EDITOR);
	int64 id = rg_api_required_id(fcinfo, 0, "id");
	RgDiscoverySource source = rg_api_find_source(&identity, id);
	char *databases = NULL;
	char *result;

	rg_api_require_connector(source.type);
	if (source.maintenance)
		rg_fail(RG_CONFLICT, "the data source is in maintenance", NULL,
				"Another status ends it.\nUse rivergen.data_source_set_status.");
	if (source.uncommitted)
		rg_fail(RG_CONFLICT, "the data source was created or changed by this transaction",
				"The test runs outside of it and would not see that.", "Commit first, then test.");
	result = rg_queue_test_and_wait(identity.organization_id, id, NULL, identity.user_id,
									lists ? &databases : NULL);
	return answer_test(result, lists, databases);
}

Datum
rg_sql_data_source_test_stored(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	return test_stored(fcinfo, false);
}

Datum
rg_sql_data_source_databases_stored(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	return test_stored(fcinfo, true);
}

static bytea *
seal(const RgIdentity *identity, const RgCredentials *credentials, int64 *key_id)
{
	if (credentials->box == NULL)
		return rg_credential_seal(identity->organization_id, credentials->text, credentials->size, key_id);
	*key_id = credentials->box_key_id;
	return rg_credential_seal_box(identity->organization_id, *key_id, credentials->box,
								  credentials->box_size);
}

static Datum
test_definition(Jsonb *given, bool lists)
{
	RgIdentity identity = rg_identify(RG_EDITOR);
	RgDefinition *definition = rg_check_create(given, identity.organization_id);
	RgDefinitionToTest test = {.columns = definition->columns};
	char *databases = NULL;
	char *result;

	rg_wrapped_server_require_admin(&identity, given, NULL);
	rg_raise_faults(&identity, definition);
	rg_api_require_connector(definition->type->name);
	if (definition->has_credentials)
		test.sealed = seal(&identity, &definition->credentials, &test.key_id);
	result = rg_queue_test_and_wait(identity.organization_id, 0, &test, identity.user_id,
									lists ? &databases : NULL);
	return answer_test(result, lists, databases);
}

Datum
rg_sql_data_source_test_definition(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	return test_definition(rg_api_optional_jsonb(fcinfo, 0), false);
}

/*
 * The argument is text, because PostgreSQL's error for invalid JSON quotes the text, which may contain a
 * password.
 */
static Jsonb *
definition_of_text(FunctionCallInfo fcinfo)
{
	char *given;
	const char *fault;
	Jsonb *definition = NULL;

	rg_identify(RG_EDITOR);
	if (!PG_ARGISNULL(0))
	{
		given = text_to_cstring(PG_GETARG_TEXT_PP(0));
		definition = rg_json_parse(given, strlen(given), &fault);
		if (definition == NULL)
			rg_fail(RG_BAD_REQUEST, "Invalid request data", psprintf("The definition %s.", fault), NULL);
	}
	return definition;
}

Datum
rg_sql_data_source_test_text(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	return test_definition(definition_of_text(fcinfo), false);
}

/* In a new definition null is as if absent. */
static bool
has(Jsonb *definition, const char *name)
{
	JsonbValue *value = rg_json_member(&definition->root, name);

	return value != NULL && value->type != jbvNull;
}

static Jsonb *
object_of(const char *name, const char *value)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&state, name, rg_json_text(value));
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* A caller that asks for databases may know none, and has no name for a source yet. */
static Jsonb *
with_any_database(Jsonb *definition)
{
	const RgSourceType *type = NULL;
	JsonbValue *value;

	if (definition == NULL || !JB_ROOT_IS_OBJECT(definition))
		return definition;
	if (!has(definition, "name"))
		definition = rg_json_with(definition, object_of("name", "databases"));
	value = rg_json_member(&definition->root, "type");
	if (value != NULL && value->type == jbvString)
		type = rg_source_type_find(value->val.string.val, value->val.string.len);
	if (type == NULL || type->any_database == NULL || has(definition, "database_name") ||
		has(definition, "connection_string"))
		return definition;
	return rg_json_with(definition, object_of("database_name", type->any_database));
}

Datum
rg_sql_data_source_databases_definition(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	return test_definition(with_any_database(rg_api_optional_jsonb(fcinfo, 0)), true);
}

Datum
rg_sql_data_source_databases_text(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	return test_definition(with_any_database(definition_of_text(fcinfo)), true);
}

/* ---- health ---- */

#define MAX_HISTORY 1000

Datum
rg_sql_data_source_health(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_VIEWER);
	int64 id = rg_api_required_id(fcinfo, 0, "id");
	int32 limit = PG_ARGISNULL(1) ? 10 : PG_GETARG_INT32(1);
	Jsonb *body = rg_data_source_health(identity.organization_id, id, Max(0, Min(limit, MAX_HISTORY)));

	if (limit < 0 || limit > MAX_HISTORY)
		rg_fail(RG_BAD_REQUEST, "Invalid request data", "history_limit: must be between 0 and 1000", NULL);
	return rg_api_answer(body, "Data source health retrieved successfully");
}

/* ---- life cycle ---- */

static void
check_status(RgFaults *faults, const char *status)
{
	if (status != NULL && rg_wordlist_index(rg_wordlist_settable_statuses, status) >= 0)
		return;
	rg_fault(faults, "status", "must be maintenance, active or inactive");
	rg_fault_hint(faults, "testing and failed are set by the workers that test and discover.");
}

Datum
rg_sql_data_source_set_status(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_EDITOR);
	int64 id = rg_api_required_id(fcinfo, 0, "id");
	char *status = rg_api_optional_text(fcinfo, 1);
	Jsonb *before = rg_data_source_lock(identity.organization_id, id);
	RgFaults faults;

	rg_faults_begin(&faults);
	check_status(&faults, status);
	rg_require_version(fcinfo, 2, &identity, id, &faults);
	rg_data_source_set_maintenance(&identity, id, strcmp(status, "maintenance") == 0,
								   strcmp(status, "inactive") == 0);
	rg_audit_source(&identity, RG_SOURCE_STATUS_SET, id, before, false);
	return rg_api_answer(rg_data_source_read(identity.organization_id, id, true),
						 "Data source status updated successfully");
}

Datum
rg_sql_data_source_forget_host_key(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_ADMIN);
	int64 id = rg_api_required_id(fcinfo, 0, "id");
	Jsonb *forgotten = rg_data_source_forget_host_key(&identity, id);

	rg_audit_record(&identity, "data_source.host_key_forgotten", id, forgotten);
	rg_event(RG_EVENT_UPDATED, identity.organization_id, id, 0);
	return rg_api_answer(rg_data_source_read(identity.organization_id, id, true),
						 "Host key of the SSH server forgotten");
}

Datum
rg_sql_data_source_restore(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_EDITOR);
	int64 id = rg_api_required_id(fcinfo, 0, "id");
	RgFaults faults;

	rg_data_source_hold(identity.organization_id, id, true);
	rg_faults_begin(&faults);
	rg_require_version(fcinfo, 1, &identity, id, &faults);
	rg_data_source_restore(&identity, id);
	rg_reschedule(&identity, id);
	rg_audit_source(&identity, RG_SOURCE_RESTORED, id, NULL, false);
	return rg_api_answer(rg_data_source_read(identity.organization_id, id, true),
						 "Data source restored successfully");
}
