/*
 * operators.c — operators' functions for users, organizations and the audit trail. Only grants protect them.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"

#include "api/api.h"
#include "api/page.h"
#include "catalog/audit.h"
#include "catalog/operator.h"
#include "version.h"

PG_FUNCTION_INFO_V1(rg_sql_user_list);
PG_FUNCTION_INFO_V1(rg_sql_user_disable);
PG_FUNCTION_INFO_V1(rg_sql_user_enable);
PG_FUNCTION_INFO_V1(rg_sql_organization_list);
PG_FUNCTION_INFO_V1(rg_sql_organization_close);
PG_FUNCTION_INFO_V1(rg_sql_audit_list);

Datum
rg_sql_user_list(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgPage page = rg_api_page(fcinfo, 0);

	return rg_api_answer(rg_user_page(page.number, page.size), "Users retrieved successfully");
}

Datum
rg_sql_user_disable(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	return rg_api_answer(rg_user_set_disabled(rg_api_required_id(fcinfo, 0, "user_id"), true),
						 "User disabled successfully");
}

Datum
rg_sql_user_enable(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	return rg_api_answer(rg_user_set_disabled(rg_api_required_id(fcinfo, 0, "user_id"), false),
						 "User enabled successfully");
}

Datum
rg_sql_organization_list(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgPage page = rg_api_page(fcinfo, 0);

	return rg_api_answer(rg_organization_page(page.number, page.size),
						 "Organizations retrieved successfully");
}

Datum
rg_sql_organization_close(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	return rg_api_answer(rg_organization_close(rg_api_required_id(fcinfo, 0, "organization_id")),
						 "Organization closed successfully");
}

Datum
rg_sql_audit_list(PG_FUNCTION_ARGS)
{
	rg_version_require();

	int64 organization_id = PG_ARGISNULL(0) ? RG_INSTALLATION : PG_GETARG_INT64(0);

	rg_api_begin();

	RgPage page = rg_api_page(fcinfo, 1);

	return rg_api_answer(rg_audit_page(organization_id, page.number, page.size),
						 "Audit trail retrieved successfully");
}
