#include "connectors/bucket/bucket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/bucket/service_error.h"

#define DEFAULT_REGION "us-east-1"

/* The same as a name of a host in lower case, and for services of one's own underscores and upper case. */
static void
check_name(const char *name)
{
	size_t length = strlen(name);

	if (length < 3 || length > 63 || name[0] == '.' || name[0] == '-' ||
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != length)
		configuration_fails("The name of the bucket is malformed.",
							"It has 3 to 63 letters, digits, dots, hyphens and underscores.");
}

static void
check_region(const char *region)
{
	size_t length = strlen(region);

	if (length == 0 || length > 63 ||
		strspn(region, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != length)
		configuration_fails("metadata.region is malformed.", "It is a name such as eu-central-1.");
}

static void
take_options(Bucket *bucket, const Request *request)
{
	static WireObject options;
	WireSpan path_style;

	options.count = 0;
	if (request->options != NULL)
		(void) wire_object_scan(request->options, strlen(request->options), &options);
	bucket->name = configuration_text_option(&options, "bucket");
	if (configuration_lacks(bucket->name) && !configuration_lacks(request->database))
		bucket->name = copy_text(request->database);
	if (configuration_lacks(bucket->name))
		configuration_fails("The data source names no bucket.",
							"Give it as database_name or metadata.bucket.");
	check_name(bucket->name);
	bucket->region = configuration_text_option(&options, "region");
	bucket->region_is_told = bucket->region != NULL;
	if (bucket->region == NULL)
		bucket->region = copy_text(DEFAULT_REGION);
	check_region(bucket->region);
	path_style = wire_member(&options, "path_style");
	bucket->is_path_style = true;
	if (path_style.start != NULL && !wire_boolean(path_style, &bucket->is_path_style))
		configuration_fails("metadata.path_style is neither true nor false.", NULL);
}

static void
take_credentials(Bucket *bucket, Request *request)
{
	AwsSigner *signer = &bucket->signer;

	*signer = (AwsSigner){.access_key_id = request_credential(request, "access_key_id"),
						  .secret_access_key = request_credential(request, "secret_access_key"),
						  .session_token = request_credential(request, "session_token"),
						  .service = "s3",
						  .signs_body = true};
	request_forget_credentials(request);
	if (configuration_lacks(signer->access_key_id) != configuration_lacks(signer->secret_access_key))
		configuration_fails("Of access_key_id and secret_access_key the credentials have only one.", NULL);
	if (configuration_lacks(signer->access_key_id) && !configuration_lacks(signer->session_token))
		configuration_fails("The credentials have a session_token, and no keys.", NULL);
	if (strpbrk(signer->access_key_id ? signer->access_key_id : "", "\r\n") != NULL ||
		strpbrk(signer->session_token ? signer->session_token : "", "\r\n") != NULL)
		configuration_fails("A credential has a line end in it.", NULL);
}

static bool
is_anonymous(const Bucket *bucket)
{
	return configuration_lacks(bucket->signer.access_key_id);
}

/* The bucket's own host has the addresses of the service's. */
static void
name_host(Bucket *bucket)
{
	static char host[320];

	if (bucket->is_path_style)
		return;
	if (strchr(bucket->name, '.') != NULL || strchr(bucket->name, '_') != NULL ||
		configuration_is_address(bucket->endpoint.host))
		configuration_fails("This bucket or host cannot be addressed as bucket.host.",
							"Leave metadata.path_style out, or set it to true.");
	snprintf(host, sizeof(host), "%s.%s", bucket->name, bucket->endpoint.host);
	bucket->endpoint.host = host;
}

static char *
source_path(const Request *request)
{
	const char *path = request->path ? request->path : "";

	return copy_text(path + strspn(path, "/"));
}

void
bucket_open(Bucket *bucket, Request *request)
{
	static char default_host[128];

	*bucket = (Bucket){.is_default_host = configuration_lacks(request->host)};
	take_options(bucket, request);
	take_credentials(bucket, request);
	bucket->path = source_path(request);
	snprintf(default_host, sizeof(default_host), "s3.%s.amazonaws.com", bucket->region);
	http_endpoint_take(&bucket->endpoint, request, default_host);
	name_host(bucket);
	bucket->signer.region = bucket->region;
	bucket->endpoint.signer = is_anonymous(bucket) ? NULL : &bucket->signer;
	bucket->client = http_open(&bucket->endpoint);
}

static void
append_path(WireBuffer *out, const Bucket *bucket, const char *key)
{
	wire_append_text(out, "/");
	if (bucket->is_path_style)
	{
		wire_append_text(out, bucket->name);
		wire_append_text(out, key ? "/" : "");
	}
	if (key != NULL)
		url_append_escaped(out, key, strlen(key), true);
	wire_append(out, "", 1);
	if (out->failed)
		give_up_out_of_memory();
}

/* A signature is made for a region. A service that has another one says which. */
static bool
learns_region(Bucket *bucket, const HttpAnswer *answer, const ServiceError *error)
{
	const char *region = http_header(&answer->headers, "x-amz-bucket-region");

	if (region == NULL || *region == '\0')
		region = error->region;
	if (bucket->region_is_told || bucket->endpoint.signer == NULL || configuration_lacks(region) ||
		strcmp(region, bucket->region) == 0 || strlen(region) > 63 ||
		(answer->status != 301 && answer->status != 307 && answer->status != 400 && answer->status != 403))
		return false;
	free(bucket->region);
	bucket->region = copy_text(region);
	bucket->region_is_told = true;
	bucket->signer.region = bucket->region;
	return true;
}

static bool
send_to(Bucket *bucket, HttpRequest *request, HttpAnswer *answer, HttpFailure *failure, bool *again)
{
	ServiceError error;

	*again = false;
	if (!http_send(bucket->client, request, answer, failure))
		return false;
	if (answer->status >= 200 && answer->status < 300)
		return true;
	service_error_read(&error, answer);
	*again = learns_region(bucket, answer, &error);
	service_error_set(failure, answer, &error, bucket->region);
	service_error_free(&error);
	return false;
}

bool
bucket_send(Bucket *bucket, HttpRequest *request, const char *key, HttpAnswer *answer, HttpFailure *failure)
{
	WireBuffer path = {0};
	bool again;
	bool fine;

	append_path(&path, bucket, key);
	request->path = path.data;
	fine = send_to(bucket, request, answer, failure, &again);
	if (again)
	{
		http_answer_free(answer);
		fine = send_to(bucket, request, answer, failure, &again);
	}
	request->path = NULL;
	wire_free(&path);
	return fine;
}
