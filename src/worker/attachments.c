/*
 * attachments.c — foreign tables follow what a discovery has found (sql/objects/248_attachment_refresh.sql).
 */
#include "attachments.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "sql.h"
#include "version.h"
#include "worker/transaction.h"

typedef struct Refresh
{
	int64 organization_id;
	int64 data_source_id;
	bool has_changed;
	MemoryContext memory; /* of what list() found */
	ArrayType *ids;
	int64 attachment_id;
	const char *failure;
} Refresh;

static void
list(Refresh *refresh)
{
	static RgStatement look = {.text = "SELECT rivergen_catalog.attachments_to_refresh($1, $2, $3)"};
	bool is_null;

	if (rg_version_fit() != RG_VERSION_FITS)
		return;
	rg_spi_execute(&look, rg_int8(refresh->organization_id), rg_int8(refresh->data_source_id),
				   rg_bool(refresh->has_changed));

	Datum found = rg_spi_datum(0, 1, &is_null);

	if (is_null)
		return;

	MemoryContext spi = MemoryContextSwitchTo(refresh->memory);

	refresh->ids = DatumGetArrayTypePCopy(found);
	MemoryContextSwitchTo(spi);
}

static void
follow(Refresh *refresh)
{
	static RgStatement follow = {.text = "SELECT rivergen_catalog.refresh_attachment($1, $2)"};

	rg_spi_execute(&follow, rg_int8(refresh->organization_id), rg_int8(refresh->attachment_id));
}

static void
keep_failure(Refresh *refresh)
{
	static RgStatement keep = {.text = "SELECT rivergen_catalog.fail_refresh($1, $2, $3)"};

	rg_spi_execute(&keep, rg_int8(refresh->organization_id), rg_int8(refresh->attachment_id),
				   rg_text(refresh->failure));
}

/* Does one step in a transaction of its own. NULL: it succeeded; else why not. */
static char *
attempt(void (*step)(Refresh *refresh), Refresh *refresh)
{
	char *volatile failure = NULL;

	PG_TRY();
	{
		rg_transaction_begin();
		step(refresh);
		rg_transaction_commit();
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(refresh->memory);
		error = CopyErrorData();
		FlushErrorState();
		rg_transaction_abort();
		failure = error->message;
	}
	PG_END_TRY();
	return failure;
}

static void
report(const Refresh *refresh, const char *failure)
{
	ereport(LOG, errmsg("the foreign tables of data source " INT64_FORMAT " could not be refreshed: %s",
						refresh->data_source_id, failure));
}

void
rg_follow_discovery(int64 organization_id, int64 data_source_id, bool has_changed)
{
	Refresh refresh = {organization_id, data_source_id, has_changed, CurrentMemoryContext};
	char *failure = attempt(list, &refresh);
	int count = 0;

	if (failure != NULL)
		report(&refresh, failure);
	else if (refresh.ids != NULL)
		count = ArrayGetNItems(ARR_NDIM(refresh.ids), ARR_DIMS(refresh.ids));
	for (int i = 0; i < count; i++)
	{
		refresh.attachment_id = ((const int64 *) ARR_DATA_PTR(refresh.ids))[i];
		refresh.failure = attempt(follow, &refresh);
		if (refresh.failure == NULL)
			continue;
		report(&refresh, refresh.failure);
		failure = attempt(keep_failure, &refresh);
		if (failure != NULL)
			report(&refresh, failure);
	}
}
