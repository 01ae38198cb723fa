/*
 * main.c — the connector for Elasticsearch and OpenSearch, called as src/wire/README.md says.
 */
#include "connectors/common/run.h"
#include "connectors/elasticsearch/discover.h"

static Cluster cluster;

static void
test_source(Request *request)
{
	cluster_open(&cluster, request);
	cluster_close(&cluster);
}

/* Indices keep no name and are remade under the old one, so that relations are known by their names. */
static const char *
discover_source(Request *request)
{
	cluster_open(&cluster, request);
	discover(request, &cluster);
	cluster_close(&cluster);
	return NULL;
}

int
main(void)
{
	return connector_run(&(Connector){.name = "elasticsearch",
									  .version = CONNECTOR_VERSION,
									  .test = test_source,
									  .discover = discover_source});
}
