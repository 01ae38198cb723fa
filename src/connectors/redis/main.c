/*
 * main.c — the connector for Redis, called as src/wire/README.md says.
 */
#include "connectors/common/run.h"
#include "connectors/redis/discover.h"
#include "connectors/redis/nodes.h"

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

int
main(void)
{
	return connector_run(&(Connector){
		.name = "redis", .version = CONNECTOR_VERSION, .test = test_source, .discover = discover_source});
}
