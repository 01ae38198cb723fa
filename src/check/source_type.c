#include "check/source_type.h"

#include "lib/stringinfo.h"

#include "check/fault.h"

const char *const rg_credential_key_names[RG_KEY_COUNT] = {
	[RG_KEY_USERNAME] = "username",
	[RG_KEY_PASSWORD] = "password",
	[RG_KEY_API_KEY] = "api_key",
	[RG_KEY_OAUTH_TOKEN] = "oauth_token",
	[RG_KEY_SSH_PRIVATE_KEY] = "ssh_private_key",
	[RG_KEY_SSH_PASSPHRASE] = "ssh_passphrase",
	[RG_KEY_WAREHOUSE] = "warehouse",
	[RG_KEY_ROLE] = "role",
	[RG_KEY_TLS_CLIENT_CERTIFICATE] = "tls_client_certificate",
	[RG_KEY_TLS_CLIENT_KEY] = "tls_client_key",
	[RG_KEY_TLS_CLIENT_KEY_PASSPHRASE] = "tls_client_key_passphrase",
	[RG_KEY_ACCESS_KEY_ID] = "access_key_id",
	[RG_KEY_SECRET_ACCESS_KEY] = "secret_access_key",
	[RG_KEY_SESSION_TOKEN] = "session_token",
	[RG_KEY_SERVICE_ACCOUNT] = "service_account",
	[RG_KEY_PRIVATE_KEY] = "private_key",
	[RG_KEY_PRIVATE_KEY_PASSPHRASE] = "private_key_passphrase",
	[RG_KEY_CLIENT_ID] = "client_id",
	[RG_KEY_CLIENT_SECRET] = "client_secret",
};

/* Each macro of keys is the content of a row's .keys. */
#define KEY(name)  [RG_KEY_##name] = true
#define TLS_KEYS   KEY(TLS_CLIENT_CERTIFICATE), KEY(TLS_CLIENT_KEY), KEY(TLS_CLIENT_KEY_PASSPHRASE)
#define AWS_KEYS   KEY(ACCESS_KEY_ID), KEY(SECRET_ACCESS_KEY), KEY(SESSION_TOKEN)
#define JWT_KEYS   KEY(PRIVATE_KEY), KEY(PRIVATE_KEY_PASSPHRASE)
#define OAUTH_KEYS KEY(CLIENT_ID), KEY(CLIENT_SECRET)

#define SERVER   (RG_NEEDS_HOST | RG_NEEDS_PORT)
#define DATABASE (SERVER | RG_NEEDS_DATABASE)

/* Files below the storage root, which the worker opens. */
#define STORED_FILE(type, text, ...)                                                                         \
	{                                                                                                        \
		.name = type, .category = "file", .label = text, .needs = RG_NEEDS_FILE,                             \
		.credentials = RG_CREDENTIALS_NONE, .connector = {.is_offline = true, .is_stored = true},            \
		__VA_ARGS__                                                                                          \
	}

/* In the order of the specification, which also names the types that need no DATABASE. */
const RgSourceType rg_source_types[RG_SOURCE_TYPES] = {
	{
		.name = "postgresql",
		.category = "sql",
		.label = "PostgreSQL",
		.needs = DATABASE,
		.any_database = "postgres",
		.default_port = 5432,
		.keys = {TLS_KEYS},
		.url_style = RG_URL_KEYWORDS,
		.schemes = "postgresql postgres",
		.options = rg_options_of_libpq,
		.tested_against = "real",
		.decisive_members = "scan",
	},
	{
		.name = "mysql",
		.category = "sql",
		.label = "MySQL",
		.needs = DATABASE,
		.any_database = "information_schema",
		.default_port = 3306,
		.keys = {TLS_KEYS},
		.url_style = RG_URL_DATABASE,
		.schemes = "mysql",
		.options = rg_options_of_mysql,
		.tested_against = "real",
		.decisive_members = "scan",
	},
	{
		.name = "mariadb",
		.category = "sql",
		.label = "MariaDB",
		.needs = DATABASE,
		.any_database = "information_schema",
		.default_port = 3306,
		.keys = {TLS_KEYS},
		.url_style = RG_URL_DATABASE,
		.schemes = "mariadb mysql",
		.options = rg_options_of_mysql,
		.executable = "mysql",
		.tested_against = "real",
		.decisive_members = "scan",
	},
	{
		.name = "sqlserver",
		.category = "sql",
		.label = "SQL Server",
		.needs = DATABASE,
		.any_database = "master",
		.default_port = 1433,
		.url_style = RG_URL_DATABASE,
		.schemes = "sqlserver mssql",
		.tested_against = "simulated",
		.decisive_members = "scan",
	},
	{
		.name = "oracle",
		.category = "sql",
		.label = "Oracle Database",
		.needs = DATABASE,
		.default_port = 1521,
		.database_means = "the service name",
		.url_style = RG_URL_DATABASE,
		.schemes = "oracle",
		.destination_members = "driver",
		.with_driver = "oracle",
		.tested_against = "simulated",
		.decisive_members = "scan driver use_dba_views",
		/* The client library converts every text to this character set. */
		.connector = {.environment = {"NLS_LANG=.AL32UTF8"}},
	},
	{
		.name = "snowflake",
		.category = "sql",
		.label = "Snowflake",
		.needs = RG_NEEDS_HOST | RG_NEEDS_DATABASE,
		.any_database = "SNOWFLAKE",
		.default_port = 443,
		.keys = {JWT_KEYS},
		.url_style = RG_URL_SCHEMA,
		.schemes = "snowflake",
		.options = rg_options_of_snowflake,
		.tested_against = "simulated",
		.destination_members = "account",
		.connector = {.is_over_http = true},
	},
	{
		.name = "bigquery",
		.category = "sql",
		.label = "Google BigQuery",
		.needs = RG_NEEDS_DATABASE,
		.default_port = 443,
		.database_means = "the project",
		.keys = {KEY(SERVICE_ACCOUNT)},
		.url_style = RG_URL_PROJECT,
		.schemes = "bigquery",
		.tested_against = "emulator",
		.connector = {.is_over_http = true},
	},
	{
		.name = "redshift",
		.category = "sql",
		.label = "Amazon Redshift",
		.needs = DATABASE,
		.default_port = 5439,
		.keys = {TLS_KEYS},
		.url_style = RG_URL_KEYWORDS,
		.schemes = "redshift postgresql postgres",
		.options = rg_options_of_libpq,
		.tested_against = "simulated",
		.decisive_members = "scan",
	},
	{
		.name = "mongodb",
		.category = "nosql",
		.label = "MongoDB",
		.needs = DATABASE,
		.any_database = "admin",
		.default_port = 27017,
		.several_hosts = true,
		.keys = {TLS_KEYS},
		.url_style = RG_URL_DATABASE,
		.schemes = "mongodb mongodb+srv",
		.options = rg_options_of_mongodb,
		.destination_members = "srv",
		.tested_against = "emulator",
		.decisive_members = "scan auth_source read_preference replica_set srv",
	},
	{
		.name = "elasticsearch",
		.category = "nosql",
		.label = "Elasticsearch",
		.needs = SERVER,
		.default_port = 9200,
		.several_hosts = true,
		.credentials = RG_CREDENTIALS_OPTIONAL,
		.keys = {TLS_KEYS},
		.url_style = RG_URL_BARE,
		.schemes = "https http elasticsearch",
		.destination_members = "path_prefix",
		.tested_against = "emulator",
		.decisive_members = "scan path_prefix include_system",
		.connector = {.is_over_http = true},
	},
	{
		.name = "redis",
		.category = "nosql",
		.label = "Redis",
		.needs = SERVER,
		.default_port = 6379,
		.several_hosts = true,
		.database_means = "the database number",
		.credentials = RG_CREDENTIALS_OPTIONAL,
		.keys = {TLS_KEYS},
		.url_style = RG_URL_DATABASE,
		.schemes = "redis rediss",
		.options = rg_options_of_redis,
		.tested_against = "real",
	},
	{
		.name = "cassandra",
		.category = "nosql",
		.label = "Apache Cassandra",
		.needs = DATABASE,
		.default_port = 9042,
		.several_hosts = true,
		.database_means = "the keyspace",
		.keys = {TLS_KEYS},
		.url_style = RG_URL_DATABASE,
		.schemes = "cassandra",
		.tested_against = "real",
		.decisive_members = "scan",
	},
	{
		.name = "dynamodb",
		.category = "nosql",
		.label = "Amazon DynamoDB",
		.needs = RG_NEEDS_DATABASE,
		.default_port = 443,
		.database_means = "the region",
		.tested_against = "emulator",
		.keys = {AWS_KEYS},
		.url_style = RG_URL_DATABASE,
		.schemes = "dynamodb",
		.destination_fields = "database_name",
		.destination_members = "region endpoint",
		.connector = {.is_over_http = true},
	},
	STORED_FILE("csv", "CSV", .tested_against = "real"),
	STORED_FILE("excel", "Microsoft Excel", .tested_against = "real"),
	STORED_FILE("json", "JSON", .tested_against = "real"),
	STORED_FILE("parquet", "Apache Parquet", .tested_against = "real"),
	STORED_FILE("orc", "Apache ORC", .tested_against = "real"),
	STORED_FILE("delta_lake", "Delta Lake", .tested_against = "real"),
	STORED_FILE("iceberg", "Apache Iceberg", .tested_against = "real"),
	STORED_FILE("hudi", "Apache Hudi", .tested_against = "real"),
	{
		.name = "s3",
		.category = "file",
		.label = "Amazon S3",
		.needs = RG_NEEDS_FILE,
		.default_port = 443,
		.database_means = "the bucket",
		.credentials = RG_CREDENTIALS_OPTIONAL,
		.tested_against = "emulator",
		.keys = {AWS_KEYS},
		.destination_fields = "database_name file_path",
		.destination_members = "bucket region endpoint path_style",
		.connector = {.is_over_http = true},
	},
	{
		.name = "http_api",
		.category = "other",
		.label = "HTTP API",
		.default_port = 443,
		.credentials = RG_CREDENTIALS_OPTIONAL,
		.keys = {TLS_KEYS, OAUTH_KEYS},
		.url_style = RG_URL_BARE,
		.schemes = "https http",
		.tested_against = "real",
		.destination_members = "token_url openapi_path endpoints",
		.connector = {.is_over_http = true},
	},
	{
		.name = "other",
		.category = "other",
		.label = "Other",
		.credentials = RG_CREDENTIALS_OPTIONAL,
		.keys = {TLS_KEYS},
		.url_style = RG_URL_DATABASE,
		.destination_fields = "database_name file_path",
		.destination_members = "*",
		.with_driver = "odbc",
		.tested_against = "real",
	},
};

const char *
rg_source_type_credentials_name(RgCredentialNeed need)
{
	static const char *const names[] = {"required", "optional", "none"};

	return names[need];
}

const RgSourceType *
rg_source_type_find(const char *name, int length)
{
	for (int i = 0; i < RG_SOURCE_TYPES; i++)
	{
		const char *known = rg_source_types[i].name;

		if (strlen(known) == (size_t) length && memcmp(known, name, length) == 0)
			return &rg_source_types[i];
	}
	return NULL;
}

const char *
rg_source_type_nearest(const RgFaults *faults, const char *name, int length)
{
	const char *names[RG_SOURCE_TYPES];

	for (int i = 0; i < RG_SOURCE_TYPES; i++)
		names[i] = rg_source_types[i].name;
	return rg_nearest(faults, name, length, names, RG_SOURCE_TYPES);
}

const char *
rg_source_type_executable(const RgSourceType *type)
{
	return type->executable != NULL ? type->executable : type->name;
}

char *
rg_source_type_names(void)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < RG_SOURCE_TYPES; i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", rg_source_types[i].name);
	return names.data;
}

bool
rg_source_type_takes_key(const RgSourceType *type, RgCredentialKey key)
{
	return type == NULL || key < RG_COMMON_KEYS || type->keys[key];
}
