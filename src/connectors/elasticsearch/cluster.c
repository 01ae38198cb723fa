#include "connectors/elasticsearch/cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/attempt.h"
#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/elasticsearch/credentials.h"
#include "connectors/http/authorization.h"

#define MOST_GREETING_BYTES (1 << 20)
#define MOST_RESOLVED_BYTES (64 << 20)

/* ---- configuration ---- */

static void
check_prefix(const char *prefix)
{
	if (strspn(prefix, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%/") !=
			strlen(prefix) ||
		strstr(prefix, "..") != NULL)
		configuration_fails("metadata.path_prefix is malformed.", "It is a path such as /search.");
}

/* With its slash at the beginning, and none at the end. */
static char *
take_prefix(WireSpan value)
{
	char *given = wire_string_dup(value);
	char *prefix;
	const char *start;
	size_t length;

	if (value.start != NULL && given == NULL)
		configuration_fails("metadata.path_prefix is no text.", NULL);
	if (given == NULL)
		return copy_text("");
	check_prefix(given);
	start = given + strspn(given, "/");
	length = strlen(start);
	while (length > 0 && start[length - 1] == '/')
		length--;
	prefix = allocate(length + 2);
	snprintf(prefix, length + 2, "%s%s", length > 0 ? "/" : "", start);
	free(given);
	return prefix;
}

static void
take_options(Cluster *cluster, const Request *request)
{
	static WireObject options;
	WireSpan system;

	options.count = 0;
	if (request->options != NULL)
		(void) wire_object_scan(request->options, strlen(request->options), &options);
	cluster->path_prefix = take_prefix(wire_member(&options, "path_prefix"));
	system = wire_member(&options, "include_system");
	if (system.start != NULL && !wire_boolean(system, &cluster->includes_system))
		configuration_fails("metadata.include_system is neither true nor false.", NULL);
}

/* ---- requests ---- */

static void
prepare(const Cluster *cluster, const Question *question, HttpRequest *sent, WireBuffer *path)
{
	wire_append_text(path, cluster->path_prefix);
	wire_append_text(path, question->path);
	wire_append(path, "", 1);
	if (path->failed)
		give_up_out_of_memory();
	*sent = (HttpRequest){.method = question->method,
						  .path = path->data,
						  .query = question->query,
						  .body = question->body,
						  .body_length = question->body ? strlen(question->body) : 0,
						  .most_bytes = question->most_bytes};
	http_header_add(&sent->headers, "accept", "application/json");
	if (question->body != NULL)
		http_header_add(&sent->headers, "content-type", "application/json");
	if (cluster->authorization != NULL)
		http_header_add(&sent->headers, "authorization", cluster->authorization);
}

static JsonTree *
read_tree(const HttpAnswer *answer, HttpFailure *failure)
{
	char fault[128];
	JsonTree *tree =
		json_tree_read(answer->body.data ? answer->body.data : "", answer->body.length, fault, sizeof(fault));

	if (tree != NULL && json_tree_root(tree)->kind != JSON_OBJECT && json_tree_root(tree)->kind != JSON_ARRAY)
	{
		json_tree_free(tree);
		tree = NULL;
		snprintf(fault, sizeof(fault), "it is neither an object nor an array");
	}
	if (tree != NULL)
		return tree;
	*failure = (HttpFailure){
		.step = "query", .code = "protocol", .message = "The answer of the service cannot be read."};
	snprintf(failure->detail, sizeof(failure->detail), "The answer: %s.", fault);
	return NULL;
}

static JsonTree *
ask(Cluster *cluster, Question *question, HttpAnswer *answer, HttpFailure *failure, ServiceError *error)
{
	HttpRequest sent;
	WireBuffer path = {0};
	JsonTree *tree = NULL;

	*error = (ServiceError){0};
	prepare(cluster, question, &sent, &path);
	if (http_send(cluster->client, &sent, answer, failure))
	{
		if (answer->status >= 200 && answer->status < 300)
			tree = read_tree(answer, failure);
		else
		{
			service_error_read(error, answer);
			service_error_set(failure, answer, error);
		}
	}
	http_request_free(&sent);
	question->query = (UrlQuery){0};
	wire_free(&path);
	return tree;
}

JsonTree *
cluster_ask(Cluster *cluster, Question *question, HttpFailure *failure, ServiceError *error)
{
	HttpAnswer answer = {0};
	ServiceError ignored;
	JsonTree *tree = ask(cluster, question, &answer, failure, error ? error : &ignored);

	http_answer_free(&answer);
	return tree;
}

JsonTree *
cluster_must_ask(Cluster *cluster, Question *question)
{
	HttpFailure failure;
	JsonTree *tree = cluster_ask(cluster, question, &failure, NULL);

	if (tree == NULL)
		http_failure_report(&failure);
	return tree;
}

/* ---- what the cluster is ---- */

static void give_up_stranger(void) __attribute__((noreturn));

static void
give_up_stranger(void)
{
	give_up(&(Failure){.step = "connect",
					   .code = "protocol",
					   .message = "What answers at this address is neither Elasticsearch nor OpenSearch.",
					   .hint = "Check host, port and metadata.path_prefix."});
}

static void
read_greeting(Cluster *cluster, const JsonNode *root)
{
	const JsonNode *version = json_member(root, "version");
	const char *number = json_member_text(version, "number");
	const char *distribution = json_member_text(version, "distribution");
	const char *flavor = json_member_text(version, "build_flavor");
	const char *uuid = json_member_text(root, "cluster_uuid");
	bool is_serverless = flavor != NULL && strcmp(flavor, "serverless") == 0;

	if (number == NULL)
		give_up_stranger();
	cluster->is_old = distribution == NULL && atoi(number) < 7;
	cluster->is_opensearch = distribution != NULL && strcmp(distribution, "opensearch") == 0;
	if (is_serverless)
		snprintf(cluster->greeting.server, sizeof(cluster->greeting.server), "Elasticsearch Serverless");
	else
		snprintf(cluster->greeting.server, sizeof(cluster->greeting.server), "%s %.40s",
				 cluster->is_opensearch ? "OpenSearch" : "Elasticsearch", number);
	snprintf(cluster->greeting.dialect, sizeof(cluster->greeting.dialect), "%s %.*s",
			 cluster->is_opensearch ? "opensearch" : "elasticsearch",
			 is_serverless ? 10 : (int) strcspn(number, "."), is_serverless ? "serverless" : number);
	if (uuid != NULL && strcmp(uuid, "_na_") != 0)
		snprintf(cluster->greeting.identity, sizeof(cluster->greeting.identity), "%.60s", uuid);
}

/* A user may see indices, and not what the cluster is. */
static void
look_at_indices(Cluster *cluster)
{
	JsonTree *tree = cluster_must_ask(
		cluster,
		&(Question){.method = "GET", .path = "/_resolve/index/*", .most_bytes = MOST_RESOLVED_BYTES});

	if (json_member(json_tree_root(tree), "indices") == NULL)
		give_up_stranger();
	json_tree_free(tree);
	snprintf(cluster->greeting.server, sizeof(cluster->greeting.server), "Elasticsearch or OpenSearch");
}

static void
greet(Cluster *cluster)
{
	Question question = {.method = "GET", .path = "/", .most_bytes = MOST_GREETING_BYTES};
	HttpAnswer answer = {0};
	HttpFailure failure;
	ServiceError error;
	JsonTree *tree = ask(cluster, &question, &answer, &failure, &error);

	if (tree != NULL)
		read_greeting(cluster, json_tree_root(tree));
	else if (error.status == 403)
		look_at_indices(cluster);
	else if (error.status == 404 || (answer.status == 200 && strcmp(failure.code, "protocol") == 0))
		give_up_stranger();
	else
		http_failure_report(&failure);
	http_answer_free(&answer);
	if (tree != NULL)
		json_tree_free(tree);
}

/* ---- hosts ---- */

typedef struct Attempted
{
	Cluster *cluster;
	Request *request;
	const ClientCertificate *certificate;
	int share; /* the host has one of so many parts of the time */
} Attempted;

static void
open_host(void *argument)
{
	Attempted *attempted = argument;
	Cluster *cluster = attempted->cluster;

	http_endpoint_take(&cluster->endpoint, attempted->request, NULL);
	cluster->endpoint.certificate = attempted->certificate->certificate;
	cluster->endpoint.key = attempted->certificate->key;
	cluster->endpoint.passphrase = attempted->certificate->passphrase;
	if (cluster->endpoint.connection_timeout > attempted->share)
		cluster->endpoint.connection_timeout /= attempted->share;
	if (cluster->authorization != NULL)
		protect_credentials(&cluster->endpoint, attempted->request);
	cluster->client = http_open(&cluster->endpoint);
	greet(cluster);
}

static void
choose_host(Request *request, int number)
{
	const RequestHost *host = &request->hosts[number];

	request->host = host->name;
	request->port = host->port;
	request->addresses = host->addresses;
	request->address_count = host->address_count;
}

static bool
is_of_host(const AttemptFailure *failure)
{
	return strcmp(failure->step, "connect") == 0 || strcmp(failure->step, "resolve") == 0 ||
		   strcmp(failure->code, "unreachable") == 0;
}

static void give_up_attempted(const AttemptFailure *failure) __attribute__((noreturn));

static void
give_up_attempted(const AttemptFailure *failure)
{
	give_up(&(Failure){.step = failure->step,
					   .code = failure->code,
					   .transient = failure->transient,
					   .message = failure->message,
					   .detail = failure->detail[0] ? failure->detail : NULL,
					   .hint = failure->hint[0] ? failure->hint : NULL});
}

/* Every node answers for the whole cluster: the first that does is enough. */
static void
open_any_host(Attempted *attempted)
{
	Request *request = attempted->request;
	AttemptFailure failure;

	for (int i = 0; i + 1 < request->host_count; i++)
	{
		choose_host(request, i);
		attempted->share = request->host_count - i;
		if (attempt(open_host, attempted, &failure))
			return;
		if (!is_of_host(&failure))
			give_up_attempted(&failure);
	}
	if (request->host_count > 1)
		choose_host(request, request->host_count - 1);
	attempted->share = 1;
	open_host(attempted);
}

void
cluster_open(Cluster *cluster, Request *request)
{
	ClientCertificate certificate;
	Attempted attempted = {.cluster = cluster, .request = request, .certificate = &certificate};

	*cluster = (Cluster){0};
	emit_progress("connect", ABSENT);
	take_options(cluster, request);
	client_certificate_take(&certificate, request);
	cluster->authorization = authorization_take(request);
	open_any_host(&attempted);
}

void
cluster_tell(const Cluster *cluster)
{
	emit_connected(cluster->greeting.server, cluster->greeting.dialect[0] ? cluster->greeting.dialect : NULL,
				   cluster->greeting.identity[0] ? cluster->greeting.identity : NULL);
}

void
cluster_close(Cluster *cluster)
{
	http_close(cluster->client);
	free(cluster->path_prefix);
	forget_text(cluster->authorization);
}
