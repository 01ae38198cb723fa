#include "connectors/redis/nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define MOST_NODES 1000
#define NONE       (-2)
#define FIRST      (-1)

static void
say_connected(const Server *server)
{
	char name[80];
	char dialect[WIRE_DIALECT_BYTES];

	snprintf(name, sizeof(name), "%s%s%s", server->product, server->version[0] ? " " : "", server->version);
	snprintf(dialect, sizeof(dialect), "redis%s%s", server->version[0] ? " " : "", server->version);
	emit_connected(name, dialect, NULL);
}

/* ---- CLUSTER SLOTS ---- */

/* A node that does not know its own name has none, or `?`: it is where it was dialed. */
static char *
host_of(const Nodes *nodes, RespText name)
{
	return copy_text(name.length == 0 || strcmp(name.bytes, "?") == 0 ? nodes->request->host : name.bytes);
}

static void
add_slots(Nodes *nodes, char *host, int64_t port, int slots)
{
	for (int i = 0; i < nodes->count; i++)
		if (nodes->items[i].port == port && strcmp(nodes->items[i].host, host) == 0)
		{
			nodes->items[i].slots += slots;
			free(host);
			return;
		}
	if (nodes->count == MOST_NODES)
		client_give_up_malformed();
	nodes->items = reallocate(nodes->items, (size_t) (nodes->count + 1) * sizeof(Node));
	nodes->items[nodes->count++] = (Node){.host = host, .port = (int) port, .slots = slots};
}

/* An item is the first slot, the last one, the master, and its replicas. */
static void
take_slots(Nodes *nodes, const RespAnswer *answer, const RespValue *item)
{
	const RespValue *first = resp_first(answer, item);
	const RespValue *last = first ? resp_next(answer, first) : NULL;
	const RespValue *master = last ? resp_next(answer, last) : NULL;
	const RespValue *host = master ? resp_first(answer, master) : NULL;
	const RespValue *port = host ? resp_next(answer, host) : NULL;

	if (port == NULL || first->kind != RESP_INTEGER || last->kind != RESP_INTEGER ||
		port->kind != RESP_INTEGER || first->integer < 0 || last->integer < first->integer ||
		last->integer >= CLUSTER_SLOTS || port->integer < 1 || port->integer > 65535)
		client_give_up_malformed();
	add_slots(nodes, host_of(nodes, resp_text(answer, host)), port->integer,
			  (int) (last->integer - first->integer) + 1);
	nodes->slots += (int) (last->integer - first->integer) + 1;
}

static void
log_slots(const Nodes *nodes)
{
	char message[160];

	snprintf(message, sizeof(message), "%d of the cluster's %d slots are served by its nodes.", nodes->slots,
			 CLUSTER_SLOTS);
	emit_log("warning", message);
}

/* Returns false if the answer is not that of a cluster. */
static bool
find_nodes(Nodes *nodes)
{
	RespAnswer answer = {.values = NULL};
	bool is_cluster = nodes->session.server.is_cluster;

	client_ask(&nodes->session.client, &answer, 2, (const char *[]){"CLUSTER", "SLOTS"});
	if (resp_root(&answer)->kind != RESP_ARRAY && is_cluster)
		client_give_up(&answer, resp_root(&answer));
	for (const RespValue *item = resp_first(&answer, resp_root(&answer)); item;
		 item = resp_next(&answer, item))
		take_slots(nodes, &answer, item);
	resp_free(&answer);
	if (nodes->count == 0 && is_cluster)
		give_up(&(Failure){.step = "connect",
						   .code = "refused",
						   .transient = true,
						   .message = "The cluster has no node that serves keys."});
	if (nodes->count > 0 && nodes->slots < CLUSTER_SLOTS)
		log_slots(nodes);
	return nodes->count > 0;
}

/* A server that does not say what it is (INFO can be forbidden) may be a node. */
static bool
may_be_cluster(const Server *server)
{
	return server->is_cluster || server->version[0] == '\0';
}

/* Behind a tunnel there is one port, whatever other nodes there are. */
void
nodes_open(Nodes *nodes, Request *request)
{
	const Server *server = &nodes->session.server;

	*nodes = (Nodes){.request = request, .connected = FIRST, .is_open = true};
	login_take(&nodes->login, request);
	session_open(&nodes->session, request, &nodes->login);
	say_connected(server);
	if (server->is_cluster && nodes->login.database != 0)
		configuration_fails("A cluster has only the database 0.", "Leave the database name out.");
	if (!may_be_cluster(server) || request->tunnel || !find_nodes(nodes))
		nodes->count = 1;
	if (server->is_cluster && request->tunnel)
		emit_log(
			"warning",
			"Only the node at the end of the tunnel is read: the others of the cluster cannot be dialed.");
}

/* ---- connections ---- */

/* Where the server has chosen the addresses, no other is dialed. */
static bool
is_allowed(const Request *request, const char *host)
{
	for (int i = 0; i < request->address_count; i++)
		if (strcmp(request->addresses[i], host) == 0)
			return true;
	return request->address_count == 0;
}

static bool
dial_node(Nodes *nodes, const Node *node, DialFailure *failure)
{
	Request request = *nodes->request;
	char *addresses[] = {node->host};

	if (!is_allowed(nodes->request, node->host))
	{
		dial_failure_set(failure,
						 &(DialMeaning){.step = "connect",
										.code = "refused",
										.message = "A node of the cluster has an address that may not be "
												   "dialed here."});
		return false;
	}
	request.host = node->host;
	request.port = node->port;
	request.addresses = configuration_is_address(node->host) ? addresses : NULL;
	request.address_count = request.addresses ? 1 : 0;
	return session_try_open(&nodes->session, &request, &nodes->login, failure);
}

Client *
nodes_try(Nodes *nodes, int number, DialFailure *failure)
{
	if (nodes->items && nodes->connected != number)
	{
		session_close(&nodes->session);
		nodes->connected = NONE;
		if (!dial_node(nodes, &nodes->items[number], failure))
			return NULL;
		nodes->connected = number;
	}
	return &nodes->session.client;
}

void
nodes_close(Nodes *nodes)
{
	session_close(&nodes->session);
	login_forget(&nodes->login);
	for (int i = 0; nodes->items && i < nodes->count; i++)
		free(nodes->items[i].host);
	free(nodes->items);
	nodes->items = NULL;
	nodes->is_open = false;
}

/* ---- several requests ---- */

void
nodes_rest(Nodes *nodes)
{
	if (nodes->is_open &&
		(nodes->session.client.connection == NULL || !client_is_at_rest(&nodes->session.client)))
		nodes_close(nodes);
}

void
nodes_open_again(Nodes *nodes, Request *request)
{
	nodes_rest(nodes);
	if (!nodes->is_open)
	{
		nodes_open(nodes, request);
		return;
	}
	request_forget_credentials(request);
	nodes->request = request;
	nodes->session.client.answer_timeout = request->query_timeout;
	say_connected(&nodes->session.server);
}
