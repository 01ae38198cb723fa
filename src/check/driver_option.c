/*
 * driver_option.c — the options that drivers, poolers and providers put into connection strings, and what
 * each becomes. If several rows fit, the first one counts. No option is ever passed on to a client library.
 */
#include "check/driver_option.h"

#define TAKE(option_names, option_part)                                                                      \
	{                                                                                                        \
		.names = option_names, .use = RG_OPTION_TAKEN, .part = option_part                                   \
	}
#define ASK_TLS(option_names, option_values, mode)                                                           \
	{                                                                                                        \
		.names = option_names, .use = RG_OPTION_TLS, .tls_mode = mode, .values = option_values               \
	}
#define PASS_OVER(option_names, option_values)                                                               \
	{                                                                                                        \
		.names = option_names, .use = RG_OPTION_PASSED_OVER, .values = option_values                         \
	}
#define REFUSE(option_names, why, advice)                                                                    \
	{                                                                                                        \
		.names = option_names, .use = RG_OPTION_REFUSED, .reason = why, .hint = advice                       \
	}

#define ANY NULL

static const char give_contents[] =
	"Leave it out and give what is in the file: an authority in metadata.tls.ca, a client's "
	"certificate and key in credentials.tls_client_certificate and .tls_client_key.";

const RgDriverOption rg_options_of_libpq[] = {
	TAKE("host", RG_PART_HOST),
	TAKE("port", RG_PART_PORT),
	TAKE("dbname", RG_PART_DATABASE),
	TAKE("user", RG_PART_USERNAME),
	TAKE("password", RG_PART_PASSWORD),
	TAKE("connect_timeout", RG_PART_CONNECT_TIMEOUT),
	TAKE("application_name ApplicationName", RG_PART_APPLICATION_NAME),
	TAKE("sslmode", RG_PART_TLS_MODE),
	TAKE("schema currentSchema", RG_PART_SCHEMA),
	ASK_TLS("ssl", "true 1 require no-verify", "require"),
	ASK_TLS("channel_binding channelBinding", "require", "require"),
	ASK_TLS("sslnegotiation", "direct", "require"),
	ASK_TLS("sslrootcert", "system", "verify-full"),
	ASK_TLS("sslaccept", "accept_invalid_certs", "require"),
	ASK_TLS("sslaccept", "strict", "verify-full"),
	/* Proxies that select the server by a name in options also select it by the host's name. */
	{
		.names = "options",
		.use = RG_OPTION_PASSED_OVER,
		.beginnings = "endpoint= project= reference= --cluster=",
	},
	/* The connector does this anyway, or it does not matter with one host. */
	PASS_OVER("channel_binding channelBinding", "disable prefer"),
	PASS_OVER("sslnegotiation", "postgres"),
	PASS_OVER("gssencmode", "disable prefer"),
	PASS_OVER("ssl_min_protocol_version", "TLSv1 TLSv1.1 TLSv1.2"),
	PASS_OVER("ssl", "false 0"),
	PASS_OVER("replication", "false off no 0"),
	PASS_OVER("target_session_attrs targetServerType", ANY),
	PASS_OVER("load_balance_hosts loadBalanceHosts", ANY),
	PASS_OVER("sslcompression sslsni client_encoding fallback_application_name uselibpqcompat", ANY),
	PASS_OVER("keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout tcpKeepAlive",
			  ANY),
	/* Poolers and drivers. */
	PASS_OVER("pgbouncer supa workaround pool_mode pool_timeout pool_size pool_max_conns connection_limit "
			  "max_pool_size min_pool_size poolsize socket_timeout command_timeout statement_timeout "
			  "query_timeout lock_timeout idle_in_transaction_session_timeout statement_cache_size "
			  "prepared_statement_cache_size prepareThreshold preparedStatementCacheQueries binaryTransfer "
			  "reWriteBatchedInserts connectTimeout socketTimeout loginTimeout stringtype",
			  ANY),
	{.names = NULL},
};

const RgDriverOption rg_options_of_mysql[] = {
	TAKE("user", RG_PART_USERNAME),
	TAKE("password", RG_PART_PASSWORD),
	TAKE("connect_timeout", RG_PART_CONNECT_TIMEOUT),
	TAKE("sslmode ssl-mode ssl_mode", RG_PART_TLS_MODE),
	ASK_TLS("sslaccept", "accept_invalid_certs", "require"),
	ASK_TLS("sslaccept", "strict", "verify-full"),
	ASK_TLS("useSSL requireSSL", "true", "require"),
	ASK_TLS("verifyServerCertificate", "true", "verify-ca"),
	ASK_TLS("ssl", "{\"rejectUnauthorized\":false}", "require"),
	ASK_TLS("ssl", "true {\"rejectUnauthorized\":true}", "verify-full"),
	PASS_OVER("connection_limit pool_timeout socket_timeout connectTimeout socketTimeout reconnect "
			  "autoReconnect charset characterEncoding useUnicode serverTimezone allowPublicKeyRetrieval "
			  "zeroDateTimeBehavior rewriteBatchedStatements parseTime loc timeout readTimeout writeTimeout",
			  ANY),
	PASS_OVER("useSSL requireSSL verifyServerCertificate", "false"),
	{.names = NULL},
};

const RgDriverOption rg_options_of_mongodb[] = {
	TAKE("appName", RG_PART_APPLICATION_NAME),
	TAKE("tls ssl", RG_PART_TLS_MODE),
	TAKE("authSource", RG_PART_AUTH_SOURCE),
	PASS_OVER("authMechanism", "SCRAM-SHA-1 SCRAM-SHA-256 DEFAULT"),
	PASS_OVER("replicaSet directConnection loadBalanced retryWrites retryReads w wtimeoutMS journal "
			  "readConcernLevel readPreference maxStalenessSeconds maxPoolSize minPoolSize maxIdleTimeMS "
			  "waitQueueTimeoutMS connectTimeoutMS socketTimeoutMS serverSelectionTimeoutMS "
			  "heartbeatFrequencyMS compressors zlibCompressionLevel uuidRepresentation",
			  ANY),
	{.names = NULL},
};

const RgDriverOption rg_options_of_redis[] = {
	PASS_OVER("protocol socket_timeout socket_connect_timeout max_connections decode_responses", ANY),
	{.names = NULL},
};

const RgDriverOption rg_options_of_snowflake[] = {
	TAKE("warehouse", RG_PART_WAREHOUSE),
	TAKE("role", RG_PART_ROLE),
	TAKE("schema", RG_PART_SCHEMA),
	{.names = NULL},
};

const RgDriverOption rg_options_refused[] = {
	REFUSE("sslkey sslcert sslrootcert tlsCAFile tlsCertificateKeyFile",
		   "it names a file of the machine where the string was made", give_contents),
	REFUSE("service servicefile passfile sslcrl sslcrldir sslkeylogfile private_key_file read_default_file "
		   "plugin_dir unix_socket socket filedsn",
		   "it names a file, and a connection reads none of this server's", NULL),
	REFUSE("hostaddr servername server dsn driver database uid pwd account proxyHost",
		   "it says in a second place where or as whom to connect",
		   "Give host, port, database_name and "
		   "credentials."),
	REFUSE("sslpassword token authenticator authtype scram_client_key scram_server_key oauth_issuer "
		   "oauth_client_id oauth_client_secret oauth_scope authMechanismProperties",
		   "what authenticates belongs into credentials", NULL),
	REFUSE("krbsrvname gsslib gssdelegation requirepeer require_auth sslcertmode requiressl "
		   "ssl_max_protocol_version min_protocol_version max_protocol_version tlsInsecure "
		   "tlsAllowInvalidCertificates tlsAllowInvalidHostnames encrypt trustServerCertificate",
		   "metadata.tls says how a connection is protected", NULL),
	REFUSE("options tty allow_local_infile local_infile init_command",
		   "it would change what the session does", NULL),
	{.names = NULL},
};
