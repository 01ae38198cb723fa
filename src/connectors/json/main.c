/*
 * main.c — the connector for JSON files, called as src/wire/README.md says.
 */
#include "connectors/files/file_connector.h"
#include "connectors/json/json_format.h"

int
main(void)
{
	return file_connector_run("json", &json_format);
}
