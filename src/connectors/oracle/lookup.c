/*
 * lookup.c — asks for the object, then for its columns: those of what a synonym stands for are elsewhere.
 */
#include "connectors/oracle/lookup.h"

#include <string.h>

static bool
is_there(OdbcSession *session, const Features *features, const Wanted *wanted, const char *id)
{
	SqlRows objects;
	bool found = false;

	(void) statement_read(session, features, &statement_objects, wanted, &objects);
	for (size_t i = 0; i < objects.count; i++)
		found |= id == NULL || (objects.items[i][OBJECT_ID] && strcmp(objects.items[i][OBJECT_ID], id) == 0);
	sql_rows_free(&objects);
	return found;
}

bool
lookup(OdbcSession *session, const Features *features, const char *owner, const char *name, const char *id,
	   Found *found)
{
	Wanted wanted = {.owner = owner, .relation = name};

	*found = (Found){0};
	if (!is_there(session, features, &wanted, id))
		return false;
	(void) statement_read(session, features, &statement_columns, &wanted, &found->columns);
	if (found->columns.count == 0)
		(void) statement_read(session, features, &statement_synonym_columns, &wanted, &found->columns);
	(void) statement_read(session, features, &statement_constraints, &wanted, &found->constraints);
	(void) statement_read(session, features, &statement_key_columns, &wanted, &found->key_columns);
	return found->columns.count > 0;
}

void
lookup_forget(Found *found)
{
	sql_rows_free(&found->columns);
	sql_rows_free(&found->constraints);
	sql_rows_free(&found->key_columns);
}

const char *const *
lookup_column(const Found *found, const char *name)
{
	for (size_t i = 0; i < found->columns.count; i++)
		if (found->columns.items[i][COLUMN_NAME] && strcmp(found->columns.items[i][COLUMN_NAME], name) == 0)
			return found->columns.items[i];
	return NULL;
}

SqlGroup
lookup_key(const Found *found, const char *const *constraint)
{
	return sql_rows_of(&found->key_columns, constraint[CONSTRAINT_NAME] ? constraint[CONSTRAINT_NAME] : "");
}
