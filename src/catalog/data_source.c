/*
 * data_source.c — the rows of data_source, and the document of a row that the API returns.
 */
#include "data_source.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "settings.h"
#include "catalog/identity.h"
#include "catalog/quarantine.h"
#include "credential.h"
#include "error.h"
#include "sql.h"

#define THIS_SOURCE "organization_id = $1 AND data_source_id = $2"

static void
fail_taken(void)
{
	rg_fail(RG_CONFLICT, "Data source with this name already exists", NULL, NULL);
}

int64
rg_data_source_insert(const RgIdentity *identity, Jsonb *columns)
{
	static RgStatement insert = {
		.text = "SELECT rivergen_catalog.insert_data_source($1, $2, $3)",
	};
	static RgStatement insert_state = {
		.text =
			"INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id, next_discovery_at) "
			"SELECT $1, $2, CASE WHEN schema_auto_refresh THEN rivergen_catalog.within_window(metadata, "
			"CASE WHEN rivergen_catalog.within_window(metadata, now()) > now() THEN now() "
			"ELSE now() + rivergen_catalog.refresh_delay(schema_refresh_interval, 0) END) END "
			"FROM rivergen_catalog.data_source WHERE " THIS_SOURCE,
	};
	int64 data_source_id;

	rg_spi_execute(&insert, rg_int8(identity->organization_id), rg_int8(identity->user_id),
				   rg_jsonb(columns));
	if (rg_spi_is_null(0, 1))
		fail_taken();
	data_source_id = rg_spi_int64(0, 1);
	rg_spi_execute(&insert_state, rg_int8(identity->organization_id), rg_int8(data_source_id));
	return data_source_id;
}

/*
 * NO KEY, because workers that write rows below the source hold KEY SHARE and must not wait for a client's
 * open transaction.
 */
void
rg_data_source_hold(int64 organization_id, int64 data_source_id, bool deleted_too)
{
	static RgStatement lock = {
		.text = "SELECT 1 FROM rivergen_catalog.data_source WHERE " THIS_SOURCE
				" AND ($3 OR deleted_at IS NULL) FOR NO KEY UPDATE",
	};

	if (rg_spi_execute(&lock, rg_int8(organization_id), rg_int8(data_source_id), rg_bool(deleted_too)) == 0)
		rg_fail_not_found("data source", data_source_id);
}

/* Two statements: only a later statement sees the change that FOR NO KEY UPDATE waited for. */
Jsonb *
rg_data_source_lock(int64 organization_id, int64 data_source_id)
{
	static RgStatement read = {
		.text = "SELECT to_jsonb(d) - 'search_text' || jsonb_build_object('credential_keys', c.key_names) "
				"FROM rivergen_catalog.data_source d "
				"LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id) "
				"WHERE " THIS_SOURCE,
	};

	rg_data_source_hold(organization_id, data_source_id, false);
	rg_spi_execute(&read, rg_int8(organization_id), rg_int8(data_source_id));
	return rg_catalog_jsonb(0, 1);
}

void
rg_data_source_require_unchanged(int64 organization_id, int64 data_source_id, TimestampTz updated_at)
{
	static RgStatement compare = {
		.text = "SELECT updated_at = $3, rivergen_catalog.time_text(updated_at), "
				"rivergen_catalog.time_text($3) FROM rivergen_catalog.data_source WHERE " THIS_SOURCE,
	};

	rg_spi_execute(&compare, rg_int8(organization_id), rg_int8(data_source_id), rg_timestamptz(updated_at));
	if (!rg_spi_bool(0, 1))
		rg_fail(RG_CONFLICT, RG_CHANGED_SINCE,
				psprintf("updated_at is %s, not %s.", rg_spi_text(0, 2), rg_spi_text(0, 3)),
				"Read it again, and repeat the change if it is still wanted.");
}

typedef struct Consequences
{
	bool moved;
	bool rescheduled;
} Consequences;

static Consequences
consequences_of(int64 organization_id, int64 data_source_id, const RgDestinationNames *names, Jsonb *columns)
{
	static RgStatement compare = {
		.text =
			"SELECT moved, rescheduled FROM rivergen_catalog.data_source_consequences($1, $2, $3, $4, $5)",
	};

	rg_spi_execute(&compare, rg_int8(organization_id), rg_int8(data_source_id), rg_jsonb(columns),
				   rg_text(names->fields), rg_text(names->members));
	return (Consequences){.moved = rg_spi_bool(0, 1), .rescheduled = rg_spi_bool(0, 2)};
}

bool
rg_data_source_moves(int64 organization_id, int64 data_source_id, const RgDestinationNames *names,
					 Jsonb *columns)
{
	return consequences_of(organization_id, data_source_id, names, columns).moved;
}

/* The unique index decides which source has a name; PostgreSQL's message would show the index and the row. */
void
rg_data_source_run_named(RgStatement *statement, const RgArgument *arguments, int count)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		rg_spi_execute_list(statement, arguments, count);
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_UNIQUE_VIOLATION)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
		fail_taken();
	}
	PG_END_TRY();
}

#define CHANGEABLE                                                                                           \
	"name, description, host, port, database_name, schema_name, file_path, use_ssh_tunnel, ssh_host, "       \
	"ssh_port, ssh_username, ssh_local_port, connection_pool_size, connection_timeout, query_timeout, "      \
	"max_retries, schema_auto_refresh, schema_refresh_interval, metadata, tags"

bool
rg_data_source_change(const RgIdentity *identity, int64 data_source_id, const RgDestinationNames *names,
					  Jsonb *columns, bool has_credentials)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.data_source d SET (" CHANGEABLE ") = (SELECT " CHANGEABLE
				" FROM jsonb_populate_record(d, $3)) WHERE " THIS_SOURCE,
	};
	RgArgument arguments[] = {rg_int8(identity->organization_id), rg_int8(data_source_id), rg_jsonb(columns)};
	Consequences change = consequences_of(identity->organization_id, data_source_id, names, columns);

	rg_data_source_run_named(&update, arguments, lengthof(arguments));
	if (change.moved && !has_credentials && identity->role != RG_ADMIN)
		rg_credential_drop_moved(identity, data_source_id);
	return change.moved || change.rescheduled || rg_quarantine_end(identity->organization_id, data_source_id);
}

/*
 * Readers compare updated_at to notice a change, so it always grows: it is the clock, not the transaction's
 * start.
 */
void
rg_data_source_touch(const RgIdentity *identity, int64 data_source_id)
{
	static RgStatement touch = {
		.text = "UPDATE rivergen_catalog.data_source SET updated_by_user_id = $3, "
				"updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond') "
				"WHERE " THIS_SOURCE,
	};

	rg_spi_execute(&touch, rg_int8(identity->organization_id), rg_int8(data_source_id),
				   rg_int8(identity->user_id));
}

Jsonb *
rg_data_source_read(int64 organization_id, int64 data_source_id, bool own_changes)
{
	static RgStatement select = {
		.text = "SELECT body FROM rivergen_catalog.shown_data_source "
				"WHERE " THIS_SOURCE " AND deleted_at IS NULL",
	};
	uint64 found = own_changes ? rg_spi_execute(&select, rg_int8(organization_id), rg_int8(data_source_id))
							   : rg_spi_read(&select, rg_int8(organization_id), rg_int8(data_source_id));

	if (found == 0)
		rg_fail_not_found("data source", data_source_id);
	return rg_catalog_jsonb(0, 1);
}

void
rg_data_source_delete(const RgIdentity *identity, int64 data_source_id)
{
	static RgStatement mark = {
		.text =
			"UPDATE rivergen_catalog.data_source SET deleted_at = clock_timestamp(), updated_by_user_id = $3 "
			"WHERE " THIS_SOURCE " AND deleted_at IS NULL",
	};

	if (rg_spi_execute(&mark, rg_int8(identity->organization_id), rg_int8(data_source_id),
					   rg_int8(identity->user_id)) == 0)
		rg_fail_not_found("data source", data_source_id);
}

void
rg_data_source_purge(const RgIdentity *identity, int64 data_source_id)
{
	static RgStatement purge = {
		.text = "DELETE FROM rivergen_catalog.data_source WHERE " THIS_SOURCE,
	};

	if (rg_spi_execute(&purge, rg_int8(identity->organization_id), rg_int8(data_source_id)) == 0)
		rg_fail_not_found("data source", data_source_id);
}
