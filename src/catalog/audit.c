#include "catalog/audit.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "settings.h"
#include "catalog/event.h"
#include "catalog/identity.h"
#include "sql.h"

RgIdentity
rg_operator(int64 organization_id)
{
	return (RgIdentity){.organization_id = organization_id, .role = RG_ADMIN};
}

static Jsonb *
empty_object(void)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")));
}

void
rg_audit_record(const RgIdentity *identity, const char *action, int64 data_source_id, Jsonb *detail)
{
	static RgStatement insert = {
		.text =
			"INSERT INTO rivergen_catalog.audit (organization_id, user_id, action, data_source_id, detail) "
			"VALUES ($1, nullif($2, 0), $3, nullif($4, 0), $5)",
	};

	rg_spi_execute(&insert, rg_int8(identity->organization_id), rg_int8(identity->user_id), rg_text(action),
				   rg_int8(data_source_id), rg_jsonb(detail ? detail : empty_object()));
}

void
rg_audit_by_worker(const char *action, int64 organization_id, int64 user_id, Oid login_role,
				   int64 data_source_id, const char *detail)
{
	static RgStatement insert = {
		.text = "INSERT INTO rivergen_catalog.audit (organization_id, user_id, login_role, action, "
				"data_source_id, detail) VALUES ($1, nullif($2, 0), $3::name, $6, nullif($4, 0), $5::jsonb)",
	};
	char *role = GetUserNameFromId(login_role, true);

	/* The role may have been dropped meanwhile. */
	rg_spi_execute(&insert, rg_int8(organization_id), rg_int8(user_id),
				   rg_text(role != NULL ? role : psprintf("%u", login_role)), rg_int8(data_source_id),
				   rg_text(detail), rg_text(action));
}

void
rg_audit_installation(const char *action, const char *name, int64 id)
{
	static RgStatement make = {
		.text = "SELECT jsonb_build_object($1, $2)",
	};
	RgIdentity installation = rg_operator(RG_INSTALLATION);

	rg_spi_execute(&make, rg_text(name), rg_int8(id));
	rg_audit_record(&installation, action, 0, rg_catalog_jsonb(0, 1));
}

static Jsonb *
source_detail(const RgIdentity *identity, int64 data_source_id, Jsonb *before, bool credentials_changed)
{
	static RgStatement make = {
		.text = "SELECT rivergen_catalog.audit_detail(s, $3, $4) "
				"FROM rivergen_catalog.audited_source($1, $2) s WHERE s IS NOT NULL",
	};

	return rg_spi_execute(&make, rg_int8(identity->organization_id), rg_int8(data_source_id),
						  rg_jsonb_or_null(before), rg_bool(credentials_changed)) > 0
			   ? rg_catalog_jsonb(0, 1)
			   : NULL;
}

typedef struct Act
{
	const char *action;
	RgEvent event;
} Act;

static const Act *
description_of(RgSourceAct act)
{
	static const Act acts[] = {
		[RG_SOURCE_CREATED] = {"data_source.created", RG_EVENT_CREATED},
		[RG_SOURCE_UPDATED] = {"data_source.updated", RG_EVENT_UPDATED},
		[RG_SOURCE_CREDENTIALS_UPDATED] = {"data_source.credentials_updated", RG_EVENT_UPDATED},
		[RG_SOURCE_DELETED] = {"data_source.deleted", RG_EVENT_DELETED},
		[RG_SOURCE_PURGED] = {"data_source.purged", RG_EVENT_DELETED},
		[RG_SOURCE_RESTORED] = {"data_source.restored", RG_EVENT_RESTORED},
		[RG_SOURCE_STATUS_SET] = {"data_source.status_set", RG_EVENT_STATUS_CHANGED},
	};

	return &acts[act];
}

void
rg_audit_source(const RgIdentity *identity, RgSourceAct act, int64 data_source_id, Jsonb *before,
				bool credentials_changed)
{
	const Act *description = description_of(act);
	Jsonb *compared = act == RG_SOURCE_CREATED ? empty_object() : before;
	Jsonb *detail = source_detail(identity, data_source_id, compared, credentials_changed);

	if (detail == NULL)
		return;
	rg_audit_record(identity, description->action, data_source_id, detail);
	rg_event(description->event, identity->organization_id, data_source_id, 0);
}
