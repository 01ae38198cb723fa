/*
 * connection_option.c — the options of a connection string: name=value behind a URL's ?, or all of the
 * keyword form.
 *
 * Providers hand out strings with options of their own drivers and poolers. An option is taken when a field
 * or credential holds it, and passed over when a discovery does not depend on it or is at least as strict
 * without it. Every other one is refused, by its name where that name is known: any other may be a piece of a
 * password.
 */
#include "check/connection_string.h"

#include "check/field.h"
#include "check/text.h"

#define LIBPQ  "postgresql redshift"
#define MYSQLS "mysql mariadb"

/* Options that are parts. types: separated by spaces. */
static const struct
{
	const char *names;
	RgConnectionPart part;
	const char *types;
} taken[] = {
	{"host", RG_PART_HOST, LIBPQ},
	{"port", RG_PART_PORT, LIBPQ},
	{"dbname", RG_PART_DATABASE, LIBPQ},
	{"user", RG_PART_USERNAME, LIBPQ " " MYSQLS},
	{"password", RG_PART_PASSWORD, LIBPQ " " MYSQLS},
	{"connect_timeout", RG_PART_CONNECT_TIMEOUT, LIBPQ " " MYSQLS},
	{"application_name ApplicationName", RG_PART_APPLICATION_NAME, LIBPQ},
	{"appName", RG_PART_APPLICATION_NAME, "mongodb"},
	{"sslmode", RG_PART_TLS_MODE, LIBPQ " " MYSQLS},
	{"ssl-mode ssl_mode", RG_PART_TLS_MODE, MYSQLS},
	{"tls ssl", RG_PART_TLS_MODE, "mongodb"},
	{"warehouse", RG_PART_WAREHOUSE, "snowflake"},
	{"role", RG_PART_ROLE, "snowflake"},
	{"schema", RG_PART_SCHEMA, "snowflake " LIBPQ},
	{"currentSchema", RG_PART_SCHEMA, LIBPQ},
	{"authSource", RG_PART_AUTH_SOURCE, "mongodb"},
};

/* Options that ask for a TLS mode at least, with the values that do. */
static const struct
{
	const char *names;
	const char *types;
	const char *values;
	const char *least;
} demands[] = {
	{"ssl", LIBPQ, "true 1 require no-verify", "require"},
	{"channel_binding channelBinding", LIBPQ, "require", "require"},
	{"sslnegotiation", LIBPQ, "direct", "require"},
	{"sslrootcert", LIBPQ, "system", "verify-full"},
	{"sslaccept", LIBPQ " " MYSQLS, "accept_invalid_certs", "require"},
	{"sslaccept", LIBPQ " " MYSQLS, "strict", "verify-full"},
	{"useSSL requireSSL", MYSQLS, "true", "require"},
	{"verifyServerCertificate", MYSQLS, "true", "verify-ca"},
	{"ssl", MYSQLS, "{\"rejectUnauthorized\":false}", "require"},
	{"ssl", MYSQLS, "true {\"rejectUnauthorized\":true}", "verify-full"},
};

/* Options that are passed over; values: those with which they are, NULL: any. */
static const struct
{
	const char *names;
	const char *types;
	const char *values;
} ignored[] = {
	/* The connector's own ways are these, or it does not matter with one host. */
	{"channel_binding channelBinding", LIBPQ, "disable prefer"},
	{"sslnegotiation", LIBPQ, "postgres"},
	{"gssencmode", LIBPQ, "disable prefer"},
	{"ssl_min_protocol_version", LIBPQ, "TLSv1 TLSv1.1 TLSv1.2"},
	{"ssl", LIBPQ, "false 0"},
	{"replication", LIBPQ, "false off no 0"},
	{"target_session_attrs targetServerType", LIBPQ, NULL},
	{"load_balance_hosts loadBalanceHosts", LIBPQ, NULL},
	{"sslcompression sslsni client_encoding fallback_application_name uselibpqcompat", LIBPQ, NULL},
	{"keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout tcpKeepAlive", LIBPQ,
	 NULL},
	/* Poolers and drivers. */
	{"pgbouncer supa workaround pool_mode pool_timeout pool_size pool_max_conns connection_limit "
	 "max_pool_size min_pool_size poolsize socket_timeout command_timeout statement_timeout query_timeout "
	 "lock_timeout idle_in_transaction_session_timeout statement_cache_size prepared_statement_cache_size "
	 "prepareThreshold preparedStatementCacheQueries binaryTransfer reWriteBatchedInserts connectTimeout "
	 "socketTimeout loginTimeout stringtype",
	 LIBPQ, NULL},
	{"connection_limit pool_timeout socket_timeout connectTimeout socketTimeout reconnect autoReconnect "
	 "charset characterEncoding useUnicode serverTimezone allowPublicKeyRetrieval zeroDateTimeBehavior "
	 "rewriteBatchedStatements parseTime loc timeout readTimeout writeTimeout",
	 MYSQLS, NULL},
	{"useSSL requireSSL verifyServerCertificate", MYSQLS, "false"},
	{"authMechanism", "mongodb", "SCRAM-SHA-1 SCRAM-SHA-256 DEFAULT"},
	{"replicaSet directConnection loadBalanced retryWrites retryReads w wtimeoutMS journal readConcernLevel "
	 "readPreference maxStalenessSeconds maxPoolSize minPoolSize maxIdleTimeMS waitQueueTimeoutMS "
	 "connectTimeoutMS socketTimeoutMS serverSelectionTimeoutMS heartbeatFrequencyMS compressors "
	 "zlibCompressionLevel uuidRepresentation",
	 "mongodb", NULL},
	{"protocol socket_timeout socket_connect_timeout max_connections decode_responses", "redis", NULL},
};

/* Options that may be named in a fault. */
static const char refused[] =
	"service servicefile passfile sslkey sslcert sslrootcert sslcrl sslcrldir sslpassword sslcertmode "
	"requiressl ssl_max_protocol_version min_protocol_version max_protocol_version hostaddr options "
	"require_auth tty krbsrvname gsslib gssdelegation requirepeer scram_client_key scram_server_key "
	"sslkeylogfile oauth_issuer oauth_client_id oauth_client_secret oauth_scope "
	"authtype driver dsn filedsn servername server uid pwd database unix_socket socket allow_local_infile "
	"local_infile init_command read_default_file plugin_dir authMechanismProperties proxyHost "
	"tlsCAFile tlsCertificateKeyFile tlsInsecure tlsAllowInvalidCertificates tlsAllowInvalidHostnames "
	"account authenticator private_key_file token encrypt trustServerCertificate";

/* Files of the machine where the string was made, and where their contents belong. */
static const char file_options[] = "sslkey sslcert sslrootcert tlsCAFile tlsCertificateKeyFile";

/* Other clients' names for our TLS modes. */
static const struct
{
	const char *theirs;
	const char *ours;
} tls_modes[] = {
	{"allow", "prefer"},
	{"no-verify", "require"},
	{"DISABLED", "disable"},
	{"PREFERRED", "prefer"},
	{"REQUIRED", "require"},
	{"VERIFY_CA", "verify-ca"},
	{"VERIFY_IDENTITY", "verify-full"},
	{"true", "verify-full"},
	{"false", "disable"},
};

static const char *
our_tls_mode(const char *mode)
{
	if (rg_tls_mode_rank(mode, strlen(mode)) >= 0)
		return mode;
	for (int i = 0; i < (int) lengthof(tls_modes); i++)
	{
		if (strcmp(tls_modes[i].theirs, mode) == 0)
			return tls_modes[i].ours;
	}
	return NULL;
}

void
rg_connection_set(RgConnection *connection, RgConnectionPart part, const char *value)
{
	const char *before = connection->parts[part];

	if (value[0] == '\0')
		return;
	if (part == RG_PART_TLS_MODE)
		value = our_tls_mode(value);
	if (value == NULL)
		rg_fault(connection->faults, "connection_string", "its TLS mode must be one of %s",
				 rg_tls_mode_names());
	else if (before != NULL && strcmp(before, value) != 0)
		rg_fault(connection->faults, "connection_string", "gives %s twice", rg_connection_part_names[part]);
	else
		connection->parts[part] = value;
}

static bool
is_stricter(const char *mode, const char *other)
{
	return rg_tls_mode_rank(mode, strlen(mode)) > rg_tls_mode_rank(other, strlen(other));
}

void
rg_connection_settle_tls(RgConnection *connection)
{
	const char *mode = connection->parts[RG_PART_TLS_MODE];
	const char *least = connection->least_tls_mode;

	if (least == NULL)
		return;
	if (mode != NULL && strcmp(mode, "disable") == 0)
		rg_connection_fault(connection, "wants TLS by one option and none by another");
	else if (mode == NULL || is_stricter(least, mode))
		connection->parts[RG_PART_TLS_MODE] = least;
}

static bool
is_of_type(const char *types, const RgConnection *connection)
{
	return rg_word_in(types, connection->type->name, strlen(connection->type->name));
}

static bool
take(RgConnection *connection, const char *name, int length, const char *value)
{
	for (int i = 0; i < (int) lengthof(taken); i++)
	{
		if (rg_word_in(taken[i].names, name, length) && is_of_type(taken[i].types, connection))
		{
			rg_connection_set(connection, taken[i].part, value);
			return true;
		}
	}
	return false;
}

static bool
demand_tls(RgConnection *connection, const char *name, int length, const char *value)
{
	for (int i = 0; i < (int) lengthof(demands); i++)
	{
		if (!rg_word_in(demands[i].names, name, length) || !is_of_type(demands[i].types, connection) ||
			!rg_word_in(demands[i].values, value, strlen(value)))
			continue;
		if (connection->least_tls_mode == NULL || is_stricter(demands[i].least, connection->least_tls_mode))
			connection->least_tls_mode = demands[i].least;
		return true;
	}
	return false;
}

/* Proxies that find the server by a name in options do so by the host's name too. */
static bool
names_server(const RgConnection *connection, const char *name, int length, const char *value)
{
	static const char *const beginnings[] = {"endpoint=", "project=", "reference=", "--cluster="};

	if (!rg_word_in("options", name, length) || !is_of_type(LIBPQ, connection) || strchr(value, ' ') != NULL)
		return false;
	for (int i = 0; i < (int) lengthof(beginnings); i++)
	{
		if (strncmp(value, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	}
	return false;
}

/* An option that is known with other values only has a name that may be told. */
static bool
pass_over(RgConnection *connection, const char *name, int length, const char *value)
{
	bool is_known = false;

	for (int i = 0; i < (int) lengthof(ignored); i++)
	{
		if (!rg_word_in(ignored[i].names, name, length) || !is_of_type(ignored[i].types, connection))
			continue;
		if (ignored[i].values == NULL || rg_word_in(ignored[i].values, value, strlen(value)))
			return true;
		is_known = true;
	}
	if (is_known)
		rg_fault(connection->faults, "connection_string", "the value of the option %.*s is not supported",
				 length, name);
	return is_known;
}

void
rg_connection_option(RgConnection *connection, int position, const char *name, int length, const char *value)
{
	if (take(connection, name, length, value) || demand_tls(connection, name, length, value) ||
		names_server(connection, name, length, value) || pass_over(connection, name, length, value))
		return;
	if (!rg_word_in(refused, name, length))
	{
		rg_fault(connection->faults, "connection_string", "option %d is not known", position);
		return;
	}
	rg_fault(connection->faults, "connection_string", "the option %.*s is not allowed", length, name);
	if (rg_word_in(file_options, name, length))
		rg_fault_hint(
			connection->faults,
			"Leave it out and give what is in the file: an authority in metadata.tls.ca, a client's "
			"certificate and key in credentials.tls_client_certificate and .tls_client_key.");
}
