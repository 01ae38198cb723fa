/* libcurl, all at once: the URLs of its argument. */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#define MOST 16

static size_t
drop(char *bytes, size_t size, size_t count, void *unused)
{
	(void) bytes;
	(void) unused;
	return size * count;
}

int
main(int argc, char **argv)
{
	CURL *easy[MOST];
	CURLcode codes[MOST] = {CURLE_OK};
	CURLM *multi;
	CURLMsg *message;
	int count = 0;
	int running = 1;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	multi = curl_multi_init();
	for (char *url = strtok(argv[argc - 1], " "); url != NULL && count < MOST; url = strtok(NULL, " "))
	{
		easy[count] = curl_easy_init();
		curl_easy_setopt(easy[count], CURLOPT_URL, url);
		curl_easy_setopt(easy[count], CURLOPT_WRITEFUNCTION, drop);
		curl_easy_setopt(easy[count], CURLOPT_CONNECTTIMEOUT, 5L);
		curl_easy_setopt(easy[count], CURLOPT_TIMEOUT, 12L);
		curl_easy_setopt(easy[count], CURLOPT_NOSIGNAL, 1L);
		curl_multi_add_handle(multi, easy[count++]);
	}
	while (running > 0 && curl_multi_perform(multi, &running) == CURLM_OK)
		curl_multi_poll(multi, NULL, 0, 1000, NULL);
	while ((message = curl_multi_info_read(multi, &running)) != NULL)
	{
		for (int i = 0; i < count; i++)
		{
			if (easy[i] == message->easy_handle)
				codes[i] = message->data.result;
		}
	}
	for (int i = 0; i < count; i++)
		puts(codes[i] == CURLE_OK ? "200" : curl_easy_strerror(codes[i]));
	return 0;
}
