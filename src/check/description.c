#include "check/description.h"

#include "check/field.h"
#include "json_value.h"
#include "wordlist.h"

/* Members of answers that no request may set, of the table and of a column. */
static const char *const settable[] = {"description", "columns"};
static const char *const read_only[] = {"id",         "db_connection_id",
										"table_name", "table_schema",
										"status",     "description_source",
										"comment",    "error_message",
										"examples",   NULL};
static const char *const column_settable[] = {"name", "description"};
static const char *const column_read_only[] = {"is_primary_key",  "data_type",  "description_source",
											   "comment",         "categories", "foreign_key",
											   "low_cardinality", NULL};

/* One column of the request. */
typedef struct Reading
{
	RgFaults *faults;
	Jsonb *known;        /* names of the table's columns */
	const char **names;  /* the same, to suggest the nearest name */
	Jsonb *given;        /* the request's columns */
	JsonbParseState *to; /* {name: text or null} */
} Reading;

static bool
is_text(const JsonbValue *value, const char *text)
{
	return strlen(text) == (size_t) value->val.string.len &&
		   memcmp(text, value->val.string.val, value->val.string.len) == 0;
}

static void
refuse_member(RgFaults *faults, const JsonbValue *name, const char *prefix, const char *const *known,
			  const char *const *shown)
{
	char *label = psprintf("%s%s", prefix, rg_printable_name(name->val.string.val, name->val.string.len));
	const char *nearest;

	for (; *shown != NULL; shown++)
	{
		if (is_text(name, *shown))
		{
			rg_fault(faults, label, "is read-only");
			return;
		}
	}
	nearest = rg_nearest(name->val.string.val, name->val.string.len, known, 2);
	if (nearest != NULL)
		rg_fault(faults, label, "is not a field; did you mean %s?", nearest);
	else
		rg_fault(faults, label, "is not a field");
}

/* known: the two members that may be given. */
static void
refuse_unknown(RgFaults *faults, JsonbContainer *object, const char *prefix, const char *const *known,
			   const char *const *shown)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue name;

	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token == WJB_KEY && !is_text(&name, known[0]) && !is_text(&name, known[1]))
			refuse_member(faults, &name, prefix, known, shown);
	}
}

static JsonbValue *
member(JsonbContainer *object, const char *name)
{
	return getKeyJsonValueFromContainer(object, name, strlen(name), NULL);
}

/* Returns the text or null as it will be stored, or NULL after adding a fault. */
static JsonbValue *
check_text(RgFaults *faults, const char *label, JsonbValue *value)
{
	if (value->type == jbvNull)
		return value;
	return rg_field_check(faults, label, &rg_fields[RG_FIELD_DESCRIPTION], value, 0);
}

static void
put(JsonbParseState **object, const char *name, JsonbValue *value)
{
	pushJsonbValue(object, WJB_KEY, rg_json_string(name, strlen(name)));
	pushJsonbValue(object, WJB_VALUE, value);
}

/* ---- columns ---- */

static const char **
names_of(Jsonb *columns)
{
	int count = JB_ROOT_COUNT(columns);
	const char **names = palloc(sizeof(char *) * Max(count, 1));

	for (int i = 0; i < count; i++)
	{
		JsonbValue *name = getIthJsonbValueFromContainer(&columns->root, i);

		names[i] = pnstrdup(name->val.string.val, name->val.string.len);
	}
	return names;
}

static bool
is_column(const Reading *reading, const JsonbValue *name)
{
	int count = JB_ROOT_COUNT(reading->known);

	for (int i = 0; i < count; i++)
	{
		if (is_text(name, reading->names[i]))
			return true;
	}
	return false;
}

static void
refuse_column(const Reading *reading, const char *label, const JsonbValue *name)
{
	const char *nearest =
		rg_nearest(name->val.string.val, name->val.string.len, reading->names, JB_ROOT_COUNT(reading->known));

	if (nearest != NULL)
		rg_fault(reading->faults, label, "is not a column of this table; did you mean %s?",
				 rg_printable_name(nearest, strlen(nearest)));
	else
		rg_fault(reading->faults, label, "is not a column of this table");
}

/* Does an earlier element name the same column? */
static bool
is_repeated(const Reading *reading, const char *label, const JsonbValue *name, int position)
{
	for (int i = 0; i < position; i++)
	{
		JsonbValue *before = getIthJsonbValueFromContainer(&reading->given->root, i);
		JsonbValue *other;

		if (before->type != jbvBinary || !JsonContainerIsObject(before->val.binary.data))
			continue;
		other = member(before->val.binary.data, "name");
		if (other != NULL && other->type == jbvString && rg_json_equal(other, name))
		{
			rg_fault(reading->faults, label, "is that of columns[%d] too", i);
			return true;
		}
	}
	return false;
}

static bool
check_column_name(const Reading *reading, const char *label, const JsonbValue *name, int position)
{
	if (name == NULL || name->type == jbvNull)
		rg_fault(reading->faults, label, "is required");
	else if (name->type != jbvString)
		rg_fault(reading->faults, label, "must be a string");
	else if (!is_column(reading, name))
		refuse_column(reading, label, name);
	else
		return !is_repeated(reading, label, name, position);
	return false;
}

static void
read_column(Reading *reading, int position)
{
	JsonbValue *element = getIthJsonbValueFromContainer(&reading->given->root, position);
	char *label = psprintf("columns[%d]", position);
	char *text_label = psprintf("%s.description", label);
	JsonbContainer *object;
	JsonbValue *name;
	JsonbValue *text;

	if (element->type != jbvBinary || !JsonContainerIsObject(element->val.binary.data))
	{
		rg_fault(reading->faults, label, "must be a JSON object");
		return;
	}
	object = element->val.binary.data;
	refuse_unknown(reading->faults, object, psprintf("%s.", label), column_settable, column_read_only);
	name = member(object, "name");
	text = member(object, "description");
	if (text == NULL)
		rg_fault(reading->faults, text_label, "is required");
	else
		text = check_text(reading->faults, text_label, text);
	if (!check_column_name(reading, psprintf("%s.name", label), name, position) || text == NULL)
		return;
	pushJsonbValue(&reading->to, WJB_KEY, name);
	pushJsonbValue(&reading->to, WJB_VALUE, text);
}

/* Returns the columns as {name: text or null}, or NULL if they are no array. */
static JsonbValue *
check_columns(RgFaults *faults, JsonbValue *value, Jsonb *known)
{
	Reading reading = {.faults = faults, .known = known};
	int count;

	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
	{
		rg_fault(faults, "columns", "must be an array");
		return NULL;
	}
	reading.names = names_of(known);
	reading.given = JsonbValueToJsonb(value);
	count = JB_ROOT_COUNT(reading.given);
	pushJsonbValue(&reading.to, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < count; i++)
		read_column(&reading, i);
	return rg_json_container(JsonbValueToJsonb(pushJsonbValue(&reading.to, WJB_END_OBJECT, NULL)));
}

Jsonb *
rg_check_description(RgFaults *faults, Jsonb *changes, Jsonb *columns)
{
	JsonbParseState *state = NULL;
	JsonbValue *text;
	JsonbValue *given;

	if (changes == NULL || !JB_ROOT_IS_OBJECT(changes))
	{
		rg_fault(faults, "request", "must be a JSON object");
		return NULL;
	}
	refuse_unknown(faults, &changes->root, "", settable, read_only);
	text = member(&changes->root, "description");
	if (text != NULL)
		text = check_text(faults, "description", text);
	given = member(&changes->root, "columns");
	if (given != NULL)
		given = check_columns(faults, given, columns);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	if (text != NULL)
		put(&state, "description", text);
	if (given != NULL)
		put(&state, "columns", given);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* ---- the list ---- */

void
rg_check_description_list(RgFaults *faults, const char *status)
{
	if (status != NULL && rg_wordlist_index(rg_wordlist_description_statuses, status) < 0)
		rg_fault(faults, "status", "must be one of %s", rg_wordlist_text(rg_wordlist_description_statuses));
}
