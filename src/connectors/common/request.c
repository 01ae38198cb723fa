/*
 * request.c — reads the request. Its text holds the credentials, so it is zeroed as soon as it is parsed.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/input.h"
#include "connectors/common/memory.h"
#include "connectors/common/request.h"

/* Metadata is at most 64 kB, certificates and keys are a few kilobytes each, known signatures 8 MB. */
#define MAX_REQUEST   (9 * 1024 * 1024)
#define MAX_ADDRESSES 64

#define DEFAULT_CONNECTION_TIMEOUT 30
#define DEFAULT_QUERY_TIMEOUT      300
#define DEFAULT_DOCUMENT_BYTES     (16 * 1024 * 1024)
#define DEFAULT_ROW_BYTES          (16 * 1024 * 1024)

static void
give_up_request(const char *code, const char *message, const char *detail) __attribute__((noreturn));

static void
give_up_request(const char *code, const char *message, const char *detail)
{
	give_up(&(Failure){.step = "configure", .code = code, .message = message, .detail = detail});
}

/* Returns false at the end of standard input. */
static bool
read_line(WireBuffer *line)
{
	InputLine read = input_read_line(line, MAX_REQUEST);

	if (read == INPUT_FAULT)
		give_up_request("protocol", "The request could not be read.", NULL);
	if (line->failed)
		give_up_out_of_memory();
	return read == INPUT_LINE;
}

/* Scans an object. An absent object has no members. */
static void
scan_object(WireSpan span, WireObject *object)
{
	const char *fault = NULL;

	object->count = 0;
	if (span.start != NULL)
		fault = wire_object_scan(span.start, span.length, object);
	if (fault)
		give_up_request("protocol", "The request is malformed.", fault);
}

static char *
text_member(const WireObject *object, const char *name)
{
	return wire_string_dup(wire_member(object, name));
}

static char *
copy_span(WireSpan span)
{
	char *text;

	if (span.start == NULL)
		return NULL;
	text = allocate(span.length + 1);
	memcpy(text, span.start, span.length);
	text[span.length] = '\0';
	return text;
}

static int64_t
integer_member(const WireObject *object, const char *name, int64_t least, int64_t most, int64_t otherwise)
{
	int64_t value;

	if (!wire_integer(wire_member(object, name), &value) || value < least)
		return otherwise;
	return value < most ? value : most;
}

/* In the order of Operation. */
static const char *const operations[] = {"test", "discover", "sample", "read", "query", "databases"};

const char *
request_operation_name(Operation operation)
{
	return operations[operation];
}

static Operation
operation_named(const char *name)
{
	for (size_t i = 0; name && i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(name, operations[i]) == 0)
			return (Operation) i;
	give_up_request("unsupported", "The connector does not know the requested operation.", name);
}

static TlsMode
tls_mode_named(const char *name)
{
	static const char *const names[] = {"disable", "prefer", "require", "verify-ca", "verify-full"};

	if (name == NULL)
		return TLS_PREFER;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return (TlsMode) i;
	give_up(&(Failure){.step = "configure",
					   .code = "configuration",
					   .message = "The TLS mode is unknown.",
					   .detail = name,
					   .hint = "Use disable, prefer, require, verify-ca or verify-full."});
}

/* Reads an array of plain strings: the text between two quotes, without any escape. */
static char **
take_addresses(WireSpan span, int *count)
{
	char **addresses;
	const char *at = span.start;
	const char *end;

	*count = 0;
	if (at == NULL)
		return NULL;
	end = at + span.length;
	addresses = allocate(MAX_ADDRESSES * sizeof(char *));
	while ((at = memchr(at, '"', (size_t) (end - at))) != NULL && *count < MAX_ADDRESSES)
	{
		const char *close = memchr(at + 1, '"', (size_t) (end - at - 1));

		if (close == NULL)
			break;
		addresses[(*count)++] = copy_span((WireSpan){at + 1, (size_t) (close - at - 1)});
		at = close + 1;
	}
	return addresses;
}

static void
take_hosts(Request *request, WireSpan span)
{
	WireSpan element;
	WireObject members;

	while (wire_array_next(&span, &element))
	{
		RequestHost *host;

		scan_object(element, &members);
		request->hosts = reallocate(request->hosts, (size_t) (request->host_count + 1) * sizeof(RequestHost));
		host = &request->hosts[request->host_count++];
		host->name = text_member(&members, "host");
		host->port = (int) integer_member(&members, "port", 1, UINT16_MAX, 0);
		host->addresses = take_addresses(wire_member(&members, "addresses"), &host->address_count);
	}
}

static void
take_proxy(RequestProxy *proxy, WireSpan span)
{
	WireObject members;

	scan_object(span, &members);
	proxy->host = text_member(&members, "host");
	proxy->port = (int) integer_member(&members, "port", 1, UINT16_MAX, 0);
	proxy->addresses = take_addresses(wire_member(&members, "addresses"), &proxy->address_count);
	proxy->allowed_hosts = text_member(&members, "allowed_hosts");
	if (proxy->host != NULL && (proxy->port == 0 || proxy->addresses == NULL || proxy->allowed_hosts == NULL))
		give_up_request("protocol", "The proxy of the request is incomplete.", NULL);
}

static void
take_endpoint(Request *request, WireSpan span)
{
	WireObject endpoint;
	WireObject tls;
	char *mode;

	scan_object(span, &endpoint);
	request->host = text_member(&endpoint, "host");
	request->port = (int) integer_member(&endpoint, "port", 1, UINT16_MAX, 0);
	request->database = text_member(&endpoint, "database");
	request->options = copy_span(wire_member(&endpoint, "options"));
	request->driver = copy_span(wire_member(&endpoint, "driver"));
	request->path = text_member(&endpoint, "path");
	request->addresses = take_addresses(wire_member(&endpoint, "addresses"), &request->address_count);
	take_hosts(request, wire_member(&endpoint, "hosts"));
	take_proxy(&request->proxy, wire_member(&endpoint, "proxy"));
	(void) wire_boolean(wire_member(&endpoint, "tunnel"), &request->tunnel);

	scan_object(wire_member(&endpoint, "tls"), &tls);
	mode = text_member(&tls, "mode");
	request->tls_mode = tls_mode_named(mode);
	request->tls_ca = text_member(&tls, "ca");
	free(mode);
}

static void
take_limits(Request *request, WireSpan span)
{
	WireObject limits;

	scan_object(span, &limits);
	request->connection_timeout =
		(int) integer_member(&limits, "connection_timeout", 1, 3600, DEFAULT_CONNECTION_TIMEOUT);
	request->query_timeout = (int) integer_member(&limits, "query_timeout", 1, 86400, DEFAULT_QUERY_TIMEOUT);
	request->connections = (int) integer_member(&limits, "connections", 1, 100, 1);
	request->document_bytes = integer_member(&limits, "document_bytes", 1, INT64_MAX, DEFAULT_DOCUMENT_BYTES);
	request->row_bytes = integer_member(&limits, "row_bytes", 1, INT32_MAX, DEFAULT_ROW_BYTES);
}

static void
take_known(Request *request, WireSpan span)
{
	WireObject known;

	scan_object(span, &known);
	request->signatures = span.start != NULL;
	request->known_signature = text_member(&known, "signature");
	request->known_relations = copy_span(wire_member(&known, "relations"));
	(void) wire_integer(wire_member(&known, "as_of"), &request->known_as_of);
}

static void
take_relation(SampleRequest *sample, WireSpan span)
{
	SampledRelation *relation = &sample->relations[sample->relation_count++];
	WireObject members;

	scan_object(span, &members);
	relation->schema = text_member(&members, "schema");
	relation->name = text_member(&members, "name");
	relation->id = text_member(&members, "id");
	if (relation->schema == NULL || relation->name == NULL)
		give_up_request("protocol", "A relation of the request has no name.", NULL);
}

static void
take_sample(SampleRequest *sample, WireSpan span)
{
	WireObject members;
	WireSpan relations;
	WireSpan relation;

	scan_object(span, &members);
	sample->categories = (int) integer_member(&members, "categories", 0, 1000, 0);
	sample->category_length = (int) integer_member(&members, "category_length", 1, 1000, 50);
	sample->examples = (int) integer_member(&members, "examples", 0, 100, 0);
	sample->example_length = (int) integer_member(&members, "example_length", 1, 10000, 200);
	sample->relation_timeout = (int) integer_member(&members, "relation_timeout", 1, 3600, 10);
	sample->masking = true;
	(void) wire_boolean(wire_member(&members, "masking"), &sample->masking);
	relations = wire_member(&members, "relations");
	while (wire_array_next(&relations, &relation))
	{
		sample->relations =
			reallocate(sample->relations, (size_t) (sample->relation_count + 1) * sizeof(SampledRelation));
		take_relation(sample, relation);
	}
}

static void
take_credentials(Request *request, WireSpan span)
{
	if (span.start == NULL)
		return;
	wire_append(&request->credentials, span.start, span.length);
	if (request->credentials.failed)
		give_up_out_of_memory();
}

/* Takes what further requests have, too. */
static void
take_line(Request *request, const WireBuffer *line, WireObject *members)
{
	int64_t protocol;
	char *operation;
	const char *fault = NULL;

	scan_object((WireSpan){line->length ? line->data : "", line->length}, members);
	if (!wire_integer(wire_member(members, "protocol"), &protocol) || protocol != WIRE_PROTOCOL)
		give_up_request("protocol", "The request is of another version of the protocol.", NULL);
	operation = text_member(members, "operation");
	request->operation = operation_named(operation);
	free(operation);
	take_credentials(request, wire_member(members, "credentials"));
	take_limits(request, wire_member(members, "limits"));
	if (request->operation == OPERATION_READ)
		fault = read_request_take(&request->read, wire_member(members, "read"));
	else if (request->operation == OPERATION_QUERY)
		fault = query_request_take(&request->query, wire_member(members, "query"));
	if (fault)
		give_up_request("protocol", "The request is malformed.", fault);
}

void
request_read(Request *request)
{
	WireBuffer line = {0};
	WireObject members;
	WireObject scope;

	*request = (Request){0};
	(void) read_line(&line);
	take_line(request, &line, &members);
	request->type = text_member(&members, "type");
	take_endpoint(request, wire_member(&members, "endpoint"));
	request->proxy.username = request_credential(request, "proxy_username");
	request->proxy.password = request_credential(request, "proxy_password");
	scan_object(wire_member(&members, "scope"), &scope);
	request->schema = text_member(&scope, "schema");
	if (!wire_selection_read(&request->selection, wire_member(&scope, "include"),
							 wire_member(&scope, "exclude")))
		give_up_out_of_memory();
	take_known(request, wire_member(&members, "known"));
	take_sample(&request->sample, wire_member(&members, "sample"));
	wire_free(&line);
}

bool
request_read_next(Request *request)
{
	WireBuffer line = {0};
	WireObject members;

	request_forget_credentials(request);
	read_request_free(&request->read);
	query_request_free(&request->query);
	if (!read_line(&line))
		return false;
	take_line(request, &line, &members);
	if (request->operation != OPERATION_READ && request->operation != OPERATION_QUERY)
		give_up_request("protocol", "Only read and query can follow another request.", NULL);
	wire_free(&line);
	return true;
}

char *
request_credential(const Request *request, const char *name)
{
	WireObject credentials;

	if (request->credentials.length == 0)
		return NULL;
	scan_object((WireSpan){request->credentials.data, request->credentials.length}, &credentials);
	return text_member(&credentials, name);
}

void
request_forget_credentials(Request *request)
{
	wire_free(&request->credentials);
}
