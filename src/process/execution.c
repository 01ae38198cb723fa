#include "process/execution.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

/* Below every address that the kernel chooses itself, also where it has 39 bits for addresses only. */
#define ADDRESS_BITS (sizeof(void *) == 8 ? 38 : 30)
#define LEAST_BITS   24
#define MOST_TRIES   64

/* size bytes at a random address, aligned for pointers; NULL when there is no memory. */
static void *
hide(const void *bytes, size_t size)
{
	size_t page = (size_t) sysconf(_SC_PAGESIZE);

	for (int i = 0; i < MOST_TRIES; i++)
	{
		uint64_t random;

		if (getrandom(&random, sizeof(random), 0) != (ssize_t) sizeof(random))
			return NULL;

		uintptr_t address = (uintptr_t) ((random & ((UINT64_C(1) << ADDRESS_BITS) - 1)) | (1 << LEAST_BITS));
		uintptr_t start = address & ~(page - 1);
		char *place = mmap((void *) start, page + size, PROT_READ | PROT_WRITE,
						   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (place == (char *) start)
			return memcpy(place + ((address - start) & ~(sizeof(void *) - 1)), bytes, size);
		if (place != MAP_FAILED)
			munmap(place, page + size);
	}
	return NULL;
}

static char **
hide_list(char *const *list)
{
	size_t count = 0;

	while (list[count] != NULL)
		count++;
	return hide(list, (count + 1) * sizeof(char *));
}

bool
rg_execution_prepare(char *const *program, char *const *environment, RgExecution *execution)
{
	execution->path = hide(program[0], strlen(program[0]) + 1);
	execution->arguments = hide_list(program);
	execution->environment = hide_list(environment);
	return execution->path != NULL && execution->arguments != NULL && execution->environment != NULL;
}
