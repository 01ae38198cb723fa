/*
 * record.h — inside the reader room: a stream's transactions. At its beginning: who may read what. At its
 * end: the audit trail.
 */
#ifndef RG_READER_RECORD_H
#define RG_READER_RECORD_H

#include "reader/reading.h"

/*
 * Finds out who reads what, and its endpoint. Returns a rested feed, or one that is not prepared yet; NULL:
 * reading->failure and status say why.
 */
extern RgFeed *rg_record_begin(RgReading *reading);

/* Writes the audit row, and the connector's capabilities if they differ from the stored ones. */
extern void rg_record_end(RgReading *reading);

#endif
