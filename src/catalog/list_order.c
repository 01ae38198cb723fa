/*
 * list_order.c — the orders of the list, and cursors.
 *
 * A cursor is the place where a page ended: field.direction.id, then "=" and the row's value of the field, or
 * "-" for null. It is written in hexadecimal digits so that clients treat it as opaque. It is not signed: a
 * forged cursor is another place in the list of the caller's own organization.
 */
#include "catalog/list_order.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define SORT_FIELDS 22

const char *const rg_sort_fields[SORT_FIELDS + 1] = {
	"id",
	"organization_id",
	"workspace_id",
	"name",
	"type",
	"description",
	"host",
	"port",
	"database_name",
	"schema_name",
	"file_path",
	"use_ssh_tunnel",
	"ssh_host",
	"ssh_port",
	"status",
	"last_tested_at",
	"last_successful_connection_at",
	"schema_discovered_at",
	"schema_auto_refresh",
	"tags",
	"created_at",
	"updated_at",
	NULL,
};
const int rg_sort_field_count = SORT_FIELDS;

/* In the same order. */
static const RgSortField sort_fields[SORT_FIELDS] = {
	{"d.data_source_id", "bigint", false, true},
	{"d.organization_id", "bigint", false, false},
	{"d.workspace_id", "bigint", true, false},
	{"d.name", "text", false, true},
	{"d.type", "text", false, false},
	{"d.description", "text", true, false},
	{"d.host", "text", true, false},
	{"d.port", "bigint", true, false},
	{"d.database_name", "text", true, false},
	{"d.schema_name", "text", true, false},
	{"d.file_path", "text", true, false},
	{"d.use_ssh_tunnel", "boolean", false, false},
	{"d.ssh_host", "text", true, false},
	{"d.ssh_port", "bigint", true, false},
	{"rivergen_catalog.shown_status(d.maintenance, s.status)", "text", false, false},
	{"s.last_tested_at", "timestamptz", true, false},
	{"s.last_successful_connection_at", "timestamptz", true, false},
	{"s.schema_discovered_at", "timestamptz", true, false},
	{"d.schema_auto_refresh", "boolean", false, false},
	{"array_to_string(d.tags, ', ')", "text", false, false},
	{"d.created_at", "timestamptz", false, true},
	{"d.updated_at", "timestamptz", false, true},
};

const RgSortField *
rg_sort_field(int field)
{
	return &sort_fields[field];
}

int
rg_sort_field_find(const char *name)
{
	for (int i = 0; i < SORT_FIELDS; i++)
	{
		if (strcmp(rg_sort_fields[i], name) == 0)
			return i;
	}
	return -1;
}

Oid
rg_sort_field_type(const RgSortField *field)
{
	switch (field->type[0])
	{
		case 'b':
			return field->type[1] == 'i' ? INT8OID : BOOLOID;
		case 't':
			return field->type[1] == 'e' ? TEXTOID : TIMESTAMPTZOID;
		default:
			elog(ERROR, "no such type of sort field");
	}
}

static char *
write_value(Oid type, Datum value)
{
	switch (type)
	{
		case TEXTOID:
			return TextDatumGetCString(value);
		case BOOLOID:
			return pstrdup(DatumGetBool(value) ? "1" : "0");
		default: /* a timestamp is its microseconds */
			return psprintf(INT64_FORMAT, DatumGetInt64(value));
	}
}

char *
rg_list_cursor_write(const RgListOrder *order, const RgListCursor *cursor)
{
	const RgSortField *field = rg_sort_field(order->field);
	char *plain = psprintf("%s.%c." INT64_FORMAT "%c%s", rg_sort_fields[order->field],
						   order->descending ? 'd' : 'a', cursor->id, cursor->is_null ? '-' : '=',
						   cursor->is_null ? "" : write_value(rg_sort_field_type(field), cursor->value));
	size_t length = strlen(plain);
	char *digits = palloc(2 * length + 1);

	digits[hex_encode(plain, length, digits)] = '\0';
	return digits;
}

/* Decodes the digits; NULL if they are no digits or no valid text. */
static char *
read_digits(const char *digits)
{
	size_t length = strlen(digits);
	char *plain = palloc(length / 2 + 1);

	if (length % 2 != 0 || digits[strspn(digits, "0123456789abcdef")] != '\0')
		return NULL;
	plain[hex_decode(digits, length, plain)] = '\0';
	return strlen(plain) == length / 2 && pg_verify_mbstr(GetDatabaseEncoding(), plain, length / 2, true)
			   ? plain
			   : NULL;
}

static bool
read_integer(const char *text, int64 *number, const char **rest)
{
	char *stop;

	errno = 0;
	*number = strtoi64(text, &stop, 10);
	*rest = stop;
	return stop != text && errno == 0;
}

static bool
read_value(Oid type, const char *text, Datum *value)
{
	const char *rest;
	int64 number;

	if (type == TEXTOID)
	{
		*value = CStringGetTextDatum(text);
		return true;
	}
	if (!read_integer(text, &number, &rest) || *rest != '\0')
		return false;
	*value = type == BOOLOID ? BoolGetDatum(number != 0) : Int64GetDatum(number);
	return type != TIMESTAMPTZOID || IS_VALID_TIMESTAMP(number);
}

bool
rg_list_cursor_read(const char *digits, const RgListOrder *order, RgListCursor *cursor)
{
	const RgSortField *field = rg_sort_field(order->field);
	char *beginning = psprintf("%s.%c.", rg_sort_fields[order->field], order->descending ? 'd' : 'a');
	char *plain = read_digits(digits);
	const char *rest;

	if (plain == NULL || strncmp(plain, beginning, strlen(beginning)) != 0 ||
		!read_integer(plain + strlen(beginning), &cursor->id, &rest))
		return false;
	cursor->is_null = *rest == '-';
	if (cursor->is_null)
		return rest[1] == '\0' && field->nullable;
	return *rest == '=' && read_value(rg_sort_field_type(field), rest + 1, &cursor->value);
}
