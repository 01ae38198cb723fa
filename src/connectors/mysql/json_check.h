/*
 * json_check.h — MariaDB's type json is a longtext with a check of the column's own that it is JSON.
 */
#ifndef RG_MYSQL_JSON_CHECK_H
#define RG_MYSQL_JSON_CHECK_H

#include <stdbool.h>

#include "connectors/sql/rows.h"

/* check: a row of the checks (statements.h). */
extern bool is_json_check(const char *const *check, const char *column);

/* word: of the column's type. */
extern bool
check_makes_json(const SqlRows *checks, const char *relation, const char *word, const char *column);

#endif
