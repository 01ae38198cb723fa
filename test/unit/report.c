/* report.c — what the worker takes of a supervisor's report, and what it drops. Prints TAP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/report.h"

static int tests;
static int failures;

static void
ok(bool passed, const char *name)
{
	printf("%sok %d - %s\n", passed ? "" : "not ", ++tests, name);
	failures += !passed;
}

static void
take(RgReport *report, const char *text)
{
	rg_report_take(report, text, strlen(text));
}

/* All that was reported, as one text: the level, what was missing, and the dials. */
static const char *
told(const RgReport *report)
{
	static char text[4096];
	int length = snprintf(text, sizeof(text), "%s [%s]", report->level, report->missing);

	for (int i = 0; i < report->dial_count; i++)
		length += snprintf(text + length, sizeof(text) - (size_t) length, " %s:%d=%s",
						   report->dials[i].address, report->dials[i].port, report->dials[i].verdict);
	return text;
}

static void
tells(const char *lines, const char *expected, const char *name)
{
	RgReport report = {0};

	take(&report, lines);
	ok(strcmp(told(&report), expected) == 0, name);
	if (strcmp(told(&report), expected) != 0)
		printf("# %s\n", told(&report));
}

static void
test_lines(void)
{
	tells("sandbox full -\n", "full []", "nothing is missing");
	tells("sandbox filtered landlock=ENOSYS,dialer=yama\n", "filtered [landlock=ENOSYS,dialer=yama]",
		  "what is missing");
	tells("dial 10.0.0.1 5432 connected\ndial fe80::1%eth0 80 denied:reserved\n",
		  " [] 10.0.0.1:5432=connected fe80::1%eth0:80=denied:reserved", "dials in their order");
	tells("dial 10.0.0.1 1 connected\ndial 10.0.0.1 1 connected\n", " [] 10.0.0.1:1=connected",
		  "each one once");
	tells("dials-omitted\nended signal 9\n", " []", "lines of other kinds are passed over");
}

static void
test_dropped(void)
{
	static const char *const lines[] = {
		"sandbox perfect -\n",
		"sandbox full\n",
		"sandbox full - -\n",
		"sandbox full \"};drop\n",
		"sandbox  full -\n",
		"dial localhost 80 connected\n",
		"dial 10.0.0.1 65536 connected\n",
		"dial 10.0.0.1 -1 connected\n",
		"dial 10.0.0.1 80x connected\n",
		"dial 10.0.0.1 80 conn\"ected\n",
		"dial 10.0.0.1 80 connected now\n",
		"dial 10.0.0.1  connected\n",
		"dial 10.0.0.1 80 0123456789012345678901234567890123456789012345678901234567890123456789\n",
		"\n",
		" \n",
		"sandbox full -",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
	{
		char name[120];

		snprintf(name, sizeof(name), "is dropped: %.*s", (int) strcspn(lines[i], "\n"), lines[i]);
		tells(lines[i], " []", name);
	}
}

static void
test_pieces(void)
{
	static const char text[] = "sandbox confined dialer=busy\ndial ::1 1 timeout\n";
	RgReport report = {0};
	char longest[2 * RG_REPORT_LINE_BYTES];

	for (size_t i = 0; i < strlen(text); i++)
		rg_report_take(&report, text + i, 1);
	ok(strcmp(told(&report), "confined [dialer=busy] ::1:1=timeout") == 0, "a line may come in pieces");

	memset(longest, 'x', sizeof(longest));
	rg_report_take(&report, longest, sizeof(longest));
	take(&report, "\ndial ::1 2 pending\n");
	ok(report.dial_count == 2, "a line that is too long is dropped, and the next one is taken");
	rg_report_begin(&report);
	ok(report.level[0] == '\0' && report.dial_count == 2, "the next connector of a job adds to the dials");
}

static void
test_bounds(void)
{
	RgReport report = {0};
	char line[100];

	for (int port = 1; port <= 3 * RG_REPORT_DIALS; port++)
	{
		snprintf(line, sizeof(line), "dial 10.0.0.1 %d connected\n", port);
		take(&report, line);
	}
	ok(report.dial_count == RG_REPORT_DIALS, "dials are bounded");
	report = (RgReport){0};
	for (int port = 1; port <= 3 * RG_REPORT_DIALS; port++)
	{
		snprintf(line, sizeof(line), "dial 10.0.0.1 %d failed:ECONNREFUSED\n", port);
		take(&report, line);
	}
	take(&report, "dial 10.0.0.2 5432 connected\n");
	ok(report.dial_count == RG_REPORT_DIALS &&
		   strcmp(report.dials[RG_REPORT_DIALS - 1].verdict, "connected") == 0,
	   "an address that was reached is known behind any number that were not");
	for (int i = 0; i < 3 * RG_REPORT_DENIED; i++)
	{
		snprintf(line, sizeof(line), "dial 127.0.0.%d 80 denied:reserved\n", i);
		take(&report, line);
	}
	ok(report.denied_count == RG_REPORT_DENIED,
	   "a refused address is known behind the last dial, within bounds");
}

static void
test_features(void)
{
	RgReport report = {0};

	ok(!rg_report_has(&report, "dialer"), "nothing is there before it is reported");
	take(&report, "sandbox confined dialer=yama\n");
	ok(!rg_report_has(&report, "dialer"), "what is missing is not there");
	ok(rg_report_has(&report, "landlock") && rg_report_has(&report, "dial"),
	   "the rest is, whatever its name begins with");
	take(&report, "sandbox full -\n");
	ok(rg_report_has(&report, "dialer"), "nothing is missing");
}

int
main(void)
{
	test_lines();
	test_dropped();
	test_pieces();
	test_bounds();
	test_features();
	printf("1..%d\n", tests);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
