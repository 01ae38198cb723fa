/*
 * main.c — the connector for ORC files, called as src/wire/README.md says.
 */
#include "connectors/files/file_connector.h"
#include "connectors/orc/orc_format.h"

int
main(void)
{
	return file_connector_run("orc", &orc_format);
}
