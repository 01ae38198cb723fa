/*
 * api.h — what the entry points share: taking arguments and answering.
 */
#ifndef RG_API_H
#define RG_API_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/jsonb.h"

/* Requires that library and script fit, and connects to SPI; disconnects from it. */
extern void rg_api_begin(void);
extern void rg_api_end(void);

/* {"success": true, "data": …, "message": …}. */
extern Datum rg_api_success(Jsonb *data, const char *message);

/* The answer to a discovery that nobody waits for. */
extern Datum rg_api_queued(int64 job_id);

/* The jsonb in the memory of the SQL function's caller, where it outlives SPI_finish. */
extern Datum rg_api_copy_out(Datum answer);

/* Success, copied out, and SPI left. */
extern Datum rg_api_answer(Jsonb *data, const char *message);

/* An object of integers. */
extern Jsonb *rg_api_integers(int count, const char *const *names, const int64 *values);

/* The argument, or 400 naming it when it is null. */
extern int64 rg_api_required_id(FunctionCallInfo fcinfo, int argument, const char *name);

/* The argument, or NULL. */
extern Jsonb *rg_api_optional_jsonb(FunctionCallInfo fcinfo, int argument);
extern char *rg_api_optional_text(FunctionCallInfo fcinfo, int argument);

#endif
