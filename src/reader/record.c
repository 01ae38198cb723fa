#include "reader/record.h"

#include "executor/spi.h"
#include "utils/json.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "catalog/audit.h"
#include "catalog/endpoint.h"
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

static bool
find_target(RgReading *reading)
{
	static RgStatement find = {
		.text = "SELECT organization, source, reader, max_rows, timeout, status, message, detail, hint "
				"FROM rivergen_catalog.reading_target($1::name, $2, $3, $4, $5)",
	};
	const RgStreamRequest *request = &reading->asked.request;
	int timeout;

	rg_spi_execute(&find, rg_text_or_null(request->server), rg_int8(request->organization_id),
				   rg_int8(request->data_source_id), rg_int8(request->user_id), rg_text(request->operation));
	reading->organization_id = rg_spi_int64(0, 1);
	reading->data_source_id = rg_spi_int64(0, 2);
	reading->user_id = rg_spi_int64(0, 3);
	if (is_refused(reading))
		return false;
	reading->max_rows = rg_spi_int64(0, 4);
	timeout = rg_spi_int32(0, 5);
	if (timeout == 0 || (request->timeout > 0 && request->timeout < timeout))
		timeout = request->timeout;
	if (timeout > 0)
		reading->last_moment = TimestampTzPlusMilliseconds(reading->started_at, timeout * INT64CONST(1000));
	return true;
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
load(RgReading *reading)
{
	RgFeed *feed = NULL;

	rg_transaction_begin();
	if (fits(reading) && find_target(reading))
		feed = rg_rest_take(reading->organization_id, reading->data_source_id);
	if (feed == NULL && reading->failure.code == NULL)
		feed = load_feed(reading);
	rg_transaction_commit();
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
		feed = load(reading);
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
