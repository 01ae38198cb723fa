#include "connectors/elasticsearch/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/value_text.h"
#include "connectors/jsontree/json_text.h"

#define MICROSECONDS_OF_DAY INT64_C(86400000000)
/* Up to here every whole number is a double. */
#define MOST_EXACT 9007199254740992.0

void
read_column_set(ReadColumn *column, const Fields *fields, const Field *field)
{
	const Field *target = field && field->path ? fields_at(fields, field->path) : NULL;

	*column = (ReadColumn){.name = field ? field->name : ID_COLUMN, .field = field, .form = FORM_TEXT};
	if (field == NULL)
		return;
	column->form = column_form(fields, field);
	column->date = date_format_of(target ? target->format : field->format);
	column->is_fetched = field->is_computed || field->path != NULL;
}

/* ---- where the value is ---- */

/* Documents may have {"a": {"b": 1}} and {"a.b": 1} for the same. */
static const JsonNode *
find_at(const JsonNode *object, const char *path)
{
	const JsonNode *found = json_member(object, path);

	for (const JsonNode *member = object && object->kind == JSON_OBJECT && !found ? object->first : NULL;
		 member && !found; member = member->next)
	{
		size_t length = strlen(member->name);

		if (member->kind == JSON_OBJECT && strncmp(path, member->name, length) == 0 && path[length] == '.')
			found = find_at(member, path + length + 1);
	}
	return found;
}

/* Is the member a part of the object of that name, with the dots in its own name? */
static const char *
name_below(const JsonNode *member, const char *name)
{
	size_t length = strlen(name);

	return strncmp(member->name, name, length) == 0 && member->name[length] == '.' ? member->name + length + 1
																				   : NULL;
}

static bool
has_parts(const JsonNode *source, const char *name)
{
	for (const JsonNode *member = source ? source->first : NULL; member; member = member->next)
		if (name_below(member, name) != NULL)
			return true;
	return false;
}

static void
append_part(WireBuffer *out, const char *name, const JsonNode *value)
{
	document_separate(out);
	json_append_string(out, name, strlen(name));
	document_literal(out, ":");
	json_append(out, value);
}

/* An object of which documents have parts under names with dots. */
static void
append_parts(WireBuffer *out, const JsonNode *source, const char *name)
{
	const JsonNode *whole = json_member(source, name);

	document_literal(out, "{");
	if (whole != NULL && whole->kind == JSON_OBJECT)
		for (const JsonNode *member = whole->first; member; member = member->next)
			append_part(out, member->name, member);
	for (const JsonNode *member = source->first; member; member = member->next)
		if (name_below(member, name) != NULL)
			append_part(out, name_below(member, name), member);
	document_literal(out, "}");
}

/* ---- what it is ---- */

/* For the service a value and an array of this value alone are the same, and an empty array is none. */
static const JsonNode *
only_element(const JsonNode *value)
{
	while (value && value->kind == JSON_ARRAY && value->count <= 1)
		value = value->first;
	return value && value->kind == JSON_NULL ? NULL : value;
}

static void
append_plain(WireBuffer *out, const JsonNode *value)
{
	if (value->kind == JSON_TEXT)
		wire_append(out, value->text, value->length);
	else
		json_append(out, value);
}

/* 5.0 and 1e3 are whole numbers as well. */
static void
append_integer(WireBuffer *out, const JsonNode *value)
{
	bool is_plain = value->kind != JSON_NUMBER || strpbrk(value->text, ".eE") == NULL;
	double number = is_plain ? 0 : strtod(value->text, NULL);
	char digits[32];

	if (is_plain || fabs(number) > MOST_EXACT || number != floor(number))
		append_plain(out, value);
	else
	{
		snprintf(digits, sizeof(digits), "%.0f", number == 0 ? 0 : number);
		wire_append_text(out, digits);
	}
}

/* An empty text is false for the service, too. */
static void
append_boolean(WireBuffer *out, const JsonNode *value)
{
	if (value->kind == JSON_TEXT && value->length == 0)
		wire_append_text(out, "false");
	else
		append_plain(out, value);
}

static void
append_date(WireBuffer *out, const ReadColumn *column, const JsonNode *value)
{
	int64_t microseconds;

	if ((value->kind != JSON_TEXT && value->kind != JSON_NUMBER) ||
		!date_read(&column->date, value->text, value->length, &microseconds))
		append_plain(out, value);
	else if (column->form == FORM_DAY)
		value_text_date(out, microseconds / MICROSECONDS_OF_DAY -
								 (microseconds % MICROSECONDS_OF_DAY < 0 ? 1 : 0));
	else
		value_text_timestamp(out, microseconds, true);
}

void
value_append_node(WireBuffer *out, const ReadColumn *column, const JsonNode *value)
{
	switch (column->form)
	{
		case FORM_JSON:
			json_append(out, value);
			break;
		case FORM_INTEGER:
			append_integer(out, value);
			break;
		case FORM_BOOLEAN:
			append_boolean(out, value);
			break;
		case FORM_DATE:
		case FORM_DAY:
			append_date(out, column, value);
			break;
		default:
			append_plain(out, value);
	}
}

/* ---- values ---- */

static const JsonNode *
find_value(const ReadColumn *column, const JsonNode *hit)
{
	const JsonNode *value;

	if (column->field == NULL)
		return json_member(hit, ID_COLUMN);
	if (column->is_fetched)
		return only_element(json_member(json_member(hit, "fields"), column->name));
	value = find_at(json_member(hit, "_source"), column->name);
	return column->form == FORM_TEXT || column->form == FORM_JSON ? value : only_element(value);
}

bool
value_append(WireBuffer *out, const ReadColumn *column, const JsonNode *hit)
{
	const JsonNode *source = json_member(hit, "_source");
	const JsonNode *value;

	if (column->field != NULL && column->form == FORM_JSON && has_parts(source, column->name))
	{
		append_parts(out, source, column->name);
		return true;
	}
	value = find_value(column, hit);
	if (value != NULL)
		value_append_node(out, column, value);
	return value != NULL;
}
