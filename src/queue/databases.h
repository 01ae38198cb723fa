/* databases.h — the databases that workers serve, and the launcher's work on them. */
#ifndef RG_QUEUE_DATABASES_H
#define RG_QUEUE_DATABASES_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Settings: rivergen.enabled, rivergen.databases. */
extern void rg_databases_init(void);

/* Does rivergen.databases name this database, and is rivergen.enabled on? */
extern bool rg_database_is_served(const char *name);

/* Does a command need this database without other sessions, as DROP DATABASE does (rg_pool_evacuate)? */
extern bool rg_database_is_evacuating(Oid database);

/* Records that this database has work; the launcher starts a worker as soon as there is room. */
extern void rg_database_wake(Oid database);

/*
 * Reports what a worker found: whether this database has the extension, and when it is due next. An earlier
 * time that another worker reported is kept.
 */
extern void rg_database_next_due(bool has_extension, TimestampTz next);

/*
 * Is this the first worker of this database, since the server started, to meet this version of the script?
 */
extern bool rg_database_first_met(const char *version);

/* End rg_pool_evacuate: the database still exists, or is gone. */
extern void rg_database_readmit(Oid database);
extern void rg_database_forget(Oid database);

/* ---- the launcher ---- */

extern void rg_database_launcher_attach(void);
extern bool rg_database_launcher_is_running(void);

/* Adds the database to the polled ones, due at once; or removes it. */
extern void rg_database_watch(Oid database);
extern void rg_database_unwatch(Oid database);

/* Starts workers where there is work and room. Returns the milliseconds until it must run again. */
extern long rg_database_schedule(void);

/* ---- with the lock held ---- */

struct RgDatabase;

/* The entry of a database, or NULL. */
extern struct RgDatabase *rg_database_find(Oid database);

/* The same, created when there is none; NULL when the table is full. */
extern struct RgDatabase *rg_database_entry(Oid database);

extern void rg_database_wake_launcher(void);
extern void rg_database_keep_awake(Oid database);

#endif
