/*
 * report.c — what rivergen-run reports of its connector.
 *
 * Sources: src/worker/report.c src/process/rules.c src/process/limits.c src/process/address.c
 */
#include "worker/report.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static bool
is_whole(const RgReport *report)
{
	if (memchr(report->level, '\0', sizeof(report->level)) == NULL ||
		memchr(report->missing, '\0', sizeof(report->missing)) == NULL)
		return false;
	for (int i = 0; i < report->dial_count; i++)
	{
		if (memchr(report->dials[i].address, '\0', RG_ADDRESS_BYTES) == NULL ||
			memchr(report->dials[i].verdict, '\0', RG_VERDICT_BYTES) == NULL || report->dials[i].port < 0 ||
			report->dials[i].port > 65535)
			return false;
	}
	return true;
}

/* The pipe gives the bytes in any portions: byte by byte they mean the same. */
void
fuzz(const char *bytes, size_t length)
{
	static RgReport whole;
	static RgReport portions;

	memset(&whole, 0, sizeof(whole));
	memset(&portions, 0, sizeof(portions));
	rg_report_take(&whole, bytes, length);
	for (size_t i = 0; i < length; i++)
		rg_report_take(&portions, bytes + i, 1);
	fuzz_must(whole.dial_count <= RG_REPORT_DIALS && whole.denied_count <= RG_REPORT_DENIED, "it is bounded");
	fuzz_must(is_whole(&whole), "its texts end, and ports are ports");
	fuzz_must(whole.level[0] == '\0' || rg_report_rank(whole.level) >= 0, "a level is one of ours");
	fuzz_must(strcmp(whole.level, portions.level) == 0 && strcmp(whole.missing, portions.missing) == 0 &&
				  whole.dial_count == portions.dial_count && whole.denied_count == portions.denied_count,
			  "portions do not matter");
}
