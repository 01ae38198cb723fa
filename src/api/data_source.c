/*
 * data_source.c — rivergen.data_source_*. Each function identifies the caller first, then reports a missing
 * source, then the faults of the request.
 */
#include "data_source.h"

#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "api/api.h"
#include "api/discovery.h"
#include "catalog/audit.h"
#include "catalog/settings.h"
#include "catalog/credential.h"
#include "catalog/data_source.h"
#include "catalog/data_source_list.h"
#include "catalog/foreign_server.h"
#include "catalog/identity.h"
#include "catalog/list_order.h"
#include "catalog/organization.h"
#include "catalog/reading_policy.h"
#include "catalog/reading_statistics.h"
#include "catalog/scan_policy.h"
#include "catalog/schedule.h"
#include "check/check.h"
#include "check/list.h"
#include "check/moment.h"
#include "check/window_option.h"
#include "data_source_types.h"
#include "error.h"
#include "queue/jobs.h"

PG_FUNCTION_INFO_V1(rg_sql_data_source_create);
PG_FUNCTION_INFO_V1(rg_sql_data_source_get);
PG_FUNCTION_INFO_V1(rg_sql_data_source_list);
PG_FUNCTION_INFO_V1(rg_sql_data_source_update);
PG_FUNCTION_INFO_V1(rg_sql_data_source_update_credentials);
PG_FUNCTION_INFO_V1(rg_sql_data_source_delete);

void
rg_store_credentials(const RgIdentity *identity, int64 data_source_id, const RgDefinition *definition)
{
	const RgCredentials *credentials = &definition->credentials;

	if (!definition->has_credentials)
		return;
	if (rg_credentials_count(credentials) == 0)
		rg_credential_remove(identity->organization_id, data_source_id);
	else if (credentials->box != NULL)
		rg_credential_replace_box(identity, data_source_id, credentials->box_key_id, credentials->box,
								  credentials->box_size, definition->key_names);
	else
		rg_credential_replace(identity, data_source_id, credentials->text, credentials->size,
							  definition->key_names);
}

static void
notice_ignored(const RgDefinition *definition)
{
	if (definition->ignores_storage_file)
		ereport(NOTICE,
				(errmsg("storage_file_id is deprecated and ignored"), errhint("Use file_path instead.")));
}

void
rg_raise_faults(const RgIdentity *identity, RgDefinition *definition)
{
	if (definition->workspace_id != 0 &&
		!rg_workspace_hold(identity->organization_id, definition->workspace_id))
		rg_fault(&definition->faults, "workspace_id", "is not a workspace of this organization");
	rg_faults_raise(&definition->faults);
	notice_ignored(definition);
}

void
rg_enqueue_discovery(const RgIdentity *identity, int64 data_source_id, const RgDefinition *definition)
{
	if (definition->auto_refresh && !rg_lacks_connector(definition->type->name) &&
		rg_window_is_open(definition->columns, GetCurrentTransactionStartTimestamp()))
		rg_queue_enqueue(identity->organization_id, data_source_id, NULL, false, identity->user_id);
}

static RgDestinationNames
destination_names(const RgSourceType *type)
{
	return (RgDestinationNames){type->destination_fields ? type->destination_fields : "",
								type->destination_members ? type->destination_members : ""};
}

bool
rg_change_moves(const RgIdentity *identity, int64 data_source_id, const RgDefinition *definition)
{
	RgDestinationNames names = destination_names(definition->type);

	return rg_data_source_moves(identity->organization_id, data_source_id, &names, definition->columns);
}

bool
rg_change_source(const RgIdentity *identity, int64 data_source_id, const RgDefinition *definition,
				 Jsonb *current, bool has_credentials)
{
	RgDestinationNames names = destination_names(definition->type);
	bool reschedule =
		rg_data_source_change(identity, data_source_id, &names, definition->columns, has_credentials);

	rg_scan_forget_unwanted(identity->organization_id, data_source_id, current);
	rg_reading_forget_statistics(identity->organization_id, data_source_id, current);
	return reschedule;
}

void
rg_reschedule(const RgIdentity *identity, int64 data_source_id)
{
	rg_schedule_anew(identity->organization_id, data_source_id);
	rg_queue_wake_at_commit();
}

Jsonb *
rg_create_source(const RgIdentity *identity, Jsonb *request)
{
	RgDefinition *definition;
	int64 id;

	rg_scan_require_masking(identity, request, NULL);
	rg_reading_require_admin(identity, request, NULL);
	rg_wrapped_server_require_admin(identity, request, NULL);
	definition = rg_check_create(request, identity->organization_id);
	rg_raise_faults(identity, definition);
	id = rg_data_source_insert(identity, definition->columns);
	rg_store_credentials(identity, id, definition);
	rg_audit_source(identity, RG_SOURCE_CREATED, id, NULL, false);
	rg_enqueue_discovery(identity, id, definition);
	return rg_data_source_read(identity->organization_id, id, true);
}

Datum
rg_sql_data_source_create(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_EDITOR);

	return rg_api_answer(rg_create_source(&identity, rg_api_optional_jsonb(fcinfo, 0)),
						 "Data source created successfully");
}

Datum
rg_sql_data_source_get(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_VIEWER);
	int64 id = rg_api_required_id(fcinfo, 0, "id");

	return rg_api_answer(rg_data_source_read(identity.organization_id, id, false),
						 "Data source retrieved successfully");
}

static RgListRequest
list_request(FunctionCallInfo fcinfo)
{
	RgListRequest request = {
		.by_workspace = !PG_ARGISNULL(0),
		.workspace_id = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0),
		.type = rg_api_optional_text(fcinfo, 1),
		.status = rg_api_optional_text(fcinfo, 2),
		.page = PG_ARGISNULL(3) ? 1 : PG_GETARG_INT64(3),
		.page_size = PG_ARGISNULL(4) ? 20 : PG_GETARG_INT64(4),
		.search = rg_api_optional_text(fcinfo, 5),
		.sort_by = PG_ARGISNULL(6) ? "created_at" : rg_api_optional_text(fcinfo, 6),
		.sort_order = PG_ARGISNULL(7) ? "desc" : rg_api_optional_text(fcinfo, 7),
		.tags = rg_api_filter(fcinfo, 8),
		.after = rg_api_optional_text(fcinfo, 9),
	};

	return request;
}

/* Checks the arguments. A cursor is valid only for one order. */
static void
check_list(const RgListRequest *request, RgListOrder *order, RgListCursor *cursor)
{
	RgFaults faults;

	rg_faults_begin(&faults);
	rg_check_list(&faults, request, rg_sort_fields, rg_sort_field_count);
	order->field = rg_sort_field_find(request->sort_by);
	order->descending = strcmp(request->sort_order, "desc") == 0;
	if (request->after != NULL && request->after[0] != '\0' && order->field >= 0 &&
		!rg_list_cursor_read(request->after, order, cursor))
	{
		rg_fault(&faults, "after", "is not a cursor of this order");
		rg_fault_hint(&faults, "Give next_cursor of an answer with the same sort_by and sort_order, or an "
							   "empty text to begin.");
	}
	rg_faults_raise(&faults);
}

Datum
rg_sql_data_source_list(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_VIEWER);
	RgListRequest request = list_request(fcinfo);
	RgListFilter filter = {request.by_workspace ? &request.workspace_id : NULL, request.type, request.status,
						   request.search, request.tags};
	RgListOrder order;
	RgListCursor cursor;
	Jsonb *list;

	check_list(&request, &order, &cursor);
	if (request.after == NULL)
		list =
			rg_data_source_list(identity.organization_id, &filter, &order, request.page, request.page_size);
	else
		list = rg_data_source_list_after(identity.organization_id, &filter, &order,
										 request.after[0] != '\0' ? &cursor : NULL, request.page_size);
	return rg_api_answer(list, "Data sources retrieved successfully");
}

void
rg_require_version(FunctionCallInfo fcinfo, int argument, const RgIdentity *identity, int64 data_source_id,
				   RgFaults *faults)
{
	char *if_updated_at = rg_api_optional_text(fcinfo, argument);
	TimestampTz updated_at = 0;

	if (if_updated_at != NULL)
		updated_at = rg_check_moment(faults, "if_updated_at", if_updated_at);
	rg_faults_raise(faults);
	if (if_updated_at != NULL)
		rg_data_source_require_unchanged(identity->organization_id, data_source_id, updated_at);
}

Datum
rg_sql_data_source_update(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_EDITOR);
	int64 id = rg_api_required_id(fcinfo, 0, "id");
	Jsonb *current = rg_data_source_lock(identity.organization_id, id);
	Jsonb *request = rg_api_optional_jsonb(fcinfo, 1);

	rg_scan_require_masking(&identity, request, current);
	rg_reading_require_admin(&identity, request, current);
	rg_wrapped_server_require_admin(&identity, request, current);

	RgDefinition *definition = rg_check_update(request, current, identity.organization_id);

	rg_require_version(fcinfo, 2, &identity, id, &definition->faults);
	notice_ignored(definition);

	bool reschedule = definition->has_credentials;

	if (!definition->is_empty)
		reschedule |= rg_change_source(&identity, id, definition, current, definition->has_credentials);
	rg_store_credentials(&identity, id, definition);
	if (reschedule)
		rg_reschedule(&identity, id);
	if (!definition->is_empty || definition->has_credentials)
	{
		rg_data_source_touch(&identity, id);
		rg_audit_source(&identity, RG_SOURCE_UPDATED, id, current, definition->has_credentials);
	}
	return rg_api_answer(rg_data_source_read(identity.organization_id, id, true),
						 "Data source updated successfully");
}

static char *
type_of(Jsonb *current)
{
	JsonbValue *type = getKeyJsonValueFromContainer(&current->root, "type", strlen("type"), NULL);

	return pnstrdup(type->val.string.val, type->val.string.len);
}

Datum
rg_sql_data_source_update_credentials(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_EDITOR);
	int64 id = rg_api_required_id(fcinfo, 0, "id");
	Jsonb *current = rg_data_source_lock(identity.organization_id, id);
	RgDefinition *definition = rg_check_credentials(rg_api_optional_jsonb(fcinfo, 1), type_of(current));

	rg_require_version(fcinfo, 2, &identity, id, &definition->faults);
	rg_store_credentials(&identity, id, definition);
	rg_reschedule(&identity, id);
	rg_data_source_touch(&identity, id);
	rg_audit_source(&identity, RG_SOURCE_CREDENTIALS_UPDATED, id, NULL, true);
	return rg_api_answer(rg_data_source_read(identity.organization_id, id, true),
						 "Data source credentials updated successfully");
}

Datum
rg_sql_data_source_delete(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_EDITOR);
	int64 id = rg_api_required_id(fcinfo, 0, "id");
	bool force = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);
	RgFaults faults;

	rg_data_source_hold(identity.organization_id, id, force);
	rg_faults_begin(&faults);
	rg_require_version(fcinfo, 2, &identity, id, &faults);
	rg_audit_source(&identity, force ? RG_SOURCE_PURGED : RG_SOURCE_DELETED, id, NULL, false);
	if (force)
		rg_data_source_purge(&identity, id);
	else
		rg_data_source_delete(&identity, id);
	return rg_api_answer(rg_api_integers(1, (const char *[]){"id"}, &id), "Data source deleted successfully");
}
