/* reader.h — the life of a reader: a background worker of one database that serves its streams. */
#ifndef RG_READER_H
#define RG_READER_H

#include "postgres.h"

/* Settings of this room. */
extern void rg_reader_init(void);

/* rivergen.max_row_size, in bytes. */
extern int64 rg_reader_max_row_bytes(void);

/* Must this process leave its database? */
extern bool rg_reader_must_leave(void);

#endif
