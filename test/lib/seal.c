/*
 * seal.c — a client that seals credentials itself, written from src/secret/README.md alone.
 *
 *   seal <public key in base64>  < envelope  > sealed box in base64
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	static unsigned char plain[512 * 1024];
	static unsigned char box[sizeof(plain) + crypto_box_SEALBYTES];
	static char text[sodium_base64_ENCODED_LEN(sizeof(box), sodium_base64_VARIANT_ORIGINAL)];
	unsigned char key[crypto_box_PUBLICKEYBYTES];
	size_t length;

	if (argc != 2 || sodium_init() < 0)
		return 2;
	if (sodium_base642bin(key, sizeof(key), argv[1], strlen(argv[1]), NULL, &length, NULL,
						  sodium_base64_VARIANT_ORIGINAL) != 0 ||
		length != sizeof(key))
		return 2;
	length = fread(plain, 1, sizeof(plain), stdin);
	if (crypto_box_seal(box, plain, length, key) != 0)
		return 1;
	puts(sodium_bin2base64(text, sizeof(text), box, length + crypto_box_SEALBYTES,
						   sodium_base64_VARIANT_ORIGINAL));
	return 0;
}
