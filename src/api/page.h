/*
 * page.h — the arguments page and page_size of the short lists.
 */
#ifndef RG_API_PAGE_H
#define RG_API_PAGE_H

#include "postgres.h"

#include "fmgr.h"

typedef struct RgPage
{
	int32 number; /* from 1 */
	int32 size;
} RgPage;

/* The two arguments from the given position on; null means the default. 400 when out of bounds. */
extern RgPage rg_api_page(FunctionCallInfo fcinfo, int argument);

#endif
