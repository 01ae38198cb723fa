#include "check/field.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "check/text.h"
#include "metadata.h"
#include "json_value.h"

#define LONGEST_TEXT 65536

/* OpenSSH refuses such a login without saying which character is wrong. */
#define OPENSSH_REFUSES "'`\";&<>|(){}$"

#define TEXT(label, kind_, least, most)                                                                      \
	{                                                                                                        \
		.name = label, .kind = kind_, .minimum = least, .maximum = most                                      \
	}
#define INTEGER(label, least, most)                                                                          \
	{                                                                                                        \
		.name = label, .kind = RG_KIND_INTEGER, .minimum = least, .maximum = most                            \
	}
#define SETTING(label, kind_, least, most, value)                                                            \
	{                                                                                                        \
		.name = label, .kind = kind_, .minimum = least, .maximum = most, .has_initial = true,                \
		.initial = value                                                                                     \
	}

const RgField rg_fields[RG_FIELD_COUNT] = {
	[RG_FIELD_WORKSPACE_ID] = {.name = "workspace_id",
							   .kind = RG_KIND_INTEGER,
							   .minimum = 1,
							   .maximum = PG_INT64_MAX,
							   .fixed = true},
	[RG_FIELD_NAME] = {.name = "name", .kind = RG_KIND_NAME, .minimum = 1, .maximum = 255, .required = true},
	[RG_FIELD_TYPE] = {.name = "type", .kind = RG_KIND_TEXT, .maximum = 64, .required = true, .fixed = true},
	[RG_FIELD_DESCRIPTION] = TEXT("description", RG_KIND_TEXT, 0, LONGEST_TEXT),
	[RG_FIELD_HOST] = TEXT("host", RG_KIND_HOST, 1, 255),
	[RG_FIELD_PORT] = INTEGER("port", 1, 65535),
	[RG_FIELD_DATABASE_NAME] = TEXT("database_name", RG_KIND_TEXT, 1, 1000),
	[RG_FIELD_SCHEMA_NAME] = TEXT("schema_name", RG_KIND_TEXT, 1, 1000),
	[RG_FIELD_FILE_PATH] = TEXT("file_path", RG_KIND_PATH, 1, 1000),
	[RG_FIELD_USE_SSH_TUNNEL] = SETTING("use_ssh_tunnel", RG_KIND_BOOLEAN, 0, 1, false),
	[RG_FIELD_SSH_HOST] = TEXT("ssh_host", RG_KIND_HOST, 1, 255),
	[RG_FIELD_SSH_PORT] = INTEGER("ssh_port", 1, 65535),
	[RG_FIELD_SSH_USERNAME] = TEXT("ssh_username", RG_KIND_LOGIN, 1, 255),
	[RG_FIELD_SSH_LOCAL_PORT] = INTEGER("ssh_local_port", 1, 65535),
	[RG_FIELD_CONNECTION_POOL_SIZE] = SETTING("connection_pool_size", RG_KIND_INTEGER, 1, 100, 5),
	[RG_FIELD_CONNECTION_TIMEOUT] = SETTING("connection_timeout", RG_KIND_INTEGER, 1, 3600, 30),
	[RG_FIELD_QUERY_TIMEOUT] = SETTING("query_timeout", RG_KIND_INTEGER, 1, 86400, 300),
	[RG_FIELD_MAX_RETRIES] = SETTING("max_retries", RG_KIND_INTEGER, 0, 100, 3),
	[RG_FIELD_SCHEMA_AUTO_REFRESH] = SETTING("schema_auto_refresh", RG_KIND_BOOLEAN, 0, 1, true),
	[RG_FIELD_SCHEMA_REFRESH_INTERVAL] =
		SETTING("schema_refresh_interval", RG_KIND_INTEGER, 60, PG_INT32_MAX, 3600),
	[RG_FIELD_METADATA] = SETTING("metadata", RG_KIND_METADATA, 0, 0, 0),
	[RG_FIELD_TAGS] = SETTING("tags", RG_KIND_TAGS, 0, 0, 0),
};

static int
compare_numeric(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(a), NumericGetDatum(b)));
}

static JsonbValue *
check_integer(RgFaults *faults, const char *label, const RgField *field, const JsonbValue *value)
{
	Numeric number;
	Datum whole;

	if (value->type != jbvNumeric)
	{
		rg_fault(faults, label, "must be an integer");
		return NULL;
	}
	number = value->val.numeric;
	whole = DirectFunctionCall2(numeric_trunc, NumericGetDatum(number), Int32GetDatum(0));
	if (compare_numeric(number, DatumGetNumeric(whole)) != 0)
	{
		rg_fault(faults, label, "must be an integer");
		return NULL;
	}
	if (compare_numeric(number, int64_to_numeric(field->minimum)) < 0 ||
		compare_numeric(number, int64_to_numeric(field->maximum)) > 0)
	{
		if (field->maximum < PG_INT32_MAX)
			rg_fault(faults, label, "must be between " INT64_FORMAT " and " INT64_FORMAT, field->minimum,
					 field->maximum);
		else
			rg_fault(faults, label, "must be at least " INT64_FORMAT " and not beyond " INT64_FORMAT,
					 field->minimum, field->maximum);
		return NULL;
	}
	return rg_json_integer(DatumGetInt64(DirectFunctionCall1(numeric_int8, whole)));
}

/* Returns what is wrong with a text beside its length, or NULL. */
static const char *
text_fault(const RgField *field, const char *text, int length, int64 organization_id)
{
	switch (field->kind)
	{
		case RG_KIND_HOST:
			return rg_text_host_fault(text, length);
		case RG_KIND_PATH:
			return rg_file_path_fault(text, length, organization_id);
		case RG_KIND_LOGIN:
			if (text[0] == '-' || memchr(text, ' ', length) != NULL || rg_text_has_control(text, length))
				return "must not begin with - or contain white space";
			if (strcspn(text, OPENSSH_REFUSES) < (size_t) length)
				return "must not contain any of " OPENSSH_REFUSES;
			return NULL;
		default:
			return NULL;
	}
}

static JsonbValue *
check_text(RgFaults *faults, const char *label, const RgField *field, const JsonbValue *value,
		   int64 organization_id)
{
	const char *text = value->val.string.val;
	int length = value->val.string.len;
	const char *fault;
	int characters;

	if (value->type != jbvString)
	{
		rg_fault(faults, label, "must be a string");
		return NULL;
	}
	if (field->kind == RG_KIND_NAME)
		rg_text_trim(&text, &length);
	else if (field->kind == RG_KIND_HOST)
		rg_text_trim_host(&text, &length);
	characters = pg_mbstrlen_with_len(text, length);
	if (characters < field->minimum)
	{
		rg_fault(faults, label, "must not be empty");
		return NULL;
	}
	if (characters > field->maximum)
	{
		rg_fault(faults, label, "must be at most " INT64_FORMAT " characters long, not %d", field->maximum,
				 characters);
		return NULL;
	}
	fault = text_fault(field, text, length, organization_id);
	if (fault != NULL)
	{
		rg_fault(faults, label, "%s", fault);
		if (field->kind == RG_KIND_HOST)
			rg_fault_hint(faults,
						  "A host is a name or an address alone: the port is a field of its own, and a URL "
						  "belongs into connection_string.");
		return NULL;
	}
	return rg_json_string(text, length);
}

JsonbValue *
rg_field_check(RgFaults *faults, const char *label, const RgField *field, const JsonbValue *value,
			   int64 organization_id)
{
	switch (field->kind)
	{
		case RG_KIND_INTEGER:
			return check_integer(faults, label, field, value);
		case RG_KIND_BOOLEAN:
			if (value->type == jbvBool)
				return rg_json_boolean(value->val.boolean);
			rg_fault(faults, label, "must be true or false");
			return NULL;
		case RG_KIND_METADATA:
			return rg_metadata_check(faults, label, value);
		case RG_KIND_TAGS:
			return rg_tags_check(faults, label, value);
		default:
			return check_text(faults, label, field, value, organization_id);
	}
}

static JsonbValue *
json_empty(bool is_array)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, is_array ? WJB_BEGIN_ARRAY : WJB_BEGIN_OBJECT, NULL);
	return rg_json_container(
		JsonbValueToJsonb(pushJsonbValue(&state, is_array ? WJB_END_ARRAY : WJB_END_OBJECT, NULL)));
}

JsonbValue *
rg_field_initial(const RgField *field)
{
	JsonbValue *null;

	if (field->kind == RG_KIND_METADATA || field->kind == RG_KIND_TAGS)
		return json_empty(field->kind == RG_KIND_TAGS);
	if (field->has_initial)
		return field->kind == RG_KIND_BOOLEAN ? rg_json_boolean(field->initial != 0)
											  : rg_json_integer(field->initial);
	null = palloc0(sizeof(JsonbValue));
	null->type = jbvNull;
	return null;
}
