/*
 * main.c — the connector for tables in text files, called as src/wire/README.md says.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/csv/discover.h"
#include "connectors/csv/kind.h"
#include "connectors/csv/read.h"
#include "connectors/csv/sample.h"

typedef struct Source
{
	StoredFile file;
	TableWishes wishes;
} Source;

/* Opens the file, looks what it is, and sends `connected`. */
static void
open_source(Request *request, Source *source)
{
	char server[64];

	request_forget_credentials(request);
	wishes_read(request, &source->wishes);
	emit_progress("connect", ABSENT);
	storage_open(request, &source->file);
	check_kind(&source->file);
	snprintf(server, sizeof(server), "a text file of %lld bytes", (long long) source->file.size);
	emit_connected(server, NULL, source_identity(request));
}

static void
test_source(Request *request)
{
	Source source;

	open_source(request, &source);
}

static const char *
discover_source(Request *request)
{
	Source source;

	open_source(request, &source);
	return discover(request, &source.file, &source.wishes);
}

static void
sample_source(Request *request)
{
	Source source;

	open_source(request, &source);
	sample_table(request, &source.file, &source.wishes);
}

static void
read_source(Request *request)
{
	Source source;

	open_source(request, &source);
	read_table(request, &source.file, &source.wishes);
}

int
main(void)
{
	return connector_run(&(Connector){.name = "csv",
									  .version = CONNECTOR_VERSION,
									  .signatures = true,
									  .test = test_source,
									  .discover = discover_source,
									  .sample = sample_source,
									  .read = read_source});
}
