/*
 * blocking.c — does another session wait for a lock that this session holds?
 *
 * A caller's wait for a worker is invisible to the deadlock detector. Suppose a session, with DROP EXTENSION
 * for example, waits for a lock of the caller and holds a lock that the worker needs: then none of the three
 * would ever continue.
 */
#include "blocking.h"

#include "storage/lock.h"
#include "storage/proc.h"

#include "compat.h"
#include "shared.h"

/*
 * Locks that statements take by themselves. A stronger lock was taken on purpose, so the session means to
 * keep it.
 */
#define WEAK_LOCKS (LOCKBIT_ON(AccessShareLock) | LOCKBIT_ON(RowShareLock) | LOCKBIT_ON(RowExclusiveLock))

static bool
is_wanted(const PROCLOCK *held)
{
	const LOCK *lock = held->tag.myLock;
	LockMethod method = GetLocksMethodTable(lock);

	if (lock->tag.locktag_type != LOCKTAG_RELATION || (held->holdMask & ~WEAK_LOCKS) != 0)
		return false;
	for (LOCKMODE mode = 1; mode <= method->numLockModes; mode++)
	{
		if ((lock->waitMask & LOCKBIT_ON(mode)) != 0 && (method->conflictTab[mode] & held->holdMask) != 0)
			return true;
	}
	return false;
}

/*
 * A session that waits for a conflicting lock has moved ours into the shared table, even if it was taken by
 * the fast path.
 */
bool
rg_wait_blocks_another(void)
{
	bool wanted = false;

	for (int partition = 0; partition < NUM_LOCK_PARTITIONS && !wanted; partition++)
	{
		LWLock *lock = LockHashPartitionLockByIndex(partition);

		LWLockAcquire(lock, LW_SHARED);
		RG_FOREACH_MY_LOCK(held, partition)
		{
			wanted |= is_wanted(held);
		}
		LWLockRelease(lock);
	}
	return wanted;
}
