#include "error.h"

#include "lib/stringinfo.h"
#include "utils/json.h"

static const struct
{
	int status;
	const char *code;
} codes[] = {
	{RG_BAD_REQUEST, "BAD_REQUEST"},
	{RG_UNAUTHORIZED, "UNAUTHORIZED"},
	{RG_FORBIDDEN, "FORBIDDEN"},
	{RG_NOT_FOUND, "NOT_FOUND"},
	{RG_METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"},
	{RG_CONFLICT, "CONFLICT"},
	{RG_PRECONDITION_FAILED, "PRECONDITION_FAILED"},
	{RG_PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE"},
	{RG_URI_TOO_LONG, "URI_TOO_LONG"},
	{RG_UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"},
	{RG_TOO_MANY, "TOO_MANY_REQUESTS"},
	{RG_INTERNAL_ERROR, "INTERNAL_ERROR"},
	{RG_NOT_IMPLEMENTED, "NOT_IMPLEMENTED"},
	{RG_BAD_GATEWAY, "BAD_GATEWAY"},
	{RG_UNAVAILABLE, "SERVICE_UNAVAILABLE"},
	{RG_GATEWAY_TIMEOUT, "GATEWAY_TIMEOUT"},
};

static bool (*is_postgrest)(void) = NULL;
static bool for_postgrest = true;
static int try_after_seconds = RG_RETRY_AFTER_SECONDS;

const char *
rg_error_code(int status)
{
	for (int i = 0; i < (int) lengthof(codes); i++)
	{
		if (codes[i].status == status)
			return codes[i].code;
	}
	return "INTERNAL_ERROR";
}

static const struct
{
	const char *code;
	int status;
} failures[] = {
	{"unsupported", RG_NOT_IMPLEMENTED}, {"timeout", RG_GATEWAY_TIMEOUT}, {"schema_not_found", RG_NOT_FOUND},
	{"key_missing", RG_UNAVAILABLE},     {"unavailable", RG_UNAVAILABLE}, {"changed", RG_CONFLICT},
	{"relation_changed", RG_CONFLICT},
};

int
rg_error_status_of(const char *code)
{
	for (int i = 0; i < (int) lengthof(failures); i++)
	{
		if (strcmp(failures[i].code, code) == 0)
			return failures[i].status;
	}
	return RG_BAD_GATEWAY;
}

void
rg_error_ask_postgrest(bool (*asked)(void))
{
	is_postgrest = asked;
}

void
rg_error_try_after(int seconds)
{
	try_after_seconds = seconds > 0 ? seconds : RG_RETRY_AFTER_SECONDS;
}

const char *
rg_error_retry_after(void)
{
	int seconds = try_after_seconds;

	try_after_seconds = RG_RETRY_AFTER_SECONDS;
	return psprintf("%d", seconds);
}

bool
rg_error_for_postgrest(bool on)
{
	bool was = for_postgrest;

	for_postgrest = on;
	return was;
}

/* PT404 and the like: PostgREST reads the three digits as the HTTP status. */
static int
sqlstate_of(int status)
{
	return MAKE_SQLSTATE('P', 'T', '0' + status / 100, '0' + status / 10 % 10, '0' + status % 10);
}

static void
append_member(StringInfo json, const char *name, const char *value)
{
	appendStringInfo(json, "%s\"%s\":", json->len > 1 ? "," : "", name);
	if (value != NULL)
		escape_json(json, value);
	else
		appendStringInfoString(json, "null");
}

static const char *
headers_of(int status)
{
	if (status == RG_UNAUTHORIZED)
		return "\"WWW-Authenticate\":\"" RG_CHALLENGE "\"";
	if (status == RG_TOO_MANY || status == RG_UNAVAILABLE)
		return psprintf("\"Retry-After\":\"%s\"", rg_error_retry_after());
	return "";
}

/* SQLSTATE PGRST: the message is the body, the detail contains status and headers. */
static void
fail_through_postgrest(int status, const char *message, const char *detail, const char *hint)
{
	StringInfoData body;

	initStringInfo(&body);
	appendStringInfoChar(&body, '{');
	append_member(&body, "code", rg_error_code(status));
	append_member(&body, "message", message);
	append_member(&body, "details", detail);
	append_member(&body, "hint", hint);
	appendStringInfoChar(&body, '}');
	ereport(ERROR, (errcode(MAKE_SQLSTATE('P', 'G', 'R', 'S', 'T')), errmsg_internal("%s", body.data),
					errdetail_internal("{\"status\":%d,\"headers\":{%s}}", status, headers_of(status))));
}

void
rg_fail(int status, const char *message, const char *detail, const char *hint)
{
	if (for_postgrest && is_postgrest != NULL && is_postgrest())
		fail_through_postgrest(status, message, detail, hint);
	ereport(ERROR, (errcode(sqlstate_of(status)), errmsg_internal("%s", message),
					detail ? errdetail_internal("%s", detail) : 0, hint ? errhint("%s", hint) : 0));
	pg_unreachable();
}

void
rg_fail_on_standby(const char *message)
{
	rg_fail(RG_UNAVAILABLE, message, RG_STANDBY_DETAIL, RG_STANDBY_HINT);
}

void
rg_fail_not_found(const char *kind, int64 id)
{
	rg_fail(RG_NOT_FOUND, psprintf("%s " INT64_FORMAT " not found", kind, id), NULL, NULL);
}
