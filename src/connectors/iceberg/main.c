/*
 * main.c — the connector for tables of Apache Iceberg, called as src/wire/README.md says.
 */
#include "connectors/files/file_connector.h"
#include "connectors/iceberg/iceberg_format.h"

int
main(void)
{
	return file_connector_run("iceberg", &iceberg_format);
}
