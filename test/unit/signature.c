/*
 * signature.c — signatures of requests: those that Amazon publishes as examples, and those of botocore, its
 * own client, for keys and queries that other clients have signed wrongly.
 */
#include "connectors/http/signature.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define MOST_PARAMETERS 8
#define INSTANT         1709251198 /* 2024-02-29 23:59:58 UTC */

typedef struct Vector
{
	const char *key;
	const char *query[MOST_PARAMETERS][2];
	const char *token;
	const char *signature;
} Vector;

static const Vector vectors[] = {
#include "signature_vectors.h"
};

static void
is_signed(const AwsSigner *signer, HttpRequest *request, const char *host, time_t now, const char *signature,
		  const char *name)
{
	const char *authorization;
	const char *made;

	aws_sign(signer, request, host, now);
	authorization = http_header(&request->headers, "authorization");
	made = strstr(authorization, "Signature=") + strlen("Signature=");
	ok(strcmp(made, signature) == 0, "%s", name);
	http_request_free(request);
}

static void
check_vector(const Vector *vector)
{
	AwsSigner signer = {.access_key_id = "AKIDEXAMPLE",
						.secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
						.session_token = (char *) vector->token,
						.region = "eu-central-1",
						.service = "s3",
						.signs_body = true};
	HttpRequest request = {.method = "GET"};
	WireBuffer path = {0};

	wire_append_text(&path, "/bucket/");
	url_append_escaped(&path, vector->key, strlen(vector->key), true);
	wire_append(&path, "", 1);
	request.path = path.data;
	for (int i = 0; i < MOST_PARAMETERS && vector->query[i][0] != NULL; i++)
		url_query_add(&request.query, vector->query[i][0], vector->query[i][1]);
	is_signed(&signer, &request, "s3.example.com:9000", INSTANT, vector->signature,
			  vector->key[0] != '\0' ? vector->key
			  : vector->token        ? "a query, with a token"
									 : "a query");
	wire_free(&path);
}

/* The examples of Amazon's pages. */
static void
check_published(void)
{
	AwsSigner s3 = {.access_key_id = "AKIAIOSFODNN7EXAMPLE",
					.secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
					.region = "us-east-1",
					.service = "s3",
					.signs_body = true};
	AwsSigner suite = {.access_key_id = "AKIDEXAMPLE",
					   .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
					   .region = "us-east-1",
					   .service = "service"};
	HttpRequest request = {.method = "GET", .path = "/"};

	url_query_add(&request.query, "lifecycle", "");
	is_signed(&s3, &request, "examplebucket.s3.amazonaws.com", 1369353600,
			  "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
			  "a published example: lifecycle");
	url_query_add(&request.query, "prefix", "J");
	url_query_add(&request.query, "max-keys", "2");
	is_signed(&s3, &request, "examplebucket.s3.amazonaws.com", 1369353600,
			  "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
			  "a published example: a listing");
	is_signed(&suite, &request, "example.amazonaws.com", 1440938160,
			  "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
			  "get-vanilla of the published suite");
}

static void
check_unescape(const char *escaped, bool with_plus, const char *expected)
{
	char *text = exact_copy(escaped, strlen(escaped) + 1);
	size_t length = url_unescape(text, with_plus);

	ok(length == strlen(expected) && strcmp(text, expected) == 0, "%s is unescaped", escaped);
	free(text);
}

int
main(void)
{
	check_published();
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		check_vector(&vectors[i]);
	check_unescape("a%20b%2Fc+d", false, "a b/c+d");
	check_unescape("a+b%2B%C3%A9", true, "a b+\303\251");
	check_unescape("100%", false, "100%");
	check_unescape("%4", false, "%4");
	check_unescape("%zz%G1%41", false, "%zz%G1A");
	return finished();
}
