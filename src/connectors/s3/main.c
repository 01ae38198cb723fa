/*
 * main.c — the connector for buckets of S3, called as src/wire/README.md says.
 */
#include <stdlib.h>

#include "connectors/common/run.h"
#include "connectors/s3/discover.h"
#include "connectors/s3/values.h"

static Source source;

static void
test_source(Request *request)
{
	source_open(&source, request);
}

static const char *
discover_source(Request *request)
{
	source_open(&source, request);
	return discover(request, &source);
}

static void
sample_source(Request *request)
{
	source_open(&source, request);
	values_sample(request, &source);
}

static void
read_source(Request *request)
{
	source_open(&source, request);
	values_read(request, &source);
}

int
main(void)
{
	return connector_run(&(Connector){.name = "s3",
									  .version = CONNECTOR_VERSION,
									  .signatures = true,
									  .test = test_source,
									  .discover = discover_source,
									  .sample = sample_source,
									  .read = read_source,
									  .exact = true});
}
