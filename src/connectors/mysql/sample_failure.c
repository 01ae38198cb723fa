/*
 * sample_failure.c — the meaning of error numbers of MySQL and MariaDB.
 */
#include <mysqld_error.h>
#include <stdio.h>

#include "connectors/mysql/sample_failure.h"

/* Errors that only MySQL has. */
#define MYSQL_QUERY_TIMEOUT 3024

const char *
sample_failure(unsigned error)
{
	static const struct
	{
		unsigned error;
		const char *text;
	} meanings[] = {
		{ER_TABLEACCESS_DENIED_ERROR, "the user of the data source may not read it"},
		{ER_COLUMNACCESS_DENIED_ERROR, "the user of the data source may not read it"},
		{ER_PROCACCESS_DENIED_ERROR, "it calls a function that the user of the data source may not call"},
		{ER_STATEMENT_TIMEOUT, "a query took longer than the time for one relation"},
		{MYSQL_QUERY_TIMEOUT, "a query took longer than the time for one relation"},
		{ER_LOCK_WAIT_TIMEOUT, "it is locked by another session"},
		{ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, "reading it would change data, which a scan does not do"},
		{ER_NO_SUCH_TABLE, "it is no longer in the data source"},
		{ER_BAD_FIELD_ERROR, "a column of it has just gone"},
		{ER_VIEW_INVALID, "a table, column or function that it is made with is missing, or may not be read"},
		{ER_SP_DOES_NOT_EXIST, "a function that it is made with is missing"},
		{ER_NOT_KEYFILE, "its data are damaged"},
		{ER_CRASHED_ON_USAGE, "its data are damaged"},
		{ER_CRASHED_ON_REPAIR, "its data are damaged"},
		{ER_CONNECT_TO_FOREIGN_DATA_SOURCE, "the server of the foreign table could not be reached"},
		{ER_QUERY_ON_FOREIGN_DATA_SOURCE, "the server of the foreign table could not be read"},
	};
	static char other[80];

	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].error == error)
			return meanings[i].text;
	snprintf(other, sizeof(other), "reading it failed; the server's error code is %u", error);
	return other;
}
