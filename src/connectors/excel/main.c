/*
 * main.c — the connector for workbooks, called as src/wire/README.md says.
 */
#include "connectors/excel/excel_format.h"
#include "connectors/files/file_connector.h"

int
main(void)
{
	return file_connector_run("excel", &excel_format);
}
