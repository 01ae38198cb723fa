/*
 * connect.c — dials, bounded in time, with the settings of the request alone: the library's text of a
 * connection is made of parts that were checked.
 *
 * A source of one host is that host. With several hosts, or metadata.replica_set, the members are followed
 * that the cluster names; every connect() is judged by the server. Where the server cannot judge them, and
 * behind a tunnel, only the first host is dialed.
 *
 * With metadata.srv the host is the name of a DNS record. The library asks for it, and takes of its answer
 * only hosts below the domain of that name, and the options authSource, replicaSet and loadBalanced.
 */
#include "connectors/mongodb/connect.h"

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
#include "connectors/mongodb/connect_failure.h"
#include "connectors/mongodb/library.h"
#include "connectors/mongodb/messages.h"
#include "connectors/mongodb/settings.h"

/* The most that the library keeps as a time in milliseconds. */
#define LONGEST_MILLISECONDS 2000000000

static bool
is_host(const char *name)
{
	return !configuration_lacks(name) &&
		   (configuration_is_address(name) || strpbrk(name, ",/@:?%&=()[] ") == NULL);
}

/* A name of three parts, so that its domain is no whole country's. */
static bool
is_srv_name(const char *name)
{
	const char *domain = strchr(name, '.');
	const char *top = domain ? strchr(domain + 1, '.') : NULL;

	return top != NULL && top[1] != '\0' && !configuration_is_address(name);
}

static void
check_srv(const Request *request)
{
	if (request->addresses != NULL || request->tunnel)
		configuration_fails("Hosts that a DNS record names cannot be dialed through a tunnel.",
							"Give the hosts themselves, without metadata.srv.");
	if (request->host_count > 1 || !is_srv_name(request->host))
		configuration_fails(
			"The host is no name that a DNS record of MongoDB can have.",
			"With metadata.srv it is one name of three parts or more, as cluster.example.com.");
}

static void
check_endpoint(const Request *request)
{
	for (int i = 0; i < request->host_count; i++)
		if (!is_host(request->hosts[i].name))
			configuration_fails("A host is malformed.",
								"Give host names or addresses, with a comma between.");
	if (!is_host(request->host))
		configuration_fails("The host is missing or malformed.",
							"Give one host name or address, or several.");
	if (request->port == 0)
		configuration_fails("The port is missing.", "MongoDB usually listens on port 27017.");
	if (configuration_lacks(request->database))
		configuration_fails("The database name is missing.", NULL);
	configuration_check_addresses(request);
}

static void
take_credentials(Request *request, LoginCredentials *credentials)
{
	login_credentials_take_certified(credentials, request);
	if (configuration_lacks(credentials->password) && configuration_lacks(credentials->certificate))
		configuration_fails("The credentials have neither a password nor a client certificate.",
							"A user logs in by a password, or by tls_client_certificate and tls_client_key.");
	if (configuration_lacks(credentials->password) && request->tls_mode == TLS_DISABLE)
		configuration_fails("A client certificate cannot be shown without TLS.",
							"metadata.tls.mode must not be disable, or the credentials need a password.");
}

/* ---- the library's settings ---- */

/* The library does not know that a dot may end a name. */
static size_t
name_length(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && name[length - 1] == '.' ? length - 1 : length;
}

typedef struct Dialing
{
	const Request *request;
	const LoginCredentials *credentials;
	Settings settings;
	bool is_followed; /* the cluster's members are dialed, too */
	Deadline deadline;
	Session *session;
} Dialing;

static void
append_host(WireBuffer *text, const char *name, int port)
{
	bool is_ipv6 = strchr(name, ':') != NULL;

	wire_append_text(text, is_ipv6 ? "[" : "");
	wire_append_text(text, name);
	wire_append_text(text, is_ipv6 ? "]:" : ":");
	wire_append_integer(text, port);
}

static mongoc_uri_t *
hosts_of(const Dialing *dialing)
{
	const Request *request = dialing->request;
	bool is_srv = dialing->settings.is_srv;
	WireBuffer text = {.data = NULL};
	mongoc_uri_t *uri;

	wire_append_text(&text, is_srv ? "mongodb+srv://" : "mongodb://");
	if (is_srv)
		wire_append(&text, request->host, name_length(request->host));
	else
		append_host(&text, request->host, request->port);
	for (int i = 1; dialing->is_followed && i < request->host_count; i++)
	{
		wire_append_text(&text, ",");
		append_host(&text, request->hosts[i].name,
					request->hosts[i].port ? request->hosts[i].port : request->port);
	}
	wire_append(&text, "/", 2);
	if (text.failed)
		give_up_out_of_memory();
	uri = mongoc_uri_new_with_error(text.data, NULL);
	wire_free(&text);
	if (uri == NULL)
		configuration_fails("A host is malformed.", NULL);
	return uri;
}

/* A certificate and its key in one text, as the library wants them. */
static const char *
key_file(const LoginCredentials *credentials)
{
	size_t size = strlen(credentials->certificate) + strlen(credentials->key) + 2;
	char *both = allocate(size);
	const char *path;

	snprintf(both, size, "%s\n%s", credentials->certificate, credentials->key);
	path = tls_file(both);
	forget_text(both);
	return path;
}

static void
set_tls(mongoc_uri_t *uri, const Dialing *dialing)
{
	const Request *request = dialing->request;
	const LoginCredentials *credentials = dialing->credentials;
	TlsMode mode = request->tls_mode;

	if (mode < TLS_VERIFY_CA)
		mongoc_uri_set_option_as_bool(uri, MONGOC_URI_TLSALLOWINVALIDCERTIFICATES, true);
	else /* It would ask whom the certificate names whether it was revoked. */
		mongoc_uri_set_option_as_bool(uri, MONGOC_URI_TLSDISABLEOCSPENDPOINTCHECK, true);
	if (mode < TLS_VERIFY_FULL)
		mongoc_uri_set_option_as_bool(uri, MONGOC_URI_TLSALLOWINVALIDHOSTNAMES, true);
	if (!configuration_lacks(request->tls_ca))
		mongoc_uri_set_option_as_utf8(uri, MONGOC_URI_TLSCAFILE, tls_file(request->tls_ca));
	else if (mode >= TLS_VERIFY_CA)
		mongoc_uri_set_option_as_utf8(uri, MONGOC_URI_TLSCAFILE, tls_system_roots());
	if (configuration_lacks(credentials->key))
		return;
	mongoc_uri_set_option_as_utf8(uri, MONGOC_URI_TLSCERTIFICATEKEYFILE, key_file(credentials));
	/* Without any, OpenSSL would ask a person for the passphrase. */
	mongoc_uri_set_option_as_utf8(uri, MONGOC_URI_TLSCERTIFICATEKEYFILEPASSWORD,
								  configuration_lacks(credentials->passphrase) ? "none"
																			   : credentials->passphrase);
}

/* SCRAM and X.509 reveal nothing to a server that is another one. The library sends a password as it is only
 * when it is told to, which it never is. */
static void
set_login(mongoc_uri_t *uri, const Dialing *dialing)
{
	const LoginCredentials *credentials = dialing->credentials;

	if (!configuration_lacks(credentials->username))
		mongoc_uri_set_username(uri, credentials->username);
	if (configuration_lacks(credentials->password))
	{
		mongoc_uri_set_auth_source(uri, "$external");
		mongoc_uri_set_auth_mechanism(uri, "MONGODB-X509");
		return;
	}
	mongoc_uri_set_password(uri, credentials->password);
	if (dialing->settings.auth_source)
		mongoc_uri_set_auth_source(uri, dialing->settings.auth_source);
}

static int32_t
milliseconds(int64_t wanted)
{
	return wanted < 1 ? 1 : wanted > LONGEST_MILLISECONDS ? LONGEST_MILLISECONDS : (int32_t) wanted;
}

static void
set_times(mongoc_uri_t *uri, const Dialing *dialing, int64_t left)
{
	mongoc_uri_set_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, milliseconds(left));
	mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, milliseconds(left));
	mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS,
								   milliseconds((int64_t) dialing->request->query_timeout * 1000 + 2000));
}

static mongoc_uri_t *
prepare(const Dialing *dialing, bool with_tls, int64_t left)
{
	mongoc_uri_t *uri = hosts_of(dialing);
	mongoc_read_prefs_t *preference = mongoc_read_prefs_new(dialing->settings.read_mode);

	set_times(uri, dialing, left);
	set_login(uri, dialing);
	mongoc_uri_set_option_as_bool(uri, MONGOC_URI_TLS, with_tls);
	if (with_tls)
		set_tls(uri, dialing);
	/* With hosts of a DNS record the library passes over the set's name, unless this is said. */
	mongoc_uri_set_option_as_bool(uri, MONGOC_URI_DIRECTCONNECTION, !dialing->is_followed);
	if (dialing->is_followed && dialing->settings.replica_set)
		mongoc_uri_set_option_as_utf8(uri, MONGOC_URI_REPLICASET, dialing->settings.replica_set);
	mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS, dialing->is_followed);
	mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, false);
	mongoc_uri_set_read_prefs_t(uri, preference);
	mongoc_uri_set_appname(uri, "rivergen");
	mongoc_read_prefs_destroy(preference);
	return uri;
}

/* Returns NULL where the DNS record of the hosts gives none. The library asks for it here, without a bound:
 * the server ends the connector, and takes the step from its last phase. */
static mongoc_client_t *
make_client(const Dialing *dialing, bool with_tls, int64_t left, bson_error_t *error)
{
	mongoc_uri_t *uri = prepare(dialing, with_tls, left);
	mongoc_client_t *client;

	client = mongoc_client_new_from_uri_with_error(uri, error);
	mongoc_uri_destroy(uri);
	if (client == NULL && !dialing->settings.is_srv)
		configuration_fails(
			"The settings of the data source contradict each other.",
			"metadata.replica_set, metadata.auth_source and metadata.read_preference must fit.");
	if (client)
		mongoc_client_set_error_api(client, MONGOC_ERROR_API_VERSION_2);
	return client;
}

/* The library takes the name of a set from the record, and then forgets to compare it: it is told the name.
 */
static mongoc_client_t *
make_client_of_record(Dialing *dialing, bool with_tls, int64_t left, bson_error_t *error)
{
	mongoc_client_t *client;
	const char *name;

	emit_progress("resolve", ABSENT);
	client = make_client(dialing, with_tls, left, error);
	name = client ? mongoc_uri_get_replica_set(mongoc_client_get_uri(client)) : NULL;
	if (name && dialing->settings.replica_set == NULL)
	{
		dialing->settings.replica_set = copy_text(name);
		mongoc_client_destroy(client);
		client = make_client(dialing, with_tls, left, error);
	}
	emit_progress("connect", ABSENT);
	return client;
}

/* ---- dialing ---- */

static bool
attempt(Dialing *dialing, bool with_tls, int64_t left, DialFailure *failure)
{
	Session *session = dialing->session;
	bson_error_t error = {0};

	messages_dial(with_tls);
	session->client = dialing->settings.is_srv ? make_client_of_record(dialing, with_tls, left, &error)
											   : make_client(dialing, with_tls, left, &error);
	if (session->client == NULL)
	{
		connect_failure_describe_record(failure, &error);
		return false;
	}
	if (session_learn(session, &error))
	{
		messages_rely();
		return true;
	}
	connect_failure_describe(failure, &error, with_tls);
	mongoc_client_destroy(session->client);
	session->client = NULL;
	return false;
}

/* `prefer` goes on without TLS where there is none, or where it is broken. Some servers say nothing to what
 * they do not understand. Hosts that a DNS record names have TLS, unless it is disabled. */
static bool
dial(Dialing *dialing, int64_t left, DialFailure *failure)
{
	TlsMode mode = dialing->request->tls_mode;
	bool may_go_without = mode == TLS_PREFER && !dialing->settings.is_srv;

	if (mode == TLS_DISABLE)
		return attempt(dialing, false, left, failure);
	if (attempt(dialing, true, may_go_without ? left / 2 : left, failure))
		return true;
	return may_go_without && strcmp(failure->step, "tls") == 0 && attempt(dialing, false, left / 2, failure);
}

static bool
dial_address(void *argument, const char *address, DialFailure *failure)
{
	Dialing *dialing = argument;
	int addresses = dialing->request->address_count;

	(void) address;
	return dial(dialing, deadline_milliseconds(dialing->deadline) / (addresses > 0 ? addresses : 1), failure);
}

static bool
dial_cluster(Dialing *dialing, DialFailure *failure)
{
	guard_dial(NULL);
	guard_until(dialing->deadline);
	return dial(dialing, deadline_milliseconds(dialing->deadline), failure);
}

static void
choose_members(Dialing *dialing)
{
	const Request *request = dialing->request;
	bool is_cluster = request->host_count > 1 || dialing->settings.replica_set || dialing->settings.is_srv;

	dialing->is_followed = is_cluster && request->addresses == NULL && !request->tunnel;
	if (is_cluster && !dialing->is_followed)
		emit_log("info",
				 "only the first host is dialed: the others cannot be judged here, or lie behind a tunnel");
}

void
connect_to(Request *request, Session *session)
{
	LoginCredentials credentials;
	DialFailure failure = {0};
	Dialing dialing = {.request = request,
					   .credentials = &credentials,
					   .deadline = deadline_after(request->connection_timeout),
					   .session = session};
	bool is_connected;

	environment_clear();
	check_endpoint(request);
	settings_take(&dialing.settings, request);
	if (dialing.settings.is_srv)
		check_srv(request);
	take_credentials(request, &credentials);
	library_begin();
	*session = (Session){.database = request->database, .query_timeout = request->query_timeout};
	choose_members(&dialing);
	is_connected = dialing.is_followed
					   ? dial_cluster(&dialing, &failure)
					   : dial_addresses(request, dialing.deadline, &failure, dial_address, &dialing);
	login_credentials_forget(&credentials);
	if (!is_connected)
		dial_failure_report(&failure);
}
