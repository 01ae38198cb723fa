#include "api/page.h"

#include "check/fault.h"

#define DEFAULT_SIZE 100
#define LARGEST_SIZE 1000

RgPage
rg_api_page(FunctionCallInfo fcinfo, int argument)
{
	RgPage page = {.number = PG_ARGISNULL(argument) ? 1 : PG_GETARG_INT32(argument),
				   .size = PG_ARGISNULL(argument + 1) ? DEFAULT_SIZE : PG_GETARG_INT32(argument + 1)};
	RgFaults faults;

	rg_faults_begin(&faults);
	if (page.number < 1)
		rg_fault(&faults, "page", "must be at least 1");
	if (page.size < 1 || page.size > LARGEST_SIZE)
		rg_fault(&faults, "page_size", "must be between 1 and %d", LARGEST_SIZE);
	rg_faults_raise(&faults);
	return page;
}
