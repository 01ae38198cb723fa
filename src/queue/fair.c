#include "fair.h"

static bool
wants_worker(const RgFairDatabase *database)
{
	return !database->is_coming && (database->waiting_since != 0 || database->has_work);
}

static bool
goes_before(const RgFairDatabase *one, const RgFairDatabase *other)
{
	if ((one->waiting_since != 0) != (other->waiting_since != 0))
		return one->waiting_since != 0;
	if (one->waiting_since != other->waiting_since)
		return one->waiting_since < other->waiting_since;
	if (one->workers != other->workers)
		return one->workers < other->workers;
	return one->served_at < other->served_at;
}

int
rg_fair_next(const RgFairDatabase *databases, int count, int except)
{
	int next = -1;

	for (int i = 0; i < count; i++)
	{
		if (i == except || !wants_worker(&databases[i]))
			continue;
		if (next < 0 || goes_before(&databases[i], &databases[next]))
			next = i;
	}
	return next;
}

static bool
has_most_workers(const RgFairDatabase *databases, int count, int own)
{
	for (int i = 0; i < count; i++)
	{
		if (databases[i].workers > databases[own].workers)
			return false;
	}
	return true;
}

int
rg_fair_way(const RgFairDatabase *databases, int count, int own, int64_t began_at, int64_t now, int64_t turn)
{
	int next = rg_fair_next(databases, count, own);
	bool leaves = false;

	if (next < 0 || databases[next].is_idle)
		return -1;

	int64_t here = databases[own].waiting_since;
	int64_t there = databases[next].waiting_since;

	if (there != 0)
		leaves = here == 0 || there < here;
	else if (here == 0 && databases[next].workers == 0)
		leaves = databases[own].workers > 1 || now - began_at >= turn;
	else if (here == 0)
		leaves = databases[next].workers + 1 < databases[own].workers;
	return leaves && (there != 0 || has_most_workers(databases, count, own)) ? next : -1;
}
