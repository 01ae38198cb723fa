/*
 * page.h — the arguments page and page_size of lists.
 */
#ifndef RG_API_PAGE_H
#define RG_API_PAGE_H

#include "postgres.h"

#include "fmgr.h"

#include "check/fault.h"

typedef struct RgPage
{
	int32 number; /* from 1 */
	int32 size;
} RgPage;

/* Reads page and page_size, which follow each other from argument on; null means the default. 400: out of
 * bounds. */
extern RgPage rg_api_page(FunctionCallInfo fcinfo, int argument);

/* The same beside other arguments: adds to their faults. */
extern RgPage rg_api_page_beside(FunctionCallInfo fcinfo, int argument, int32 default_size, RgFaults *faults);

#endif
