#include "connectors/http/jwt.h"

#include <openssl/pem.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http/base64.h"

/* Without any, OpenSSL would ask a person. */
static int
give_passphrase(char *place, int size, int writes, void *argument)
{
	const char *passphrase = argument;
	size_t length = passphrase ? strlen(passphrase) : 0;

	(void) writes;
	if (length == 0 || length > (size_t) size)
		return -1;
	memcpy(place, passphrase, length);
	return (int) length;
}

EVP_PKEY *
jwt_key_read(const char *pem, const char *passphrase)
{
	BIO *text = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = text ? PEM_read_bio_PrivateKey(text, NULL, give_passphrase, (void *) passphrase) : NULL;

	BIO_free(text);
	if (key != NULL && EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
	{
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

static bool
append_signature(WireBuffer *out, EVP_PKEY *key, const char *signed_text, size_t length)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t size = (size_t) EVP_PKEY_get_size(key);
	unsigned char *signature = allocate(size + 1);
	bool fine = context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
				EVP_DigestSign(context, signature, &size, (const unsigned char *) signed_text, length) == 1;

	if (fine)
		base64_append_for_url(out, signature, size);
	free(signature);
	EVP_MD_CTX_free(context);
	return fine;
}

void
jwt_add_time(WireBuffer *claims, const char *name, int64_t time)
{
	document_separate(claims);
	document_string(claims, name);
	document_literal(claims, ":");
	wire_append_integer(claims, time);
}

char *
jwt_sign(EVP_PKEY *key, WireBuffer *header, WireBuffer *claims)
{
	WireBuffer token = {.data = NULL};
	WireBuffer signature = {.data = NULL};
	char *text = NULL;
	bool fine;

	if (header->failed || claims->failed)
		give_up_out_of_memory();
	base64_append_for_url(&token, header->data, header->length);
	wire_append(&token, ".", 1);
	base64_append_for_url(&token, claims->data, claims->length);
	fine = !token.failed && append_signature(&signature, key, token.data, token.length);
	wire_append(&token, ".", 1);
	wire_append(&token, signature.data, signature.length);
	wire_append(&token, "", 1);
	if (token.failed || signature.failed)
		give_up_out_of_memory();
	if (fine)
		text = copy_text(token.data);
	explicit_bzero(token.data, token.length);
	wire_free(&token);
	wire_free(&signature);
	wire_free(header);
	wire_free(claims);
	return text;
}
