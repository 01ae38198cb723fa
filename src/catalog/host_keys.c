#include "catalog/host_keys.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "sql.h"

RgHostKeys
rg_host_keys_read(uint64 row, int column)
{
	RgHostKeys keys = {.count = 0};
	bool is_null;
	Datum cell = rg_spi_datum(row, column, &is_null);
	Datum *elements;
	int count;

	if (is_null)
		return keys;
	deconstruct_array(DatumGetArrayTypeP(cell), INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &elements, NULL, &count);
	for (int i = 0; i < count && i < RG_MAX_HOST_KEYS; i++)
		keys.keys[keys.count++] = DatumGetInt64(elements[i]);
	return keys;
}

bool
rg_host_keys_have(const RgHostKeys *keys, int64 key)
{
	for (int i = 0; i < keys->count; i++)
	{
		if (keys->keys[i] == key)
			return true;
	}
	return false;
}
