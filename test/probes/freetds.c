/* FreeTDS: connects to the host:port of its argument. */
#include <sybfront.h>
#include <sybdb.h>

#include <stdio.h>

static int
on_error(DBPROCESS *process, int severity, int number, int os_number, char *text, char *os_text)
{
	(void) process;
	(void) severity;
	(void) os_number;
	printf("%d %s: %s\n", number, text, os_text != NULL ? os_text : "");
	return INT_CANCEL;
}

int
main(int argc, char **argv)
{
	LOGINREC *login;

	dbinit();
	dberrhandle(on_error);
	dbsetlogintime(5);
	login = dblogin();
	DBSETLUSER(login, "reader");
	DBSETLPWD(login, "password");
	DBSETLVERSION(login, DBVERSION_42);
	if (dbopen(login, argv[argc - 1]) != NULL)
		puts("connected");
	return 0;
}
