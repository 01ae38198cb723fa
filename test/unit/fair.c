/*
 * fair.c — who gets a worker, by examples and by a simulation with a clock of its own: thousands of jobs of
 * many organizations, databases and hosts, some of which hang, and callers who come in between. Prints TAP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/fair.h"

#define TURN 1000

static int tests;
static int failures;

static void
ok(int fine, const char *name)
{
	printf("%sok %d - %s\n", fine ? "" : "not ", ++tests, name);
	failures += !fine;
}

/* ---- examples ---- */

static void
test_next(void)
{
	RgFairDatabase d[3] = {{.has_work = true, .served_at = 1}, {0}, {.has_work = true, .served_at = 2}};

	ok(rg_fair_next(d, 0, -1) == -1, "no database, no choice");
	ok(rg_fair_next(d, 3, -1) == 0, "the one that was served longest ago");
	ok(rg_fair_next(d, 3, 0) == 2, "but for the one that is left out");
	d[0].workers = 1;
	ok(rg_fair_next(d, 3, -1) == 2, "the one that has fewer workers");
	d[0].waiting_since = 9;
	ok(rg_fair_next(d, 3, -1) == 0, "the one whose caller waits");
	d[1].waiting_since = 8;
	ok(rg_fair_next(d, 3, -1) == 1, "the one whose caller has waited longest");
	d[1].is_coming = true;
	ok(rg_fair_next(d, 3, -1) == 0, "not the one to which a worker comes");
	d[0].is_coming = d[2].is_coming = true;
	ok(rg_fair_next(d, 3, -1) == -1, "none when one comes to each");
}

static void
test_way(void)
{
	RgFairDatabase d[3] = {{.has_work = true, .workers = 4}, {.has_work = true}, {0}};

	ok(rg_fair_way(d, 3, 0, 100, 100, TURN) == 1, "of four workers one leaves for what is queued elsewhere");
	d[0].workers = 3;
	d[1].workers = 1;
	ok(rg_fair_way(d, 3, 0, 100, 100, TURN) == 1, "of three against one, another one");
	d[0].workers = d[1].workers = 2;
	ok(rg_fair_way(d, 3, 0, 100, 100, TURN) == -1, "of two against two none");
	d[1].waiting_since = 50;
	ok(rg_fair_way(d, 3, 0, 100, 100, TURN) == 1, "but for a caller");
	d[0].waiting_since = 40;
	ok(rg_fair_way(d, 3, 0, 100, 100, TURN) == -1, "unless one of its own has waited longer");
	d[0].waiting_since = 60;
	ok(rg_fair_way(d, 3, 0, 100, 100, TURN) == 1, "and not shorter");
	d[1].is_idle = true;
	ok(rg_fair_way(d, 3, 0, 100, 100, TURN) == -1, "a worker that rests there serves him");
	d[0] = (RgFairDatabase){.has_work = true, .workers = 1};
	d[1] = (RgFairDatabase){.has_work = true};
	ok(rg_fair_way(d, 3, 0, 100, 1099, TURN) == -1, "a lone worker stays for a turn");
	ok(rg_fair_way(d, 3, 0, 100, 1100, TURN) == 1, "and leaves after it");
	d[2].workers = 2;
	ok(rg_fair_way(d, 3, 0, 100, 1100, TURN) == -1, "unless another database has more to give");
}

/* ---- simulation ---- */

#define STEP            10
#define START_MS        30
#define HANG_MS         10000
#define PUT_OFF         3
#define LONGEST_PUT_OFF 2000
#define DATABASES       5
#define ORGS            10 /* of each database */
#define HOSTS           20
#define JOBS            3000
#define CALLERS         1000
#define WORKERS         4
#define PER_ORG         2
#define PER_HOST        2
#define HEALTHY_MS      2000
#define CALL_EVERY      800
#define PATIENCE        200 /* less than two callers are apart */

typedef struct Job
{
	int database, org, host, length;
	bool waited_for, hangs, running, ended;
	int put_off;
	int64_t came_at, began_at, run_after;
} Job;

typedef struct Worker
{
	bool used;
	int database;
	int promised; /* -1: stays */
	int64_t began_at, ready_at, free_at;
	Job *job;
} Worker;

typedef struct World
{
	int64_t now;
	Job jobs[JOBS + CALLERS];
	int count, left;
	Worker workers[WORKERS];
	int64_t claimed_at[DATABASES][ORGS];
	int64_t served_at[DATABASES];
	int64_t longest_call, longest_gap;
	int most_to_host;
} World;

static World world;
static uint64_t seed = 1;

static int
chance(int below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (int) ((seed >> 33) % (uint64_t) below);
}

static int
running(int database, int org, int host)
{
	int count = 0;

	for (int i = 0; i < WORKERS; i++)
	{
		Job *job = world.workers[i].used ? world.workers[i].job : NULL;

		count += job != NULL && (host < 0 || job->host == host) &&
				 (org < 0 || (job->database == database && job->org == org));
	}
	return count;
}

/* As claim.c has it: limits of organization and host, neither of which a caller's host is. */
static bool
claimable(const Job *job)
{
	return !job->running && !job->ended && job->came_at <= world.now && job->run_after <= world.now &&
		   running(job->database, job->org, -1) < PER_ORG &&
		   (job->waited_for || running(0, -1, job->host) < PER_HOST);
}

/* Callers first, then the organization whose last claim is longest ago, then the oldest. */
static bool
goes_before(const Job *one, const Job *other)
{
	int64_t last_one = world.claimed_at[one->database][one->org];
	int64_t last_other = world.claimed_at[other->database][other->org];

	if (one->waited_for != other->waited_for)
		return one->waited_for;
	if (last_one != last_other)
		return last_one < last_other;
	return one->run_after < other->run_after;
}

static Job *
choose(int database)
{
	Job *chosen = NULL;

	for (int i = 0; i < world.count; i++)
	{
		Job *job = &world.jobs[i];

		if (job->database == database && claimable(job) && (chosen == NULL || goes_before(job, chosen)))
			chosen = job;
	}
	return chosen;
}

static void
collect(RgFairDatabase *fair)
{
	memset(fair, 0, DATABASES * sizeof(*fair));
	for (int i = 0; i < world.count; i++)
	{
		Job *job = &world.jobs[i];
		RgFairDatabase *database = &fair[job->database];

		if (!claimable(job))
			continue;
		database->has_work = true;
		if (job->waited_for && (database->waiting_since == 0 || job->came_at < database->waiting_since))
			database->waiting_since = job->came_at;
	}
	for (int i = 0; i < WORKERS; i++)
	{
		Worker *worker = &world.workers[i];
		RgFairDatabase *database = &fair[worker->promised >= 0 ? worker->promised : worker->database];

		database->workers += worker->used;
		database->is_coming |= worker->used && (worker->promised >= 0 || worker->ready_at > world.now);
	}
	for (int i = 0; i < DATABASES; i++)
		fair[i].served_at = world.served_at[i];
}

static void
begin(Worker *worker, Job *job)
{
	int64_t *waited = job->waited_for ? &world.longest_call : &world.longest_gap;
	int64_t since = job->waited_for ? job->came_at : world.claimed_at[job->database][job->org];

	if (world.now - since > *waited)
		*waited = world.now - since;
	job->running = true;
	job->began_at = world.now;
	world.claimed_at[job->database][job->org] = world.now;
	worker->job = job;
	worker->free_at = world.now + (job->hangs ? HANG_MS : job->length);
	if (!job->waited_for && running(0, -1, job->host) > world.most_to_host)
		world.most_to_host = running(0, -1, job->host);
}

static void
leave(Worker *worker)
{
	world.served_at[worker->database] = world.now;
	*worker = (Worker){.promised = -1};
}

static void
end(Worker *worker)
{
	worker->job->running = false;
	worker->job->ended = true;
	worker->job = NULL;
	world.left--;
}

/* Between two jobs. */
static void
go_on(Worker *worker)
{
	RgFairDatabase fair[DATABASES];
	Job *job;

	collect(fair);
	if (rg_fair_way(fair, DATABASES, worker->database, worker->began_at, world.now, TURN) >= 0 ||
		(job = choose(worker->database)) == NULL)
		leave(worker);
	else
		begin(worker, job);
}

static void
start_workers(void)
{
	for (int i = 0; i < WORKERS; i++)
	{
		RgFairDatabase fair[DATABASES];
		int next;

		if (world.workers[i].used)
			continue;
		collect(fair);
		if ((next = rg_fair_next(fair, DATABASES, -1)) < 0)
			return;
		world.workers[i] = (Worker){.used = true,
									.database = next,
									.promised = -1,
									.began_at = world.now,
									.ready_at = world.now + START_MS};
		world.served_at[next] = world.now;
	}
}

/* A source that has not answered is put off for a caller, a few times. */
static void
make_room(const Job *call)
{
	bool is_full = running(call->database, call->org, -1) >= PER_ORG;

	for (int i = 0; i < WORKERS; i++)
	{
		Job *job = world.workers[i].used ? world.workers[i].job : NULL;

		if (job == NULL || !job->hangs || job->waited_for || job->put_off == PUT_OFF)
			continue;
		if (is_full && (job->database != call->database || job->org != call->org))
			continue;
		job->put_off++;
		job->running = false;
		job->run_after = world.now + (world.now - job->began_at < LONGEST_PUT_OFF ? world.now - job->began_at
																				  : LONGEST_PUT_OFF);
		world.workers[i].job = NULL;
		world.workers[i].free_at = world.now;
		return;
	}
}

static void
step(void)
{
	for (int i = 0; i < WORKERS; i++)
	{
		Worker *worker = &world.workers[i];

		if (!worker->used || worker->ready_at > world.now || worker->free_at > world.now)
			continue;
		if (worker->job != NULL)
			end(worker);
		go_on(worker);
	}
	start_workers();
}

static void
add_job(Job job)
{
	job.database = chance(DATABASES);
	job.org = chance(ORGS);
	job.host = chance(HOSTS);
	job.run_after = job.came_at;
	world.jobs[world.count++] = job;
	world.left++;
}

/* Callers come until the queue is empty, or there have been enough. */
static void
simulate(int hanging_hosts, int queued, int callers)
{
	int64_t next_call = CALL_EVERY;
	const Job *caller = NULL;

	memset(&world, 0, sizeof(world));
	for (int i = 0; i < WORKERS; i++)
		world.workers[i].promised = -1;
	for (int i = 0; i < queued; i++)
	{
		add_job((Job){.length = 20 + chance(HEALTHY_MS - 20), .came_at = 1 + chance(1000)});
		world.jobs[world.count - 1].hangs = world.jobs[world.count - 1].host < hanging_hosts;
	}
	for (world.now = 1; world.left > 0; world.now += STEP)
	{
		if (callers > 0 && world.now >= next_call)
		{
			add_job((Job){.length = 50, .came_at = world.now, .waited_for = true});
			callers--;
			next_call = world.now + CALL_EVERY / 2 + chance(CALL_EVERY);
			caller = &world.jobs[world.count - 1];
		}
		if (caller != NULL && world.now >= caller->came_at + PATIENCE)
		{
			if (!caller->running && !caller->ended)
				make_room(caller);
			caller = NULL;
		}
		step();
	}
}

static void
report(const char *what)
{
	printf(
		"# %s: a caller waits at most %d ms, an organization for its next job at most %d ms, %d connections to a host; "
		"%d s in all\n",
		what, (int) world.longest_call, (int) world.longest_gap, world.most_to_host,
		(int) (world.now / 1000));
}

static void
test_simulation(void)
{
	simulate(0, 1000, 500);
	report("1,000 jobs of healthy sources");
	ok(world.longest_call <= HEALTHY_MS + 2 * START_MS, "a caller waits for the end of one job at most");
	ok(world.most_to_host <= PER_HOST, "no host is connected to more often than it may be");

	simulate(HOSTS, 1000, 500);
	report("1,000 jobs of hanging sources");
	ok(world.longest_call <= PATIENCE + 100, "beside hosts that hang a caller does not wait for them");

	simulate(5, JOBS, CALLERS);
	report("3,000 jobs, a quarter of the hosts hang");
	ok(world.longest_call <= HEALTHY_MS + PATIENCE + 2 * START_MS,
	   "beside thousands of jobs it is the end of one");
	ok(world.most_to_host <= PER_HOST, "whatever hangs");
}

int
main(void)
{
	test_next();
	test_way();
	test_simulation();
	printf("1..%d\n", tests);
	return failures > 0;
}
