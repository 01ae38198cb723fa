#include "connectors/http/base64.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "connectors/common/memory.h"
#include "connectors/common/value_text.h"

/* The caller frees the text. */
static char *
encode(const void *bytes, size_t length, int *written)
{
	char *text = allocate(4 * (length / 3 + 1) + 1);

	*written = EVP_EncodeBlock((unsigned char *) text, bytes, (int) length);
	return text;
}

void
base64_append(WireBuffer *out, const void *bytes, size_t length)
{
	int written;
	char *text = encode(bytes, length, &written);

	wire_append(out, text, (size_t) written);
	forget_text(text);
}

void
base64_append_for_url(WireBuffer *out, const void *bytes, size_t length)
{
	int written;
	char *text = encode(bytes, length, &written);

	for (int i = 0; i < written; i++)
		text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	while (written > 0 && text[written - 1] == '=')
		written--;
	wire_append(out, text, (size_t) written);
	free(text);
}

void
base64_append_value(WireBuffer *out, const char *text, size_t length)
{
	unsigned char *bytes = allocate(length + 1);
	int decoded = EVP_DecodeBlock(bytes, (const unsigned char *) text, (int) length);
	int padding = 0;

	while (padding < 2 && (size_t) padding < length && text[length - 1 - (size_t) padding] == '=')
		padding++;
	if (decoded < padding)
		wire_append(out, text, length);
	else
		value_text_bytes(out, bytes, (size_t) (decoded - padding));
	free(bytes);
}
