/*
 * quarantine.h — a source at which connectors or workers crash again and again is left alone by the schedule
 * until a person acts: changes it, tests it, or has it discovered, with success.
 */
#ifndef RG_QUARANTINE_H
#define RG_QUARANTINE_H

#include "postgres.h"

extern void rg_quarantine_init(void);

/* One crash more; message is what is known of it. True when the source is in quarantine now. */
extern bool rg_quarantine_crashed(int64 organization_id, int64 data_source_id, const char *message);

/*
 * It works, or was changed: the crashes are forgotten, and a source that was in quarantine gets its place in
 * the schedule again. False when there were none.
 */
extern bool rg_quarantine_end(int64 organization_id, int64 data_source_id);

#endif
