#include "connectors/s3/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"

void
digest_add(WireBuffer *content, const char *text)
{
	wire_append(content, text, strlen(text) + 1);
}

void
digest_end(WireBuffer *content, char *text)
{
	unsigned char hash[EVP_MAX_MD_SIZE];

	if (content->failed || EVP_Digest(content->data, content->length, hash, NULL, EVP_sha256(), NULL) != 1)
		give_up_out_of_memory();
	for (int i = 0; i < DIGEST_TEXT_BYTES / 2; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
	wire_free(content);
}

void
digest_of(const char *content, char *text)
{
	WireBuffer buffer = {0};

	digest_add(&buffer, content);
	digest_end(&buffer, text);
}
