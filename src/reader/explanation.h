/*
 * explanation.h — why a stream has failed, for its backend.
 */
#ifndef RG_READER_EXPLANATION_H
#define RG_READER_EXPLANATION_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "reader/reading.h"

/* The HTTP status of reading->failure. */
extern int rg_explanation_status(const RgReading *reading);

/* The body of its message: message, detail and hint. */
extern StringInfoData rg_explanation_body(const RgReading *reading);

/* Adds what the connector could not know: the tunnel it used, the addresses that were refused. */
extern void rg_explanation_of_way(RgReading *reading);

/* How far the connector has come: the protocol's word. */
extern const char *rg_explanation_step(const RgReading *reading);

/* The connector has ended before its answer: sets reading->failure. */
extern void rg_explanation_of_end(RgReading *reading, bool ended, int status);

#endif
