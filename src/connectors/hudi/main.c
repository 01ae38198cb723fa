/*
 * main.c — the connector for tables of Apache Hudi, called as src/wire/README.md says.
 */
#include "connectors/files/file_connector.h"
#include "connectors/hudi/hudi_format.h"

int
main(void)
{
	return file_connector_run("hudi", &hudi_format);
}
