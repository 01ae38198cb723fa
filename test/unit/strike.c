/*
 * strike.c — where a text spells a secret. Prints TAP. An argument sets how many random texts are tried.
 *
 * Texts and secrets lie in memory of exactly their length, so that the sanitizers see a byte read too many.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/strike.h"

static int tests;
static int failures;

static char *
exact_copy(const char *text, size_t length)
{
	return memcpy(malloc(length ? length : 1), text, length);
}

/* The text with a star for each byte that is struck. */
static char *
struck(const char *text, size_t length, const char *secret, size_t secret_length)
{
	char *copy = exact_copy(text, length);
	char *searched = exact_copy(secret, secret_length);
	bool *marks = calloc(length + 1, 1);
	char *result = calloc(length + 1, 1);

	rg_strike(copy, length, searched, secret_length, marks);
	for (size_t i = 0; i < length; i++)
		result[i] = marks[i] ? '*' : text[i];
	free(copy);
	free(searched);
	free(marks);
	return result;
}

static void
is_struck(const char *name, const char *secret, const char *text, const char *expected)
{
	char *found = struck(text, strlen(text), secret, strlen(secret));
	char runs[1000];
	size_t length = 0;

	for (const char *at = found; *at; at++)
		if (*at != '*' || length == 0 || runs[length - 1] != '*')
			runs[length++] = *at;
	runs[length] = '\0';
	printf("%sok %d - %s\n", strcmp(runs, expected) == 0 ? "" : "not ", ++tests, name);
	if (strcmp(runs, expected) != 0)
	{
		printf("# found %s\n", runs);
		failures++;
	}
	free(found);
}

#define PASSWORD "p\xC3\xA4ss \"w\xF0\x9F\x94\x91rd/1"

static void
test_spellings(void)
{
	is_struck("as it is", PASSWORD, "a " PASSWORD " z", "a * z");
	is_struck("twice", "hunter2", "hunter2, hunter2", "*, *");
	is_struck("overlapping", "ababa", "xabababax", "x*x");
	is_struck("JSON", PASSWORD, "a p\\u00e4ss \\\"w\\ud83d\\uDD11rd\\/1 z", "a * z");
	is_struck("JSON that escapes little", PASSWORD, "a p\xC3\xA4ss \\\"w\xF0\x9F\x94\x91rd/1 z", "a * z");
	is_struck("a URL", PASSWORD, "a=p%C3%a4ss+%22w%f0%9F%94%91rd%2F1&z", "a=*&z");
	is_struck("a URL with %20", PASSWORD, "a=p%C3%a4ss%20%22w%f0%9F%94%91rd/1&z", "a=*&z");
	is_struck("C", PASSWORD, "'p\\xc3\\xa4ss \\\"w\\360\\237\\224\\221rd/1'", "'*'");
	is_struck("Python", PASSWORD, "'p\\xe4ss \"w\\U0001f511rd/1'", "'*'");
	is_struck("XML", PASSWORD, "<p>p&#xE4;ss &quot;w&#128273;rd/1</p>", "<p>*</p>");
	is_struck("SQL", "it's 100%", "E'it''s 100%%'", "E'*'");
	is_struck("a raw percent sign before digits", "ab%41cd", "x ab%41cd x ab%2541cd", "x * x *");
	is_struck("replaced", PASSWORD, "a p?ss \"w?rd/1 p\xEF\xBF\xBD\xEF\xBF\xBDss \"w????rd/1 z", "a * * z");
	is_struck("Latin-1", "p\xC3\xA4ssword", "a p\xE4ssword z", "a * z");
	is_struck("hexadecimal", "hunter2", "\\x68756e74657232 68756E74657232", "\\x* *");
	is_struck("the end is cut off", "correct horse battery", "it was correct horse ba", "it was *");
	is_struck("a short end is no secret", "correct horse battery", "it was corre", "it was corre");
	is_struck("another text", PASSWORD, "pass \"word/1", "pass \"word/1");
	is_struck("only other characters, replaced", "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4", "what????", "what????");
	is_struck("too short", "ab", "ab abab", "ab abab");
}

static void
test_base64(void)
{
	is_struck("base64", "hunter2!", "x aHVudGVyMiE= z", "x *= z");
	is_struck("base64, one byte before", "hunter2!", "Basic dWh1bnRlcjIh", "Basic d*");
	is_struck("base64, two bytes before", "hunter2!", "Basic dTpodW50ZXIyIQ==", "Basic dT*==");
	is_struck("base64, more behind", "hunter2!", "aHVudGVyMiFhbmQgbW9yZQ==", "*hbmQgbW9yZQ==");
	is_struck("base64 for URLs", "\xC3\xBF\xC3\xBF?>hunter", "w7_Dvz8-aHVudGVy", "*");
	is_struck("base64 in a form", "\xC3\xBF\xC3\xBF?>hunter", "k=w7%2fDvz8%2BaHVudGVy&", "k=*&");
	is_struck("base64 in lines", "hunter2 is long", "aHVudGVy\r\nMiBpcyBs\nb25n", "*");
}

static void
test_parts(void)
{
	static const char key[] =
		"-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\r\nAASC\n-----END KEY-----\n";
	static const char account[] =
		"{\"type\": \"service_account\", \"token_uri\": \"https://token.example/x\","
		"\"private_key_id\": \"0123456789abcdef\","
		"\"private_key\": \"-----BEGIN-----\\nMIIEvQIBADANBg\\nkqhkiG9w0BAQEF\\n\"}";

	is_struck("a key, line by line", key, "1: MIIEvQIBADANBg 2: kqhkiG9w0BAQEF", "1: * 2: *");
	is_struck("a key on one line", key, "MIIEvQIBADANBgkqhkiG9w0BAQEF", "*");
	is_struck("its head is no secret", key, "-----BEGIN KEY----- is missing",
			  "-----BEGIN KEY----- is missing");
	is_struck("without the newline at its end", "hunter2\n", "hunter2 failed", "* failed");
	is_struck("the key of a service account", account, "MIIEvQIBADANBg|kqhkiG9w0BAQEF", "*|*");
	is_struck("the id of its key", account, "key 0123456789abcdef is revoked", "key * is revoked");
	is_struck("but no address", account, "https://token.example/x", "https://token.example/x");
}

/* Texts made of pieces of escapes: nothing is read beyond their ends. */
static void
test_random(long rounds)
{
	static const char pieces[] = "aab%\\ux4161&#;\"'+?\xC3\xA4\xEF\xBF\xBD\nYWI=";
	char text[64];
	char secret[24];

	srand(1);
	for (long round = 0; round < rounds; round++)
	{
		size_t length = (size_t) rand() % sizeof(text);
		size_t secret_length = (size_t) rand() % sizeof(secret);

		for (size_t i = 0; i < length; i++)
			text[i] = pieces[(size_t) rand() % (sizeof(pieces) - 1)];
		for (size_t i = 0; i < secret_length; i++)
			secret[i] = pieces[(size_t) rand() % (sizeof(pieces) - 1)];
		free(struck(text, length, secret, secret_length));
	}
	printf("ok %d - %ld random texts\n", ++tests, rounds);
}

int
main(int argc, char **argv)
{
	test_spellings();
	test_base64();
	test_parts();
	test_random(argc > 1 ? atol(argv[1]) : 20000);
	printf("1..%d\n", tests);
	return failures > 0;
}
