#include "stream/slots.h"

#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "queue/databases.h"

/* A reader that has not attached by then never will: the postmaster could not start it. */
#define START_TIMEOUT_MS 10000

/* A reader reports once a second. */
#define STALLED_MS 20000

/* With so many streams a reader gets help from another, where there are places enough. */
#define MANY_STREAMS 8

/* Room for the segments of all streams that want few rows, and of some that want all. */
#define SEGMENTS_MEMORY "8MB"

typedef struct Reader
{
	bool used;
	bool leaving; /* gets no stream any more */
	uint64 generation;
	Oid database;
	pid_t pid; /* 0 until it has attached */
	TimestampTz moved_at;
	Latch *latch;
} Reader;

typedef struct Slot
{
	bool used;
	bool is_left; /* TAKEN: the backend has left */
	RgStreamStanding standing;
	uint64 generation;
	Oid database;
	int64 organization_id;
	dsm_handle segment;
	int reader;
} Slot;

typedef struct Shared
{
	LWLock *lock;
	uint64 generation;
	Reader readers[RG_MOST_READERS];
	Slot slots[RG_MOST_STREAMS];
} Shared;

int rg_stream_max_readers = 2;

static Shared *shared = NULL;
static int my_place = -1;
static shmem_request_hook_type previous_request_hook = NULL;
static shmem_startup_hook_type previous_startup_hook = NULL;

static void
request_memory(void)
{
	if (previous_request_hook)
		previous_request_hook();
	RequestAddinShmemSpace(MAXALIGN(sizeof(Shared)));
	RequestNamedLWLockTranche("rivergen streams", 1);
}

static void
attach_memory(void)
{
	bool found;

	if (previous_startup_hook)
		previous_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	shared = ShmemInitStruct("rivergen streams", sizeof(Shared), &found);
	if (!found)
	{
		memset(shared, 0, sizeof(*shared));
		shared->lock = &GetNamedLWLockTranche("rivergen streams")->lock;
	}
	LWLockRelease(AddinShmemInitLock);
}

/*
 * A segment that the operating system makes, maps in two processes and removes takes longer than a short
 * stream. The server can keep memory for such segments; what an operator sets, also 0, goes before this.
 */
static void
keep_memory_for_segments(void)
{
	SetConfigOption("min_dynamic_shared_memory", SEGMENTS_MEMORY, PGC_POSTMASTER, PGC_S_DYNAMIC_DEFAULT);
}

void
rg_stream_slots_init(void)
{
	DefineCustomIntVariable("rivergen.max_readers",
							"Readers that may run at once, in all databases together.",
							"Each takes one of max_worker_processes, and serves up to 32 streams.",
							&rg_stream_max_readers, 2, 1, RG_MOST_READERS, PGC_SIGHUP, 0, NULL, NULL, NULL);
	if (!process_shared_preload_libraries_in_progress)
		return;
	keep_memory_for_segments();
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_memory;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = attach_memory;
}

bool
rg_stream_slots_available(void)
{
	return shared != NULL;
}

static void
lock(void)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
}

static void
unlock(void)
{
	LWLockRelease(shared->lock);
}

/* ---- with the lock held ---- */

static Slot *
slot_of(const RgStreamTicket *ticket)
{
	Slot *slot = &shared->slots[ticket->slot];

	return slot->used && slot->generation == ticket->generation ? slot : NULL;
}

static bool
is_served_by(const Slot *slot, int reader)
{
	return slot->used && slot->reader == reader &&
		   (slot->standing == RG_STREAM_ASSIGNED || slot->standing == RG_STREAM_TAKEN);
}

static int
count_streams(int reader)
{
	int count = 0;

	for (int i = 0; i < RG_MOST_STREAMS; i++)
		count += is_served_by(&shared->slots[i], reader);
	return count;
}

static bool
is_stalled(const Reader *reader)
{
	return reader->pid != 0 &&
		   TimestampDifferenceExceeds(reader->moved_at, GetCurrentTimestamp(), STALLED_MS);
}

static void
wake(const Reader *reader)
{
	if (reader->latch != NULL)
		SetLatch(reader->latch);
}

/* Its streams wait again, as far as it had not taken them. */
static void
free_reader(int place)
{
	for (int i = 0; i < RG_MOST_STREAMS; i++)
	{
		Slot *slot = &shared->slots[i];

		if (!is_served_by(slot, place))
			continue;
		if (slot->is_left)
			slot->used = false;
		slot->standing = slot->standing == RG_STREAM_TAKEN ? RG_STREAM_LEFT : RG_STREAM_WAITING;
	}
	memset(&shared->readers[place], 0, sizeof(Reader));
}

int
rg_stream_slots_share(void)
{
	return Min(rg_stream_max_readers * RG_STREAMS_PER_READER, RG_MOST_STREAMS) * 3 / 4;
}

/* May the organization of this stream have one more served? Otherwise others would find no place. */
static bool
has_share(const Slot *slot)
{
	int count = 0;

	for (int i = 0; i < RG_MOST_STREAMS; i++)
	{
		const Slot *other = &shared->slots[i];

		if (other->database == slot->database && other->organization_id == slot->organization_id)
			count += is_served_by(other, other->reader);
	}
	return count < rg_stream_slots_share();
}

/* Returns how many are in use. */
static int
reap_readers(void)
{
	int used = 0;

	for (int i = 0; i < RG_MOST_READERS; i++)
	{
		const Reader *reader = &shared->readers[i];

		if (reader->used && reader->pid == 0 &&
			TimestampDifferenceExceeds(reader->moved_at, GetCurrentTimestamp(), START_TIMEOUT_MS))
			free_reader(i);
		used += reader->used;
	}
	return used;
}

/* The reader of this database with the fewest streams; -1: none can take one more. */
static int
least_busy(Oid database, int *streams)
{
	int best = -1;

	*streams = RG_STREAMS_PER_READER;
	for (int i = 0; i < RG_MOST_READERS; i++)
	{
		const Reader *reader = &shared->readers[i];
		int count;

		if (!reader->used || reader->leaving || reader->database != database || is_stalled(reader))
			continue;
		count = count_streams(i);
		if (count >= *streams)
			continue;
		best = i;
		*streams = count;
	}
	return best;
}

/*
 * Reserves a place for another reader; -1: there is none. The last place is for a database without a reader,
 * or whose readers are full.
 */
static int
reserve_place(Oid database, int used, bool has_reader)
{
	if (used >= rg_stream_max_readers - (has_reader ? 1 : 0))
		return -1;
	for (int i = 0; i < RG_MOST_READERS; i++)
	{
		if (shared->readers[i].used)
			continue;
		shared->readers[i] = (Reader){.used = true,
									  .generation = ++shared->generation,
									  .database = database,
									  .moved_at = GetCurrentTimestamp()};
		return i;
	}
	return -1;
}

/* A reader of another database that serves no stream makes way. */
static void
make_room(Oid database)
{
	for (int i = 0; i < RG_MOST_READERS; i++)
	{
		Reader *reader = &shared->readers[i];

		if (!reader->used || reader->pid == 0 || reader->database == database || count_streams(i) > 0)
			continue;
		reader->leaving = true;
		wake(reader);
		return;
	}
}

/* Chooses a reader for the stream. Returns it, or -1; *is_new: it must be started. */
static int
choose_reader(Slot *slot, bool *is_new)
{
	int used = reap_readers();
	int streams;
	int chosen = least_busy(slot->database, &streams);
	int place = -1;

	if (chosen < 0 || streams >= MANY_STREAMS)
		place = reserve_place(slot->database, used, chosen >= 0);
	*is_new = place >= 0;
	if (*is_new)
		chosen = place;
	if (chosen < 0)
		make_room(slot->database);
	return chosen;
}

/* ---- the backend ---- */

bool
rg_stream_slot_submit(dsm_handle segment, int64 organization_id, RgStreamTicket *ticket)
{
	bool found = false;

	lock();
	for (int i = 0; i < RG_MOST_STREAMS && !found; i++)
	{
		Slot *slot = &shared->slots[i];

		if (slot->used)
			continue;
		*slot = (Slot){.used = true,
					   .standing = RG_STREAM_WAITING,
					   .generation = ++shared->generation,
					   .database = MyDatabaseId,
					   .organization_id = organization_id,
					   .segment = segment,
					   .reader = -1};
		*ticket = (RgStreamTicket){.slot = i, .generation = slot->generation};
		found = true;
	}
	unlock();
	return found;
}

static bool
register_reader(int place, uint64 generation)
{
	BackgroundWorker worker = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_RecoveryFinished,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_main_arg = Int32GetDatum(place),
	};

	strlcpy(worker.bgw_name, "rivergen reader", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "rivergen reader", BGW_MAXLEN);
	strlcpy(worker.bgw_library_name, "rivergen", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, "rg_reader_main", BGW_MAXLEN);
	memcpy(worker.bgw_extra, &generation, sizeof(generation));
	return RegisterDynamicBackgroundWorker(&worker, NULL);
}

static void
give_back(int place, uint64 generation)
{
	lock();
	if (shared->readers[place].generation == generation)
		free_reader(place);
	unlock();
}

RgStreamAssignment
rg_stream_slot_assign(const RgStreamTicket *ticket)
{
	bool is_new = false;
	uint64 generation = 0;
	int place = -1;

	if (rg_database_is_evacuating(MyDatabaseId))
		return RG_STREAM_NO_ROOM;
	lock();

	Slot *slot = slot_of(ticket);

	if (slot->standing != RG_STREAM_WAITING)
	{
		unlock();
		return RG_STREAM_HAS_READER;
	}
	if (!has_share(slot))
	{
		unlock();
		return RG_STREAM_NO_SHARE;
	}
	place = choose_reader(slot, &is_new);
	if (place >= 0)
	{
		slot->reader = place;
		slot->standing = RG_STREAM_ASSIGNED;
		generation = shared->readers[place].generation;
		wake(&shared->readers[place]);
	}
	unlock();
	if (place < 0)
		return RG_STREAM_NO_ROOM;
	if (!is_new || register_reader(place, generation))
		return RG_STREAM_HAS_READER;
	give_back(place, generation);
	return RG_STREAM_NO_PROCESS;
}

RgStreamStanding
rg_stream_slot_standing(const RgStreamTicket *ticket)
{
	RgStreamStanding standing = RG_STREAM_LEFT;

	lock();

	const Slot *slot = slot_of(ticket);

	if (slot != NULL)
		standing = slot->standing;
	if (slot != NULL && is_served_by(slot, slot->reader) && is_stalled(&shared->readers[slot->reader]))
		standing = RG_STREAM_STALLED;
	unlock();
	return standing;
}

void
rg_stream_slot_leave(const RgStreamTicket *ticket)
{
	lock();

	Slot *slot = slot_of(ticket);

	if (slot != NULL && slot->standing == RG_STREAM_TAKEN)
	{
		slot->is_left = true;
		wake(&shared->readers[slot->reader]);
	}
	else if (slot != NULL)
		slot->used = false;
	unlock();
}

/* ---- the reader ---- */

static void
detach_reader(int code, Datum argument)
{
	lock();
	free_reader(my_place);
	unlock();
	my_place = -1;
}

bool
rg_stream_reader_attach(int place, uint64 generation, Oid *database)
{
	Reader *reader = &shared->readers[place];

	lock();

	bool own = reader->used && reader->generation == generation;

	if (own)
	{
		reader->pid = MyProcPid;
		reader->latch = MyLatch;
		reader->moved_at = GetCurrentTimestamp();
		*database = reader->database;
		my_place = place;
	}
	unlock();
	if (own)
		before_shmem_exit(detach_reader, 0);
	return own && !rg_database_is_evacuating(*database);
}

bool
rg_stream_reader_take(RgStreamTicket *ticket, dsm_handle *segment)
{
	bool found = false;

	lock();
	for (int i = 0; i < RG_MOST_STREAMS && !found; i++)
	{
		Slot *slot = &shared->slots[i];

		if (!slot->used || slot->reader != my_place || slot->standing != RG_STREAM_ASSIGNED)
			continue;
		slot->standing = RG_STREAM_TAKEN;
		*ticket = (RgStreamTicket){.slot = i, .generation = slot->generation};
		*segment = slot->segment;
		found = true;
	}
	unlock();
	return found;
}

bool
rg_stream_reader_is_left(const RgStreamTicket *ticket)
{
	lock();

	const Slot *slot = slot_of(ticket);
	bool is_left = slot == NULL || slot->is_left;

	unlock();
	return is_left;
}

void
rg_stream_reader_end(const RgStreamTicket *ticket)
{
	lock();

	Slot *slot = slot_of(ticket);

	if (slot != NULL && slot->is_left)
		slot->used = false;
	else if (slot != NULL)
		slot->standing = RG_STREAM_LEFT;
	unlock();
}

bool
rg_stream_reader_beat(void)
{
	Reader *reader = &shared->readers[my_place];

	lock();
	reader->moved_at = GetCurrentTimestamp();

	bool leaving = reader->leaving;

	unlock();
	return leaving;
}

bool
rg_stream_reader_retire(void)
{
	lock();

	bool retired = count_streams(my_place) == 0;

	if (retired)
		shared->readers[my_place].leaving = true;
	unlock();
	return retired;
}

/* ---- others ---- */

void
rg_stream_evacuate(Oid database)
{
	if (shared == NULL)
		return;
	lock();
	for (int i = 0; i < RG_MOST_READERS; i++)
	{
		Reader *reader = &shared->readers[i];

		if (!reader->used || reader->database != database)
			continue;
		reader->leaving = true;
		wake(reader);
	}
	unlock();
}

bool
rg_stream_has_readers(Oid database)
{
	bool found = false;

	if (shared == NULL)
		return false;
	lock();
	for (int i = 0; i < RG_MOST_READERS; i++)
		found |= shared->readers[i].used && shared->readers[i].database == database;
	unlock();
	return found;
}
