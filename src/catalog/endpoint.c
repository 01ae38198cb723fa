/*
 * endpoint.c — the columns of a source that workers read, and the rows of data_source_state and source_schema
 * that they write.
 */
#include "endpoint.h"

#include "catalog/event.h"
#include "sql.h"

static bytea *
copy_bytea(uint64 row, int column)
{
	bool is_null;
	Datum value = rg_spi_datum(row, column, &is_null);

	return is_null ? NULL : DatumGetByteaPCopy(value);
}

#define ENDPOINT_COLUMNS                                                                                     \
	"d.type, d.host, d.port, d.database_name, d.schema_name, d.file_path, d.use_ssh_tunnel, "                \
	"d.connection_pool_size, d.connection_timeout, d.query_timeout, (d.metadata -> 'tls')::text, "           \
	"(d.metadata - 'tls' - 'ssh' - 'query')::text, rivergen_catalog.discovery_patterns(d.metadata)::text, "  \
	"rivergen_catalog.decisive_options(d.type, d.metadata)::text, "                                          \
	"d.ssh_host, d.ssh_port, d.ssh_username, rivergen_catalog.ssh_place(d.ssh_host, d.ssh_port), "           \
	"rivergen_catalog.demanded_host_keys(d.metadata), rivergen_catalog.host_keys(d.host, d.port)"
#define ENDPOINT_COLUMN_COUNT 20

static void
read_endpoint(RgEndpoint *endpoint)
{
	endpoint->type = rg_spi_text(0, 1);
	endpoint->host = rg_spi_text(0, 2);
	endpoint->port = rg_spi_int32(0, 3);
	endpoint->database_name = rg_spi_text(0, 4);
	endpoint->schema_name = rg_spi_text(0, 5);
	endpoint->file_path = rg_spi_text(0, 6);
	endpoint->use_ssh_tunnel = rg_spi_bool(0, 7);
	endpoint->connection_pool_size = rg_spi_int32(0, 8);
	endpoint->connection_timeout = rg_spi_int32(0, 9);
	endpoint->query_timeout = rg_spi_int32(0, 10);
	endpoint->tls = rg_spi_text(0, 11);
	endpoint->options = rg_spi_text(0, 12);
	endpoint->patterns = rg_spi_text(0, 13);
	endpoint->decisive_options = rg_spi_text(0, 14);
	endpoint->ssh_host = rg_spi_text(0, 15);
	endpoint->ssh_port = rg_spi_int32(0, 16);
	endpoint->ssh_username = rg_spi_text(0, 17);
	endpoint->ssh_place = rg_spi_text(0, 18);
	endpoint->host_key = rg_spi_text(0, 19);
	endpoint->host_keys = rg_host_keys_read(0, ENDPOINT_COLUMN_COUNT);
}

bool
rg_endpoint_load(int64 organization_id, int64 data_source_id, RgEndpoint *endpoint)
{
	static RgStatement load = {
		.text = "SELECT " ENDPOINT_COLUMNS ", c.version, c.key_id, c.sealed, "
				"rivergen_catalog.seen_host_key(d.use_ssh_tunnel, d.ssh_host, d.ssh_port, s.ssh_host_key) "
				"FROM rivergen_catalog.data_source d "
				"JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id) "
				"LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id) "
				"WHERE organization_id = $1 AND data_source_id = $2 AND d.deleted_at IS NULL",
	};

	if (rg_spi_execute(&load, rg_int8(organization_id), rg_int8(data_source_id)) == 0)
		return false;
	*endpoint = (RgEndpoint){.organization_id = organization_id,
							 .data_source_id = data_source_id,
							 .credential_version = rg_spi_int64(0, ENDPOINT_COLUMN_COUNT + 1),
							 .key_id = rg_spi_int64(0, ENDPOINT_COLUMN_COUNT + 2),
							 .sealed = copy_bytea(0, ENDPOINT_COLUMN_COUNT + 3),
							 .host_key_seen = rg_spi_text(0, ENDPOINT_COLUMN_COUNT + 4)};
	read_endpoint(endpoint);
	return true;
}

static bool
same_text(const char *one, const char *other)
{
	return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static bool
leads_to_the_same(const RgEndpoint *one, const RgEndpoint *other)
{
	return same_text(one->type, other->type) && same_text(one->host, other->host) &&
		   one->port == other->port && same_text(one->database_name, other->database_name) &&
		   same_text(one->schema_name, other->schema_name) && same_text(one->file_path, other->file_path) &&
		   one->use_ssh_tunnel == other->use_ssh_tunnel && same_text(one->ssh_place, other->ssh_place) &&
		   same_text(one->ssh_username, other->ssh_username) && same_text(one->host_key, other->host_key) &&
		   same_text(one->tls, other->tls) && same_text(one->decisive_options, other->decisive_options) &&
		   same_text(one->patterns, other->patterns) && one->credential_version == other->credential_version;
}

bool
rg_endpoint_is_current(const RgEndpoint *used)
{
	RgEndpoint now;

	return rg_endpoint_load(used->organization_id, used->data_source_id, &now) &&
		   leads_to_the_same(&now, used);
}

bool
rg_endpoint_is_unchanged(const RgEndpoint *used)
{
	RgEndpoint now;

	return rg_endpoint_load(used->organization_id, used->data_source_id, &now) &&
		   leads_to_the_same(&now, used) && now.connection_timeout == used->connection_timeout &&
		   now.query_timeout == used->query_timeout && now.connection_pool_size == used->connection_pool_size;
}

/*
 * The end of an UPDATE of data_source_state n. A source in maintenance shows no other status, so that its
 * change is no event.
 */
#define AND_WHETHER_STATUS_CHANGED                                                                           \
	"FROM rivergen_catalog.data_source_state o "                                                             \
	"JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id) "                           \
	"WHERE o.organization_id = $1 AND o.data_source_id = $2 "                                                \
	"AND n.organization_id = $1 AND n.data_source_id = $2 "                                                  \
	"RETURNING o.status <> n.status AND NOT d.maintenance"

static void
tell_status(int64 organization_id, int64 data_source_id, uint64 updated)
{
	if (updated > 0 && rg_spi_bool(0, 1))
		rg_event(RG_EVENT_STATUS_CHANGED, organization_id, data_source_id, 0);
}

void
rg_endpoint_of_definition(int64 organization_id, Jsonb *columns, RgEndpoint *endpoint)
{
	static RgStatement unfold = {
		.text = "SELECT " ENDPOINT_COLUMNS
				" FROM jsonb_populate_record(NULL::rivergen_catalog.data_source, $1) d",
	};

	rg_spi_execute(&unfold, rg_jsonb(columns));
	*endpoint = (RgEndpoint){.organization_id = organization_id};
	read_endpoint(endpoint);
}

bool
rg_state_begin_test(int64 organization_id, int64 data_source_id)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.data_source_state SET status = 'testing', "
				"status_before_test = CASE status WHEN 'testing' THEN status_before_test ELSE status END "
				"WHERE organization_id = $1 AND data_source_id = $2",
	};

	if (rg_spi_execute(&update, rg_int8(organization_id), rg_int8(data_source_id)) == 0)
		return false;
	rg_event(RG_EVENT_STATUS_CHANGED, organization_id, data_source_id, 0);
	return true;
}

void
rg_state_end_test(int64 organization_id, int64 data_source_id)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.data_source_state "
				"SET status = coalesce(status_before_test, 'inactive'), status_before_test = NULL "
				"WHERE organization_id = $1 AND data_source_id = $2 AND status = 'testing'",
	};

	if (rg_spi_execute(&update, rg_int8(organization_id), rg_int8(data_source_id)) > 0)
		rg_event(RG_EVENT_STATUS_CHANGED, organization_id, data_source_id, 0);
}

uint64
rg_state_list_testing(bool lock)
{
#define TESTING                                                                                              \
	"SELECT organization_id, data_source_id FROM rivergen_catalog.data_source_state "                        \
	"WHERE status = 'testing'"

	static RgStatement list = {.text = TESTING};
	static RgStatement lock_free = {.text = TESTING " FOR NO KEY UPDATE SKIP LOCKED"};

	return rg_spi_execute(lock ? &lock_free : &list);
}

void
rg_state_lock(int64 organization_id, int64 data_source_id)
{
	static RgStatement lock = {
		.text = "SELECT FROM rivergen_catalog.data_source_state "
				"WHERE organization_id = $1 AND data_source_id = $2 FOR NO KEY UPDATE",
	};

	rg_spi_execute(&lock, rg_int8(organization_id), rg_int8(data_source_id));
}

void
rg_state_connected(int64 organization_id, int64 data_source_id, const char *server_version)
{
	static RgStatement update = {
		.text =
			"UPDATE rivergen_catalog.data_source_state n SET status = 'active', status_before_test = NULL, last_tested_at = now(), "
			"last_successful_connection_at = now(), failure_count = 0, failure_reason = NULL, "
			"server_version = $3, next_test_at = CASE WHEN n.quarantined_at IS NULL "
			"THEN clock_timestamp() + rivergen_catalog.test_delay(0) END " AND_WHETHER_STATUS_CHANGED,
	};

	tell_status(organization_id, data_source_id,
				rg_spi_execute(&update, rg_int8(organization_id), rg_int8(data_source_id),
							   rg_text_or_null(server_version)));
}

void
rg_state_host_key(int64 organization_id, int64 data_source_id, const char *host_key, bool is_demanded)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.data_source_state SET ssh_host_key = $3 "
				"WHERE organization_id = $1 AND data_source_id = $2 AND ssh_host_key IS DISTINCT FROM $3 "
				"AND ($4 OR ssh_host_key IS NULL "
				"OR split_part(ssh_host_key, ' ', 1) <> split_part($3, ' ', 1))",
	};

	rg_spi_execute(&update, rg_int8(organization_id), rg_int8(data_source_id), rg_text(host_key),
				   rg_bool(is_demanded));
}

void
rg_state_capabilities(int64 organization_id, int64 data_source_id, const char *capabilities)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.data_source_state SET capabilities = string_to_array($3, ',') "
				"WHERE organization_id = $1 AND data_source_id = $2 "
				"AND capabilities IS DISTINCT FROM string_to_array($3, ',')",
	};

	rg_spi_execute(&update, rg_int8(organization_id), rg_int8(data_source_id), rg_text(capabilities));
}

static void
scope_discovered(int64 organization_id, int64 data_source_id, const char *schema, int64 duration_ms)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.source_schema SET scoped_discovered_at = now(), "
				"scoped_discovery_ms = $3, scoped_patterns = (SELECT "
				"rivergen_catalog.discovery_patterns(metadata) FROM rivergen_catalog.data_source "
				"WHERE organization_id = $1 AND data_source_id = $2) "
				"WHERE organization_id = $1 AND data_source_id = $2 AND schema_name = $4",
	};

	rg_spi_execute(&update, rg_int8(organization_id), rg_int8(data_source_id), rg_int8(duration_ms),
				   rg_text(schema));
}

void
rg_state_discovered(int64 organization_id, int64 data_source_id, const char *schema, int64 duration_ms)
{
	static RgStatement whole = {
		.text = "UPDATE rivergen_catalog.data_source_state SET schema_discovered_at = now(), "
				"full_discovered_at = now(), full_discovery_ms = $3 "
				"WHERE organization_id = $1 AND data_source_id = $2",
	};
	static RgStatement scoped = {
		.text = "UPDATE rivergen_catalog.data_source_state SET schema_discovered_at = now() "
				"WHERE organization_id = $1 AND data_source_id = $2",
	};

	if (schema != NULL)
	{
		scope_discovered(organization_id, data_source_id, schema, duration_ms);
		rg_spi_execute(&scoped, rg_int8(organization_id), rg_int8(data_source_id));
	}
	else
		rg_spi_execute(&whole, rg_int8(organization_id), rg_int8(data_source_id), rg_int8(duration_ms));
}

void
rg_state_failed(int64 organization_id, int64 data_source_id, const char *reason)
{
	static RgStatement update = {
		.text =
			"UPDATE rivergen_catalog.data_source_state n SET status = 'failed', status_before_test = NULL, last_tested_at = now(), "
			"last_failed_connection_at = now(), failure_count = n.failure_count + 1, failure_reason = $3, "
			"next_test_at = CASE WHEN n.quarantined_at IS NULL "
			"THEN clock_timestamp() + rivergen_catalog.test_delay(n.failure_count + 1) END " AND_WHETHER_STATUS_CHANGED,
	};

	tell_status(organization_id, data_source_id,
				rg_spi_execute(&update, rg_int8(organization_id), rg_int8(data_source_id), rg_text(reason)));
}
