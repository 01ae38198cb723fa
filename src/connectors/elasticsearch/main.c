/*
 * main.c — the connector for Elasticsearch and OpenSearch, called as src/wire/README.md says.
 */
#include "connectors/common/run.h"
#include "connectors/elasticsearch/discover.h"
#include "connectors/elasticsearch/query.h"
#include "connectors/elasticsearch/read.h"
#include "connectors/elasticsearch/sample.h"

static Cluster cluster;
static bool is_open;

static void
test_source(Request *request)
{
	cluster_open(&cluster, request);
	cluster_tell(&cluster);
	cluster_close(&cluster);
}

/* Indices that are remade under the old name are the same relation, so that their names identify them. */
static const char *
discover_source(Request *request)
{
	cluster_open(&cluster, request);
	cluster_tell(&cluster);
	discover(request, &cluster);
	cluster_close(&cluster);
	return NULL;
}

static void
sample_source(Request *request)
{
	cluster_open(&cluster, request);
	cluster_tell(&cluster);
	sample_relations(&cluster, request);
	cluster_close(&cluster);
}

/* The connection is kept for the next request. */
static void
open_kept(Request *request)
{
	if (!is_open)
		cluster_open(&cluster, request);
	is_open = true;
	request_forget_credentials(request);
	cluster_tell(&cluster);
}

static void
read_source(Request *request)
{
	open_kept(request);
	read_relation(&cluster, request);
}

static bool
query_source(Request *request)
{
	open_kept(request);
	return query_rows(&cluster, request);
}

/* Nothing is held between two requests but the connection. */
static void
rest(void)
{
}

int
main(void)
{
	return connector_run(&(Connector){.name = "elasticsearch",
									  .version = CONNECTOR_VERSION,
									  .test = test_source,
									  .discover = discover_source,
									  .sample = sample_source,
									  .read = read_source,
									  .query = query_source,
									  .exact = true,
									  .rest = rest});
}
