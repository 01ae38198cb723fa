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
	[RG_KEY_ACCESS_KEY_ID] = "access_key_id",
	[RG_KEY_SECRET_ACCESS_KEY] = "secret_access_key",
	[RG_KEY_SESSION_TOKEN] = "session_token",
	[RG_KEY_SERVICE_ACCOUNT] = "service_account",
	[RG_KEY_PRIVATE_KEY] = "private_key",
	[RG_KEY_PRIVATE_KEY_PASSPHRASE] = "private_key_passphrase",
	[RG_KEY_CLIENT_ID] = "client_id",
	[RG_KEY_CLIENT_SECRET] = "client_secret",
};

#define KEY(name)   (UINT32_C(1) << RG_KEY_##name)
#define COMMON_KEYS (KEY(TLS_CLIENT_CERTIFICATE) - 1)
#define TLS_KEYS    (KEY(TLS_CLIENT_CERTIFICATE) | KEY(TLS_CLIENT_KEY))
#define AWS_KEYS    (KEY(ACCESS_KEY_ID) | KEY(SECRET_ACCESS_KEY) | KEY(SESSION_TOKEN))
#define JWT_KEYS    (KEY(PRIVATE_KEY) | KEY(PRIVATE_KEY_PASSPHRASE))
#define OAUTH_KEYS  (KEY(CLIENT_ID) | KEY(CLIENT_SECRET))

#define SERVER   (RG_NEEDS_HOST | RG_NEEDS_PORT)
#define DATABASE (SERVER | RG_NEEDS_DATABASE)

/* Files below the storage root, which the worker opens. */
#define STORED_FILE(name, label)                                                                             \
	{                                                                                                        \
		name, "file", label, RG_NEEDS_FILE, 0, NULL, 0, NULL, RG_URL_NONE, NULL, RG_CREDENTIALS_NONE         \
	}

/* In the order of the specification. The exceptions from DATABASE are those that CONTRACT.md documents. */
const RgSourceType rg_source_types[RG_SOURCE_TYPES] = {
	{"postgresql", "sql", "PostgreSQL", DATABASE, 5432, NULL, TLS_KEYS, "postgresql", RG_URL_KEYWORDS,
	 "postgresql postgres"},
	{"mysql", "sql", "MySQL", DATABASE, 3306, NULL, TLS_KEYS, NULL, RG_URL_DATABASE, "mysql"},
	{"mariadb", "sql", "MariaDB", DATABASE, 3306, NULL, TLS_KEYS, NULL, RG_URL_DATABASE, "mariadb mysql"},
	{"sqlserver", "sql", "SQL Server", DATABASE, 1433, NULL, 0, NULL, RG_URL_DATABASE, "sqlserver mssql"},
	{"oracle", "sql", "Oracle Database", DATABASE, 1521, "the service name", 0, NULL, RG_URL_DATABASE,
	 "oracle", .destination_members = "driver"},
	{"snowflake", "sql", "Snowflake", RG_NEEDS_HOST | RG_NEEDS_DATABASE, 443, NULL, JWT_KEYS, NULL,
	 RG_URL_SCHEMA, "snowflake", .destination_members = "account"},
	{"bigquery", "sql", "Google BigQuery", RG_NEEDS_DATABASE, 443, "the project", KEY(SERVICE_ACCOUNT), NULL,
	 RG_URL_PROJECT, "bigquery"},
	{"redshift", "sql", "Amazon Redshift", DATABASE, 5439, NULL, TLS_KEYS, NULL, RG_URL_KEYWORDS,
	 "redshift postgresql postgres"},
	{"mongodb", "nosql", "MongoDB", DATABASE, 27017, NULL, TLS_KEYS, NULL, RG_URL_DATABASE, "mongodb"},
	{"elasticsearch", "nosql", "Elasticsearch", SERVER, 9200, NULL, TLS_KEYS, NULL, RG_URL_BARE,
	 "https http elasticsearch", RG_CREDENTIALS_OPTIONAL, .destination_members = "path_prefix"},
	{"redis", "nosql", "Redis", SERVER, 6379, "the database number", TLS_KEYS, NULL, RG_URL_DATABASE,
	 "redis rediss", RG_CREDENTIALS_OPTIONAL},
	{"cassandra", "nosql", "Apache Cassandra", DATABASE, 9042, "the keyspace", TLS_KEYS, NULL,
	 RG_URL_DATABASE, "cassandra"},
	{"dynamodb", "nosql", "Amazon DynamoDB", RG_NEEDS_DATABASE, 443, "the region", AWS_KEYS, NULL,
	 RG_URL_DATABASE, "dynamodb", .destination_fields = "database_name",
	 .destination_members = "region endpoint"},
	STORED_FILE("csv", "CSV"),
	STORED_FILE("excel", "Microsoft Excel"),
	STORED_FILE("json", "JSON"),
	STORED_FILE("parquet", "Apache Parquet"),
	STORED_FILE("orc", "Apache ORC"),
	STORED_FILE("delta_lake", "Delta Lake"),
	STORED_FILE("iceberg", "Apache Iceberg"),
	STORED_FILE("hudi", "Apache Hudi"),
	{"s3", "file", "Amazon S3", RG_NEEDS_FILE, 443, NULL, AWS_KEYS, NULL, RG_URL_NONE, NULL,
	 .destination_fields = "database_name file_path",
	 .destination_members = "bucket region endpoint path_style"},
	{"http_api", "other", "HTTP API", 0, 443, NULL, TLS_KEYS | OAUTH_KEYS, NULL, RG_URL_BARE, "https http",
	 RG_CREDENTIALS_OPTIONAL, .destination_members = "token_url openapi_path endpoints"},
	{"other", "other", "Other", 0, 0, NULL, TLS_KEYS, NULL, RG_URL_DATABASE, NULL, RG_CREDENTIALS_OPTIONAL,
	 "database_name file_path", "*"},
};

const char *
rg_credential_need_name(RgCredentialNeed need)
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
rg_source_type_nearest(const char *name, int length)
{
	const char *names[RG_SOURCE_TYPES];

	for (int i = 0; i < RG_SOURCE_TYPES; i++)
		names[i] = rg_source_types[i].name;
	return rg_nearest(name, length, names, RG_SOURCE_TYPES);
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
	return type == NULL || ((type->credential_keys | COMMON_KEYS) & (UINT32_C(1) << key)) != 0;
}
