/*
 * server.h — which server a discovery reads: another one than before, or one of another dialect.
 */
#ifndef RG_MERGE_SERVER_H
#define RG_MERGE_SERVER_H

#include "postgres.h"

#include "merge.h"
#include "state.h"

/* server.c: what is known of the server; a stored dialect as the merge keeps it. */
extern void rg_server_load(RgMerge *merge);
extern const char *rg_dialect_of_known(RgMerge *merge, const char *dialect);
/* Before anything is written: what no other server's relation may be found by. */
extern void rg_server_forget_ids(RgMerge *merge);
/* After everything is written. */
extern void rg_server_note(RgMerge *merge);

/*
 * The connector has reached a server: dialect says how it spells definitions, and identity tells it from
 * every other one; either may be NULL. To be called before the first frame is taken.
 */
extern void rg_merge_connected(RgMerge *merge, const char *dialect, const char *identity);

#endif
