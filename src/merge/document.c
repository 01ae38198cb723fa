/*
 * document.c — checks that a document has the form of src/wire/README.md. Members that are not named there
 * are stored as they are.
 */
#include "document.h"

#include "utils/jsonb.h"

#include "state.h"
#include "wire/pg_type.h"

/* The document's own columns are the first level. */
#define MOST_LEVELS 20

/* What the names of columns may add to the paths of the fields below them: a small document could have huge
 * paths. */
#define MOST_PATH_BYTES (8 * 1024 * 1024)

typedef enum Form
{
	TEXT,
	WORD,    /* one of the rule's words */
	ID,      /* a text of 1 to WIRE_ID_BYTES bytes */
	PG_TYPE, /* a text of wire/pg_type.c */
	TRUTH,
	NUMBER,
	TEXTS,        /* an array of texts */
	TEXT_MEMBERS, /* an object, all of whose members are texts */
	OBJECT,
	OBJECTS, /* an array of objects */
	COLUMNS, /* the same, with names that differ */
} Form;

typedef struct Rule
{
	const char *name;
	Form form;
	const char *fault;
	const struct Rule *members; /* of an object; ends with a rule without a name */
	const char *const *words;   /* of a WORD; ends with NULL */
} Rule;

static const char *const identities[] = {"always", "by default", NULL};
static const char *const generations[] = {"stored", "virtual", NULL};
static const char *const actions[] = {"no action", "restrict", "cascade", "set null", "set default", NULL};
static const char *const matches[] = {"simple", "partial", "full", NULL};

#define IS_ID(member)       member, ID, "a member " member " of a document is no text of 1 to 256 bytes"
#define IS_TEXT(member)     member, TEXT, "a member " member " of a document is no text"
#define IS_WORD(member)     member, WORD, "a member " member " of a document has no word of the protocol", NULL
#define IS_TRUTH(member)    member, TRUTH, "a member " member " of a document is neither true nor false"
#define IS_NUMBER(member)   member, NUMBER, "a member " member " of a document is no number"
#define ARE_TEXTS(member)   member, TEXTS, "a member " member " of a document is no array of texts"
#define IS_PG_TYPE(member)  member, PG_TYPE, "a member " member " of a document names no type that it may"
#define IS_OBJECT(member)   member, OBJECT, "the member " member " of a document is no object"
#define IS_ARRAY(member)    member, OBJECTS, "the member " member " of a document is no array of objects"
#define ARE_COLUMNS(member) member, COLUMNS, "the member " member " of a document is no array of objects"
#define HAS_TEXTS(member)   member, TEXT_MEMBERS, "the member " member " of a document is no object of texts"

static const Rule column[] = {
	{IS_TEXT("name")},
	{IS_ID("id")},
	{IS_TEXT("type")},
	{IS_TRUTH("not_null")},
	{IS_TEXT("default")},
	{IS_WORD("identity"), identities},
	{IS_WORD("generated"), generations},
	{IS_TEXT("expression")},
	{IS_TEXT("collation")},
	{IS_TEXT("comment")},
	{ARE_TEXTS("enum")},
	{IS_TEXT("domain_base")},
	{IS_PG_TYPE("pg_type")},
	{IS_TRUTH("repeated")},
	{IS_TRUTH("map")},
	{ARE_COLUMNS("fields"), column},
	{NULL},
};

/* The members of every kind of key; the connector decides which of them a kind has. */
static const Rule key[] = {
	{IS_TEXT("name")},
	{ARE_TEXTS("columns")},
	{IS_TRUTH("nulls_not_distinct")},
	{IS_TEXT("schema")},
	{IS_TEXT("table")},
	{ARE_TEXTS("referenced_columns")},
	{IS_WORD("on_update"), actions},
	{IS_WORD("on_delete"), actions},
	{IS_WORD("match"), matches},
	{IS_TRUTH("deferrable")},
	{IS_TRUTH("deferred")},
	{IS_TRUTH("not_valid")},
	{IS_TEXT("definition")},
	{IS_TRUTH("temporal")},
	{IS_TRUTH("not_enforced")},
	{ARE_TEXTS("on_delete_columns")},
	{NULL},
};

static const Rule database_index[] = {
	{IS_TEXT("name")},       {IS_TEXT("method")},
	{IS_TRUTH("unique")},    {IS_TRUTH("primary")},
	{ARE_TEXTS("columns")},  {ARE_TEXTS("include")},
	{IS_TEXT("predicate")},  {IS_TRUTH("invalid")},
	{IS_TEXT("definition")}, {NULL},
};

static const Rule named_relation[] = {{IS_TEXT("schema")}, {IS_TEXT("table")}, {IS_TEXT("column")}, {NULL}};

static const Rule sequence[] = {
	{IS_TEXT("type")},
	{IS_NUMBER("start")},
	{IS_NUMBER("increment")},
	{IS_NUMBER("minimum")},
	{IS_NUMBER("maximum")},
	{IS_NUMBER("cache")},
	{IS_TRUTH("cycle")},
	{IS_OBJECT("owned_by"), named_relation},
	{NULL},
};

static const Rule shards[] = {{IS_NUMBER("count")}, {IS_TEXT("first")}, {IS_TEXT("last")}, {NULL}};

static const Rule document_members[] = {
	{IS_TEXT("comment")},
	{IS_TEXT("owner")},
	{ARE_COLUMNS("columns"), column},
	{IS_OBJECT("primary_key"), key},
	{IS_ARRAY("unique"), key},
	{IS_ARRAY("foreign_keys"), key},
	{IS_ARRAY("checks"), key},
	{IS_ARRAY("exclusions"), key},
	{IS_ARRAY("indexes"), database_index},
	{IS_TEXT("definition")},
	{IS_TEXT("partition_key")},
	{IS_OBJECT("partition_of"), named_relation},
	{IS_TEXT("partition_bound")},
	{IS_ARRAY("inherits"), named_relation},
	{ARE_TEXTS("unreadable")},
	{IS_TEXT("server")},
	{HAS_TEXTS("options")},
	{IS_OBJECT("sequence"), sequence},
	{IS_OBJECT("shards"), shards},
	{NULL},
};

typedef struct Texts
{
	JsonbValue *items;
	int32 room;
	int32 count;
} Texts;

/* The state of a walk through one document. */
typedef struct Walk
{
	JsonbIterator *iterator;
	JsonbValue value;
	bool has_nulls;
	Texts names; /* of columns of the open lists, one list after the other */
	Texts ids;   /* of all columns and fields */
	int levels;  /* open lists of columns */
	int64 met;   /* columns and fields so far */
	int64 path_bytes;
	int32 columns; /* of the document's first level */
	const char *fault;
} Walk;

static JsonbIteratorToken
next(Walk *walk, bool skip_nested)
{
	return JsonbIteratorNext(&walk->iterator, &walk->value, skip_nested);
}

static const Rule *
find_rule(const Rule *rules, const JsonbValue *name)
{
	for (const Rule *rule = rules; rule->name != NULL; rule++)
	{
		if (strncmp(rule->name, name->val.string.val, name->val.string.len) == 0 &&
			rule->name[name->val.string.len] == '\0')
			return rule;
	}
	return NULL;
}

static void
note(Texts *texts, const JsonbValue *text)
{
	if (texts->count == texts->room)
	{
		texts->room = Max(64, texts->room * 2);
		texts->items = texts->items == NULL ? palloc(texts->room * sizeof(JsonbValue))
											: repalloc(texts->items, texts->room * sizeof(JsonbValue));
	}
	texts->items[texts->count++] = *text;
}

static int
compare_texts(const void *a, const void *b)
{
	const JsonbValue *one = a;
	const JsonbValue *other = b;

	if (one->val.string.len != other->val.string.len)
		return one->val.string.len - other->val.string.len;
	return memcmp(one->val.string.val, other->val.string.val, one->val.string.len);
}

/* Are two of the texts from `first` on the same? Sorts them. */
static bool
two_are_equal(const Texts *texts, int32 first)
{
	if (texts->count - first < 2)
		return false;
	qsort(texts->items + first, texts->count - first, sizeof(JsonbValue), compare_texts);
	for (int32 i = first + 1; i < texts->count; i++)
	{
		if (compare_texts(&texts->items[i - 1], &texts->items[i]) == 0)
			return true;
	}
	return false;
}

static bool check_object(Walk *walk, const Rule *rules, JsonbValue *name);

static bool
is_at_fault(Walk *walk, const char *fault)
{
	walk->fault = fault;
	return false;
}

/* Checks the elements of an array whose beginning was read. */
static bool
check_elements(Walk *walk, const Rule *rule)
{
	JsonbIteratorToken token;

	while ((token = next(walk, false)) != WJB_END_ARRAY)
	{
		JsonbValue name = {.type = jbvNull};
		int64 before = walk->met;

		if (rule->form == TEXTS ? token != WJB_ELEM || walk->value.type != jbvString
								: token != WJB_BEGIN_OBJECT)
			return is_at_fault(walk, rule->fault);
		if (rule->form == TEXTS)
			continue;
		if (!check_object(walk, rule->members, &name))
			return false;
		if (rule->form != COLUMNS)
			continue;
		if (name.type == jbvNull)
			return is_at_fault(walk, "a column of a document has no name");
		note(&walk->names, &name);
		walk->path_bytes += (walk->met++ - before) * name.val.string.len;
		if (walk->path_bytes > MOST_PATH_BYTES)
			return is_at_fault(walk, "the paths of the fields of a document take more than 8 MB");
	}
	return true;
}

/* Checks a list of columns whose beginning was read: the document's, or the fields of a column. */
static bool
check_columns(Walk *walk, const Rule *rule)
{
	int32 first = walk->names.count;

	if (++walk->levels > MOST_LEVELS)
		return is_at_fault(walk, "columns of a document have fields in more than 20 levels");
	if (!check_elements(walk, rule))
		return false;
	if (two_are_equal(&walk->names, first))
		return is_at_fault(walk, "two columns of a document have the same name");
	if (--walk->levels == 0)
		walk->columns = walk->names.count - first;
	walk->names.count = first;
	return true;
}

/* Checks the members of an object of texts whose beginning was read. */
static bool
check_text_members(Walk *walk, const Rule *rule)
{
	while (next(walk, false) == WJB_KEY)
	{
		(void) next(walk, true);
		walk->has_nulls |= walk->value.type == jbvNull;
		if (walk->value.type != jbvString && walk->value.type != jbvNull)
			return is_at_fault(walk, rule->fault);
	}
	return true;
}

static bool
is_one_of(const JsonbValue *text, const char *const *words)
{
	for (; *words != NULL; words++)
	{
		if (strlen(*words) == (size_t) text->val.string.len &&
			memcmp(*words, text->val.string.val, text->val.string.len) == 0)
			return true;
	}
	return false;
}

static bool
has_form(JsonbIteratorToken token, const JsonbValue *value, const Rule *rule)
{
	switch (rule->form)
	{
		case TEXT:
			return token == WJB_VALUE && value->type == jbvString;
		case WORD:
			return token == WJB_VALUE && value->type == jbvString && is_one_of(value, rule->words);
		case ID:
			return token == WJB_VALUE && value->type == jbvString && value->val.string.len > 0 &&
				   value->val.string.len <= WIRE_ID_BYTES;
		case PG_TYPE:
			return token == WJB_VALUE && value->type == jbvString &&
				   wire_pg_type_is_listed(value->val.string.val, value->val.string.len);
		case TRUTH:
			return token == WJB_VALUE && value->type == jbvBool;
		case NUMBER:
			return token == WJB_VALUE && value->type == jbvNumeric;
		case TEXT_MEMBERS:
		case OBJECT:
			return token == WJB_BEGIN_OBJECT;
		case TEXTS:
		case OBJECTS:
		case COLUMNS:
			return token == WJB_BEGIN_ARRAY;
	}
	return false;
}

static bool
check_member(Walk *walk, const Rule *rule, JsonbIteratorToken token)
{
	if (token == WJB_VALUE && walk->value.type == jbvNull)
	{
		walk->has_nulls = true;
		return true;
	}
	if (!has_form(token, &walk->value, rule))
		return is_at_fault(walk, rule->fault);
	if (rule->form == ID)
		note(&walk->ids, &walk->value);
	if (rule->form == COLUMNS)
		return check_columns(walk, rule);
	if (token == WJB_BEGIN_ARRAY)
		return check_elements(walk, rule);
	if (rule->form == TEXT_MEMBERS)
		return check_text_members(walk, rule);
	return token != WJB_BEGIN_OBJECT || check_object(walk, rule->members, NULL);
}

/*
 * Checks the members of an object whose beginning was read. *name becomes its member `name`, if it has one.
 */
static bool
check_object(Walk *walk, const Rule *rules, JsonbValue *name)
{
	while (next(walk, false) == WJB_KEY)
	{
		const Rule *rule = find_rule(rules, &walk->value);
		JsonbIteratorToken token = next(walk, rule == NULL);

		if (rule == NULL)
			continue;
		if (!check_member(walk, rule, token))
			return false;
		if (name != NULL && rule == rules && token == WJB_VALUE)
			*name = walk->value;
	}
	return true;
}

const char *
rg_document_check(Jsonb *document, int32 columns, bool *has_nulls)
{
	Walk walk = {.iterator = JsonbIteratorInit(&document->root)};

	if (next(&walk, false) != WJB_BEGIN_OBJECT)
		return "a document is no object";
	if (!check_object(&walk, document_members, NULL))
		return walk.fault;
	if (two_are_equal(&walk.ids, 0))
		return "two columns of a document have the same id";
	if (walk.columns != columns)
		return RG_WRONG_COUNT;
	*has_nulls = walk.has_nulls;
	return NULL;
}
