/* libmariadb: connects to the host and port of its argument. */
#include <mysql.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	MYSQL *connection = mysql_init(NULL);
	char host[256];
	unsigned port;
	unsigned timeout = 5;

	if (sscanf(argv[argc - 1], "%255s %u", host, &port) != 2)
		return 64;
	mysql_options(connection, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
	if (mysql_real_connect(connection, host, "root", NULL, NULL, port, NULL, 0) == NULL)
		puts(mysql_error(connection));
	else
		puts(mysql_query(connection, "SELECT 1") == 0 ? "connected" : mysql_error(connection));
	return 0;
}
