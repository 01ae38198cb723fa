/*
 * names.c — a quote inside of a name is doubled in standard SQL, but not by every source, and some read a
 * backslash as an escape. Such names are written for sources that are known.
 */
#include <stddef.h>
#include <string.h>

#include "connectors/odbc/names.h"

static bool
doubles_quotes(const OdbcSession *session)
{
	static const char *const servers[] = {"PostgreSQL", "SQLite", "MariaDB", "MySQL", "Microsoft SQL Server"};

	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
		if (odbc_server_is(session, servers[i]))
			return true;
	return false;
}

/* Does it need no quotes anywhere? Words of SQL would, and a source without quotes refuses these. */
static bool
is_plain(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

	return *name != '\0' && strchr(letters, *name) != NULL &&
		   name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789")] == '\0';
}

static bool
is_quotable(const OdbcSession *session, const char *name)
{
	char risky[] = {session->quote, '\\', '\0'};

	return name[strcspn(name, risky)] == '\0' || doubles_quotes(session);
}

static void
quote(WireBuffer *sql, const char *name, char mark)
{
	wire_append(sql, &mark, 1);
	for (; *name; name++)
	{
		wire_append(sql, name, 1);
		if (*name == mark)
			wire_append(sql, name, 1);
	}
	wire_append(sql, &mark, 1);
}

bool
odbc_write_name(WireBuffer *sql, const OdbcSession *session, const char *name)
{
	if (session->quote == '\0' && is_plain(name))
		wire_append_text(sql, name);
	else if (session->quote != '\0' && *name != '\0' && is_quotable(session, name))
		quote(sql, name, session->quote);
	else
		return false;
	return true;
}

static bool
is_filled(const char *text)
{
	return text != NULL && *text != '\0';
}

bool
odbc_write_relation(WireBuffer *sql, const OdbcSession *session, const char *catalog, const char *schema,
					const char *name)
{
	size_t start = sql->length;
	bool fine = true;

	if (is_filled(schema) && session->schemas_in_names)
	{
		fine = odbc_write_name(sql, session, schema);
		wire_append_text(sql, ".");
	}
	else if (is_filled(catalog) && session->catalogs_in_names)
	{
		fine = odbc_write_name(sql, session, catalog);
		wire_append_text(sql, session->catalog_separator[0] ? session->catalog_separator : ".");
	}
	fine = fine && odbc_write_name(sql, session, name);
	if (!fine)
		sql->length = start;
	return fine;
}
