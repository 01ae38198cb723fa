/*
 * library.c — libbson ends the process by a signal when memory runs out, and believes the lengths that a
 * server says of its messages. Its memory comes from here instead.
 */
#include "connectors/mongodb/library.h"

#include <mongoc/mongoc.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "connectors/common/emit.h"

/* A document has 16 MB at most, a message 48 MB; buffers grow in powers of two. */
#define MOST_BYTES ((size_t) 128 << 20)

static void
check_size(size_t size)
{
	if (size > MOST_BYTES)
		give_up(
			&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The server announced an answer that is longer than its protocol allows."});
}

static void *
checked(void *memory)
{
	if (memory == NULL)
		give_up_out_of_memory();
	return memory;
}

static void *
library_malloc(size_t size)
{
	check_size(size);
	return checked(malloc(size));
}

static void *
library_calloc(size_t count, size_t size)
{
	check_size(size == 0 || count > MOST_BYTES ? count : count * size);
	return checked(calloc(count, size));
}

static void *
library_realloc(void *memory, size_t size)
{
	check_size(size);
	return checked(realloc(memory, size));
}

static void *
library_aligned(size_t alignment, size_t size)
{
	check_size(size);
	return checked(aligned_alloc(alignment, size));
}

static const char crashed[] =
	"{\"frame\":\"error\",\"step\":\"query\",\"code\":\"protocol\",\"message\":\"The server sent a message that the "
	"client library does not survive.\",\"transient\":false}\n";

/* Reads no memory but its own: that of the library may be damaged. */
static void
tell_crash(int signal)
{
	ssize_t written = write(STDOUT_FILENO, crashed, sizeof(crashed) - 1);

	(void) signal;
	(void) written;
	_exit(EXIT_FAILURE);
}

/*
 * The library reads messages beyond their end, and asserts what servers say. The connector is confined, and
 * holds no other source's secrets: an error says so instead of silence.
 */
static void
survive_crashes(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
	struct sigaction action = {.sa_handler = tell_crash, .sa_flags = (int) (SA_ONSTACK | SA_RESETHAND)};
	static char memory[32768];

	sigaltstack(&(stack_t){.ss_sp = memory, .ss_size = sizeof(memory)}, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

void
library_begin(void)
{
	static const bson_mem_vtable_t memory = {.malloc = library_malloc,
											 .calloc = library_calloc,
											 .realloc = library_realloc,
											 .free = free,
											 .aligned_alloc = library_aligned};

	survive_crashes();
	bson_mem_set_vtable(&memory);
	mongoc_log_set_handler(NULL, NULL);
	mongoc_init();
}
