/* attempt.c — one try to reach a source: connector, credentials, addresses, request, conversation. */
#include "attempt.h"

#include <limits.h>

#include "utils/guc.h"
#include "utils/timestamp.h"

#include "check/source_type.h"
#include "worker/unseal.h"

static int discovery_timeout = 3600;

void
rg_attempt_init(void)
{
	DefineCustomIntVariable("rivergen.discovery_timeout", "Longest time that one discovery may take.", NULL,
							&discovery_timeout, 3600, 1, INT_MAX / 1000, PGC_SIGHUP, GUC_UNIT_S, NULL, NULL,
							NULL);
	rg_conversation_init();
}

static RgLimits
limits_of(const RgSourceType *type)
{
	const RgConnectorNeeds *needs = &type->connector;

	return (RgLimits){.memory = (uint64) needs->memory_mb * 1024 * 1024,
					  .file_size = (uint64) needs->file_mb * 1024 * 1024,
					  .descriptors = needs->descriptors,
					  .environment = needs->environment};
}

static RgConfinement
confinement_of(const RgSourceType *type, const RgEndpoint *endpoint)
{
	return (RgConfinement){.network = type->connector.is_offline ? RG_NETWORK_NONE : RG_NETWORK_PLAIN,
						   .timeout = endpoint->connection_timeout,
						   .files = type->connector.files};
}

static bool
has_no_connector(RgAttempt *attempt)
{
	rg_failed(&attempt->failure, "unsupported",
			  psprintf("no connector for type %s is installed", attempt->endpoint.type),
			  "The type's connector_installed (SQL: rivergen.data_source_types) tells which types have one.");
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
	const char *fault = NULL;

	if (type != NULL)
		attempt->connector = rg_process_connector_path(rg_source_type_executable(type), &fault);
	if (fault != NULL)
		return rg_failed_here(&attempt->failure, "unavailable", "the connector could not be started", fault);
	if (attempt->connector == NULL)
		return has_no_connector(attempt);
	if (attempt->endpoint.sealed == NULL && type->credentials == RG_CREDENTIALS_REQUIRED)
		return rg_failed(&attempt->failure, "configuration", "the credentials must be given again",
						 "Use rivergen.data_source_update_credentials.");
	attempt->limits = limits_of(type);
	attempt->confinement = confinement_of(type, &attempt->endpoint);
	return true;
}

static bool
open_credentials(RgAttempt *attempt)
{
	if (attempt->endpoint.sealed == NULL)
		attempt->credentials = pstrdup("{}");
	else
		attempt->credentials = rg_unseal_credentials(&attempt->endpoint, &attempt->failure);
	return attempt->credentials != NULL;
}

static bool
converse(RgAttempt *attempt, const RgQuestion *question, const RgResolved *resolved, RgLoad load,
		 void *argument)
{
	RgConversation *conversation = &attempt->conversation;
	TimestampTz now = GetCurrentTimestamp();
	char *known = NULL;

	conversation->last_moment = TimestampTzPlusMilliseconds(now, discovery_timeout * INT64CONST(1000));
	conversation->query_timeout = attempt->endpoint.query_timeout;
	conversation->secrets = attempt->credentials;
	conversation->connector = attempt->connector;
	rg_watch_start(&conversation->watch,
				   rg_process_start(attempt->connector, NULL, &attempt->limits, &attempt->confinement),
				   conversation->last_moment, attempt->check, attempt->argument);
	if (attempt->tunnel.established)
		rg_watch_accompany(&conversation->watch, &attempt->tunnel.ssh);
	rg_conversation_set_deadline(conversation, attempt->endpoint.connection_timeout);
	if (load != NULL)
		attempt->merge = load(argument, &known); /* while the connector starts */
	conversation->merge = attempt->merge;
	conversation->samples = attempt->samples;

	bool complete = rg_conversation_greet(conversation, question->operation, &attempt->failure);

	if ((conversation->capabilities & RG_OFFERS_SIGNATURES) == 0)
		known = NULL;
	if (complete)
	{
		rg_conversation_ask(conversation, rg_conversation_request_line(&attempt->endpoint, question, resolved,
																	   known, attempt->credentials));
		complete = rg_converse(conversation, &attempt->failure);
	}
	attempt->interruption = conversation->interruption;
	return complete;
}

/* A tunnel leads to one host, whose name its own end resolves: the connector dials the local port. */
static bool
resolve(RgAttempt *attempt, RgResolved *resolved)
{
	const RgEndpoint *endpoint = &attempt->endpoint;

	if (!endpoint->use_ssh_tunnel)
		return rg_resolve(endpoint, attempt->check, attempt->argument, resolved, &attempt->failure,
						  &attempt->interruption);
	if (!rg_tunnel_open(&attempt->tunnel, endpoint, attempt->credentials, attempt->check, attempt->argument,
						&attempt->failure, &attempt->interruption))
		return false;
	resolved->hosts = rg_hosts_of(endpoint->host, endpoint->port);
	resolved->hosts.hosts[0].port = attempt->tunnel.port;
	resolved->addresses[0] = "[\"127.0.0.1\"]";
	attempt->confinement.network = RG_NETWORK_LOCAL;
	attempt->confinement.local_port = attempt->tunnel.port;
	return true;
}

/* What the connector could not know about the tunnel. */
static void
explain_tunnel(RgAttempt *attempt)
{
	bool connected = attempt->conversation.server != NULL;

	if (attempt->interruption == RG_LEFT_ALONE)
	{
		attempt->interruption = RG_UNDISTURBED;
		rg_tunnel_lost(&attempt->tunnel, &attempt->failure);
	}
	else if (attempt->interruption == RG_UNDISTURBED)
		rg_tunnel_explain(&attempt->tunnel, connected, &attempt->failure);
}

static bool
try_to_reach(RgAttempt *attempt, const RgQuestion *question, RgLoad load, void *argument)
{
	RgResolved resolved;

	if (!check_endpoint(attempt) || !open_credentials(attempt) || !resolve(attempt, &resolved))
		return false;
	if (converse(attempt, question, &resolved, load, argument))
		return true;
	if (attempt->tunnel.established)
		explain_tunnel(attempt);
	return false;
}

bool
rg_attempt(RgAttempt *attempt, const RgQuestion *question, RgLoad load, void *argument)
{
	volatile bool complete = false;

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
