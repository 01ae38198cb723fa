/*
 * broker.c — starts src/connectors/storage_broker. The operator's keys are its standard input, as the open
 * file: they are in no memory of this process, unless the proxy has a login, which goes with them. Where the
 * service is, the operator says, so no network rules are asked but for a proxy; the broker follows no
 * redirect, and is confined in everything else.
 */
#include "broker.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bucket_root.h"
#include "catalog/settings.h"
#include "process/sandbox.h"
#include "proxy.h"
#include "secret/private_file.h"
#include "secret/seal.h"

#define MOST_KEYS_BYTES 16384 /* the broker takes no more */

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

/* ---- the proxy ---- */

/* The keys with the login of the proxy, in a file in memory. Returns its descriptor; -1: errno says why. */
static int
write_keys(const RgProxy *proxy, const char *keys)
{
	char *text = rg_proxy_add_credentials(proxy, keys);
	size_t length = strlen(text);
	int file = memfd_create("keys", MFD_CLOEXEC);

	if (file >= 0 && (write(file, text, length) != (ssize_t) length || lseek(file, 0, SEEK_SET) != 0))
	{
		close(file);
		file = -1;
	}
	return file;
}

/* Replaces the file of keys. What is no object is left as it is: the broker says what is wrong with it. */
static bool
add_login(const RgProxy *proxy, int *keys, RgFailure *failure)
{
	char *text = rg_secret_alloc(MOST_KEYS_BYTES + 1);
	ssize_t length = pread(*keys, text, MOST_KEYS_BYTES, 0);
	const char *object = text + strspn(text, " \t\r\n");
	int file;

	if (proxy->username == NULL || length < 0 || length == MOST_KEYS_BYTES || (length > 0 && *object != '{'))
		return true;
	file = write_keys(proxy, length == 0 ? "{}" : object);
	if (file < 0)
		return rg_failed_here(failure, "unavailable", MESSAGE, psprintf("could not write a file: %m"));
	close(*keys);
	*keys = file;
	return true;
}

static bool
open_proxy(const RgEndpoint *endpoint, RgProxy *proxy, int *keys, RgFailure *failure)
{
	RgInterruption interruption = RG_UNDISTURBED;

	*proxy = (RgProxy){.host = NULL};
	if (!rg_proxy_is_set())
		return true;
	return rg_proxy_open(proxy, endpoint->connection_timeout, NULL, NULL, failure, &interruption) &&
		   add_login(proxy, keys, failure);
}

/* ---- start ---- */

static RgChild *
start(const RgEndpoint *endpoint, const RgBucketRoot *root, const RgProxy *proxy, int keys, int socket)
{
	bool has_proxy = proxy->host != NULL;
	const char *const arguments[] = {root->host,
									 root->port,
									 root->scheme,
									 root->bucket,
									 psprintf("%s%s", root->prefix, endpoint->file_path),
									 psprintf("%d", endpoint->connection_timeout),
									 psprintf("%d", endpoint->query_timeout),
									 has_proxy ? proxy->host : "",
									 psprintf("%d", proxy->port),
									 has_proxy ? proxy->addresses : "",
									 rg_allowed_hosts,
									 NULL};
	RgConfinement confinement = {.minimum = Min(rg_sandbox_minimum(), RG_CONFINED),
								 .network = RG_NETWORK_PLAIN,
								 .timeout = endpoint->connection_timeout,
								 .stored = socket};

	if (has_proxy)
		rg_proxy_confine(proxy, &confinement);
	return rg_process_start_program(&(RgProgram){
		.path = rg_process_broker(), .arguments = arguments, .input = keys, .confinement = &confinement});
}

/* Closes what the broker has by then; after an error, the connector's end of the socket, too. */
static RgChild *
start_with(const RgEndpoint *endpoint, const RgBucketRoot *root, const RgProxy *proxy, int keys,
		   const int ends[2])
{
	RgChild *volatile broker = NULL;

	PG_TRY();
	{
		broker = start(endpoint, root, proxy, keys, ends[1]);
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
	RgProxy proxy;
	int ends[2];
	int keys;
	const char *fault = prepare(&root, &keys);

	if (fault != NULL)
	{
		rg_failed_here(failure, "unavailable", MESSAGE, fault);
		return NULL;
	}
	if (!open_proxy(endpoint, &proxy, &keys, failure))
	{
		close(keys);
		return NULL;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
	{
		rg_failed_here(failure, "unavailable", MESSAGE, psprintf("could not create a socket: %m"));
		close(keys);
		return NULL;
	}
	*socket = ends[0];
	return start_with(endpoint, &root, &proxy, keys, ends);
}
