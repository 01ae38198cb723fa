/* attempt.c — one try to reach a source: connector, credentials, addresses, request, conversation. */
#include "attempt.h"

#include <limits.h>

#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "check/source_type.h"
#include "driver.h"
#include "process/sandbox.h"
#include "refusal.h"
#include "resolve.h"
#include "secret/seal.h"
#include "storage.h"
#include "worker/unseal.h"
#include "wrapper.h"

static int discovery_timeout = 3600;

void
rg_attempt_init(void)
{
	DefineCustomIntVariable("rivergen.discovery_timeout", "Longest time that one discovery may take.", NULL,
							&discovery_timeout, 3600, 1, INT_MAX / 1000, PGC_SIGHUP, GUC_UNIT_S, NULL, NULL,
							NULL);
	rg_conversation_init();
	rg_wrapper_init();
}

RgLimits
rg_attempt_limits(const RgSourceType *type)
{
	const RgConnectorNeeds *needs = &type->connector;

	return (RgLimits){.memory = (uint64) needs->memory_mb * 1024 * 1024,
					  .file_size = (uint64) needs->file_mb * 1024 * 1024,
					  .descriptors = needs->descriptors,
					  .environment = needs->environment};
}

RgConfinement
rg_attempt_confinement(const RgSourceType *type, int timeout)
{
	return (RgConfinement){.minimum = rg_sandbox_minimum(),
						   .network = type->connector.is_offline ? RG_NETWORK_NONE : RG_NETWORK_DIAL,
						   .timeout = timeout,
						   .files = type->connector.files};
}

static bool
has_no_connector(RgAttempt *attempt, const RgSourceType *type)
{
	rg_failed(&attempt->failure, "unsupported",
			  psprintf("no connector for type %s is installed", attempt->endpoint.type),
			  type != NULL && type->with_driver != NULL && attempt->endpoint.driver == NULL
				  ? "metadata.driver can name an ODBC driver, if the operator allows it."
				  : "The type's connector_installed (SQL: rivergen.data_source_types) tells which types have "
					"one.");
	attempt->failure.elsewhere = true;
	return false;
}

/*
 * rivergen_catalog.ready_types() answers the same for all types. Whether the connector offers the operation
 * is known only from its hello: the executable may be replaced at any time, so nothing about it is
 * remembered.
 */
static bool
check_endpoint(RgAttempt *attempt)
{
	const RgSourceType *type = rg_source_type_find(attempt->endpoint.type, strlen(attempt->endpoint.type));
	char *server_name = rg_wrapper_server_of(&attempt->endpoint);
	RgOdbcDriver *driver = NULL;
	const char *fault = NULL;

	if (server_name != NULL)
		return rg_wrapper_cannot_read(&attempt->failure, server_name);
	if (type != NULL && !rg_driver_of(&attempt->endpoint, type, &driver, &attempt->failure))
		return false;
	if (type != NULL)
		attempt->connector = rg_process_connector_path(
			driver != NULL ? type->with_driver : rg_source_type_executable(type), &fault);
	if (fault != NULL)
		return rg_failed_here(&attempt->failure, "unavailable", "the connector could not be started", fault);
	if (attempt->connector == NULL)
		return has_no_connector(attempt, type);
	if (attempt->endpoint.sealed == NULL && type->credentials == RG_CREDENTIALS_REQUIRED)
		return rg_failed(&attempt->failure, "configuration", "the credentials must be given again",
						 "The data source has none in use.");
	attempt->limits = rg_attempt_limits(type);
	attempt->confinement = rg_attempt_confinement(type, attempt->endpoint.connection_timeout);
	if (driver != NULL)
		attempt->confinement.files = driver->files;
	attempt->several_hosts = type->several_hosts;
	attempt->is_over_http = driver == NULL && type->connector.is_over_http;
	attempt->is_stored = driver == NULL && type->connector.is_stored;
	return true;
}

/*
 * The keys are forgotten at once, except when the endpoint was loaded again into the same memory because it
 * was sealed for another key meanwhile.
 */
static char *
unseal(RgAttempt *attempt)
{
	MemoryContext outside = CurrentMemoryContext;
	MemoryContext keys = AllocSetContextCreate(outside, "rivergen keys", ALLOCSET_DEFAULT_SIZES);
	int64 key_id = attempt->endpoint.key_id;

	MemoryContextSwitchTo(keys);

	char *opened = rg_unseal_credentials(&attempt->endpoint, &attempt->failure);

	MemoryContextSwitchTo(outside);
	if (opened == NULL || attempt->endpoint.key_id != key_id)
		return opened;

	char *copy = rg_secret_alloc(strlen(opened) + 1);

	strcpy(copy, opened);
	MemoryContextDelete(keys);
	return copy;
}

static bool
open_credentials(RgAttempt *attempt)
{
	attempt->credentials = attempt->endpoint.sealed == NULL ? pstrdup("{}") : unseal(attempt);
	return attempt->credentials != NULL;
}

/*
 * With the dialer the connector resolves and dials by itself, and each address is checked when it is dialed.
 * Without it this server resolves, within the time to connect, and the connector gets the checked addresses.
 * A tunnel leads to one host, whose name its own end resolves: the connector dials the local port. A proxy
 * resolves, too, and its addresses were checked before.
 */
bool
rg_attempt_find_addresses(RgAttempt *attempt, TimestampTz deadline, RgResolved *resolved)
{
	*resolved = (RgResolved){.hosts = rg_hosts_of(attempt->endpoint.host, attempt->endpoint.port)};
	if (attempt->endpoint.use_ssh_tunnel)
	{
		resolved->hosts.hosts[0].port = attempt->tunnel.port;
		resolved->addresses = "[\"127.0.0.1\"]";
		return true;
	}
	if (attempt->proxy.host != NULL)
	{
		resolved->proxy = &attempt->proxy;
		if (!rg_report_has(&attempt->report, "dialer"))
			(void) rg_resolve_array(attempt->proxy.addresses, attempt->proxy.port, &attempt->report);
		return true;
	}
	if (resolved->hosts.count == 0 || rg_report_has(&attempt->report, "dialer"))
		return true;
	if (attempt->several_hosts)
		return rg_refuse_several_hosts(attempt->endpoint.type, &attempt->report, &attempt->failure);
	return rg_resolve(resolved, deadline, attempt->check, attempt->argument, &attempt->report,
					  &attempt->failure, &attempt->conversation.interruption);
}

static bool
ask(RgAttempt *attempt, const RgQuestion *question, const char *known)
{
	RgConversation *conversation = &attempt->conversation;
	RgResolved resolved;

	if (!rg_attempt_find_addresses(attempt, conversation->watch.deadline, &resolved))
	{
		rg_watch_stop(&conversation->watch);
		return false;
	}
	rg_conversation_ask(conversation, rg_conversation_request_line(&attempt->endpoint, question, &resolved,
																   known, attempt->credentials));
	if (rg_converse(conversation, &attempt->failure))
		return true;
	if (conversation->interruption == RG_UNDISTURBED && conversation->server == NULL &&
		!attempt->endpoint.use_ssh_tunnel && attempt->report.denied_count > 0)
		rg_refuse_dials(&attempt->failure, &resolved.hosts, &attempt->report);
	return false;
}

RgChild *
rg_attempt_start(RgAttempt *attempt)
{
	RgConfinement confinement = attempt->confinement;
	RgChild *volatile child = NULL;
	RgStored stored = {0};

	if (attempt->is_stored && !rg_storage_open(&attempt->endpoint, &stored, &attempt->failure))
		return NULL;
	confinement.stored = stored.descriptor;
	PG_TRY();
	{
		child = rg_process_start(attempt->connector, NULL, &attempt->limits, &confinement);
		child->companion = stored.broker;
	}
	PG_FINALLY();
	{
		rg_storage_close(&stored);
		if (child == NULL && stored.broker != NULL)
			rg_process_kill(stored.broker);
	}
	PG_END_TRY();
	return child;
}

static bool
converse(RgAttempt *attempt, const RgQuestion *question, RgLoad load, void *argument)
{
	RgConversation *conversation = &attempt->conversation;
	TimestampTz now = GetCurrentTimestamp();
	char *known = NULL;

	conversation->last_moment = TimestampTzPlusMilliseconds(now, discovery_timeout * INT64CONST(1000));
	conversation->query_timeout = attempt->endpoint.query_timeout;
	conversation->secrets = attempt->credentials;
	conversation->connector = attempt->connector;
	rg_report_begin(&attempt->report);

	RgChild *child = rg_attempt_start(attempt);

	if (child == NULL)
		return false;
	rg_watch_start(&conversation->watch, child, &attempt->report, conversation->last_moment, attempt->check,
				   attempt->argument);
	if (attempt->tunnel.established)
		rg_watch_accompany(&conversation->watch, &attempt->tunnel.ssh);
	rg_conversation_set_deadline(conversation, attempt->endpoint.connection_timeout);
	if (load != NULL)
		attempt->merge = load(argument, &known); /* while the connector starts */
	conversation->merge = attempt->merge;
	conversation->samples = attempt->samples;
	conversation->databases = attempt->databases;

	bool complete = rg_conversation_greet(conversation, question->operation, &attempt->failure);

	if ((conversation->capabilities & RG_OFFERS_SIGNATURES) == 0)
		known = NULL;
	if (complete)
		complete = ask(attempt, question, known);
	attempt->interruption = conversation->interruption;
	return complete;
}

/* The connector may dial nothing but the local port. */
static bool
open_tunnel(RgAttempt *attempt)
{
	if (!attempt->endpoint.use_ssh_tunnel)
		return true;
	attempt->confinement.network = RG_NETWORK_LOCAL;
	if (!rg_tunnel_open(&attempt->tunnel, &attempt->endpoint, attempt->credentials, attempt->check,
						attempt->argument, &attempt->report, &attempt->failure, &attempt->interruption))
		return false;
	attempt->confinement.local_port = attempt->tunnel.port;
	return true;
}

/* A tunnel leads to its host by itself. */
static bool
open_proxy(RgAttempt *attempt)
{
	if (!attempt->is_over_http || attempt->endpoint.use_ssh_tunnel || !rg_proxy_is_set())
		return true;
	if (!rg_proxy_open(&attempt->proxy, attempt->endpoint.connection_timeout, attempt->check,
					   attempt->argument, &attempt->failure, &attempt->interruption))
		return false;
	attempt->credentials = rg_proxy_add_credentials(&attempt->proxy, attempt->credentials);
	rg_proxy_confine(&attempt->proxy, &attempt->confinement);
	return true;
}

void
rg_attempt_explain_tunnel(RgAttempt *attempt)
{
	bool connected = attempt->conversation.server != NULL;

	if (!attempt->tunnel.established)
		return;

	if (attempt->interruption == RG_LEFT_ALONE)
	{
		attempt->interruption = RG_UNDISTURBED;
		rg_tunnel_lost(&attempt->tunnel, &attempt->failure);
	}
	else if (attempt->interruption == RG_UNDISTURBED)
		rg_tunnel_explain(&attempt->tunnel, connected, &attempt->failure);
}

bool
rg_attempt_prepare(RgAttempt *attempt)
{
	return check_endpoint(attempt) && open_credentials(attempt) && open_tunnel(attempt) &&
		   open_proxy(attempt);
}

static bool
try_to_reach(RgAttempt *attempt, const RgQuestion *question, RgLoad load, void *argument)
{
	if (!rg_attempt_prepare(attempt))
		return false;
	if (converse(attempt, question, load, argument))
		return true;
	rg_attempt_explain_tunnel(attempt);
	return false;
}

bool
rg_attempt(RgAttempt *attempt, const RgQuestion *question, RgLoad load, void *argument)
{
	char *server_name = rg_wrapper_server_of(&attempt->endpoint);
	volatile bool complete = false;

	if (server_name != NULL)
		return rg_wrapper_attempt(attempt, server_name, question, load, argument);
	PG_TRY();
	{
		complete = try_to_reach(attempt, question, load, argument);
	}
	PG_CATCH();
	{
		rg_tunnel_close(&attempt->tunnel);
		PG_RE_THROW();
	}
	PG_END_TRY();
	rg_tunnel_close(&attempt->tunnel);
	return complete;
}

void
rg_attempt_keep_host_key(const RgAttempt *attempt)
{
	const RgEndpoint *endpoint = &attempt->endpoint;

	if (attempt->tunnel.host_key != NULL)
		rg_state_host_key(endpoint->organization_id, endpoint->data_source_id, attempt->tunnel.host_key,
						  endpoint->host_key != NULL);
}

RgConnection
rg_attempt_outcome(const RgAttempt *attempt, bool success)
{
	RgConnection outcome = {.success = success,
							.response_time_ms = -1,
							.has_tunnel = attempt->endpoint.use_ssh_tunnel,
							.tunnel_established = attempt->tunnel.established};

	if (attempt->conversation.server != NULL)
	{
		outcome.server_version = attempt->conversation.server;
		outcome.response_time_ms = attempt->conversation.response_time_ms;
	}
	if (!success)
	{
		outcome.step = attempt->failure.step;
		outcome.code = attempt->failure.code;
		outcome.message = attempt->failure.message;
		outcome.detail = attempt->failure.detail;
	}
	return outcome;
}
