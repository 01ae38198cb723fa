/*
 * databases.h — the databases that are looked at for work, and what the launcher does with them.
 */
#ifndef RG_QUEUE_DATABASES_H
#define RG_QUEUE_DATABASES_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Settings: rivergen.enabled, rivergen.databases. */
extern void rg_databases_init(void);

/* Is this database one that rivergen.databases names, and is rivergen.enabled on? */
extern bool rg_database_is_served(const char *name);

/* Says that this database has (more) work; the launcher starts a worker as soon as there is room. */
extern void rg_database_wake(Oid database);

/*
 * A worker's finding: this database has the extension (or not) and is due at that time, or earlier when
 * another worker said so.
 */
extern void rg_database_next_due(bool has_extension, TimestampTz next);

/* Did no worker of this database meet this version of the script before, since the server was started? */
extern bool rg_database_first_met(const char *version);

/* Ends rg_pool_evacuate: the database is still there, or it is gone. */
extern void rg_database_readmit(Oid database);
extern void rg_database_forget(Oid database);

/* ---- the launcher ---- */

extern void rg_database_launcher_attach(void);
extern bool rg_database_launcher_is_running(void);

/* Adds the database to those that are polled, due at once. */
extern void rg_database_watch(Oid database);
extern void rg_database_unwatch(Oid database);

/* Starts workers where there is work and room; returns milliseconds until the next thing is due. */
extern long rg_database_schedule(void);

/* ---- with the lock held ---- */

struct RgDatabase;

/* The entry of a database, or NULL. */
extern struct RgDatabase *rg_database_find(Oid database);

/* The same, made when there is none; NULL when the table is full. */
extern struct RgDatabase *rg_database_entry(Oid database);

extern void rg_database_wake_launcher(void);
extern void rg_database_keep_awake(Oid database);

#endif
