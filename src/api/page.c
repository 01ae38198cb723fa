#include "api/page.h"

#include "check/list.h"

#define DEFAULT_SIZE 100

RgPage
rg_api_page_beside(FunctionCallInfo fcinfo, int argument, int32 default_size, RgFaults *faults)
{
	RgPage page = {.number = PG_ARGISNULL(argument) ? 1 : PG_GETARG_INT32(argument),
				   .size = PG_ARGISNULL(argument + 1) ? default_size : PG_GETARG_INT32(argument + 1)};

	rg_check_page(faults, page.number, page.size);
	return page;
}

RgPage
rg_api_page(FunctionCallInfo fcinfo, int argument)
{
	RgFaults faults;
	RgPage page;

	rg_faults_begin(&faults);
	page = rg_api_page_beside(fcinfo, argument, DEFAULT_SIZE, &faults);
	rg_faults_raise(&faults);
	return page;
}
