/*
 * main.c — the connector for Redis, called as src/wire/README.md says.
 */
#include "connectors/common/run.h"
#include "connectors/redis/discover.h"
#include "connectors/redis/nodes.h"
#include "connectors/redis/read.h"
#include "connectors/redis/sample.h"

static Nodes nodes;

static void
test_source(Request *request)
{
	nodes_open(&nodes, request);
	nodes_close(&nodes);
}

/* The source has no ids by which a relation could be known to be unchanged, and so no signatures. */
static const char *
discover_source(Request *request)
{
	nodes_open(&nodes, request);
	discover(&nodes, request);
	nodes_close(&nodes);
	return NULL;
}

static void
sample_source(Request *request)
{
	nodes_open(&nodes, request);
	sample(&nodes, request);
	nodes_close(&nodes);
}

static void
read_source(Request *request)
{
	nodes_open(&nodes, request);
	read_relation(&nodes, request);
	nodes_close(&nodes);
}

int
main(void)
{
	return connector_run(&(Connector){.name = "redis",
									  .version = CONNECTOR_VERSION,
									  .test = test_source,
									  .discover = discover_source,
									  .sample = sample_source,
									  .read = read_source,
									  .exact = true});
}
