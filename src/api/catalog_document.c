/*
 * catalog_document.c — rivergen.catalog_export and catalog_apply.
 *
 * catalog_apply passes over the sources three times: it reads (finds all faults and locks the existing
 * sources), writes (unless it is a dry run) and answers. It writes nothing before it has read everything.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "api/api.h"
#include "catalog/audit.h"
#include "catalog/credential.h"
#include "catalog/data_source.h"
#include "catalog/document.h"
#include "catalog/foreign_server.h"
#include "catalog/identity.h"
#include "catalog/organization.h"
#include "catalog/reading_policy.h"
#include "catalog/scan_policy.h"
#include "check/check.h"
#include "check/document.h"
#include "check/field.h"
#include "data_source.h"
#include "data_source_types.h"
#include "error.h"
#include "json_value.h"

PG_FUNCTION_INFO_V1(rg_sql_catalog_export);
PG_FUNCTION_INFO_V1(rg_sql_catalog_apply);

static const RgDocumentForm catalog_document = {"catalog", "sources", "catalog_export"};

/* One source of the document. */
typedef struct Entry
{
	char *name;      /* trimmed; NULL: no valid name */
	char *workspace; /* NULL: absent */
	int64 id;        /* 0: it is new */
	Jsonb *before;   /* the existing source before the change */
	Jsonb *changes;  /* of it */
	RgDefinition *definition;
	RgDefinition *credentials; /* credentials for an existing source; NULL: none */
	bool awaits_credentials;
	bool is_tested; /* the server connects to it once the document is applied */
} Entry;

typedef struct Application
{
	RgIdentity identity;
	bool dry_run;
	Jsonb *credentials; /* source's name → its credentials; NULL: none are given beside the document */
	RgFaults faults;
	int count;
	Entry *entries;
} Application;

/* ---- jsonb ---- */

static Jsonb *
literal(const char *text)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
}

static bool
is_empty(Jsonb *object)
{
	return JB_ROOT_COUNT(object) == 0;
}

static bool
is_empty_object(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data) &&
		   JsonContainerSize(value->val.binary.data) == 0;
}

static char *
text_of(const JsonbValue *value)
{
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/* The string as a trimmed name, or NULL. */
static char *
name_of(const JsonbValue *value)
{
	RgFaults unsaid;
	char *name;

	if (value == NULL || value->type != jbvString)
		return NULL;
	rg_faults_begin(&unsaid);
	name = rg_check_name(&unsaid, "name", cstring_to_text(text_of(value)));
	return unsaid.count == 0 ? name : NULL;
}

/* ---- reading ---- */

static void
read_workspace(Application *application, Entry *entry, RgFaults *faults, const JsonbValue *value)
{
	if (value == NULL || value->type == jbvNull)
		return;
	entry->workspace = name_of(value);
	if (entry->workspace == NULL)
		rg_fault(faults, "workspace", "must be a workspace's name, a string of 1 to 255 characters");
	else if (entry->id == 0 && application->identity.role != RG_ADMIN &&
			 rg_workspace_find(application->identity.organization_id, entry->workspace) == 0)
	{
		rg_fault(faults, "workspace", "is not a workspace of this organization");
		rg_fault_hint(faults, "When an admin applies the document, missing workspaces are made.");
	}
}

/* A source stays in its workspace, so a document without workspace is no difference. */
static void
compare_workspace(const Application *application, const Entry *entry, RgFaults *faults,
				  const JsonbValue *given, Jsonb *current)
{
	JsonbValue *id = rg_json_member(&current->root, "workspace_id");
	int64 wanted = 0;

	if (given == NULL || (given->type != jbvNull && entry->workspace == NULL))
		return;
	if (entry->workspace != NULL)
		wanted = rg_workspace_find(application->identity.organization_id, entry->workspace);
	if (id->type == jbvNull ? entry->workspace != NULL : !rg_json_equal(id, rg_json_integer(wanted)))
		rg_fault(faults, "workspace", "cannot be changed");
}

static void
refuse_members(RgFaults *faults, Jsonb *source)
{
	if (rg_json_member(&source->root, "workspace_id") != NULL)
		rg_fault(faults, "workspace_id", "is not taken in a document; name the workspace");
	if (rg_json_member(&source->root, "connection_string") != NULL)
		rg_fault(faults, "connection_string", "is not taken in a document; give the fields and credentials");
}

/* Does the server discover such a source without being asked? */
static bool
is_discovered(const RgDefinition *definition)
{
	return definition->faults.count == 0 && definition->auto_refresh &&
		   !rg_lacks_connector(definition->type->name);
}

static void
read_new(Application *application, Entry *entry, Jsonb *request)
{
	JsonbValue *given = rg_json_member(&request->root, "credentials");
	bool absent = given == NULL || given->type == jbvNull;

	if (absent)
		request = rg_json_with(request, literal("{\"credentials\": {}}"));
	entry->definition = rg_check_create(request, application->identity.organization_id);
	entry->awaits_credentials = absent && entry->definition->type != NULL &&
								entry->definition->type->credentials != RG_CREDENTIALS_NONE;
	entry->is_tested = !entry->awaits_credentials && is_discovered(entry->definition);
}

/* The server cannot compare stored credentials with those of the document, so stored credentials stay. */
static void
read_credentials(Entry *entry, RgFaults *faults, Jsonb *request, Jsonb *current)
{
	JsonbValue *given = rg_json_member(&request->root, "credentials");
	JsonbValue *keys = rg_json_member(&current->root, "credential_keys");
	RgDefinition *credentials;

	if (given == NULL || given->type == jbvNull)
		return;
	credentials =
		rg_check_credentials(JsonbValueToJsonb(given), text_of(rg_json_member(&current->root, "type")));
	rg_faults_append(faults, NULL, &credentials->faults);
	if (credentials->faults.count == 0 && rg_credentials_count(&credentials->credentials) > 0 &&
		(keys == NULL || keys->type == jbvNull))
		entry->credentials = credentials;
}

static void
read_known(Application *application, Entry *entry, RgFaults *faults, Jsonb *source, Jsonb *request)
{
	int64 organization_id = application->identity.organization_id;
	Jsonb *current = rg_data_source_lock(organization_id, entry->id);
	JsonbValue *type = rg_json_member(&request->root, "type");

	entry->before = current;
	rg_scan_require_masking(&application->identity, request, current);
	rg_reading_require_admin(&application->identity, request, current);
	rg_wrapped_server_require_admin(&application->identity, request, current);
	compare_workspace(application, entry, faults, rg_json_member(&source->root, "workspace"), current);
	read_credentials(entry, faults, request, current);
	if (type != NULL && rg_json_equal(type, rg_json_member(&current->root, "type")))
		request = rg_json_without(request, "type");
	request = rg_json_without(rg_json_without(request, "credentials"), "name");
	entry->definition = rg_check_update(request, current, organization_id);
	if (entry->definition->faults.count > 0)
		return;
	entry->changes = rg_column_changes(entry->definition->columns, current);
	if (entry->credentials != NULL)
		entry->changes =
			rg_json_with(entry->changes, literal("{\"credentials\": {\"from\": null, \"to\": \"given\"}}"));
	entry->is_tested =
		is_discovered(entry->definition) &&
		(entry->credentials != NULL || rg_change_moves(&application->identity, entry->id, entry->definition));
}

/* Credentials that stand beside the document take the place of absent and of empty ones in it. */
static Jsonb *
with_credentials(const Application *application, const Entry *entry, RgFaults *faults, Jsonb *request)
{
	JsonbValue *own = rg_json_member(&request->root, "credentials");
	JsonbValue *beside = application->credentials != NULL && entry->name != NULL
							 ? rg_json_member(&application->credentials->root, entry->name)
							 : NULL;
	JsonbParseState *state = NULL;

	if (beside == NULL || beside->type == jbvNull)
		return request;
	if (own != NULL && own->type != jbvNull && !is_empty_object(own))
		rg_fault(faults, "credentials", "stand in the document and beside it");
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&state, "credentials", beside);
	return rg_json_with(request, JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}

/* The source as a request of this organization. Made in C, not in SQL, since it contains credentials. */
static Jsonb *
request_of(const Application *application, Jsonb *source)
{
	static const char placeholder[] = "organizations/{organization_id}/";
	const JsonbValue *path = rg_json_member(&source->root, "file_path");
	Jsonb *request = rg_json_without(rg_json_without(rg_json_without(source, "workspace"), "workspace_id"),
									 "connection_string");
	JsonbParseState *state = NULL;
	char *text;

	if (path == NULL || path->type != jbvString)
		return request;
	text = text_of(path);
	if (strncmp(text, placeholder, strlen(placeholder)) != 0)
		return request;
	text = psprintf("organizations/" INT64_FORMAT "/%s", application->identity.organization_id,
					text + strlen(placeholder));
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	pushJsonbValue(&state, WJB_KEY, rg_json_string("file_path", strlen("file_path")));
	pushJsonbValue(&state, WJB_VALUE, rg_json_string(text, strlen(text)));
	return rg_json_with(request, JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}

static void
refuse_repeated(const Application *application, const Entry *entry, RgFaults *faults)
{
	for (int i = 0; i < application->count; i++)
	{
		const char *name = application->entries[i].name;

		if (name != NULL && strcmp(name, entry->name) == 0)
		{
			rg_fault(faults, "name", "is that of sources[%d] too", i);
			return;
		}
	}
}

static void
read_source(Application *application, const JsonbValue *value)
{
	Entry *entry = &application->entries[application->count];
	char *label = psprintf("sources[%d]", application->count);
	RgFaults faults;
	Jsonb *source;
	Jsonb *request;

	memset(entry, 0, sizeof(Entry));
	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
	{
		rg_fault(&application->faults, label, "must be a JSON object");
		return;
	}
	rg_faults_begin(&faults);
	source = JsonbValueToJsonb(unconstify(JsonbValue *, value));
	entry->name = name_of(rg_json_member(&source->root, "name"));
	if (entry->name != NULL)
	{
		refuse_repeated(application, entry, &faults);
		entry->id = rg_data_source_find(application->identity.organization_id, entry->name);
	}
	refuse_members(&faults, source);
	read_workspace(application, entry, &faults, rg_json_member(&source->root, "workspace"));
	request = with_credentials(application, entry, &faults, request_of(application, source));
	if (entry->id == 0)
	{
		rg_scan_require_masking(&application->identity, request, NULL);
		rg_reading_require_admin(&application->identity, request, NULL);
		rg_wrapped_server_require_admin(&application->identity, request, NULL);
	}
	if (entry->id != 0)
		read_known(application, entry, &faults, source, request);
	else
		read_new(application, entry, request);
	rg_faults_append(&application->faults, label, &faults);
	rg_faults_append(&application->faults, label, &entry->definition->faults);
}

static bool
has_source(const Application *application, const JsonbValue *name)
{
	for (int i = 0; i < application->count; i++)
	{
		const char *known = application->entries[i].name;

		if (known != NULL && strlen(known) == (size_t) name->val.string.len &&
			memcmp(known, name->val.string.val, name->val.string.len) == 0)
			return true;
	}
	return false;
}

/* A misspelled name would be used for no source. */
static void
check_credential_names(Application *application)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue name;

	if (application->credentials == NULL)
		return;
	iterator = JsonbIteratorInit(&application->credentials->root);
	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token == WJB_KEY && !has_source(application, &name))
			rg_fault(&application->faults,
					 psprintf("credentials.%s", rg_printable_name(name.val.string.val, name.val.string.len)),
					 "is not a source of the document");
	}
}

/* Locks all sources before reading the first, since the document may name them in any order. */
static void
lock_sources(const Application *application, Jsonb *sources)
{
	JsonbParseState *names = NULL;

	pushJsonbValue(&names, WJB_BEGIN_ARRAY, NULL);
	for (uint32 i = 0; i < JB_ROOT_COUNT(sources); i++)
	{
		JsonbValue *source = getIthJsonbValueFromContainer(&sources->root, i);
		char *name = source->type == jbvBinary && JsonContainerIsObject(source->val.binary.data)
						 ? name_of(rg_json_member(&JsonbValueToJsonb(source)->root, "name"))
						 : NULL;

		if (name != NULL)
			pushJsonbValue(&names, WJB_ELEM, rg_json_string(name, strlen(name)));
	}
	rg_catalog_document_lock_sources(application->identity.organization_id,
									 JsonbValueToJsonb(pushJsonbValue(&names, WJB_END_ARRAY, NULL)));
	rg_catalog_document_lock(application->identity.organization_id);
}

static void
read_document(Application *application, Jsonb *document)
{
	Jsonb *sources;

	rg_faults_begin(&application->faults);
	if (application->credentials != NULL && !JB_ROOT_IS_OBJECT(application->credentials))
	{
		rg_fault(&application->faults, "credentials", "must be a JSON object of sources' names");
		application->credentials = NULL;
	}
	sources = rg_check_document(&application->faults, document, &catalog_document);
	if (sources != NULL)
	{
		int count = JB_ROOT_COUNT(sources);

		lock_sources(application, sources);
		application->entries = palloc(sizeof(Entry) * Max(count, 1));
		for (; application->count < count; application->count++)
			read_source(application, getIthJsonbValueFromContainer(&sources->root, application->count));
		check_credential_names(application);
	}
	rg_faults_raise(&application->faults);
}

/* ---- writing and the answer ---- */

typedef struct Import
{
	JsonbParseState *created;
	JsonbParseState *changed;
	JsonbParseState *unchanged;
	JsonbParseState *workspaces;
	JsonbParseState *wanted;
	JsonbParseState *tests;
	JsonbParseState *names;
} Import;

static void
add_name(JsonbParseState **array, const char *name)
{
	pushJsonbValue(array, WJB_ELEM, rg_json_string(name, strlen(name)));
}

static void
add_source(JsonbParseState **array, const Entry *entry, Jsonb *fields)
{
	pushJsonbValue(array, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(array, "id", entry->id ? rg_json_integer(entry->id) : rg_json_null());
	rg_json_put(array, "name", rg_json_string(entry->name, strlen(entry->name)));
	if (fields != NULL)
		rg_json_put(array, "fields", rg_json_container(fields));
	pushJsonbValue(array, WJB_END_OBJECT, NULL);
}

static JsonbValue *
end_array(JsonbParseState **array)
{
	return rg_json_container(JsonbValueToJsonb(pushJsonbValue(array, WJB_END_ARRAY, NULL)));
}

static void
write_new(const Application *application, Entry *entry, int64 workspace_id)
{
	const RgIdentity *identity = &application->identity;
	Jsonb *columns = entry->definition->columns;

	if (workspace_id != 0)
		columns =
			rg_json_with(columns, literal(psprintf("{\"workspace_id\": " INT64_FORMAT "}", workspace_id)));
	entry->id = rg_data_source_insert(identity, columns);
	rg_store_credentials(identity, entry->id, entry->definition);
	rg_audit_source(identity, RG_SOURCE_CREATED, entry->id, NULL, false);
	if (entry->awaits_credentials)
		rg_credential_await(identity->organization_id, entry->id);
	else
		rg_enqueue_discovery(identity, entry->id, entry->definition);
}

static void
write_known(const Application *application, const Entry *entry)
{
	const RgIdentity *identity = &application->identity;
	bool reschedule = entry->credentials != NULL;

	if (!entry->definition->is_empty)
		reschedule |= rg_change_source(identity, entry->id, entry->definition, entry->before,
									   entry->credentials != NULL);
	if (entry->credentials != NULL)
		rg_store_credentials(identity, entry->id, entry->credentials);
	if (reschedule)
		rg_reschedule(identity, entry->id);
	rg_data_source_touch(identity, entry->id);
	rg_audit_source(identity, RG_SOURCE_UPDATED, entry->id, entry->before, entry->credentials != NULL);
}

/* The workspace of a new source, created if it is missing; 0: none is named, or a dry run. */
static int64
ensure_workspace(const Application *application, const Entry *entry, Import *plan)
{
	int64 organization_id = application->identity.organization_id;
	int64 id;

	if (entry->workspace == NULL)
		return 0;
	id = rg_workspace_find(organization_id, entry->workspace);
	if (id != 0)
		return id;
	for (const Entry *before = application->entries; before < entry; before++)
	{
		if (before->id == 0 && before->workspace != NULL && strcmp(before->workspace, entry->workspace) == 0)
			return 0; /* the read pass has reported it already */
	}
	add_name(&plan->workspaces, entry->workspace);
	return application->dry_run ? 0 : rg_workspace_create(&application->identity, entry->workspace);
}

static void
carry_out(const Application *application, Entry *entry, Import *plan)
{
	add_name(&plan->names, entry->name);
	if (entry->is_tested)
		add_name(&plan->tests, entry->name);
	if (entry->id == 0)
	{
		int64 workspace_id = ensure_workspace(application, entry, plan);

		if (!application->dry_run)
			write_new(application, entry, workspace_id);
		add_source(&plan->created, entry, NULL);
		if (entry->awaits_credentials)
			add_name(&plan->wanted, entry->name);
	}
	else if (is_empty(entry->changes))
		add_name(&plan->unchanged, entry->name);
	else
	{
		if (!application->dry_run)
			write_known(application, entry);
		add_source(&plan->changed, entry, entry->changes);
	}
}

static Jsonb *
answer(const Application *application, Import *plan)
{
	JsonbParseState *state = NULL;
	JsonbValue dry_run = {.type = jbvBool, .val.boolean = application->dry_run};
	Jsonb *names = JsonbValueToJsonb(pushJsonbValue(&plan->names, WJB_END_ARRAY, NULL));

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&state, "dry_run", &dry_run);
	rg_json_put(&state, "created", end_array(&plan->created));
	rg_json_put(&state, "changed", end_array(&plan->changed));
	rg_json_put(&state, "unchanged", end_array(&plan->unchanged));
	rg_json_put(&state, "workspaces_created", end_array(&plan->workspaces));
	rg_json_put(&state, "credentials_wanted", end_array(&plan->wanted));
	rg_json_put(&state, "tests", end_array(&plan->tests));
	rg_json_put(
		&state, "not_in_document",
		rg_json_container(rg_data_source_names_without(application->identity.organization_id, names)));
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

static Jsonb *
write_document(Application *application)
{
	Import plan = {0};
	JsonbParseState **lists[] = {&plan.created, &plan.changed, &plan.unchanged, &plan.workspaces,
								 &plan.wanted,  &plan.tests,   &plan.names};

	for (int i = 0; i < (int) lengthof(lists); i++)
		pushJsonbValue(lists[i], WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < application->count; i++)
		carry_out(application, &application->entries[i], &plan);
	return answer(application, &plan);
}

Datum
rg_sql_catalog_export(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_VIEWER);

	return rg_api_answer(rg_catalog_document(identity.organization_id), "Catalog exported successfully");
}

Datum
rg_sql_catalog_apply(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	Application application = {.identity = rg_identify(RG_EDITOR),
							   .dry_run = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1),
							   .credentials = rg_api_optional_jsonb(fcinfo, 2)};

	read_document(&application, rg_api_optional_jsonb(fcinfo, 0));
	return rg_api_answer(write_document(&application), application.dry_run
														   ? "Catalog document checked, nothing was changed"
														   : "Catalog document applied successfully");
}
