#include "connectors/redis/wanted.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/redis/shown.h"

/* ---- which columns there are ---- */

typedef struct OwnColumn
{
	KeyType type;
	const char *name;
	WantedKind kind;
} OwnColumn;

static const OwnColumn own_columns[] = {
	{KEY_STRING, VALUE_COLUMN, WANTED_VALUE},   {KEY_JSON, VALUE_COLUMN, WANTED_VALUE},
	{KEY_LIST, INDEX_COLUMN, WANTED_INDEX},     {KEY_LIST, VALUE_COLUMN, WANTED_VALUE},
	{KEY_SET, VALUE_COLUMN, WANTED_VALUE},      {KEY_ZSET, MEMBER_COLUMN, WANTED_VALUE},
	{KEY_ZSET, SCORE_COLUMN, WANTED_SCORE},     {KEY_STREAM, ID_COLUMN, WANTED_ID},
	{KEY_STREAM, FIELDS_COLUMN, WANTED_FIELDS}, {KEY_HASH, FIELDS_COLUMN, WANTED_FIELDS},
};

static bool
find_own(KeyType type, const char *name, WantedKind *kind)
{
	if (strcmp(name, KEY_COLUMN) == 0)
	{
		*kind = WANTED_KEY;
		return true;
	}
	for (size_t i = 0; i < sizeof(own_columns) / sizeof(own_columns[0]); i++)
		if (own_columns[i].type == type && strcmp(own_columns[i].name, name) == 0)
		{
			*kind = own_columns[i].kind;
			return true;
		}
	return false;
}

bool
wanted_is_column(KeyType type, const char *name)
{
	WantedKind kind;

	return type == KEY_HASH || type == KEY_STREAM || find_own(type, name, &kind);
}

void
wanted_add(Wanted *wanted, const char *name)
{
	WantedColumn column = {.kind = WANTED_FIELD, .name = {.bytes = name, .length = strlen(name)}};

	if (!find_own(wanted->type, name, &column.kind) &&
		column_name_is_taken(wanted->type, name, column.name.length))
		column.name.length -= strlen(FIELD_SUFFIX);
	wanted->has_fields |= column.kind == WANTED_FIELDS;
	wanted->field_count += column.kind == WANTED_FIELD;
	wanted->columns = reallocate(wanted->columns, (size_t) (wanted->count + 1) * sizeof(WantedColumn));
	wanted->columns[wanted->count++] = column;
}

/* ---- a row ---- */

void
wanted_clear(Wanted *wanted)
{
	for (int i = 0; i < wanted->count; i++)
	{
		wanted->columns[i].value = (JudgedValue){.bytes = NULL};
		wire_reset(&wanted->columns[i].text);
	}
}

static void
set_text(WantedColumn *column)
{
	if (column->text.failed)
		give_up_out_of_memory();
	column->value = (JudgedValue){.bytes = column->text.length > 0 ? column->text.data : "",
								  .length = column->text.length};
}

void
wanted_set_column(WantedColumn *column, RespText value)
{
	wire_reset(&column->text);
	if (column->kind == WANTED_KEY)
		shown_append_name(&column->text, value);
	else
		shown_append_value(&column->text, value);
	set_text(column);
}

void
wanted_set(Wanted *wanted, WantedKind kind, RespText value)
{
	for (int i = 0; i < wanted->count; i++)
		if (wanted->columns[i].kind == kind)
			wanted_set_column(&wanted->columns[i], value);
}

static void
append_member(WireBuffer *out, RespText name, RespText value)
{
	WireBuffer shown = {.data = NULL};

	wire_append(out, out->length == 0 ? "{" : ", ", out->length == 0 ? 1 : 2);
	shown_append_name(&shown, name);
	wire_append_string(out, shown.data ? shown.data : "", shown.length);
	wire_append(out, ": ", 2);
	wire_reset(&shown);
	shown_append_value(&shown, value);
	wire_append_string(out, shown.data ? shown.data : "", shown.length);
	out->failed |= shown.failed;
	wire_free(&shown);
}

/* Of a name that an entry of a stream has twice, the first value counts. */
void
wanted_set_field(Wanted *wanted, RespText name, RespText value)
{
	for (int i = 0; i < wanted->count; i++)
	{
		WantedColumn *column = &wanted->columns[i];

		if (column->kind == WANTED_FIELDS)
			append_member(&column->text, name, value);
		else if (column->kind == WANTED_FIELD && column->value.bytes == NULL &&
				 column->name.length == name.length &&
				 memcmp(column->name.bytes, name.bytes, name.length) == 0)
			wanted_set_column(column, value);
	}
}

void
wanted_finish(Wanted *wanted)
{
	for (int i = 0; i < wanted->count; i++)
	{
		WantedColumn *column = &wanted->columns[i];

		if (column->kind != WANTED_FIELDS)
			continue;
		wire_append_text(&column->text, column->text.length == 0 ? "{}" : "}");
		set_text(column);
	}
}

void
wanted_free(Wanted *wanted)
{
	for (int i = 0; i < wanted->count; i++)
		wire_free(&wanted->columns[i].text);
	free(wanted->columns);
	*wanted = (Wanted){.columns = NULL};
}
