/*
 * failure.c — drivers agree on few states, and say the rest in words of their own: the words decide the code,
 * and are not passed on.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/odbc/failure.h"

#define MOST_WORDS 1024

typedef struct Meaning
{
	const char *words;
	const char *step;
	const char *code;
	bool transient;
	const char *message;
	const char *hint;
} Meaning;

/* The first one whose words are in the text, whatever their case. */
static const Meaning by_words[] = {
	{"ORA-01017", "authenticate", "authentication", false, "The server refused the user or the password.",
	 "Check the user name and the password."},
	{"ORA-28000", "authenticate", "authentication", false, "The user's account is locked.",
	 "An administrator of the database can unlock it."},
	{"ORA-12514", "connect", "database_not_found", false, "The server knows no service of this name.",
	 "Check the database name: it is the name of a service."},
	{"ORA-12505", "connect", "database_not_found", false, "The server knows no service of this name.",
	 "Check the database name: it is the name of a service."},
	{"ORA-12541", "connect", "refused", true, "Nothing accepts connections at this address and port.",
	 "Check host and port, and that the server listens on this address."},
	{"ORA-12170", "connect", "timeout", true, "The server did not answer in time.",
	 "Check host and port, and that no firewall is in the way."},
	{"certificate", "tls", "tls", false, "The server's certificate could not be verified.",
	 "Give the certificate of the authority that signed it as metadata.tls.ca, and use the name that the "
	 "certificate is for."},
	{"SSL", "tls", "tls", false, "No TLS connection could be made.",
	 "Check the mode of metadata.tls, and that the server offers TLS."},
	{"TLS", "tls", "tls", false, "No TLS connection could be made.",
	 "Check the mode of metadata.tls, and that the server offers TLS."},
	{"password", "authenticate", "authentication", false, "The server refused the user or the password.",
	 "Check the user name and the password, and that this user may connect from here."},
	{"authentication", "authenticate", "authentication", false,
	 "The server refused the user or the password.",
	 "Check the user name and the password, and that this user may connect from here."},
	{"access denied", "authenticate", "authentication", false, "The server refused the user or the password.",
	 "Check the user name and the password, and that this user may connect from here."},
	{"login failed", "authenticate", "authentication", false, "The server refused the user or the password.",
	 "Check the user name and the password."},
	{"does not exist", "connect", "database_not_found", false, "The database does not exist.",
	 "Check the database name: upper and lower case can differ."},
	{"unknown database", "connect", "database_not_found", false, "The database does not exist.",
	 "Check the database name: upper and lower case can differ."},
	{"translate host name", "resolve", "unknown_host", false, "The host's name is not known.",
	 "Check the host."},
	{"unknown server host", "resolve", "unknown_host", false, "The host's name is not known.",
	 "Check the host."},
	{"permission denied", "connect", "refused", false, "Connecting to this address is not allowed here.",
	 NULL},
	{"refused", "connect", "refused", true, "Nothing accepts connections at this address and port.",
	 "Check host and port, and that the server listens on this address."},
	{"(111)", "connect", "refused", true, "Nothing accepts connections at this address and port.",
	 "Check host and port, and that the server listens on this address."},
	{"unreachable", "connect", "unreachable", true, "There is no way to this address.",
	 "Check the host, and the network between here and there."},
	{"no route", "connect", "unreachable", true, "There is no way to this address.",
	 "Check the host, and the network between here and there."},
	{"timeout", "connect", "timeout", true, "The server did not answer in time.",
	 "Check host and port, and that no firewall is in the way."},
	{"timed out", "connect", "timeout", true, "The server did not answer in time.",
	 "Check host and port, and that no firewall is in the way."},
};

static const Meaning by_state[] = {
	{"28", "authenticate", "authentication", false, "The server refused the user or the password.",
	 "Check the user name and the password, and that this user may connect from here."},
	{"HYT", "connect", "timeout", true, "The server did not answer in time.",
	 "Check host and port, and that no firewall is in the way."},
	{"3D000", "connect", "database_not_found", false, "The database does not exist.", NULL},
	{"", "connect", "refused", false, "The driver could not connect.",
	 "Check host, port, database name and credentials, and the keywords that the operator gives the driver."},
};

/* The texts of all records of the failure. */
static void
collect_words(SQLSMALLINT kind, SQLHANDLE handle, char *words, size_t size)
{
	SQLWCHAR text[512];
	WireBuffer all = {0};

	for (SQLSMALLINT record = 1; record <= 8 && all.length < size; record++)
	{
		SQLSMALLINT length = 0;
		size_t units = 0;

		memset(text, 0, sizeof(text));
		if (!SQL_SUCCEEDED(SQLGetDiagRecW(kind, handle, record, NULL, NULL, text,
										  sizeof(text) / sizeof(text[0]) - 1, &length)))
			break;
		while (units < sizeof(text) / sizeof(text[0]) - 1 && text[units] != 0)
			units++;
		append_narrow(&all, text, units, NULL);
	}
	snprintf(words, size, "%.*s", (int) all.length, all.data ? all.data : "");
	wire_free(&all);
}

/* [vendor][driver][source]words */
char *
odbc_words(SQLHSTMT statement)
{
	char words[MOST_WORDS];
	const char *text = words;

	collect_words(SQL_HANDLE_STMT, statement, words, sizeof(words));
	while (*text == '[' && strchr(text, ']') != NULL)
		text = strchr(text, ']') + 1;
	while (*text == ' ')
		text++;
	return copy_text(text);
}

static void give_up_meaning(const Meaning *meaning, const OdbcState *state) __attribute__((noreturn));

static void
give_up_meaning(const Meaning *meaning, const OdbcState *state)
{
	char detail[64];

	snprintf(detail, sizeof(detail), "The driver's SQLSTATE is %s, the error's number %ld.",
			 state->state[0] ? state->state : "missing", state->native);
	give_up(&(Failure){.step = meaning->step,
					   .code = meaning->code,
					   .transient = meaning->transient,
					   .message = meaning->message,
					   .detail = detail,
					   .hint = meaning->hint});
}

static void give_up_loading(const OdbcDriver *driver) __attribute__((noreturn));

static void
give_up_loading(const OdbcDriver *driver)
{
	char message[512];

	snprintf(message, sizeof(message), "The ODBC driver \"%s\" could not be loaded.",
			 driver->name ? driver->name : driver->library);
	give_up(&(Failure){.step = "configure",
					   .code = "configuration",
					   .message = message,
					   .hint =
						   "The operator's setting rivergen.odbc_drivers has to name its file, and "
						   "beside it what the driver reads: libraries of its own and their directories."});
}

void
give_up_connecting(SQLHDBC connection, const OdbcDriver *driver)
{
	OdbcState state = odbc_state(SQL_HANDLE_DBC, connection);
	const Meaning *meaning = by_state;
	char words[MOST_WORDS];

	collect_words(SQL_HANDLE_DBC, connection, words, sizeof(words));
	if (strstr(words, "Can't open lib") != NULL)
		give_up_loading(driver);
	while (strncmp(state.state, meaning->words, strlen(meaning->words)) != 0)
		meaning++;
	for (size_t i = 0; *meaning->words == '\0' && i < sizeof(by_words) / sizeof(by_words[0]); i++)
		if (strcasestr(words, by_words[i].words) != NULL)
			meaning = &by_words[i];
	explicit_bzero(words, sizeof(words));
	give_up_meaning(meaning, &state);
}

static bool
is_lost(const OdbcState *state)
{
	return strncmp(state->state, "08", 2) == 0;
}

static bool
is_late(const OdbcState *state)
{
	return strncmp(state->state, "HYT", 3) == 0;
}

void
give_up_query(SQLSMALLINT kind, SQLHANDLE handle)
{
	static const Meaning late = {
		"", "query", "timeout", true, "The source did not answer a query within the time allowed.", NULL};
	static const Meaning lost = {"", "query", "query", true, "The connection to the source was lost.", NULL};
	static const Meaning other = {
		"", "query", "query", false, "The driver, or the source, refused a query of its catalog.", NULL};
	OdbcState state = odbc_state(kind, handle);

	give_up_meaning(is_late(&state) ? &late : is_lost(&state) ? &lost : &other, &state);
}

bool
odbc_is_gone(const OdbcState *state)
{
	static const char *const states[] = {"42S02", "42S22", "42P01", "42703", "3F000", "S0002", "S0022"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(state->state, states[i]) == 0)
			return true;
	return false;
}

const char *
odbc_explain(SQLHSTMT statement)
{
	static char other[96];
	OdbcState state = odbc_state(SQL_HANDLE_STMT, statement);

	if (is_lost(&state))
		give_up_query(SQL_HANDLE_STMT, statement);
	if (is_late(&state))
		return "a query took longer than the time for one relation";
	if (odbc_is_gone(&state))
		return "it, or a column of it, is no longer in the data source";
	if (strcmp(state.state, "42501") == 0)
		return "the user of the data source may not read it";
	snprintf(other, sizeof(other), "reading it failed; the driver's SQLSTATE is %s, the error's number %ld",
			 state.state[0] ? state.state : "missing", state.native);
	return other;
}
