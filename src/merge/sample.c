/*
 * sample.c — keeps samples in a temporary file until one transaction stores them.
 */
#include "merge/sample.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "spool.h"
#include "sql.h"

#define BATCH_RELATIONS  100
#define MAX_SAMPLE_BYTES (512 * 1024)

struct RgSamples
{
	MemoryContext memory;
	int64 organization_id;
	int64 data_source_id;
	int64 job_id;
	int64 ids[BATCH_RELATIONS];
	bool answered[BATCH_RELATIONS];
	int count;      /* of the batch */
	int64 last;     /* greatest relation_id of the batches so far */
	int64 total;    /* relations of all batches, as counted before the first */
	int64 received; /* of all batches */
	int64 failed;   /* of those */
	RgSpool *spool; /* Records, each followed by its line; outlives transactions */
};

typedef struct Record
{
	int64 relation_id;
	int64 length;
} Record;

RgSamples *
rg_samples_begin(int64 organization_id, int64 data_source_id, int64 job_id)
{
	MemoryContext memory =
		AllocSetContextCreate(CurrentMemoryContext, "rivergen samples", ALLOCSET_DEFAULT_SIZES);
	RgSamples *samples = MemoryContextAllocZero(memory, sizeof(RgSamples));

	samples->memory = memory;
	samples->organization_id = organization_id;
	samples->data_source_id = data_source_id;
	samples->job_id = job_id;
	return samples;
}

void
rg_samples_end(RgSamples *samples)
{
	if (samples->spool != NULL)
		rg_spool_close(samples->spool);
	MemoryContextDelete(samples->memory);
}

static void
take_ids(RgSamples *samples, ArrayType *array)
{
	Datum *ids;
	int count;

	deconstruct_array(array, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &ids, NULL, &count);
	samples->count = Min(count, BATCH_RELATIONS);
	for (int i = 0; i < samples->count; i++)
	{
		samples->ids[i] = DatumGetInt64(ids[i]);
		samples->answered[i] = false;
	}
	samples->last = samples->ids[samples->count - 1];
}

static void
count_all(RgSamples *samples)
{
	static RgStatement count = {
		.text = "SELECT rivergen_catalog.scan_total($1, $2)",
	};

	rg_spi_execute(&count, rg_int8(samples->organization_id), rg_int8(samples->job_id));
	samples->total = rg_spi_int64(0, 1);
}

char *
rg_samples_ask(RgSamples *samples)
{
	static RgStatement next = {
		.text = "SELECT relation_ids, request::text FROM rivergen_catalog.scan_batch($1, $2, $3, $4)",
	};
	bool is_null;

	if (samples->last == 0)
		count_all(samples);
	if (rg_spi_execute(&next, rg_int8(samples->organization_id), rg_int8(samples->job_id),
					   rg_int8(samples->last), rg_int4(BATCH_RELATIONS)) == 0)
		return NULL;
	take_ids(samples, DatumGetArrayTypeP(rg_spi_datum(0, 1, &is_null)));
	return rg_spi_text(0, 2);
}

/* Spools only the members that the catalog stores: nothing else that a connector sends gets further. */
static void
spool(RgSamples *samples, int64 relation_id, const WireFrame *frame, const char *error)
{
	static const char *const kept[] = {"categories", "examples"};
	StringInfoData body;

	initStringInfo(&body);
	for (int i = 0; i < (int) lengthof(kept); i++)
	{
		WireSpan value = wire_member(&frame->object, kept[i]);

		if (value.start == NULL)
			continue;
		appendStringInfo(&body, "%c\"%s\":", body.len > 0 ? ',' : '{', kept[i]);
		appendBinaryStringInfo(&body, value.start, value.length);
	}
	if (error != NULL)
	{
		appendStringInfo(&body, "%c\"error\":", body.len > 0 ? ',' : '{');
		escape_json(&body, error);
	}
	appendStringInfoString(&body, body.len > 0 ? "}" : "{}");

	Record record = {.relation_id = relation_id, .length = body.len};

	if (samples->spool == NULL)
		samples->spool = rg_spool_open(samples->memory);
	rg_spool_write(samples->spool, &record, sizeof(record));
	rg_spool_write(samples->spool, body.data, body.len);
	pfree(body.data);
}

const char *
rg_samples_frame(RgSamples *samples, const WireFrame *frame, size_t length, const char *error)
{
	int64_t number = -1;

	(void) wire_integer(wire_member(&frame->object, "relation"), &number);
	if (number < 0 || number >= samples->count)
		return "a sample of a relation was sent that was not asked for";
	if (samples->answered[number])
		return "two samples of a relation were sent";
	if (length > MAX_SAMPLE_BYTES)
		return "a sample is too long";
	samples->answered[number] = true;
	samples->received++;
	samples->failed += error != NULL;
	spool(samples, samples->ids[number], frame, error);
	return NULL;
}

const char *
rg_samples_check_end(const RgSamples *samples)
{
	for (int i = 0; i < samples->count; i++)
	{
		if (!samples->answered[i])
			return "a relation was asked for of which no sample was sent";
	}
	return NULL;
}

int64
rg_samples_count(const RgSamples *samples)
{
	return samples->received;
}

int64
rg_samples_total(const RgSamples *samples)
{
	return samples->total;
}

static void
store(const RgSamples *samples, int64 relation_id, const char *body)
{
	static RgStatement statement = {
		.text = "SELECT rivergen_catalog.store_sample($1, $2, $3, $4::jsonb)",
	};

	rg_spi_execute(&statement, rg_int8(samples->organization_id), rg_int8(samples->data_source_id),
				   rg_int8(relation_id), rg_text(body));
}

/* May be called again after the transaction was rolled back. */
static void
write_all(RgSamples *samples)
{
	MemoryContext each =
		AllocSetContextCreate(CurrentMemoryContext, "rivergen sample", ALLOCSET_DEFAULT_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(each);
	Record record;

	if (samples->spool != NULL)
		rg_spool_rewind(samples->spool);
	for (int64 i = 0; i < samples->received; i++)
	{
		rg_spool_read(samples->spool, &record, sizeof(record));

		char *body = palloc0(record.length + 1);

		rg_spool_read(samples->spool, body, record.length);
		store(samples, record.relation_id, body);
		SPI_freetuptable(SPI_tuptable);
		MemoryContextReset(each);
	}
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(each);
}

Datum
rg_samples_apply(RgSamples *samples)
{
	char *result =
		psprintf("{\"relations_scanned\": " INT64_FORMAT ", \"relations_failed\": " INT64_FORMAT "}",
				 samples->received - samples->failed, samples->failed);

	write_all(samples);
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(result));
}

void
rg_samples_fail(RgSamples *samples, int64 organization_id, int64 job_id, const char *message)
{
	static RgStatement fail = {
		.text = "SELECT rivergen_catalog.fail_scan($1, $2, $3)",
	};

	if (samples != NULL)
		write_all(samples);
	rg_spi_execute(&fail, rg_int8(organization_id), rg_int8(job_id), rg_text(message));
}
