/*
 * signature.c — the method, path, query, headers and body's hash make the canonical request; its hash and the
 * time make the text to sign; the key is derived from the secret by day, region and service.
 */
#include "connectors/http/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define HASH_BYTES   32
#define MOST_HEADERS 32

static void
append_hash(WireBuffer *out, const void *bytes, size_t length)
{
	unsigned char hash[HASH_BYTES];
	char digits[3];

	if (EVP_Digest(bytes, length, hash, NULL, EVP_sha256(), NULL) != 1)
		give_up_out_of_memory();
	for (int i = 0; i < HASH_BYTES; i++)
	{
		snprintf(digits, sizeof(digits), "%02x", hash[i]);
		wire_append(out, digits, 2);
	}
}

static void
keyed_hash(unsigned char *hash, const void *key, size_t key_length, const char *text, size_t length)
{
	unsigned char made[HASH_BYTES];

	if (HMAC(EVP_sha256(), key, (int) key_length, (const unsigned char *) text, length, made, NULL) == NULL)
		give_up_out_of_memory();
	memcpy(hash, made, HASH_BYTES);
	explicit_bzero(made, sizeof(made));
}

static int
by_name(const void *one, const void *other)
{
	return strcmp((*(const HttpHeader *const *) one)->name, (*(const HttpHeader *const *) other)->name);
}

/* The headers to sign, in the order of their names, without host. Returns how many there are. */
static int
headers_to_sign(const HttpHeaders *headers, const HttpHeader **chosen)
{
	int count = 0;

	for (int i = 0; i < headers->count && count < MOST_HEADERS; i++)
		if (strncmp(headers->items[i].name, "x-amz-", 6) == 0)
			chosen[count++] = &headers->items[i];
	qsort(chosen, (size_t) count, sizeof(*chosen), by_name);
	return count;
}

static void
append_names(WireBuffer *out, const HttpHeader **signed_headers, int count)
{
	wire_append_text(out, "host");
	for (int i = 0; i < count; i++)
	{
		wire_append_text(out, ";");
		wire_append_text(out, signed_headers[i]->name);
	}
}

static void
append_body_hash(WireBuffer *out, const HttpRequest *request)
{
	append_hash(out, request->body ? request->body : "", request->body ? request->body_length : 0);
}

static void
append_canonical_request(WireBuffer *out, const HttpRequest *request, const char *host,
						 const HttpHeader **signed_headers, int count)
{
	wire_append_text(out, request->method);
	wire_append_text(out, "\n");
	wire_append_text(out, request->path);
	wire_append_text(out, "\n");
	url_query_append(&request->query, out);
	wire_append_text(out, "\nhost:");
	wire_append_text(out, host);
	wire_append_text(out, "\n");
	for (int i = 0; i < count; i++)
	{
		wire_append_text(out, signed_headers[i]->name);
		wire_append_text(out, ":");
		wire_append_text(out, signed_headers[i]->value);
		wire_append_text(out, "\n");
	}
	wire_append_text(out, "\n");
	append_names(out, signed_headers, count);
	wire_append_text(out, "\n");
	append_body_hash(out, request);
}

static void
derive_key(const AwsSigner *signer, const char *day, unsigned char *key)
{
	WireBuffer secret = {0};

	wire_append_text(&secret, "AWS4");
	wire_append_text(&secret, signer->secret_access_key);
	if (secret.failed)
		give_up_out_of_memory();
	keyed_hash(key, secret.data, secret.length, day, 8);
	keyed_hash(key, key, HASH_BYTES, signer->region, strlen(signer->region));
	keyed_hash(key, key, HASH_BYTES, signer->service, strlen(signer->service));
	keyed_hash(key, key, HASH_BYTES, "aws4_request", 12);
	wire_free(&secret);
}

static void
append_scope(WireBuffer *out, const AwsSigner *signer, const char *day)
{
	wire_append(out, day, 8);
	wire_append_text(out, "/");
	wire_append_text(out, signer->region);
	wire_append_text(out, "/");
	wire_append_text(out, signer->service);
	wire_append_text(out, "/aws4_request");
}

static void
append_signature(WireBuffer *out, const AwsSigner *signer, const WireBuffer *canonical, const char *stamp)
{
	WireBuffer to_sign = {0};
	unsigned char key[HASH_BYTES];
	unsigned char signature[HASH_BYTES];
	char digits[3];

	wire_append_text(&to_sign, "AWS4-HMAC-SHA256\n");
	wire_append_text(&to_sign, stamp);
	wire_append_text(&to_sign, "\n");
	append_scope(&to_sign, signer, stamp);
	wire_append_text(&to_sign, "\n");
	append_hash(&to_sign, canonical->data, canonical->length);
	if (to_sign.failed)
		give_up_out_of_memory();
	derive_key(signer, stamp, key);
	keyed_hash(signature, key, sizeof(key), to_sign.data, to_sign.length);
	for (int i = 0; i < HASH_BYTES; i++)
	{
		snprintf(digits, sizeof(digits), "%02x", signature[i]);
		wire_append(out, digits, 2);
	}
	explicit_bzero(key, sizeof(key));
	wire_free(&to_sign);
}

static void
add_authorization(const AwsSigner *signer, HttpRequest *request, const char *host, const char *stamp)
{
	const HttpHeader *signed_headers[MOST_HEADERS];
	int count = headers_to_sign(&request->headers, signed_headers);
	WireBuffer canonical = {0};
	WireBuffer value = {0};

	append_canonical_request(&canonical, request, host, signed_headers, count);
	if (canonical.failed)
		give_up_out_of_memory();
	wire_append_text(&value, "AWS4-HMAC-SHA256 Credential=");
	wire_append_text(&value, signer->access_key_id);
	wire_append_text(&value, "/");
	append_scope(&value, signer, stamp);
	wire_append_text(&value, ", SignedHeaders=");
	append_names(&value, signed_headers, count);
	wire_append_text(&value, ", Signature=");
	append_signature(&value, signer, &canonical, stamp);
	wire_append(&value, "", 1);
	if (value.failed)
		give_up_out_of_memory();
	http_header_add(&request->headers, "authorization", value.data);
	wire_free(&canonical);
	wire_free(&value);
}

static void
add_body_hash(HttpRequest *request)
{
	WireBuffer hash = {0};

	append_body_hash(&hash, request);
	wire_append(&hash, "", 1);
	if (hash.failed)
		give_up_out_of_memory();
	http_header_add(&request->headers, "x-amz-content-sha256", hash.data);
	wire_free(&hash);
}

void
aws_sign(const AwsSigner *signer, HttpRequest *request, const char *host, time_t now)
{
	char stamp[17];
	struct tm parts;

	gmtime_r(&now, &parts);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &parts);
	http_header_add(&request->headers, "x-amz-date", stamp);
	if (signer->signs_body)
		add_body_hash(request);
	if (signer->session_token != NULL)
		http_header_add(&request->headers, "x-amz-security-token", signer->session_token);
	add_authorization(signer, request, host, stamp);
}

void
aws_signer_forget(AwsSigner *signer)
{
	forget_text(signer->access_key_id);
	forget_text(signer->secret_access_key);
	forget_text(signer->session_token);
	*signer = (AwsSigner){0};
}
