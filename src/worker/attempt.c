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
	if (attempt->endpoint.use_ssh_tunnel)
		return rg_failed(&attempt->failure, "unsupported", "SSH tunnels are not supported by this version",
						 NULL);
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

bool
rg_attempt(RgAttempt *attempt, const RgQuestion *question, RgLoad load, void *argument)
{
	RgResolved resolved;

	return check_endpoint(attempt) && open_credentials(attempt) &&
		   rg_resolve(&attempt->endpoint, attempt->check, attempt->argument, &resolved, &attempt->failure,
					  &attempt->interruption) &&
		   converse(attempt, question, &resolved, load, argument);
}

RgConnection
rg_attempt_outcome(const RgAttempt *attempt, bool success)
{
	RgConnection outcome = {.success = success, .response_time_ms = -1};

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
