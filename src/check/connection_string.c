#include "check/connection_string.h"

#include "check/field.h"
#include "check/text.h"
#include "secret/secret.h"

#define LONGEST_CONNECTION_STRING 8192

const char *const rg_connection_part_names[RG_PART_COUNT] = {
	[RG_PART_HOST] = "host",
	[RG_PART_PORT] = "port",
	[RG_PART_DATABASE] = "database",
	[RG_PART_SCHEMA] = "schema",
	[RG_PART_CONNECT_TIMEOUT] = "connect_timeout",
	[RG_PART_APPLICATION_NAME] = "application_name",
	[RG_PART_TLS_MODE] = "TLS mode",
	[RG_PART_USERNAME] = "user",
	[RG_PART_PASSWORD] = "password",
	[RG_PART_WAREHOUSE] = "warehouse",
	[RG_PART_ROLE] = "role",
};

/* The options that are taken. types: separated by spaces. */
typedef struct Option
{
	const char *name;
	RgConnectionPart part;
	const char *types;
} Option;

#define LIBPQ  "postgresql redshift"
#define MYSQLS "mysql mariadb"

static const Option options[] = {
	{"host", RG_PART_HOST, LIBPQ},
	{"port", RG_PART_PORT, LIBPQ},
	{"dbname", RG_PART_DATABASE, LIBPQ},
	{"user", RG_PART_USERNAME, LIBPQ},
	{"password", RG_PART_PASSWORD, LIBPQ},
	{"connect_timeout", RG_PART_CONNECT_TIMEOUT, LIBPQ " " MYSQLS},
	{"application_name", RG_PART_APPLICATION_NAME, LIBPQ},
	{"sslmode", RG_PART_TLS_MODE, LIBPQ " " MYSQLS},
	{"ssl-mode", RG_PART_TLS_MODE, MYSQLS},
	{"tls", RG_PART_TLS_MODE, "mongodb"},
	{"ssl", RG_PART_TLS_MODE, "mongodb"},
	{"warehouse", RG_PART_WAREHOUSE, "snowflake"},
	{"role", RG_PART_ROLE, "snowflake"},
	{"schema", RG_PART_SCHEMA, "snowflake"},
};

/* Options that may be named in a fault; any other name may be a piece of a password. */
static const char refused_options[] =
	"service servicefile passfile sslkey sslcert sslrootcert sslcrl sslcrldir sslpassword sslcertmode "
	"sslnegotiation sslsni sslcompression requiressl ssl_min_protocol_version ssl_max_protocol_version "
	"min_protocol_version max_protocol_version hostaddr options channel_binding require_auth client_encoding "
	"replication keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout tty "
	"krbsrvname "
	"gsslib gssencmode gssdelegation requirepeer target_session_attrs load_balance_hosts "
	"fallback_application_name "
	"scram_client_key scram_server_key sslkeylogfile oauth_issuer oauth_client_id oauth_client_secret "
	"oauth_scope "
	"authtype driver dsn filedsn servername server uid pwd database unix_socket socket allow_local_infile "
	"local_infile init_command read_default_file plugin_dir authSource authMechanism replicaSet "
	"tlsCAFile tlsCertificateKeyFile tlsInsecure tlsAllowInvalidCertificates directConnection retryWrites "
	"account authenticator private_key_file token encrypt trustServerCertificate";

/* Other clients' names for our TLS modes. */
static const struct
{
	const char *theirs;
	const char *ours;
} tls_modes[] = {
	{"DISABLED", "disable"},
	{"PREFERRED", "prefer"},
	{"REQUIRED", "require"},
	{"VERIFY_CA", "verify-ca"},
	{"VERIFY_IDENTITY", "verify-full"},
	{"true", "verify-full"},
	{"false", "disable"},
};

void
rg_connection_fault(RgConnection *connection, const char *fault)
{
	rg_fault(connection->faults, "connection_string", "%s", fault);
}

static const char *
our_tls_mode(const char *mode)
{
	if (rg_tls_mode_known(mode, strlen(mode)))
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

void
rg_connection_option(RgConnection *connection, int position, const char *name, int length, const char *value)
{
	const char *type = connection->type->name;

	for (int i = 0; i < (int) lengthof(options); i++)
	{
		if (strlen(options[i].name) == (size_t) length && memcmp(options[i].name, name, length) == 0 &&
			rg_word_in(options[i].types, type, strlen(type)))
		{
			rg_connection_set(connection, options[i].part, value);
			return;
		}
	}
	if (rg_word_in(refused_options, name, length))
		rg_fault(connection->faults, "connection_string", "the option %.*s is not allowed", length, name);
	else
		rg_fault(connection->faults, "connection_string", "option %d is not known", position);
}

static bool
begins_like_url(const char *text, int length)
{
	const char *colon = memchr(text, ':', length);

	if (colon == NULL || length - (colon - text) < 3 || colon[1] != '/' || colon[2] != '/')
		return false;
	return memchr(text, '=', colon - text) == NULL && memchr(text, ' ', colon - text) == NULL;
}

void
rg_connection_parse(RgConnection *connection, const char *text, int length)
{
	RgUrlStyle style = connection->type->url_style;

	if (style == RG_URL_NONE)
		rg_fault(connection->faults, "connection_string", "type %s has none; give file_path",
				 connection->type->name);
	else if (length > LONGEST_CONNECTION_STRING)
		rg_fault(connection->faults, "connection_string", "must be at most %d bytes",
				 LONGEST_CONNECTION_STRING);
	else if (begins_like_url(text, length))
		rg_connection_parse_url(connection, text, length);
	else if (style == RG_URL_KEYWORDS)
		rg_connection_parse_keywords(connection, text, length);
	else
	{
		rg_connection_fault(connection, "must be a URL");
		rg_fault_hint(connection->faults, "For example scheme://user:password@host:port/database");
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * One value of the keyword form, quoted or bare, with backslash escapes, into out. Returns the place behind
 * it, or NULL when a quote is not closed.
 */
static const char *
read_value(const char *at, const char *end, char *out)
{
	bool quoted = at < end && *at == '\'';

	if (quoted)
		at++;
	while (at < end && (quoted ? *at != '\'' : !is_blank(*at)))
	{
		if (*at == '\\' && at + 1 < end)
			at++;
		*out++ = *at++;
	}
	*out = '\0';
	if (!quoted)
		return at;
	return at < end ? at + 1 : NULL;
}

static const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

void
rg_connection_parse_keywords(RgConnection *connection, const char *text, int length)
{
	const char *end = text + length;
	const char *at = skip_blanks(text, end);

	for (int position = 1; at < end; position++)
	{
		const char *name = at;
		char *value = rg_secret_alloc(end - at + 1);
		int name_length;

		while (at < end && *at != '=' && !is_blank(*at))
			at++;
		name_length = (int) (at - name);
		at = skip_blanks(at, end);
		if (at == end || *at != '=')
		{
			rg_fault(connection->faults, "connection_string", "option %d has no =", position);
			return;
		}
		at = read_value(skip_blanks(at + 1, end), end, value);
		if (at == NULL)
		{
			rg_fault(connection->faults, "connection_string", "option %d has a quote that is not closed",
					 position);
			return;
		}
		rg_connection_option(connection, position, name, name_length, value);
		at = skip_blanks(at, end);
	}
}
