/* libpq: connects by the connection string that is its argument. */
#include <libpq-fe.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	PGconn *connection = PQconnectdb(argv[argc - 1]);
	PGresult *result = PQexec(connection, "SELECT 'connected'");

	puts(PQresultStatus(result) == PGRES_TUPLES_OK ? PQgetvalue(result, 0, 0) : PQerrorMessage(connection));
	PQfinish(connection);
	return 0;
}
