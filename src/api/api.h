/*
 * api.h — arguments and answers of the SQL functions.
 */
#ifndef RG_API_H
#define RG_API_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/array.h"
#include "utils/jsonb.h"

/* Requires that library and script fit (503), and connects to SPI; disconnects from SPI. */
extern void rg_api_begin(void);
extern void rg_api_end(void);

/* {"success": true, "data": …, "message": …}. */
extern Datum rg_api_success(Jsonb *data, const char *message);

/* The answer to a discovery that the caller does not wait for. */
extern Datum rg_api_queued(int64 job_id);

/* Copies the jsonb into the memory of the SQL function's caller, where it outlives SPI_finish. */
extern Datum rg_api_copy_out(Datum answer);

/* rg_api_success, rg_api_copy_out and rg_api_end. */
extern Datum rg_api_answer(Jsonb *data, const char *message);

/* An object of integers. */
extern Jsonb *rg_api_integers(int count, const char *const *names, const int64 *values);

/* The argument. 400, with its name, if it is null. */
extern int64 rg_api_required_id(FunctionCallInfo fcinfo, int argument, const char *name);

/* The argument, or NULL. */
extern Jsonb *rg_api_optional_jsonb(FunctionCallInfo fcinfo, int argument);
extern char *rg_api_optional_text(FunctionCallInfo fcinfo, int argument);

/* The argument, or NULL if it is null or empty: a filter that names nothing is none. */
extern ArrayType *rg_api_filter(FunctionCallInfo fcinfo, int argument);
extern char *rg_api_text_filter(FunctionCallInfo fcinfo, int argument);

#endif
