#include "connectors/bigquery/service_account.h"

#include <string.h>
#include <time.h>

#include "connectors/common/configuration.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http/jwt.h"
#include "connectors/jsontree/json_tree.h"

#define AUDIENCE "https://bigquery.googleapis.com/"
#define SECONDS  3600

static void
write_claims(WireBuffer *claims, const char *email)
{
	int64_t now = (int64_t) time(NULL);

	document_literal(claims, "{");
	document_text(claims, "iss", email);
	document_text(claims, "sub", email);
	document_text(claims, "aud", AUDIENCE);
	jwt_add_time(claims, "iat", now);
	jwt_add_time(claims, "exp", now + SECONDS);
	document_literal(claims, "}");
}

static char *
sign(EVP_PKEY *key, const char *email, const char *key_id)
{
	WireBuffer header = {.data = NULL};
	WireBuffer claims = {.data = NULL};
	char *text;

	document_literal(&header, "{\"alg\":\"RS256\",\"typ\":\"JWT\"");
	document_text(&header, "kid", key_id);
	document_literal(&header, "}");
	write_claims(&claims, email);
	text = jwt_sign(key, &header, &claims);
	if (text == NULL)
		configuration_fails("The service account's private_key cannot sign.", NULL);
	return text;
}

char *
service_account_token(const char *file)
{
	char fault[64];
	JsonTree *tree = json_tree_read(file, strlen(file), fault, sizeof(fault));
	const JsonNode *root = tree ? json_tree_root(tree) : NULL;
	const char *type = json_member_text(root, "type");
	const char *email = json_member_text(root, "client_email");
	const char *pem = json_member_text(root, "private_key");
	EVP_PKEY *key;
	char *token;

	if (root == NULL || root->kind != JSON_OBJECT)
		configuration_fails("The credential service_account is no JSON object.",
							"Give the key file of the service account as it was downloaded.");
	if (type == NULL || strcmp(type, "service_account") != 0)
		configuration_fails("The credential service_account is of another type than service_account.",
							"External accounts, users and impersonation are not supported.");
	if (configuration_lacks(email) || configuration_lacks(pem))
		configuration_fails("The credential service_account lacks client_email or private_key.", NULL);
	key = jwt_key_read(pem, NULL);
	if (key == NULL)
		configuration_fails("The service account's private_key is no RSA key.", NULL);
	token = sign(key, email, json_member_text(root, "private_key_id"));
	EVP_PKEY_free(key);
	explicit_bzero((char *) pem, strlen(pem));
	json_tree_free(tree);
	return token;
}
