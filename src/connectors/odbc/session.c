/*
 * session.c — connects through the driver manager, which loads the driver by the path that the operator gave.
 * The manager's own files are not read: they may name other drivers, and a trace.
 */
#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/odbc/answer.h"
#include "connectors/odbc/failure.h"
#include "connectors/odbc/session.h"
#include "connectors/odbc/watch.h"

static void
leave_files_alone(void)
{
	setlocale(LC_ALL, "");
	setenv("ODBCSYSINI", "/nonexistent", 1);
	setenv("ODBCINI", "/nonexistent", 1);
	setenv("ODBCINSTINI", "/nonexistent", 1);
}

static void
make_handles(OdbcSession *session)
{
	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &session->environment)) ||
		!SQL_SUCCEEDED(
			SQLSetEnvAttr(session->environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER) SQL_OV_ODBC3, 0)) ||
		!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, session->environment, &session->connection)))
		give_up_out_of_memory();
}

/* Hints to the driver, which it may ignore: the watch bounds the time. */
static void
set_limits(OdbcSession *session, int connection_timeout)
{
	SQLPOINTER seconds = (SQLPOINTER) (uintptr_t) connection_timeout;

	SQLSetConnectAttrW(session->connection, SQL_ATTR_LOGIN_TIMEOUT, seconds, 0);
	SQLSetConnectAttrW(session->connection, SQL_ATTR_ACCESS_MODE, (SQLPOINTER) SQL_MODE_READ_ONLY, 0);
}

static SQLRETURN
connect_by(OdbcSession *session, const char *text, Deadline deadline)
{
	SQLWCHAR *wide = wide_text(text);
	SQLSMALLINT length = 0;
	SQLWCHAR whole[2048];
	SQLRETURN done;

	watch_begin("connect", deadline);
	done = SQLDriverConnectW(session->connection, NULL, wide, SQL_NTS, whole,
							 sizeof(whole) / sizeof(whole[0]), &length, SQL_DRIVER_NOPROMPT);
	watch_end();
	explicit_bzero(whole, sizeof(whole)); /* the driver's own spelling of it, with the password */
	forget_wide_text(wide);
	return done;
}

/* Returns a text of the driver; "" if there is none. */
static char *
info(OdbcSession *session, SQLUSMALLINT item)
{
	SQLWCHAR text[ODBC_INFO_UNITS] = {0};
	SQLSMALLINT bytes = 0;
	WireBuffer narrow = {0};
	size_t units = 0;
	char *copy;

	watch_begin("query", deadline_after(session->query_timeout + 1));
	if (!SQL_SUCCEEDED(SQLGetInfoW(session->connection, item, text, sizeof(text) - sizeof(text[0]), &bytes)))
		text[0] = 0;
	watch_end();
	while (units < ODBC_INFO_UNITS - 1 && text[units] != 0)
		units++;
	append_narrow(&narrow, text, units, NULL);
	wire_append(&narrow, "", 1);
	if (narrow.failed)
		give_up_out_of_memory();
	copy = copy_text(narrow.data);
	wire_free(&narrow);
	return copy;
}

static SQLUINTEGER
number(OdbcSession *session, SQLUSMALLINT item)
{
	SQLUINTEGER value = 0;

	watch_begin("query", deadline_after(session->query_timeout + 1));
	if (!SQL_SUCCEEDED(SQLGetInfoW(session->connection, item, &value, sizeof(value), NULL)))
		value = 0;
	watch_end();
	return value;
}

static void
learn(OdbcSession *session)
{
	char *quote = info(session, SQL_IDENTIFIER_QUOTE_CHAR);

	session->server = info(session, SQL_DBMS_NAME);
	session->version = info(session, SQL_DBMS_VER);
	session->catalog = info(session, SQL_DATABASE_NAME);
	session->quote = strlen(quote) == 1 && ispunct((unsigned char) *quote) ? *quote : '\0';
	session->schemas_in_names = (number(session, SQL_SCHEMA_USAGE) & SQL_SU_DML_STATEMENTS) != 0;
	session->catalogs_in_names = (number(session, SQL_CATALOG_USAGE) & SQL_CU_DML_STATEMENTS) != 0;
	session->catalog_separator = info(session, SQL_CATALOG_NAME_SEPARATOR);
	free(quote);
}

void
odbc_open(OdbcSession *session, Request *request, const OdbcKeyword *keywords)
{
	WireBuffer text = {0};
	OdbcDriver driver;
	SQLRETURN done;

	*session = (OdbcSession){.query_timeout = request->query_timeout};
	odbc_driver_read(&driver, request);
	connection_string_write(&text, request, &driver, keywords);
	wire_append(&text, "", 1);
	if (text.failed)
		give_up_out_of_memory();
	request_forget_credentials(request);
	leave_files_alone();
	watch_start();
	make_handles(session);
	set_limits(session, request->connection_timeout);
	done = connect_by(session, text.data, deadline_after(request->connection_timeout));
	wire_free(&text);
	if (!SQL_SUCCEEDED(done))
		give_up_connecting(session->connection, &driver);
	learn(session);
}

void
odbc_close(OdbcSession *session)
{
	watch_begin("query", deadline_after(session->query_timeout + 1));
	SQLEndTran(SQL_HANDLE_DBC, session->connection, SQL_ROLLBACK);
	SQLDisconnect(session->connection);
	watch_end();
}

bool
odbc_server_is(const OdbcSession *session, const char *name)
{
	return strcasecmp(session->server, name) == 0;
}

void
odbc_describe_server(const OdbcSession *session, char *server, size_t size, char *dialect,
					 size_t dialect_size)
{
	const char *name = session->server[0] ? session->server : "a source that does not say what it is";
	char version[32];

	snprintf(version, sizeof(version), "%.*s", (int) strspn(session->version, "0123456789"),
			 session->version);
	snprintf(server, size, "%s %s", name, session->version);
	snprintf(dialect, dialect_size, "odbc %.40s %s", session->server, version);
	for (char *at = dialect; *at; at++)
		*at = (char) tolower((unsigned char) *at);
}

void
odbc_only_read(OdbcSession *session)
{
	static const struct
	{
		const char *server;
		const char *sql;
	} ways[] = {
		{"PostgreSQL", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"},
		{"MariaDB", "SET SESSION TRANSACTION READ ONLY"},
		{"MySQL", "SET SESSION TRANSACTION READ ONLY"},
		{"SQLite", "PRAGMA query_only = 1"},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (odbc_server_is(session, ways[i].server))
			odbc_run(session, ways[i].sql);
}
