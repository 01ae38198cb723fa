/*
 * broker.c — starts src/connectors/storage_broker. The operator's keys are its standard input, as the open
 * file: they are in no memory of this process. Where the service is, the operator says, so no network rules
 * are asked; the broker follows no redirect, and is confined in everything else.
 */
#include "broker.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bucket_root.h"
#include "catalog/settings.h"
#include "process/sandbox.h"
#include "secret/private_file.h"

#define MESSAGE "the storage for files could not be opened"

/* Returns a descriptor. A fault says why the file will not do; then the descriptor is -1. */
static int
open_keys(const char **fault)
{
	const char *path = rg_storage_credentials_file;
	int keys;

	keys = open(*path != '\0' ? path : "/dev/null", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	*fault = *path != '\0' || keys < 0 ? rg_private_file_fault(path, keys) : NULL;
	if (*fault == NULL)
		return keys;
	*fault = psprintf("rivergen.storage_credentials_file \"%s\": %s", path, *fault);
	if (keys >= 0)
		close(keys);
	return -1;
}

/* Returns NULL with the keys open, or what is wrong. */
static const char *
prepare(RgBucketRoot *root, int *keys)
{
	const char *fault = rg_bucket_root_read(root);

	if (fault != NULL)
		return fault;
	if (rg_process_broker() == NULL)
		return "storage_broker is not installed, which needs libcurl and expat (packages "
			   "libcurl4-openssl-dev libexpat1-dev libssl-dev)";
	*keys = open_keys(&fault);
	return fault;
}

const char *
rg_broker_fault(void)
{
	RgBucketRoot root;
	int keys;
	const char *fault = prepare(&root, &keys);

	if (fault == NULL)
		close(keys);
	return fault;
}

static RgChild *
start(const RgEndpoint *endpoint, const RgBucketRoot *root, int keys, int socket)
{
	const char *const arguments[] = {root->host,
									 root->port,
									 root->scheme,
									 root->bucket,
									 psprintf("%s%s", root->prefix, endpoint->file_path),
									 psprintf("%d", endpoint->connection_timeout),
									 psprintf("%d", endpoint->query_timeout),
									 NULL};
	RgConfinement confinement = {.minimum = Min(rg_sandbox_minimum(), RG_CONFINED),
								 .network = RG_NETWORK_PLAIN,
								 .timeout = endpoint->connection_timeout,
								 .stored = socket};

	return rg_process_start_program(&(RgProgram){
		.path = rg_process_broker(), .arguments = arguments, .input = keys, .confinement = &confinement});
}

/* Closes what the broker has by then; after an error, the connector's end of the socket, too. */
static RgChild *
start_with(const RgEndpoint *endpoint, const RgBucketRoot *root, int keys, const int ends[2])
{
	RgChild *volatile broker = NULL;

	PG_TRY();
	{
		broker = start(endpoint, root, keys, ends[1]);
	}
	PG_CATCH();
	{
		close(keys);
		close(ends[0]);
		close(ends[1]);
		PG_RE_THROW();
	}
	PG_END_TRY();
	close(keys);
	close(ends[1]);
	return broker;
}

RgChild *
rg_broker_start(const RgEndpoint *endpoint, int *socket, RgFailure *failure)
{
	RgBucketRoot root;
	int ends[2];
	int keys;
	const char *fault = prepare(&root, &keys);

	if (fault != NULL)
	{
		rg_failed_here(failure, "unavailable", MESSAGE, fault);
		return NULL;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
	{
		rg_failed_here(failure, "unavailable", MESSAGE, psprintf("could not create a socket: %m"));
		close(keys);
		return NULL;
	}
	*socket = ends[0];
	return start_with(endpoint, &root, keys, ends);
}
