/*
 * keys.c — sealing_key() for tenants; for operators key_rotate(), key_forget() and the figures of
 * key_status() and check().
 */
#include "postgres.h"

#include "commands/dbcommands.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "api/api.h"
#include "catalog/audit.h"
#include "catalog/identity.h"
#include "catalog/sealing_key.h"
#include "error.h"
#include "queue/databases.h"
#include "queue/queue.h"
#include "queue/shared.h"
#include "queue/wait.h"
#include "sql.h"
#include "version.h"

PG_FUNCTION_INFO_V1(rg_sql_sealing_key);
PG_FUNCTION_INFO_V1(rg_sql_key_rotate);
PG_FUNCTION_INFO_V1(rg_sql_key_forget);
PG_FUNCTION_INFO_V1(rg_sql_installation);

Datum
rg_sql_sealing_key(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_VIEWER);

	return rg_api_answer(rg_sealing_key_read(identity.organization_id), "Sealing key retrieved successfully");
}

static Jsonb *
parse(const char *text)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
}

/*
 * The worker's figures and the number of credentials left, with a new snapshot, since the caller's may be
 * older than the rotation.
 */
static Jsonb *
rotation_of(const RgAnswer *answer)
{
	static RgStatement make = {
		.text = "SELECT $1 || jsonb_build_object('key_id', $2, 'left', count(*)) "
				"FROM rivergen_catalog.credential WHERE key_id <> $2",
	};
	bool is_null;

	rg_spi_execute_latest(&make, rg_jsonb(parse(answer->message)), rg_int8(answer->id));
	return DatumGetJsonbPCopy(rg_spi_datum(0, 1, &is_null));
}

Datum
rg_sql_key_rotate(PG_FUNCTION_ARGS)
{
	rg_version_require();

	RgCall request = {.kind = RG_CALL_KEY_ROTATE};
	RgAnswer answer;

	(void) fcinfo;
	rg_queue_ask(&request, &answer);
	rg_api_begin();
	rg_audit_installation("key.rotated", "key_id", answer.id);
	return rg_api_answer(rotation_of(&answer), "Sealing key rotated successfully");
}

/* ---- forgetting ---- */

/* The key file belongs to the whole cluster. A database that does not answer may need the key. */
static bool
may_know(Oid database, int64 key_id)
{
	RgCall request = {.kind = RG_CALL_KEY_KNOWN, .database = database, .key_id = key_id};
	RgAnswer answer;

	return !rg_queue_try(&request, &answer) || answer.id != 0;
}

/* The name of another database that may need the key, or NULL. */
static char *
other_user_of(int64 key_id)
{
	static RgStatement list = {
		.text = "SELECT oid::bigint FROM pg_database WHERE datallowconn AND NOT datistemplate "
				"AND datname <> current_database() ORDER BY oid",
	};
	uint64 count = rg_spi_execute(&list);
	Oid *databases = palloc(sizeof(Oid) * Max(count, 1));

	for (uint64 i = 0; i < count; i++)
		databases[i] = (Oid) rg_spi_int64(i, 1);
	for (uint64 i = 0; i < count; i++)
	{
		if (may_know(databases[i], key_id))
			return get_database_name(databases[i]);
	}
	return NULL;
}

Datum
rg_sql_key_forget(PG_FUNCTION_ARGS)
{
	rg_version_require();

	RgCall request = {.kind = RG_CALL_KEY_FORGET, .key_id = rg_api_required_id(fcinfo, 0, "key_id")};
	RgAnswer answer;

	rg_api_begin();

	char *other = other_user_of(request.key_id);

	request.keep_private = other != NULL;
	rg_queue_ask(&request, &answer);
	rg_audit_installation("key.forgotten", "key_id", request.key_id);
	if (other != NULL)
		ereport(NOTICE, (errmsg("the private key stays in the key file"),
						 errdetail("Database \"%s\" has it, too, or could not be asked.", other),
						 errhint("Forget it there as well; the last database that does removes it.")));
	return rg_api_answer(parse(answer.message), "Sealing key forgotten successfully");
}

/* ---- the installation ---- */

static void
append_answer(StringInfo text, const char *member, RgCallKind kind)
{
	RgCall request = {.kind = kind};
	RgAnswer answer;

	appendStringInfo(text, ", \"%s\": ", member);
	if (rg_queue_try(&request, &answer))
		appendStringInfoString(text, answer.message);
	else
	{
		appendStringInfoString(text, "{\"unavailable\": ");
		escape_json(text, answer.message);
		appendStringInfoChar(text, '}');
	}
}

Datum
rg_sql_installation(PG_FUNCTION_ARGS)
{
	StringInfoData text;

	(void) fcinfo;
	initStringInfo(&text);
	appendStringInfo(&text, "{\"preloaded\": %s, \"served\": %s, \"launcher\": %s",
					 rg_queue_is_available() ? "true" : "false",
					 rg_database_is_served(get_database_name(MyDatabaseId)) ? "true" : "false",
					 rg_database_launcher_is_running() ? "true" : "false");
	append_answer(&text, "keys", RG_CALL_KEY_LIST);
	append_answer(&text, "worker", RG_CALL_INSPECT);
	appendStringInfoChar(&text, '}');
	PG_RETURN_JSONB_P(parse(text.data));
}
