/*
 * json_check.c — recognizes the check, which the server writes in one way. It has the name that the column
 * had when it was made. Servers that do not tell whose a check is leave only the name to go by.
 */
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/mysql/json_check.h"
#include "connectors/mysql/statements.h"

static bool
is_own(const char *const *check, const char *column)
{
	return check[CHECK_LEVEL] != NULL ? strcmp(check[CHECK_LEVEL], "Column") == 0
									  : check[CHECK_NAME] != NULL && strcmp(check[CHECK_NAME], column) == 0;
}

bool
is_json_check(const char *const *check, const char *column)
{
	WireBuffer clause = {0};
	bool is_json;

	if (check[CHECK_CLAUSE] == NULL || !is_own(check, column))
		return false;
	wire_append_text(&clause, "json_valid(");
	write_name(&clause, column);
	wire_append(&clause, ")", sizeof(")"));
	if (clause.failed)
		give_up_out_of_memory();
	is_json = strcmp(check[CHECK_CLAUSE], clause.data) == 0;
	wire_free(&clause);
	return is_json;
}

bool
check_makes_json(const SqlRows *checks, const char *relation, const char *word, const char *column)
{
	SqlGroup group = sql_rows_of(checks, relation);

	if (strcmp(word, "longtext") != 0)
		return false;
	for (size_t i = 0; i < group.count; i++)
		if (is_json_check(group.items[i], column))
			return true;
	return false;
}
