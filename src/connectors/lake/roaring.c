#include "connectors/lake/roaring.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

/*
 * A magic number, the count of bitmaps, and for each one the upper 32 bits of its numbers and the bitmap. A
 * bitmap is a cookie, with the marks of the containers that are runs; the upper 16 bits and the count of each
 * container; where each one begins, which is not needed to read them all; and the containers.
 */
#define MAGIC              1681511377
#define COOKIE             12346
#define COOKIE_WITH_RUNS   12347
#define LEAST_WITH_OFFSETS 4
#define MOST_OF_ARRAY      4096
#define BITMAP_BYTES       8192
#define MOST_CONTAINERS    65536

typedef struct Input
{
	const unsigned char *at;
	size_t left;
} Input;

static const unsigned char *
take_bytes(Input *in, size_t size)
{
	const unsigned char *bytes = in->at;

	if (size > in->left)
		return NULL;
	in->at += size;
	in->left -= size;
	return bytes;
}

static bool
take_number(Input *in, size_t size, uint64_t *number)
{
	const unsigned char *bytes = take_bytes(in, size);

	*number = 0;
	for (size_t i = size; bytes && i-- > 0;)
		*number = *number << 8 | bytes[i];
	return bytes != NULL;
}

static uint32_t
number_at(const unsigned char *bytes, uint32_t position)
{
	return bytes[2 * position] | (uint32_t) bytes[2 * position + 1] << 8;
}

/* ---- containers ---- */

static bool
is_ascending(const RoaringContainer *container)
{
	for (uint32_t i = 1; i < container->count; i++)
		if (number_at(container->bytes, i) <= number_at(container->bytes, i - 1))
			return false;
	return true;
}

/* A run is its first number, and how many follow that. Returns how many numbers there are; 0: they overlap.
 */
static uint32_t
count_runs(const RoaringContainer *container)
{
	uint32_t count = 0;
	uint32_t free = 0; /* the first number that the next run may have */

	for (uint32_t i = 0; i < container->count; i++)
	{
		uint32_t first = number_at(container->bytes, 2 * i);
		uint32_t last = first + number_at(container->bytes, 2 * i + 1);

		if (first < free || last > 0xFFFF)
			return 0;
		count += last - first + 1;
		free = last + 1;
	}
	return count;
}

static uint32_t
count_bits(const unsigned char *bytes)
{
	uint32_t count = 0;

	for (size_t i = 0; i < BITMAP_BYTES; i += sizeof(uint64_t))
	{
		uint64_t word;

		memcpy(&word, bytes + i, sizeof(word));
		count += (uint32_t) __builtin_popcountll(word);
	}
	return count;
}

/* Takes the container's bytes. `count` is how many numbers it should have. */
static bool
take_container(Input *in, RoaringContainer *container, uint32_t count)
{
	uint64_t runs;

	if (container->kind == CONTAINER_RUNS)
	{
		if (!take_number(in, 2, &runs) || (container->bytes = take_bytes(in, 4 * (size_t) runs)) == NULL)
			return false;
		container->count = (uint32_t) runs;
		return count_runs(container) == count;
	}
	container->count = count;
	container->kind = count <= MOST_OF_ARRAY ? CONTAINER_ARRAY : CONTAINER_BITMAP;
	container->bytes = take_bytes(in, container->kind == CONTAINER_ARRAY ? 2 * (size_t) count : BITMAP_BYTES);
	if (container->bytes == NULL)
		return false;
	return container->kind == CONTAINER_ARRAY ? is_ascending(container)
											  : count_bits(container->bytes) == count;
}

/* ---- bitmaps ---- */

typedef struct BitmapHead
{
	uint32_t container_count;
	const unsigned char *runs;    /* a bit for each container; NULL: there are none */
	const unsigned char *entries; /* upper bits and count - 1 of each */
} BitmapHead;

static bool
take_head(Input *in, BitmapHead *head)
{
	uint64_t cookie;
	uint64_t count;

	*head = (BitmapHead){.runs = NULL};
	if (!take_number(in, 4, &cookie))
		return false;
	if ((cookie & 0xFFFF) == COOKIE_WITH_RUNS)
	{
		count = (cookie >> 16) + 1;
		if ((head->runs = take_bytes(in, (count + 7) / 8)) == NULL)
			return false;
	}
	else if (cookie != COOKIE || !take_number(in, 4, &count) || count > MOST_CONTAINERS)
		return false;
	head->container_count = (uint32_t) count;
	if ((head->entries = take_bytes(in, 4 * (size_t) count)) == NULL)
		return false;
	return (head->runs && count < LEAST_WITH_OFFSETS) || take_bytes(in, 4 * (size_t) count) != NULL;
}

static bool
take_bitmap(Roaring *roaring, Input *in, uint64_t upper)
{
	BitmapHead head;

	if (!take_head(in, &head))
		return false;
	roaring->containers =
		reallocate(roaring->containers,
				   (roaring->container_count + head.container_count + 1) * sizeof(RoaringContainer));
	for (uint32_t i = 0; i < head.container_count; i++)
	{
		RoaringContainer *container = &roaring->containers[roaring->container_count];
		uint32_t count = number_at(head.entries, 2 * i + 1) + 1;
		bool has_runs = head.runs && (head.runs[i / 8] >> i % 8 & 1);

		*container = (RoaringContainer){.base = upper << 32 | (uint64_t) number_at(head.entries, 2 * i) << 16,
										.kind = has_runs ? CONTAINER_RUNS : CONTAINER_ARRAY};
		if (roaring->container_count > 0 && container->base <= container[-1].base)
			return false;
		if (!take_container(in, container, count))
			return false;
		roaring->count += count;
		roaring->container_count++;
	}
	return true;
}

const char *
roaring_read(Roaring *roaring, const char *bytes, size_t length)
{
	Input in = {(const unsigned char *) bytes, length};
	uint64_t magic;
	uint64_t bitmaps;
	uint64_t upper;

	*roaring = (Roaring){.containers = NULL};
	if (!take_number(&in, 4, &magic) || magic != MAGIC)
		return "it is no bitmap of the portable form";
	if (!take_number(&in, 8, &bitmaps) || bitmaps > in.left)
		return "it has fewer bytes than it should have";
	for (uint64_t i = 0; i < bitmaps; i++)
		if (!take_number(&in, 4, &upper) || !take_bitmap(roaring, &in, upper))
			return "its bitmap is broken";
	return NULL;
}

/* ---- asking ---- */

static bool
is_in_array(Roaring *roaring, const RoaringContainer *container, uint32_t low)
{
	while (roaring->next < container->count && number_at(container->bytes, roaring->next) < low)
		roaring->next++;
	return roaring->next < container->count && number_at(container->bytes, roaring->next) == low;
}

static bool
is_in_runs(Roaring *roaring, const RoaringContainer *container, uint32_t low)
{
	const unsigned char *bytes = container->bytes;

	while (roaring->next < container->count &&
		   number_at(bytes, 2 * roaring->next) + number_at(bytes, 2 * roaring->next + 1) < low)
		roaring->next++;
	return roaring->next < container->count && number_at(bytes, 2 * roaring->next) <= low;
}

bool
roaring_has(Roaring *roaring, uint64_t number)
{
	uint64_t base = number & ~UINT64_C(0xFFFF);
	uint32_t low = (uint32_t) (number & 0xFFFF);
	const RoaringContainer *container;

	while (roaring->at < roaring->container_count && roaring->containers[roaring->at].base < base)
	{
		roaring->at++;
		roaring->next = 0;
	}
	if (roaring->at == roaring->container_count || roaring->containers[roaring->at].base != base)
		return false;
	container = &roaring->containers[roaring->at];
	if (container->kind == CONTAINER_BITMAP)
		return container->bytes[low / 8] >> low % 8 & 1;
	return container->kind == CONTAINER_ARRAY ? is_in_array(roaring, container, low)
											  : is_in_runs(roaring, container, low);
}

void
roaring_free(Roaring *roaring)
{
	free(roaring->containers);
	*roaring = (Roaring){.containers = NULL};
}
