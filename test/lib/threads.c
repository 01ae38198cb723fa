/* threads.c — starts threads until there are 2,000, or no more may be started, and prints their number. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *
stay(void *unused)
{
	pause();
	return unused;
}

int
main(void)
{
	pthread_attr_t small;
	int count = 0;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	for (pthread_t thread; count < 2000 && pthread_create(&thread, &small, stay, NULL) == 0; count++)
		;
	printf("%d\n", count);
	return 0;
}
