/*
 * main.c — the connector for tables of Delta Lake, called as src/wire/README.md says.
 */
#include "connectors/delta_lake/delta_format.h"
#include "connectors/files/file_connector.h"

int
main(void)
{
	return file_connector_run("delta_lake", &delta_format);
}
