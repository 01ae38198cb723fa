/*
 * reseal.c — seals credentials of retired keys again for the newest key.
 *
 * Only the ciphertext and the key's id change; version and context stay. The row is locked meanwhile, so a
 * credential that is replaced at the same time is either replaced first and then not touched, or sealed again
 * first and then replaced. A worker that has read the old ciphertext opens it with the old key, which exists
 * until it is forgotten.
 */
#include "reseal.h"

#include "catalog/pg_type.h"
#include "utils/memutils.h"

#include "catalog/sealing_key.h"
#include "secret/seal.h"
#include "sql.h"

bool
rg_reseal_is_due(void)
{
	static RgStatement look = {
		.text = "SELECT FROM rivergen_catalog.sealing_key k WHERE k.retired_at IS NOT NULL "
				"AND EXISTS (SELECT FROM rivergen_catalog.credential c WHERE c.key_id = k.key_id) LIMIT 1",
	};

	return rg_spi_execute(&look) > 0;
}

static uint64
lock_batch(const RgReseal *reseal)
{
	static RgStatement lock = {
		.text = "SELECT c.key_id, c.organization_id, c.data_source_id, c.sealed "
				"FROM rivergen_catalog.credential c "
				"WHERE c.key_id IN (SELECT key_id FROM rivergen_catalog.sealing_key "
				"WHERE retired_at IS NOT NULL) "
				"AND (c.key_id, c.organization_id, c.data_source_id) > ($1, $2, $3) "
				"ORDER BY c.key_id, c.organization_id, c.data_source_id LIMIT 200 "
				"FOR NO KEY UPDATE OF c SKIP LOCKED",
	};

	return rg_spi_execute(&lock, rg_int8(reseal->after_key_id), rg_int8(reseal->after_organization_id),
						  rg_int8(reseal->after_data_source_id));
}

static void
write_row(const RgReseal *reseal, const bytea *sealed)
{
	static RgStatement write = {
		.text = "UPDATE rivergen_catalog.credential SET key_id = $3, sealed = $4 "
				"WHERE organization_id = $1 AND data_source_id = $2",
	};

	rg_spi_execute(&write, rg_int8(reseal->after_organization_id), rg_int8(reseal->after_data_source_id),
				   rg_int8(reseal->key.key_id), rg_pointer(sealed, BYTEAOID));
}

static void
reseal_row(RgReseal *reseal, uint64 row)
{
	bool is_null;
	bytea *sealed = DatumGetByteaPP(rg_spi_datum(row, 4, &is_null));
	bytea *resealed;

	reseal->after_key_id = rg_spi_int64(row, 1);
	reseal->after_organization_id = rg_spi_int64(row, 2);
	reseal->after_data_source_id = rg_spi_int64(row, 3);
	if (rg_secret_reseal(reseal->keyring, reseal->after_key_id, sealed, reseal->key.public_key, &resealed) !=
		RG_OPENED)
	{
		reseal->unreadable++;
		return;
	}
	write_row(reseal, resealed);
	reseal->resealed++;
}

bool
rg_reseal_batch(RgReseal *reseal)
{
	uint64 rows = lock_batch(reseal);
	SPITupleTable *batch = SPI_tuptable;
	MemoryContext memory =
		AllocSetContextCreate(CurrentMemoryContext, "rivergen credentials", ALLOCSET_DEFAULT_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(memory);

	for (uint64 row = 0; row < rows; row++)
	{
		SPI_tuptable = batch;
		reseal_row(reseal, row);
		MemoryContextReset(memory);
	}
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(memory);
	SPI_tuptable = batch;
	return rows > 0;
}
