/*
 * connect.c — dials, bounded in time, with the settings of the request alone.
 *
 * The library reads some settings from a file only, and other files and the environment where that one does
 * not have all of them: it is given one that has, in memory, and an empty environment. It gets the host's
 * name, which TLS needs, while guard.c has it dial one address after the other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/common/environment.h"
#include "connectors/common/memory.h"
#include "connectors/common/tls_files.h"
#include "connectors/guard/guard.h"
#include "connectors/sqlserver/connect.h"
#include "connectors/sqlserver/connect_failure.h"
#include "connectors/sqlserver/plain_text.h"

#define SECTION      "source" /* of the file of settings */
#define LONGEST_NAME 128      /* of the server, and of the library */

typedef struct Credentials
{
	char *username;
	char *password;
} Credentials;

/* The host stands in the file of settings: it must not be able to be more than a name there. */
static bool
is_host(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")] == '\0' ||
		   configuration_is_address(text);
}

static void
check_endpoint(const Request *request)
{
	if (configuration_lacks(request->host) || !is_host(request->host))
		configuration_fails(
			"The host is missing or malformed.",
			"Give one host name or address. An instance is found by its port, not by its name.");
	if (request->port == 0)
		configuration_fails(
			"The port is missing.",
			"SQL Server usually listens on port 1433; a named instance has a port of its own.");
	if (configuration_lacks(request->database) || strlen(request->database) > LONGEST_NAME)
		configuration_fails("The database name is missing or too long.", NULL);
	configuration_check_addresses(request);
}

/* The library takes a name with a backslash for one of a Windows domain, and would use another way to log in.
 */
static void
take_credentials(Request *request, Credentials *credentials)
{
	credentials->username = request_credential(request, "username");
	credentials->password = request_credential(request, "password");
	request_forget_credentials(request);
	if (configuration_lacks(credentials->username) || configuration_lacks(credentials->password))
		configuration_fails("The credentials have no username or no password.",
							"Only logins of SQL Server itself are supported, not those of Windows or Azure.");
	if (strchr(credentials->username, '\\') != NULL)
		configuration_fails("The user name has a backslash.",
							"Only logins of SQL Server itself are supported, not those of a Windows domain.");
	if (strlen(credentials->username) > LONGEST_NAME || strlen(credentials->password) > LONGEST_NAME)
		configuration_fails("The user name or the password is too long.",
							"SQL Server has at most 128 characters.");
}

static void
forget_credentials(Credentials *credentials)
{
	forget_text(credentials->username);
	forget_text(credentials->password);
}

static void
write_line(WireBuffer *text, const char *name, const char *value)
{
	wire_append_text(text, "\t");
	wire_append_text(text, name);
	wire_append_text(text, " = ");
	wire_append_text(text, value);
	wire_append_text(text, "\n");
}

/* The library verifies a chain if, and only if, it is given authorities. */
static const char *
authorities(const Request *request)
{
	if (!configuration_lacks(request->tls_ca))
		return tls_file(request->tls_ca);
	return request->tls_mode >= TLS_VERIFY_CA ? tls_system_roots() : NULL;
}

/* Makes the file of settings known to the library. */
static void
write_settings(const Request *request, bool with_tls)
{
	const char *ca = with_tls ? authorities(request) : NULL;
	WireBuffer text = {0};
	char port[16];

	snprintf(port, sizeof(port), "%d", request->port);
	wire_append_text(&text, "[" SECTION "]\n");
	write_line(&text, "host", request->host);
	write_line(&text, "port", port);
	write_line(&text, "tds version", "7.4");
	write_line(&text, "client charset", "UTF-8");
	write_line(&text, "text size", "2147483647");
	write_line(&text, "encryption", with_tls ? "require" : "off");
	if (ca != NULL)
	{
		write_line(&text, "ca file", ca);
		write_line(&text, "check certificate hostname", request->tls_mode == TLS_VERIFY_FULL ? "yes" : "no");
	}
	wire_append(&text, "", 1);
	if (text.failed)
		give_up_out_of_memory();
	environment_clear();
	setenv("FREETDSCONF", tls_file(text.data), 1);
	wire_free(&text);
}

static LOGINREC *
prepare(const Request *request, const Credentials *credentials)
{
	LOGINREC *login = dblogin();

	if (login == NULL || DBSETLUSER(login, credentials->username) == FAIL ||
		DBSETLPWD(login, credentials->password) == FAIL || DBSETLDBNAME(login, request->database) == FAIL ||
		DBSETLAPP(login, "rivergen") == FAIL || DBSETLHOST(login, "rivergen") == FAIL ||
		DBSETLCHARSET(login, "UTF-8") == FAIL || dbsetlversion(login, DBVERSION_74) == FAIL)
		give_up_out_of_memory();
	return login;
}

/* Makes one attempt. Returns the connection, or NULL after describing the failure. */
static DBPROCESS *
attempt(const Request *request, const Credentials *credentials, bool with_tls, DialFailure *failure)
{
	LOGINREC *login;
	DBPROCESS *connection;

	write_settings(request, with_tls);
	session_prepare();
	login = prepare(request, credentials);
	session_forget_errors();
	plain_text_begin(with_tls);
	connection = dbopen(login, SECTION);
	dbloginfree(login);
	if (connection == NULL)
		connect_failure_describe(failure);
	return connection;
}

/*
 * Without TLS the password can be read on the way: `prefer` goes on without it only in a tunnel, which is
 * encrypted.
 */
static DBPROCESS *
dial(const Request *request, const Credentials *credentials, DialFailure *failure)
{
	DBPROCESS *connection;

	if (request->tls_mode == TLS_DISABLE)
		return attempt(request, credentials, false, failure);
	connection = attempt(request, credentials, true, failure);
	if (connection != NULL || request->tls_mode != TLS_PREFER || !request->tunnel ||
		strcmp(failure->step, "tls") != 0)
		return connection;
	return attempt(request, credentials, false, failure);
}

/* What an attempt is made with, and what comes of it. */
typedef struct Dialing
{
	const Request *request;
	const Credentials *credentials;
	DBPROCESS *connection;
} Dialing;

/* The settings name the host, which the guard resolves. */
static bool
dial_address(void *argument, const char *address, DialFailure *failure)
{
	Dialing *dialing = argument;

	(void) address;
	dialing->connection = dial(dialing->request, dialing->credentials, failure);
	return dialing->connection != NULL;
}

void
connect_to(Request *request, Session *session)
{
	Credentials credentials;
	DialFailure failure = {0};
	Deadline deadline = deadline_after(request->connection_timeout);
	Dialing dialing = {.request = request, .credentials = &credentials};

	check_endpoint(request);
	take_credentials(request, &credentials);
	(void) dial_addresses(request, deadline, &failure, dial_address, &dialing);
	forget_credentials(&credentials);
	if (dialing.connection == NULL)
		dial_failure_report(&failure);
	session_open(session, dialing.connection, request->query_timeout);
}
