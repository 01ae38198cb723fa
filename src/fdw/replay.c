#include "replay.h"

#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define FIRST_ROOM 64

struct RgReplay
{
	MemoryContext memory;
	MinimalTuple *rows;
	int64 count;
	int64 room;
	int64 next;
	Size bytes;
	bool is_full;
};

RgReplay *
rg_replay_begin(void)
{
	RgReplay *replay = palloc0(sizeof(RgReplay));

	replay->memory =
		AllocSetContextCreate(CurrentMemoryContext, "rivergen rows of a scan", ALLOCSET_DEFAULT_SIZES);
	return replay;
}

static void
forget(RgReplay *replay)
{
	MemoryContextReset(replay->memory);
	replay->rows = NULL;
	replay->count = replay->room = replay->next = 0;
	replay->bytes = 0;
}

void
rg_replay_clear(RgReplay *replay)
{
	forget(replay);
	replay->is_full = false;
}

static void
make_room(RgReplay *replay)
{
	if (replay->count < replay->room)
		return;
	replay->room = Max(FIRST_ROOM, 2 * replay->room);
	replay->rows = replay->rows == NULL
					   ? palloc(sizeof(MinimalTuple) * (Size) replay->room)
					   : repalloc_huge(replay->rows, sizeof(MinimalTuple) * (Size) replay->room);
}

void
rg_replay_keep(RgReplay *replay, TupleTableSlot *slot)
{
	MemoryContext before;

	if (replay->is_full)
		return;
	before = MemoryContextSwitchTo(replay->memory);
	make_room(replay);
	replay->rows[replay->count] = ExecCopySlotMinimalTuple(slot);
	replay->bytes += GetMemoryChunkSpace(replay->rows[replay->count++]);
	replay->next = replay->count;
	MemoryContextSwitchTo(before);
	if (replay->bytes + sizeof(MinimalTuple) * (Size) replay->room > (Size) work_mem * 1024)
	{
		forget(replay);
		replay->is_full = true;
	}
}

bool
rg_replay_next(RgReplay *replay, TupleTableSlot *slot)
{
	if (replay->next >= replay->count)
		return false;
	ExecForceStoreMinimalTuple(replay->rows[replay->next++], slot, false);
	return true;
}

bool
rg_replay_rewind(RgReplay *replay)
{
	replay->next = 0;
	return !replay->is_full;
}
