#include "reader/record.h"

#include "executor/spi.h"
#include "utils/json.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "catalog/audit.h"
#include "catalog/endpoint.h"
#include "reader/epoch.h"
#include "reader/rest.h"
#include "sql.h"
#include "version.h"
#include "worker/report_json.h"
#include "worker/transaction.h"

/* ---- the beginning ---- */

static char *
kept_text(RgReading *reading, int column)
{
	char *text = rg_spi_text(0, column);

	return text != NULL ? MemoryContextStrdup(reading->memory, text) : NULL;
}

static bool
fits(RgReading *reading)
{
	RgVersionFit fit = rg_version_fit();

	if (fit == RG_VERSION_FITS)
		return true;
	reading->status = 503;
	rg_failed(&reading->failure, "unavailable", "the extension rivergen is not committed in this database",
			  NULL);
	if (fit == RG_VERSION_ABSENT)
		return false;

	RgVersionFault fault = rg_version_fault();

	reading->failure.message = MemoryContextStrdup(reading->memory, fault.message);
	reading->failure.detail = MemoryContextStrdup(reading->memory, fault.detail);
	reading->hint = MemoryContextStrdup(reading->memory, fault.hint);
	return false;
}

static bool
is_refused(RgReading *reading)
{
	if (rg_spi_is_null(0, 6))
		return false;
	reading->status = rg_spi_int32(0, 6);
	rg_failed(&reading->failure, "not_allowed", kept_text(reading, 7), kept_text(reading, 8));
	reading->hint = kept_text(reading, 9);
	return true;
}

static void
set_last_moment(RgReading *reading)
{
	int asked = reading->asked.request.timeout;
	int timeout = reading->timeout;

	if (timeout == 0 || (asked > 0 && asked < timeout))
		timeout = asked;
	if (timeout > 0)
		reading->last_moment = TimestampTzPlusMilliseconds(reading->started_at, timeout * INT64CONST(1000));
}

static bool
find_target(RgReading *reading)
{
	static RgStatement find = {
		.text =
			"SELECT organization, source, reader, max_rows, timeout, status, message, detail, hint, masking "
			"FROM rivergen_catalog.reading_target($1::name, $2, $3, $4, $5)",
	};
	const RgStreamRequest *request = &reading->asked.request;

	rg_spi_execute(&find, rg_text_or_null(request->server), rg_int8(request->organization_id),
				   rg_int8(request->data_source_id), rg_int8(request->user_id), rg_text(request->operation));
	reading->organization_id = rg_spi_int64(0, 1);
	reading->data_source_id = rg_spi_int64(0, 2);
	reading->user_id = rg_spi_int64(0, 3);
	if (is_refused(reading))
		return false;
	reading->max_rows = rg_spi_int64(0, 4);
	reading->timeout = rg_spi_int32(0, 5);
	reading->masked = rg_spi_bool(0, 10);
	return true;
}

/*
 * The versions of all rows that the target and the endpoint come from; NULL: some are missing. The text also
 * has what else the answers depend on.
 */
static char *
find_version(RgReading *reading)
{
#define VERSION_SQL(more)                                                                                    \
	"SELECT v.organization_id, v.data_source_id, v.user_id, concat_ws(' ', $1::text, " more ", v.version) "  \
	"FROM rivergen_catalog.reading_version v "

	static RgStatement of_server = {
		.text = VERSION_SQL(
			"s.server_name, s.version") "JOIN rivergen_catalog.server_version s "
										"USING (organization_id, data_source_id, user_id) WHERE s.server_name = $2::name",
	};
	static RgStatement of_source = {
		.text = VERSION_SQL(
			"v.user_id") "WHERE v.organization_id = $2 AND v.data_source_id = $3 AND v.user_id = $4",
	};
	const RgStreamRequest *request = &reading->asked.request;
	RgArgument operation = rg_text(request->operation);
	uint64 found = request->server != NULL
					   ? rg_spi_execute(&of_server, operation, rg_text(request->server))
					   : rg_spi_execute(&of_source, operation, rg_int8(request->organization_id),
										rg_int8(request->data_source_id), rg_int8(request->user_id));

	if (found != 1)
		return NULL;
	reading->organization_id = rg_spi_int64(0, 1);
	reading->data_source_id = rg_spi_int64(0, 2);
	reading->user_id = rg_spi_int64(0, 3);
	return rg_spi_text(0, 4);
}

/* The endpoint belongs to the feed's memory. */
static RgFeed *
load_feed(RgReading *reading)
{
	RgFeed *feed = rg_feed_create();
	MemoryContext previous = MemoryContextSwitchTo(feed->memory);
	bool found = rg_endpoint_load(reading->organization_id, reading->data_source_id, &feed->attempt.endpoint);

	MemoryContextSwitchTo(previous);
	feed->step = "connect";
	if (found)
		return feed;
	rg_feed_free(feed);
	reading->status = 404;
	rg_failed(&reading->failure, "not_allowed",
			  MemoryContextStrdup(reading->memory, psprintf("data source " INT64_FORMAT " not found",
															reading->data_source_id)),
			  NULL);
	return NULL;
}

static RgFeed *
find_feed(RgReading *reading)
{
	RgFeed *feed = NULL;

	if (find_target(reading))
		feed = rg_rest_take(reading->organization_id, reading->data_source_id);
	return feed == NULL && reading->failure.code == NULL ? load_feed(reading) : feed;
}

static char *
asked_of(const RgReading *reading)
{
	const RgStreamRequest *request = &reading->asked.request;

	if (request->server != NULL)
		return psprintf("%s %s", request->operation, request->server);
	return psprintf("%s " INT64_FORMAT " " INT64_FORMAT " " INT64_FORMAT, request->operation,
					request->organization_id, request->data_source_id, request->user_id);
}

/* The version was asked for before: if a row has changed since, the next stream asks for all again. */
static void
keep_found(RgFeed *feed, const RgReading *reading, const char *version)
{
	if (feed->version != NULL)
		pfree(feed->version);
	if (feed->asked != NULL)
		pfree(feed->asked);
	feed->version = version != NULL ? MemoryContextStrdup(feed->memory, version) : NULL;
	feed->asked = MemoryContextStrdup(feed->memory, asked_of(reading));
	feed->user_id = reading->user_id;
	feed->max_rows = reading->max_rows;
	feed->timeout = reading->timeout;
	feed->masked = reading->masked;
}

/* What the feed's last stream has found is so for this one. */
static void
take_found(RgReading *reading, const RgFeed *feed)
{
	reading->organization_id = feed->attempt.endpoint.organization_id;
	reading->data_source_id = feed->attempt.endpoint.data_source_id;
	reading->user_id = feed->user_id;
	reading->max_rows = feed->max_rows;
	reading->timeout = feed->timeout;
	reading->masked = feed->masked;
}

static RgFeed *
find(RgReading *reading)
{
	char *version = find_version(reading);
	RgFeed *feed = version != NULL ? rg_rest_take_unchanged(version) : NULL;

	if (feed != NULL)
		take_found(reading, feed);
	else if ((feed = find_feed(reading)) != NULL)
		keep_found(feed, reading, version);
	return feed;
}

static RgFeed *
load(RgReading *reading)
{
	uint64 epoch = rg_epoch_now();
	RgFeed *feed = rg_rest_take_asked(asked_of(reading), epoch);

	if (feed != NULL)
		take_found(reading, feed);
	else if (fits(reading) && (feed = find(reading)) != NULL)
		feed->epoch = epoch;
	set_last_moment(reading);
	return feed;
}

static void
take_error(RgReading *reading, const char *what)
{
	MemoryContextSwitchTo(reading->memory);

	ErrorData *error = CopyErrorData();

	FlushErrorState();
	rg_transaction_abort();
	MemoryContextSwitchTo(reading->memory);
	if (what == NULL)
		rg_failed_by_error(&reading->failure, "the data source could not be read", error);
	else
		ereport(LOG, (errmsg("%s: %s", what, error->message)));
	FreeErrorData(error);
}

RgFeed *
rg_record_begin(RgReading *reading)
{
	RgFeed *volatile feed = NULL;

	PG_TRY();
	{
		rg_transaction_begin();
		feed = load(reading);
		rg_transaction_commit();
	}
	PG_CATCH();
	{
		take_error(reading, NULL);
	}
	PG_END_TRY();
	return feed;
}

/* ---- the end ---- */

static void
append_text(StringInfo to, const char *name, const char *value)
{
	if (value == NULL)
		return;
	appendStringInfo(to, ", \"%s\": ", name);
	escape_json(to, value);
}

static char *
detail_of(const RgReading *reading)
{
	const RgStreamRequest *request = &reading->asked.request;
	const RgFeed *feed = reading->feed;
	StringInfoData detail;
	char *dialed = feed != NULL ? rg_report_dialed(&feed->attempt.report) : NULL;

	initStringInfo(&detail);
	appendStringInfo(&detail, "{\"rows\": " INT64_FORMAT ", \"bytes\": " INT64_FORMAT, reading->rows,
					 reading->bytes);
	append_text(&detail, "outcome", reading->outcome);
	append_text(&detail, "code", reading->failure.code);
	append_text(&detail, "server", request->server);
	append_text(&detail, "schema_name", request->schema);
	append_text(&detail, "relation_name", request->relation);
	if (dialed != NULL)
		appendStringInfo(&detail, ", \"dialed\": %s", dialed);
	appendStringInfoChar(&detail, '}');
	return detail.data;
}

/* What was learned of the source. */
static void
record_source(const RgReading *reading, const RgFeed *feed)
{
	if (feed->greeted)
		rg_state_capabilities(reading->organization_id, reading->data_source_id,
							  rg_capability_names(feed->capabilities, ","));
	if (feed->attempt.conversation.server != NULL)
		rg_attempt_keep_host_key(&feed->attempt);
}

/* A refused stream of a server that belongs to no organization has no audit trail that it could be part of.
 */
static void
record(const RgReading *reading)
{
	bool queried = strcmp(reading->asked.request.operation, "query") == 0;

	rg_transaction_begin();
	bool fits_now = rg_version_fit() == RG_VERSION_FITS;

	if (fits_now)
		rg_audit_by_worker(queried ? "data_source.queried" : "data_source.read", reading->organization_id,
						   reading->user_id, reading->asked.login_role, reading->data_source_id,
						   detail_of(reading));
	if (fits_now && reading->feed != NULL && !reading->feed->is_reused)
		record_source(reading, reading->feed);
	rg_epoch_goes_on();
	rg_transaction_commit();
}

void
rg_record_end(RgReading *reading)
{
	MemoryContext memory = CurrentMemoryContext;

	if (reading->organization_id == 0)
		return;
	PG_TRY();
	{
		record(reading);
	}
	PG_CATCH();
	{
		take_error(reading, "the end of a stream could not be added to the audit trail");
	}
	PG_END_TRY();
	MemoryContextSwitchTo(memory);
}
