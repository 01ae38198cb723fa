#include "connectors/redis/seen.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* 128 MB */
#define MOST_SUMS  ((size_t) 1 << 24)
#define FIRST_SIZE ((size_t) 1024)

static void give_up_without_digest(void) __attribute__((noreturn));

static void
give_up_without_digest(void)
{
	give_up(&(Failure){
		.step = "query", .code = "internal", .message = "OpenSSL has no SHA-256, or no random bytes."});
}

/* A table whose places an enemy could choose would be slow, and two keys with one sum would be one. */
static uint64_t
sum_of(RespText text)
{
	static unsigned char key[32];
	static EVP_MD_CTX *context;
	unsigned char digest[EVP_MAX_MD_SIZE];
	uint64_t sum;

	if (context == NULL)
	{
		context = EVP_MD_CTX_new();
		if (context == NULL || getrandom(key, sizeof(key), 0) != (ssize_t) sizeof(key))
			give_up_without_digest();
	}
	if (EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1 ||
		EVP_DigestUpdate(context, key, sizeof(key)) != 1 ||
		EVP_DigestUpdate(context, text.bytes, text.length) != 1 ||
		EVP_DigestFinal_ex(context, digest, NULL) != 1)
		give_up_without_digest();
	memcpy(&sum, digest, sizeof(sum));
	return sum ? sum : 1;
}

/* The place of the sum, or the free one where it belongs. */
static uint64_t *
find(const Seen *seen, uint64_t sum)
{
	size_t at = sum & (seen->size - 1);

	while (seen->sums[at] != 0 && seen->sums[at] != sum)
		at = (at + 1) & (seen->size - 1);
	return &seen->sums[at];
}

static void
grow(Seen *seen)
{
	Seen larger = {.size = seen->size ? seen->size * 2 : FIRST_SIZE, .count = seen->count};

	if (larger.size > MOST_SUMS)
		give_up(&(Failure){.step = "query",
						   .code = "too_large",
						   .message = "There are more keys or elements than can be told apart.",
						   .hint = "Ask for single keys, by a condition on the column key."});
	larger.sums = allocate(larger.size * sizeof(uint64_t));
	memset(larger.sums, 0, larger.size * sizeof(uint64_t));
	for (size_t i = 0; i < seen->size; i++)
		if (seen->sums[i] != 0)
			*find(&larger, seen->sums[i]) = seen->sums[i];
	free(seen->sums);
	*seen = larger;
}

bool
seen_add(Seen *seen, RespText text)
{
	uint64_t sum = sum_of(text);
	uint64_t *place;

	if (seen->count * 4 >= seen->size * 3)
		grow(seen);
	place = find(seen, sum);
	if (*place == sum)
		return false;
	*place = sum;
	seen->count++;
	return true;
}

void
seen_clear(Seen *seen)
{
	if (seen->count > 0)
		memset(seen->sums, 0, seen->size * sizeof(uint64_t));
	seen->count = 0;
}

void
seen_free(Seen *seen)
{
	free(seen->sums);
	*seen = (Seen){.sums = NULL};
}
