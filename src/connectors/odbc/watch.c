/*
 * watch.c — the thread that watches the driver. It sleeps until the first moment at which something may be
 * due. Calls come and go much faster, so it is woken only when a call is due earlier.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/odbc/watch.h"

#define STACK_BYTES (256 * 1024)
#define NEVER       INT64_MAX

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t earlier;

static const char *step; /* NULL: the driver is not called */
static Deadline until;
static Deadline flush_at;
static Deadline wakes_at = NEVER;
static int (*patience)(void *argument);
static void (*flush)(void *argument);
static void *argument_of_both;

static void
give_up_late(void)
{
	bool is_query = strcmp(step, "query") == 0;

	give_up(&(Failure){
		.step = step,
		.code = "timeout",
		.transient = true,
		.message = is_query ? "The driver did not answer a query within the time allowed."
							: "The driver could not connect in time.",
		.hint =
			is_query
				? NULL
				: "Check host and port, where something else may listen, and that no firewall is in the way; "
				  "connection_timeout bounds the wait."});
}

static void
sleep_until(Deadline moment)
{
	struct timespec time = {.tv_sec = moment / 1000, .tv_nsec = moment % 1000 * 1000000};

	wakes_at = moment;
	if (moment == NEVER)
		pthread_cond_wait(&earlier, &lock);
	else
		pthread_cond_timedwait(&earlier, &lock, &time);
}

static void *
watch(void *unused)
{
	(void) unused;
	pthread_mutex_lock(&lock);
	while (true)
	{
		Deadline now = monotonic_milliseconds();

		if (step != NULL && now >= until)
			give_up_late();
		if (step != NULL && now >= flush_at)
		{
			flush(argument_of_both);
			flush_at = NEVER;
		}
		sleep_until(step == NULL ? NEVER : flush_at < until ? flush_at : until);
	}
	return NULL;
}

void
watch_start(void)
{
	pthread_condattr_t monotonic;
	pthread_attr_t small;
	pthread_t thread;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&earlier, &monotonic);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK_BYTES);
	if (pthread_create(&thread, &small, watch, NULL) != 0)
		give_up_out_of_memory();
}

void
watch_begin(const char *its_step, Deadline deadline)
{
	int wait = patience == NULL ? -1 : patience(argument_of_both);
	Deadline first = deadline;

	pthread_mutex_lock(&lock);
	step = its_step;
	until = deadline;
	flush_at = wait < 0 ? NEVER : monotonic_milliseconds() + wait;
	if (flush_at < first)
		first = flush_at;
	if (first < wakes_at)
		pthread_cond_signal(&earlier);
	pthread_mutex_unlock(&lock);
}

void
watch_end(void)
{
	pthread_mutex_lock(&lock);
	step = NULL;
	pthread_mutex_unlock(&lock);
}

void
watch_while_waiting(int (*its_patience)(void *argument), void (*its_flush)(void *argument), void *argument)
{
	patience = its_patience;
	flush = its_flush;
	argument_of_both = argument;
}
