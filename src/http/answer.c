#include "http/answer.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/json.h"
#include "utils/numeric.h"

#include "error.h"
#include "json_value.h"

void
rg_answer_header(RgHttpAnswer *answer, const char *name, const char *value)
{
	Assert(answer->header_count < RG_MOST_HEADERS);
	answer->headers[answer->header_count++] = (RgAnswerHeader){name, value};
}

/* ---- success ---- */

/* A member of `data` as text, or NULL. */
static char *
data_member(Jsonb *body, const char *name)
{
	JsonbValue *data;
	JsonbValue *value;

	if (!JB_ROOT_IS_OBJECT(body))
		return NULL;
	data = getKeyJsonValueFromContainer(&body->root, "data", strlen("data"), NULL);
	if (data == NULL || data->type != jbvBinary || !JsonContainerIsObject(data->val.binary.data))
		return NULL;
	value = getKeyJsonValueFromContainer(data->val.binary.data, name, strlen(name), NULL);
	if (value != NULL && value->type == jbvNumeric)
		return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
	if (value != NULL && value->type == jbvString)
		return pnstrdup(value->val.string.val, value->val.string.len);
	return NULL;
}

static bool
asked_for_async(const RgRoute *route, const RgArguments *arguments)
{
	for (int i = 0; i < RG_MOST_PARAMETERS && route->parameters[i].name != NULL; i++)
	{
		if (route->parameters[i].kind == RG_VALUE_ASYNC)
			return arguments->given[i];
	}
	return false;
}

/* The body is the same bytes wherever catalog and arguments are the same. */
static void
add_body_tag(RgHttpAnswer *answer)
{
	uint64 hash =
		hash_bytes_extended((unsigned char *) VARDATA_ANY(answer->body), VARSIZE_ANY_EXHDR(answer->body), 0);

	rg_answer_header(answer, "ETag", psprintf("\"%016llx\"", (unsigned long long) hash));
}

/* The member of the data that names the version. */
static void
add_version_tag(RgHttpAnswer *answer, const char *member)
{
	char *version = data_member(answer->body, member);

	if (version != NULL)
		rg_answer_header(answer, "ETag", psprintf("\"%s\"", version));
}

static void
add_source_headers(RgHttpAnswer *answer, const RgRoute *route)
{
	char *id = data_member(answer->body, "id");

	add_version_tag(answer, "updated_at");
	if (route->status == 201 && id != NULL)
		rg_answer_header(answer, "Location", psprintf(RG_HTTP_BASE "/data-sources/%s", id));
}

/* A discovery that the caller does not wait for, or that takes longer than rivergen.http_wait_limit. */
static void
add_job_headers(RgHttpAnswer *answer, const RgRoute *route, const RgArguments *arguments)
{
	char *job_id = data_member(answer->body, "job_id");

	if (job_id == NULL)
		return;
	answer->status = 202;
	rg_answer_header(answer, "Location", psprintf(RG_HTTP_BASE "/jobs/%s", job_id));
	if (asked_for_async(route, arguments))
		rg_answer_header(answer, "Preference-Applied", "respond-async");
}

void
rg_answer_success(RgHttpAnswer *answer, const RgRoute *route, const RgArguments *arguments, Jsonb *body)
{
	answer->status = route->status;
	answer->body = body;
	if (route->answer == RG_ANSWER_DATA_SOURCE || route->answer == RG_ANSWER_FROM_FOREIGN_SERVER)
		add_source_headers(answer, route);
	if (route->answer == RG_ANSWER_DESCRIPTION)
		add_version_tag(answer, "version");
	if (route->answer == RG_ANSWER_CONTEXT || route->answer == RG_ANSWER_SEARCH)
		add_body_tag(answer);
	if (route->answer == RG_ANSWER_DISCOVERY || route->answer == RG_ANSWER_DESCRIPTIONS)
		add_job_headers(answer, route, arguments);
}

/* ---- the client has it ---- */

static const char *
header_of(const RgHttpAnswer *answer, const char *name)
{
	for (int i = 0; i < answer->header_count; i++)
	{
		if (strcmp(answer->headers[i].name, name) == 0)
			return answer->headers[i].value;
	}
	return NULL;
}

/* A weak tag counts as the strong one, since nginx weakens the tag of every compressed answer. */
static bool
has_tag(const char *tags, const char *tag)
{
	while (*tags != '\0')
	{
		size_t length;

		tags += strspn(tags, " \t,");
		tags += strncmp(tags, "W/", 2) == 0 ? 2 : 0;
		length = strcspn(tags, " \t,");
		if (length == strlen(tag) && strncmp(tags, tag, length) == 0)
			return true;
		tags += length;
	}
	return false;
}

/* Only the tag of a body says that the body is the same. */
void
rg_answer_unless_had(RgHttpAnswer *answer, const RgRoute *route, const char *if_none_match)
{
	const char *tag = header_of(answer, "ETag");

	if (if_none_match == NULL || tag == NULL || strcmp(route->method, "GET") != 0 ||
		(route->answer != RG_ANSWER_CONTEXT && route->answer != RG_ANSWER_SEARCH))
		return;
	if (strcmp(if_none_match, "*") == 0 || has_tag(if_none_match, tag))
	{
		answer->status = RG_NOT_MODIFIED;
		answer->document = "null";
	}
}

/* ---- failure ---- */

/* Hints that name functions and their arguments are for SQL clients. */
static bool
is_for_sql(const char *line, int length)
{
	char *text = pnstrdup(line, length);

	return strstr(text, "rivergen.") != NULL || strstr(text, "=>") != NULL;
}

/* A fault of the function that was called begins with its argument; the caller knows the route's parameter.
 */
static JsonbValue *
line_value(const RgRoute *route, const char *line, int length)
{
	for (int i = 0; route != NULL && i < RG_MOST_PARAMETERS && route->parameters[i].name != NULL; i++)
	{
		const RgParameter *parameter = &route->parameters[i];
		int size = parameter->argument != NULL ? (int) strlen(parameter->argument) : length;

		if (size < length && line[size] == ':' && strncmp(line, parameter->argument, size) == 0)
			return rg_json_text(psprintf("%s%.*s", parameter->name, length - size, line + size));
	}
	return rg_json_string(line, length);
}

static void
push_lines(JsonbParseState **state, const RgRoute *route, const char *lines, bool are_hints)
{
	while (lines != NULL && *lines != '\0')
	{
		int length = strcspn(lines, "\n");

		if (length > 0 && !(are_hints && is_for_sql(lines, length)))
			pushJsonbValue(state, WJB_ELEM, line_value(route, lines, length));
		lines += length + (lines[length] == '\n');
	}
}

static Jsonb *
envelope(const RgHttpAnswer *answer, const char *message, const char *detail, const char *hint)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&state, "success", rg_json_boolean(false));
	pushJsonbValue(&state, WJB_KEY, rg_json_text("error"));
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&state, "code", rg_json_text(rg_error_code(answer->status)));
	rg_json_put(&state, "message", rg_json_text(message));
	pushJsonbValue(&state, WJB_KEY, rg_json_text("details"));
	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	push_lines(&state, answer->called, detail, false);
	push_lines(&state, answer->called, hint, true);
	pushJsonbValue(&state, WJB_END_ARRAY, NULL);
	pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/*
 * The envelope again, as a header. nginx replaces the body of a failure without this header, since it is
 * PostgREST's own. Details that do not fit are left out.
 */
static void
repeat_in_header(RgHttpAnswer *answer, const char *message)
{
	Jsonb *body = answer->body;
	const char *text = JsonbToCString(NULL, &body->root, VARSIZE(body));

	if (strlen(text) > RG_MOST_ERROR_BYTES)
	{
		body = envelope(answer, message, NULL, NULL);
		text = JsonbToCString(NULL, &body->root, VARSIZE(body));
	}
	if (strlen(text) <= RG_MOST_ERROR_BYTES)
		rg_answer_header(answer, "X-Rivergen-Error", text);
}

/* Every unknown caller gets the same answer, which says no more than that. */
void
rg_answer_failure(RgHttpAnswer *answer, int status, const char *message, const char *detail, const char *hint)
{
	answer->status = status;
	if (status == RG_UNAUTHORIZED)
	{
		answer->body = envelope(answer, "Invalid or missing authentication token", NULL, NULL);
		rg_answer_header(answer, "WWW-Authenticate", RG_CHALLENGE);
		return;
	}
	answer->body = envelope(answer, message, detail, hint);
	repeat_in_header(answer, message);
	if (status == RG_TOO_MANY || status == RG_UNAVAILABLE)
		rg_answer_header(answer, "Retry-After", rg_error_retry_after());
}

/* ---- PostgREST ---- */

/*
 * PostgREST takes every 503 for a lost connection, even one from a function: it reconnects, reads the whole
 * schema again and adds its own Retry-After. After the other statuses of this list nginx closes the client's
 * connection, since it assumes that it could not read the request to its end. So both get numbers without a
 * meaning, and nginx.conf translates them back.
 */
static const struct
{
	int status;
	int told;
} told_otherwise[] = {
	{RG_BAD_REQUEST, 590},    {RG_PAYLOAD_TOO_LARGE, 591}, {RG_URI_TOO_LONG, 592},
	{RG_INTERNAL_ERROR, 593}, {RG_NOT_IMPLEMENTED, 594},   {RG_UNAVAILABLE, 599},
};

static int
told_status(int status)
{
	for (int i = 0; i < (int) lengthof(told_otherwise); i++)
	{
		if (told_otherwise[i].status == status)
			return told_otherwise[i].told;
	}
	return status;
}

static void
set_locally(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
}

void
rg_answer_tell(const RgHttpAnswer *answer)
{
	StringInfoData headers;

	initStringInfo(&headers);
	appendStringInfoChar(&headers, '[');
	for (int i = 0; i < answer->header_count; i++)
	{
		appendStringInfoString(&headers, i > 0 ? ",{" : "{");
		escape_json(&headers, answer->headers[i].name);
		appendStringInfoChar(&headers, ':');
		escape_json(&headers, answer->headers[i].value);
		appendStringInfoChar(&headers, '}');
	}
	appendStringInfoChar(&headers, ']');
	set_locally("response.status", psprintf("%d", told_status(answer->status)));
	set_locally("response.headers", headers.data);
}
