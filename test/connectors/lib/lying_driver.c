/*
 * lying_driver.c — an ODBC driver that lies, for the test of the connector odbc, which builds it. The
 * database of the connection string says how: endless, lengths, nulls, broken, crash, hang.
 */
#include <signal.h>
#include <sqlext.h>
#include <sqlucode.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char lie[32];

typedef struct Statement
{
	int columns;
	int row;
} Statement;

SQLRETURN
SQLAllocHandle(SQLSMALLINT kind, SQLHANDLE parent, SQLHANDLE *handle)
{
	(void) kind, (void) parent;
	*handle = calloc(1, sizeof(Statement));
	return SQL_SUCCESS;
}

SQLRETURN
SQLFreeHandle(SQLSMALLINT kind, SQLHANDLE handle)
{
	(void) kind;
	free(handle);
	return SQL_SUCCESS;
}

SQLRETURN
SQLSetEnvAttr(SQLHENV handle, SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER length)
{
	(void) handle, (void) attribute, (void) value, (void) length;
	return SQL_SUCCESS;
}

SQLRETURN
SQLSetConnectAttrW(SQLHDBC handle, SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER length)
{
	(void) handle, (void) attribute, (void) value, (void) length;
	return SQL_SUCCESS;
}

SQLRETURN
SQLSetStmtAttrW(SQLHSTMT handle, SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER length)
{
	(void) handle, (void) attribute, (void) value, (void) length;
	return SQL_SUCCESS;
}

/* Takes what stands behind DATABASE=. */
SQLRETURN
SQLDriverConnectW(SQLHDBC handle, SQLHWND window, SQLWCHAR *in, SQLSMALLINT length, SQLWCHAR *out,
				  SQLSMALLINT size, SQLSMALLINT *written, SQLUSMALLINT completion)
{
	char text[1024];
	char *at;
	int count = 0;

	(void) handle, (void) window, (void) length, (void) out, (void) size, (void) completion;
	for (; in[count] != 0 && count < 1023; count++)
		text[count] = (char) in[count];
	text[count] = '\0';
	at = strstr(text, "DATABASE=");
	for (count = 0; at && at[9 + count] && at[9 + count] != ';' && count < 31; count++)
		lie[count] = at[9 + count];
	if (written)
		*written = 0;
	if (strcmp(lie, "hang") == 0)
		sleep(600);
	return SQL_SUCCESS;
}

SQLRETURN
SQLDisconnect(SQLHDBC handle)
{
	(void) handle;
	return SQL_SUCCESS;
}

SQLRETURN
SQLEndTran(SQLSMALLINT kind, SQLHANDLE handle, SQLSMALLINT how)
{
	(void) kind, (void) handle, (void) how;
	return SQL_SUCCESS;
}

/* All texts have no end, and a length that is wrong. */
SQLRETURN
SQLGetInfoW(SQLHDBC handle, SQLUSMALLINT item, SQLPOINTER value, SQLSMALLINT size, SQLSMALLINT *length)
{
	(void) handle;
	if (item == SQL_DRIVER_ODBC_VER)
	{
		static const SQLWCHAR version[] = {'0', '3', '.', '5', '2', 0};

		memcpy(value, version, sizeof(version));
		return SQL_SUCCESS;
	}
	if (item != SQL_DBMS_NAME && item != SQL_DBMS_VER && item != SQL_DATABASE_NAME)
		return SQL_ERROR;
	memset(value, 'x', (size_t) size);
	if (length)
		*length = 32000;
	return SQL_SUCCESS;
}

SQLRETURN
SQLTablesW(SQLHSTMT statement, SQLWCHAR *catalog, SQLSMALLINT a, SQLWCHAR *schema, SQLSMALLINT b,
		   SQLWCHAR *name, SQLSMALLINT c, SQLWCHAR *type, SQLSMALLINT d)
{
	(void) catalog, (void) a, (void) schema, (void) b, (void) name, (void) c, (void) type, (void) d;
	if (strcmp(lie, "crash") == 0)
	{
		signal(SIGSEGV, SIG_DFL); /* a sanitizer would report it as a fault of the connector */
		*(volatile int *) 1 = 0;
	}
	*(Statement *) statement = (Statement){.columns = 5};
	return SQL_SUCCESS;
}

SQLRETURN
SQLColumnsW(SQLHSTMT statement, SQLWCHAR *catalog, SQLSMALLINT a, SQLWCHAR *schema, SQLSMALLINT b,
			SQLWCHAR *name, SQLSMALLINT c, SQLWCHAR *column, SQLSMALLINT d)
{
	(void) catalog, (void) a, (void) schema, (void) b, (void) name, (void) c, (void) column, (void) d;
	*(Statement *) statement = (Statement){.columns = 18};
	return SQL_SUCCESS;
}

SQLRETURN
SQLNumResultCols(SQLHSTMT statement, SQLSMALLINT *count)
{
	*count = (SQLSMALLINT) ((Statement *) statement)->columns;
	return SQL_SUCCESS;
}

SQLRETURN
SQLFetch(SQLHSTMT statement)
{
	return ++((Statement *) statement)->row <= 2 || strcmp(lie, "endless") == 0 ? SQL_SUCCESS : SQL_NO_DATA;
}

/* The third column is the relation's name, the fourth a column's. */
SQLRETURN
SQLGetData(SQLHSTMT statement, SQLUSMALLINT column, SQLSMALLINT type, SQLPOINTER value, SQLLEN size,
		   SQLLEN *length)
{
	SQLWCHAR *text = value;

	(void) statement, (void) type;
	if (column <= 2 || strcmp(lie, "nulls") == 0 || column > 6)
	{
		*length = SQL_NULL_DATA;
		return SQL_SUCCESS;
	}
	if (strcmp(lie, "lengths") == 0)
	{
		memset(value, 'x', (size_t) size);
		*length = column == 3 ? 1000000000 : -77;
		return SQL_SUCCESS;
	}
	text[0] = column == 5 ? '4' : 'a';
	text[1] = strcmp(lie, "broken") == 0 ? 0xD800 : 'b';
	*length = 2 * sizeof(SQLWCHAR);
	return SQL_SUCCESS;
}

SQLRETURN
SQLGetDiagRecW(SQLSMALLINT kind, SQLHANDLE handle, SQLSMALLINT number, SQLWCHAR *state, SQLINTEGER *native,
			   SQLWCHAR *text, SQLSMALLINT size, SQLSMALLINT *length)
{
	(void) kind, (void) handle, (void) number, (void) state, (void) native, (void) text, (void) size,
		(void) length;
	return SQL_NO_DATA;
}
