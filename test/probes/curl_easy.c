/* libcurl, one after the other: each URL of its argument; redirections are followed. */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

static size_t
drop(char *bytes, size_t size, size_t count, void *unused)
{
	(void) bytes;
	(void) unused;
	return size * count;
}

static void
fetch(const char *url)
{
	CURL *easy = curl_easy_init();
	CURLcode code;
	long status = 0;

	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, 5L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, 12L);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	code = curl_easy_perform(easy);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK)
		printf("%ld\n", status);
	else
		puts(curl_easy_strerror(code));
	curl_easy_cleanup(easy);
}

int
main(int argc, char **argv)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	for (char *url = strtok(argv[argc - 1], " "); url != NULL; url = strtok(NULL, " "))
		fetch(url);
	return 0;
}
