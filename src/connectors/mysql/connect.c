/*
 * connect.c — dials, bounded in time, with the settings of the request alone.
 *
 * libmariadb reads settings from files only when it is told to, and the environment is cleared. It takes a
 * host that is more than a name for a list, a socket or a plugin's address: such hosts are refused. It gets
 * the host's name, which TLS needs, while guard.c has it dial one address after the other.
 */
#include <errmsg.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/common/environment.h"
#include "connectors/common/login_credentials.h"
#include "connectors/common/memory.h"
#include "connectors/common/tls_files.h"
#include "connectors/guard/guard.h"
#include "connectors/mysql/connect.h"
#include "connectors/mysql/connect_failure.h"
#include "connectors/mysql/plain_text.h"

/* A server may ask for other ways, one of which sends the password as it is. */
#define WAYS_TO_LOG_IN "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519"

static void
check_endpoint(const Request *request)
{
	if (configuration_lacks(request->host) ||
		(strpbrk(request->host, ",/@:=()") && !configuration_is_address(request->host)))
		configuration_fails("The host is missing or malformed.", "Give one host name or address.");
	if (request->port == 0)
		configuration_fails("The port is missing.", "MySQL and MariaDB usually listen on port 3306.");
	if (configuration_lacks(request->database))
		configuration_fails("The database name is missing.", NULL);
	configuration_check_addresses(request);
}

static void
take_credentials(Request *request, LoginCredentials *credentials)
{
	login_credentials_take(credentials, request);
	if (configuration_lacks(credentials->password))
		configuration_fails("The credentials have no password.",
							"A user without a password would let every user of this server log in there. A "
							"client certificate counts beside a password.");
}

static void
set_tls(MYSQL *connection, const Request *request, const LoginCredentials *credentials)
{
	my_bool enforce = 1;
	my_bool verify_name = request->tls_mode == TLS_VERIFY_FULL;

	mysql_optionsv(connection, MYSQL_OPT_SSL_ENFORCE, &enforce);
	mysql_optionsv(connection, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify_name);
	mysql_optionsv(connection, MARIADB_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3");
	/* The library verifies a chain if, and only if, it is given authorities. */
	if (!configuration_lacks(request->tls_ca))
		mysql_optionsv(connection, MYSQL_OPT_SSL_CA, tls_file(request->tls_ca));
	else if (request->tls_mode >= TLS_VERIFY_CA)
		mysql_optionsv(connection, MYSQL_OPT_SSL_CA, tls_system_roots());
	if (configuration_lacks(credentials->key))
		return;
	mysql_optionsv(connection, MYSQL_OPT_SSL_CERT, tls_file(credentials->certificate));
	mysql_optionsv(connection, MYSQL_OPT_SSL_KEY, tls_file(credentials->key));
	/* Without any, OpenSSL would ask a person for the passphrase. */
	mysql_optionsv(connection, MARIADB_OPT_TLS_PASSPHRASE,
				   configuration_lacks(credentials->passphrase) ? "none" : credentials->passphrase);
}

/* Bytes of an answer beside documents, which have their own limit. */
#define BESIDE_DOCUMENTS ((int64_t) 8 * 1024 * 1024)

static unsigned long
longest_packet(const Request *request)
{
	bool sends_rows = request->operation == OPERATION_READ || request->operation == OPERATION_QUERY;
	int64_t longest = sends_rows ? request->row_bytes : request->document_bytes;

	longest = longest < INT32_MAX ? longest : INT32_MAX;

	return (unsigned long) (longest + BESIDE_DOCUMENTS);
}

/* The library's own limits of time are wider than those of guard.c, which hold for every wait. */
static MYSQL *
prepare(const Request *request, const LoginCredentials *credentials, bool with_tls)
{
	static const unsigned wide = 1000000;
	static const unsigned off = 0;
	unsigned protocol = MYSQL_PROTOCOL_TCP; /* a host `localhost` would be a socket */
	unsigned long longest = longest_packet(request);
	my_bool no = 0;
	MYSQL *connection = mysql_init(NULL);

	if (connection == NULL)
		give_up_out_of_memory();
	mysql_optionsv(connection, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_optionsv(connection, MYSQL_OPT_CONNECT_TIMEOUT, &wide);
	mysql_optionsv(connection, MYSQL_OPT_READ_TIMEOUT, &wide);
	mysql_optionsv(connection, MYSQL_OPT_WRITE_TIMEOUT, &wide);
	mysql_optionsv(connection, MYSQL_OPT_LOCAL_INFILE, &off); /* the server would name files to be sent */
	mysql_optionsv(connection, MYSQL_OPT_MAX_ALLOWED_PACKET, &longest);
	mysql_optionsv(connection, MYSQL_OPT_RECONNECT, &no);
	mysql_optionsv(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_optionsv(connection, MARIADB_OPT_MULTI_STATEMENTS, &no);
	mysql_optionsv(connection, MARIADB_OPT_RESTRICTED_AUTH, WAYS_TO_LOG_IN);
	mysql_optionsv(connection, MYSQL_OPT_CONNECT_ATTR_RESET, NULL);
	mysql_optionsv(connection, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "rivergen");
	if (with_tls)
		set_tls(connection, request, credentials);
	return connection;
}

/* Makes one attempt, with TLS or without. Returns the connection, or NULL after describing the failure. */
static MYSQL *
attempt(const Request *request, const LoginCredentials *credentials, PlainText allowed, Spare *spare,
		DialFailure *failure)
{
	MYSQL *connection = prepare(request, credentials, allowed == PLAIN_NOTHING);

	plain_text_allow(allowed);
	if (mysql_real_connect(connection, request->host, credentials->username, credentials->password,
						   request->database, (unsigned) request->port, NULL, 0) != NULL)
	{
		if (allowed == PLAIN_PROOFS) /* of the login */
			plain_text_allow(PLAIN_ANYTHING);
		if (request->operation == OPERATION_READ || request->operation == OPERATION_QUERY)
			spare->connection = prepare(request, credentials, allowed == PLAIN_NOTHING);
		spare->allowed = allowed;
		return connection;
	}
	connect_failure_describe(failure, connection, allowed == PLAIN_NOTHING);
	mysql_close(connection);
	return NULL;
}

/*
 * `prefer` goes on without TLS where there is none, or where it is broken: in a second attempt, for which the
 * library is not told of TLS. If it is, and the server has none, it sends caching_sha2_password's server the
 * password as it is. A tunnel is encrypted.
 */
static MYSQL *
dial(const Request *request, const LoginCredentials *credentials, Spare *spare, DialFailure *failure)
{
	MYSQL *connection;

	if (request->tls_mode == TLS_DISABLE)
		return attempt(request, credentials, PLAIN_ANYTHING, spare, failure);
	connection = attempt(request, credentials, PLAIN_NOTHING, spare, failure);
	if (connection != NULL || request->tls_mode != TLS_PREFER || strcmp(failure->step, "tls") != 0)
		return connection;
	return attempt(request, credentials, request->tunnel ? PLAIN_ANYTHING : PLAIN_PROOFS, spare, failure);
}

/* What an attempt is made with, and what comes of it. */
typedef struct Dialing
{
	const Request *request;
	const LoginCredentials *credentials;
	Spare *spare;
	MYSQL *connection;
} Dialing;

static bool
dial_address(void *argument, const char *address, DialFailure *failure)
{
	Dialing *dialing = argument;

	snprintf(dialing->spare->address, sizeof(dialing->spare->address), "%s", address);
	dialing->connection = dial(dialing->request, dialing->credentials, dialing->spare, failure);
	return dialing->connection != NULL;
}

void
connect_to(Request *request, Session *session)
{
	LoginCredentials credentials;
	DialFailure failure = {0};
	Deadline deadline = deadline_after(request->connection_timeout);
	Dialing dialing = {.request = request, .credentials = &credentials, .spare = &session->spare};

	environment_clear();
	check_endpoint(request);
	take_credentials(request, &credentials);
	*session = (Session){0};
	(void) dial_addresses(request, deadline, &failure, dial_address, &dialing);
	login_credentials_forget(&credentials);
	if (dialing.connection == NULL)
		dial_failure_report(&failure);
	session_open(session, dialing.connection, request->query_timeout);
}

/*
 * The protocol has no other way than a statement of another connection. libmariadb keeps what it logged in
 * with.
 */
void
connect_cancel(Session *session, int seconds)
{
	MYSQL *first = session->connection;
	MYSQL *second = session->spare.connection;
	char sql[64];

	if (second == NULL)
		return;
	session->spare.connection = NULL;
	guard_while_waiting(NULL, NULL, NULL);
	guard_watch_input(NULL);
	guard_until(deadline_after(seconds));
	guard_dial(session->spare.address);
	plain_text_allow(session->spare.allowed);
	if (mysql_real_connect(second, first->host, first->user, first->passwd, first->db, first->port, NULL, 0))
	{
		plain_text_allow(PLAIN_ANYTHING);
		snprintf(sql, sizeof(sql), "KILL QUERY %lu", mysql_thread_id(first));
		(void) mysql_query(second, sql);
	}
	mysql_close(second);
}
