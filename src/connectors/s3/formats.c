#include "connectors/s3/formats.h"

#include <string.h>
#include <strings.h>

#include "connectors/csv/csv_format.h"
#include "connectors/delta_lake/delta_format.h"
#include "connectors/excel/excel_format.h"
#include "connectors/hudi/hudi_format.h"
#include "connectors/iceberg/iceberg_format.h"
#include "connectors/json/json_format.h"
#include "connectors/orc/orc_format.h"
#include "connectors/parquet/parquet_format.h"

static const ObjectFormat csv = {"csv", &csv_format};
static const ObjectFormat json = {"json", &json_format};
static const ObjectFormat parquet = {"parquet", &parquet_format};
static const ObjectFormat excel = {"excel", &excel_format};
static const ObjectFormat orc = {"orc", &orc_format};
const ObjectFormat delta_lake_tables = {"delta_lake", &delta_format};
const ObjectFormat hudi_tables = {"hudi", &hudi_format};
const ObjectFormat iceberg_tables = {"iceberg", &iceberg_format};
static const ObjectFormat avro = {"avro", NULL};

typedef struct Ending
{
	const char *text;
	const ObjectFormat *format;
	bool may_be_packed; /* .gz or .zst may follow */
} Ending;

static const Ending endings[] = {
	{".csv", &csv, true},      {".tsv", &csv, true},          {".psv", &csv, true},
	{".json", &json, true},    {".jsonl", &json, true},       {".ndjson", &json, true},
	{".geojson", &json, true}, {".parquet", &parquet, false}, {".pq", &parquet, false},
	{".xlsx", &excel, false},  {".xlsm", &excel, false},      {".xls", &excel, false},
	{".ods", &excel, false},   {".orc", &orc, false},         {".avro", &avro, false},
};

static bool
ends_with(const char *text, size_t length, const char *end)
{
	size_t end_length = strlen(end);

	return length > end_length && strncasecmp(text + length - end_length, end, end_length) == 0;
}

const ObjectFormat *
object_format(const char *key)
{
	size_t length = strlen(key);
	size_t unpacked = length;

	if (ends_with(key, length, ".gz"))
		unpacked = length - 3;
	else if (ends_with(key, length, ".zst"))
		unpacked = length - 4;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (ends_with(key, endings[i].may_be_packed ? unpacked : length, endings[i].text))
			return endings[i].format;
	return NULL;
}
