#include "check/description.h"

#include "miscadmin.h"

#include "check/field.h"
#include "check/list.h"
#include "json_value.h"
#include "wordlist.h"

/* Members of answers that no request may set, of the table and of a column. */
static const char *const settable[] = {"description", "tags", "columns"};
static const char *const read_only[] = {"id",       "db_connection_id",   "table_name", "table_schema",
										"status",   "description_source", "comment",    "error_message",
										"examples", "scanned_at",         "version",    NULL};
static const char *const column_settable[] = {"name", "description", "tags"};
#define SETTABLE lengthof(settable)
StaticAssertDecl(lengthof(column_settable) == SETTABLE, "both lists are read with one length");
static const char *const column_read_only[] = {"is_primary_key",  "data_type",  "description_source",
											   "comment",         "categories", "foreign_key",
											   "low_cardinality", NULL};

/* A column of the table. */
typedef struct Column
{
	const char *name;
	int position; /* of the element that named it first, or -1 */
} Column;

/* One column of the request. */
typedef struct Reading
{
	RgFaults *faults;
	bool is_entry;          /* of a document, in which members to read are passed over */
	int count;              /* of the table's columns */
	const char **names;     /* theirs, to suggest the nearest name */
	Column *columns;        /* sorted by their names */
	Jsonb *given;           /* the request's columns */
	JsonbParseState *texts; /* {name: text or null} */
	JsonbParseState *tags;  /* {name: [tag]} */
} Reading;

static bool
is_text(const JsonbValue *value, const char *text)
{
	return strlen(text) == (size_t) value->val.string.len &&
		   memcmp(text, value->val.string.val, value->val.string.len) == 0;
}

static void
refuse_member(RgFaults *faults, bool is_entry, const JsonbValue *name, const char *prefix,
			  const char *const *known, const char *const *shown)
{
	char *label = psprintf("%s%s", prefix, rg_printable_name(name->val.string.val, name->val.string.len));
	const char *nearest;

	for (; *shown != NULL; shown++)
	{
		if (is_text(name, *shown))
		{
			if (!is_entry)
				rg_fault(faults, label, "is read-only");
			return;
		}
	}
	nearest = rg_nearest(faults, name->val.string.val, name->val.string.len, known, SETTABLE);
	if (nearest != NULL)
		rg_fault(faults, label, "is not a field; did you mean %s?", nearest);
	else
		rg_fault(faults, label, "is not a field");
}

static bool
is_among(const JsonbValue *name, const char *const *names)
{
	for (int i = 0; i < (int) SETTABLE; i++)
	{
		if (is_text(name, names[i]))
			return true;
	}
	return false;
}

/* known: the members that may be given. */
static void
refuse_unknown(RgFaults *faults, bool is_entry, JsonbContainer *object, const char *prefix,
			   const char *const *known, const char *const *shown)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue name;

	while ((token = JsonbIteratorNext(&iterator, &name, true)) != WJB_DONE)
	{
		if (token == WJB_KEY && !is_among(&name, known))
			refuse_member(faults, is_entry, &name, prefix, known, shown);
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

/* Returns the tags as they will be stored, none for null, or NULL after adding a fault. */
static JsonbValue *
check_tags(RgFaults *faults, const char *label, JsonbValue *value)
{
	if (value->type == jbvNull)
		return rg_field_initial(&rg_fields[RG_FIELD_TAGS]);
	return rg_field_check(faults, label, &rg_fields[RG_FIELD_TAGS], value, 0);
}

static void
put_named(JsonbParseState **object, JsonbValue *name, JsonbValue *value)
{
	pushJsonbValue(object, WJB_KEY, name);
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

static int
compare_columns(const void *a, const void *b)
{
	return strcmp(((const Column *) a)->name, ((const Column *) b)->name);
}

static Column *
columns_of(const char *const *names, int count)
{
	Column *columns = palloc(sizeof(Column) * Max(count, 1));

	for (int i = 0; i < count; i++)
		columns[i] = (Column){names[i], -1};
	qsort(columns, count, sizeof(Column), compare_columns);
	return columns;
}

/* NULL: the table has no such column. */
static Column *
find_column(const Reading *reading, const JsonbValue *name)
{
	const Column wanted = {pnstrdup(name->val.string.val, name->val.string.len), -1};

	return bsearch(&wanted, reading->columns, reading->count, sizeof(Column), compare_columns);
}

static void
refuse_column(const Reading *reading, const char *label, const JsonbValue *name)
{
	const char *nearest = rg_nearest(reading->faults, name->val.string.val, name->val.string.len,
									 reading->names, reading->count);

	if (nearest != NULL)
		rg_fault(reading->faults, label, "is not a column of this table; did you mean %s?",
				 rg_printable_name(nearest, strlen(nearest)));
	else
		rg_fault(reading->faults, label, "is not a column of this table");
}

/* is_passed_over: nothing is to be written, so the column may be gone or named again. */
static bool
check_column_name(const Reading *reading, const char *label, const JsonbValue *name, int position,
				  bool is_passed_over)
{
	Column *column;

	if (name == NULL || name->type == jbvNull)
		rg_fault(reading->faults, label, "is required");
	else if (name->type != jbvString)
		rg_fault(reading->faults, label, "must be a string");
	else if ((column = find_column(reading, name)) == NULL && !is_passed_over)
		refuse_column(reading, label, name);
	else if (column != NULL && column->position < 0)
	{
		column->position = position;
		return true;
	}
	else if (!is_passed_over)
		rg_fault(reading->faults, label, "is that of columns[%d] too", column->position);
	return false;
}

static void
read_column(Reading *reading, int position)
{
	JsonbValue *element = getIthJsonbValueFromContainer(&reading->given->root, position);
	char *label = psprintf("columns[%d]", position);
	JsonbContainer *object;
	JsonbValue *name;
	JsonbValue *text;
	JsonbValue *tags;
	bool says_nothing;

	if (element->type != jbvBinary || !JsonContainerIsObject(element->val.binary.data))
	{
		rg_fault(reading->faults, label, "must be a JSON object");
		return;
	}
	object = element->val.binary.data;
	refuse_unknown(reading->faults, reading->is_entry, object, psprintf("%s.", label), column_settable,
				   column_read_only);
	name = member(object, "name");
	text = member(object, "description");
	tags = member(object, "tags");
	says_nothing = text == NULL && tags == NULL;
	if (says_nothing && !reading->is_entry)
		rg_fault(reading->faults, label, "must have description or tags");
	if (text != NULL)
		text = check_text(reading->faults, psprintf("%s.description", label), text);
	if (tags != NULL)
		tags = check_tags(reading->faults, psprintf("%s.tags", label), tags);
	if (!check_column_name(reading, psprintf("%s.name", label), name, position,
						   says_nothing && reading->is_entry))
		return;
	if (text != NULL)
		put_named(&reading->texts, name, text);
	if (tags != NULL)
		put_named(&reading->tags, name, tags);
}

/* The end of an object that was built, as a member of another one when it has members itself. */
static void
put_filled(JsonbParseState **to, const char *name, JsonbParseState **state)
{
	Jsonb *object = JsonbValueToJsonb(pushJsonbValue(state, WJB_END_OBJECT, NULL));

	if (JB_ROOT_COUNT(object) > 0)
		rg_json_put(to, name, rg_json_container(object));
}

/* Puts what is given about columns into the changes. */
static void
check_columns(RgFaults *faults, bool is_entry, JsonbValue *value, Jsonb *known, JsonbParseState **changes)
{
	Reading reading = {.faults = faults, .is_entry = is_entry, .count = JB_ROOT_COUNT(known)};
	int count;

	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
	{
		rg_fault(faults, "columns", "must be an array");
		return;
	}
	reading.names = names_of(known);
	reading.columns = columns_of(reading.names, reading.count);
	reading.given = JsonbValueToJsonb(value);
	count = JB_ROOT_COUNT(reading.given);
	pushJsonbValue(&reading.texts, WJB_BEGIN_OBJECT, NULL);
	pushJsonbValue(&reading.tags, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		read_column(&reading, i);
	}
	put_filled(changes, "columns", &reading.texts);
	put_filled(changes, "column_tags", &reading.tags);
}

static Jsonb *
check_changes(RgFaults *faults, bool is_entry, Jsonb *changes, Jsonb *columns)
{
	JsonbParseState *state = NULL;
	JsonbValue *given;

	refuse_unknown(faults, is_entry, &changes->root, "", settable, read_only);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	given = member(&changes->root, "description");
	if (given != NULL && (given = check_text(faults, "description", given)) != NULL)
		rg_json_put(&state, "description", given);
	given = member(&changes->root, "tags");
	if (given != NULL && (given = check_tags(faults, "tags", given)) != NULL)
		rg_json_put(&state, "tags", given);
	given = member(&changes->root, "columns");
	if (given != NULL)
		check_columns(faults, is_entry, given, columns, &state);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

Jsonb *
rg_check_description(RgFaults *faults, Jsonb *changes, Jsonb *columns)
{
	if (changes != NULL && JB_ROOT_IS_OBJECT(changes))
		return check_changes(faults, false, changes, columns);
	rg_fault(faults, "request", "must be a JSON object");
	return NULL;
}

/* ---- an entry of a document ---- */

static const char *const places[] = {"data_source", "table_schema", "table_name"};

bool
rg_check_description_place(RgFaults *faults, Jsonb *entry)
{
	int before = faults->count;

	for (int i = 0; i < (int) lengthof(places); i++)
	{
		JsonbValue *value = member(&entry->root, places[i]);

		if (value == NULL || value->type == jbvNull)
			rg_fault(faults, places[i], "is required");
		else if (value->type != jbvString)
			rg_fault(faults, places[i], "must be a string");
	}
	return faults->count == before;
}

Jsonb *
rg_check_description_entry(RgFaults *faults, Jsonb *entry, Jsonb *columns)
{
	JsonbValue *version = member(&entry->root, "version");

	if (version != NULL && version->type != jbvString && version->type != jbvNull)
		rg_fault(faults, "version", "must be a string");
	return check_changes(faults, true, rg_json_without(entry, places[0]), columns);
}

/* ---- the list ---- */

void
rg_check_description_list(RgFaults *faults, const char *status, ArrayType *tags)
{
	rg_check_sought_tags(faults, tags);
	if (status != NULL && rg_wordlist_index(rg_wordlist_description_statuses, status) < 0)
		rg_fault(faults, "status", "must be one of %s", rg_wordlist_text(rg_wordlist_description_statuses));
}
