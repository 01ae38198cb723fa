/* report.h — what rivergen-run reports to the worker: lines on a pipe. Plain C. */
#ifndef RG_REPORT_H
#define RG_REPORT_H

/* The descriptor of rivergen-run that is the writing end. */
#define RG_REPORT_DESCRIPTOR 3

/* A line with its end; what is longer is cut. */
#define RG_LONGEST_REPORT 500

/* Writes one line, without waiting: a worker that does not read loses lines. */
extern void rg_report(int descriptor, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
