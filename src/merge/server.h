/*
 * server.h — recognises that a discovery reads another server, or one with another dialect.
 */
#ifndef RG_MERGE_SERVER_H
#define RG_MERGE_SERVER_H

#include "postgres.h"

#include "merge.h"

/* Loads the identity of the server whose ids are stored. */
extern void rg_server_load(RgMerge *merge);
extern const char *rg_dialect_of_known(RgMerge *merge, const char *dialect);
/* Before anything is written: deletes the stored ids if they belong to another server. */
extern void rg_server_forget_ids(RgMerge *merge);
/* After everything is written: stores identity and dialect. */
extern void rg_server_note(RgMerge *merge);

/*
 * Takes dialect and identity from the frame `connected`; either may be NULL. To be called before the first
 * frame is taken.
 */
extern void rg_merge_connected(RgMerge *merge, const char *dialect, const char *identity);

#endif
