/*
 * main.c — the connector for Redis, called as src/wire/README.md says.
 */
#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/guard/guard.h"
#include "connectors/redis/databases.h"
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

static void abandon(void) __attribute__((noreturn));

/* Commands are short: the server goes on with none when the connection is closed. */
static void
abandon(void)
{
	_Exit(EXIT_FAILURE);
}

static void
read_source(Request *request)
{
	nodes_open_again(&nodes, request);
	emit_until_abandoned(abandon);
	guard_watch_input(abandon);
	read_relation(&nodes, request);
}

static void
rest(void)
{
	guard_watch_input(NULL);
	nodes_rest(&nodes);
}

static void
list_databases(Request *request)
{
	nodes_open(&nodes, request);
	databases_list(&nodes);
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
									  .databases = list_databases,
									  .read = read_source,
									  .exact = true,
									  .rest = rest});
}
