#include "bounded.h"

#include "access/detoast.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/guc.h"
#include "utils/jsonb.h"

#include "error.h"
#include "sql.h"

PG_FUNCTION_INFO_V1(rg_sql_stored_bytes);

/* A jsonb array holds at most 256 MB, and its text may be a third longer than the jsonb. */
#define MOST_KB (128 * 1024)

static int max_answer_kb = 32 * 1024;

void
rg_bounded_init(void)
{
	DefineCustomIntVariable("rivergen.max_answer_bytes", "The approximate length of the longest answer.",
							"A longer answer is refused with 413 before it is made.", &max_answer_kb,
							32 * 1024, 16, MOST_KB, PGC_SUSET, GUC_UNIT_KB, NULL, NULL, NULL);
}

void
rg_bounded_require(int64 bytes, const char *narrowing)
{
	if (bytes > (int64) max_answer_kb * 1024)
		rg_fail(RG_PAYLOAD_TOO_LARGE, "the answer would be too large",
				psprintf("It would take about " INT64_FORMAT " kB; rivergen.max_answer_bytes allows %d kB.",
						 bytes / 1024, max_answer_kb),
				narrowing);
}

RgLocated
rg_located(void)
{
	bool is_null;
	ArrayType *ids = DatumGetArrayTypePCopy(rg_spi_datum(0, 1, &is_null));

	return (RgLocated){.ids = rg_pointer(ids, INT8ARRAYOID),
					   .count = ArrayGetNItems(ARR_NDIM(ids), ARR_DIMS(ids)),
					   .bytes = rg_spi_int64(0, 2),
					   .total = rg_spi_int64(0, 3)};
}

Datum
rg_sql_stored_bytes(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64((int64) toast_raw_datum_size(PG_GETARG_DATUM(0)));
}
