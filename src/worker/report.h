/*
 * report.h — inside the worker room: what rivergen-run reports of its connector: how it is confined, and
 * which addresses it dialed (../process/README.md). Plain C, no server code.
 */
#ifndef RG_WORKER_REPORT_H
#define RG_WORKER_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#define RG_REPORT_DIALS      100
#define RG_REPORT_DENIED     8
#define RG_REPORT_LINE_BYTES 500
#define RG_ADDRESS_BYTES     64
#define RG_VERDICT_BYTES     64

typedef struct RgDialed
{
	char address[RG_ADDRESS_BYTES];
	int port;
	char verdict[RG_VERDICT_BYTES]; /* connected, denied:…, failed:…, timeout, pending or given */
} RgDialed;

/* Holds no pointer: it may be kept beyond the conversation. */
typedef struct RgReport
{
	char level[16];                         /* empty: nothing was reported */
	char missing[RG_REPORT_LINE_BYTES + 1]; /* feature=reason, separated by commas; empty: nothing */
	int dial_count;
	RgDialed dials[RG_REPORT_DIALS]; /* each once */
	int denied_count;
	char denied[RG_REPORT_DENIED][RG_ADDRESS_BYTES]; /* addresses that the network rules refused */
	char line[RG_REPORT_LINE_BYTES + 1];             /* the beginning of a line that is not complete */
	int length; /* of the line; more than the buffer has: it is dropped */
} RgReport;

/* Takes the next bytes of the pipe. Lines that are malformed or too long are dropped. */
extern void rg_report_take(RgReport *report, const char *bytes, size_t length);

/* Forgets level and what was missing, and keeps the dials: another connector of the same job starts. */
extern void rg_report_begin(RgReport *report);

/* Adds an address that was checked and handed to a connector without the dialer. */
extern void rg_report_given(RgReport *report, const char *address, int port);

/* The RgLevel of that name; -1: there is none. */
extern int rg_report_rank(const char *level);

/* Is this feature of the sandbox there? False before the level was reported. */
extern bool rg_report_has(const RgReport *report, const char *feature);

#endif
