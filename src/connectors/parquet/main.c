/*
 * main.c — the connector for tables in Parquet files, called as src/wire/README.md says.
 */
#include "connectors/files/file_connector.h"
#include "connectors/parquet/parquet_format.h"

int
main(void)
{
	return file_connector_run("parquet", &parquet_format);
}
