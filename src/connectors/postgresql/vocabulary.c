/*
 * vocabulary.c — looks up names, quotes identifiers, and recognises default operator classes.
 */
#include "connectors/postgresql/statements.h"
#include "connectors/postgresql/vocabulary.h"

#define TEXT_TYPE    25
#define VARCHAR_TYPE 1043

static bool
is_reserved(const Vocabulary *vocabulary, const char *name)
{
	int low = 0;
	int high = PQntuples(vocabulary->words);

	while (low < high)
	{
		int middle = (low + high) / 2;
		int order = strcmp(name, row_name(vocabulary->words, middle, 0));

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

static bool
is_plain(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

	return (*name < '0' || *name > '9') && name[strspn(name, plain)] == '\0';
}

void
append_identifier(WireBuffer *out, const Vocabulary *vocabulary, const char *name)
{
	if (is_plain(name) && !is_reserved(vocabulary, name))
	{
		wire_append_text(out, name);
		return;
	}
	wire_append(out, "\"", 1);
	for (; *name; name++)
		wire_append(out, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
	wire_append(out, "\"", 1);
}

/* Returns the row whose first column is this oid, or -1; the rows are ordered by it. */
static int
find_row(const PGresult *result, ObjectId id)
{
	int low = 0;
	int high = PQntuples(result);

	while (low < high)
	{
		int middle = (low + high) / 2;
		ObjectId found = row_oid(result, middle, 0);

		if (found == id)
			return middle;
		if (id < found)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

/* Every oid has a name, since both were read in one snapshot. */
static const char *
name_of(const PGresult *result, ObjectId id)
{
	int row = find_row(result, id);

	if (row < 0)
		give_up_malformed();
	return row_name(result, row, 1);
}

const char *
schema_name(const Vocabulary *vocabulary, ObjectId schema)
{
	return name_of(vocabulary->schemas, schema);
}

const char *
schema_comment(const Vocabulary *vocabulary, ObjectId schema)
{
	int row = find_row(vocabulary->schema_comments, schema);

	return row < 0 ? NULL : row_text(vocabulary->schema_comments, row, SCHEMA_COMMENT_TEXT);
}

const char *
access_method_name(const Vocabulary *vocabulary, ObjectId access_method)
{
	return vocabulary->access_methods ? name_of(vocabulary->access_methods, access_method) : NULL;
}

bool
is_default_class(const Vocabulary *vocabulary, ObjectId operator_class, ObjectId type)
{
	int row = find_row(vocabulary->classes, operator_class);
	ObjectId served;

	if (row < 0)
		return false;
	served = row_oid(vocabulary->classes, row, 1);
	/* Other pairs can be defaults too (domains, arrays, enums); the server is asked about those. */
	return served == type || (served == TEXT_TYPE && type == VARCHAR_TYPE);
}
