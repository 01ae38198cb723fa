/*
 * main.c — the connector for tables in text files, called as src/wire/README.md says.
 */
#include "connectors/csv/csv_format.h"
#include "connectors/files/file_connector.h"

int
main(void)
{
	return file_connector_run("csv", &csv_format);
}
