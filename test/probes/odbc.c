/* unixODBC: connects by the connection string that is its argument. */
#include <sql.h>
#include <sqlext.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	SQLHENV environment;
	SQLHDBC connection;
	SQLCHAR state[6];
	SQLCHAR text[512] = "";

	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
	SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER) SQL_OV_ODBC3, 0);
	SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection);
	if (SQL_SUCCEEDED(SQLDriverConnect(connection, NULL, (SQLCHAR *) argv[argc - 1], SQL_NTS, NULL, 0, NULL,
									   SQL_DRIVER_NOPROMPT)))
		puts("connected");
	else if (SQL_SUCCEEDED(
				 SQLGetDiagRec(SQL_HANDLE_DBC, connection, 1, state, NULL, text, sizeof(text), NULL)))
		printf("%s %s\n", state, text);
	return 0;
}
