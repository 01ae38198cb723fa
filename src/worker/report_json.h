/* report_json.h — inside the worker room: a report as it is stored and shown. */
#ifndef RG_WORKER_REPORT_JSON_H
#define RG_WORKER_REPORT_JSON_H

#include "postgres.h"

#include "worker/report.h"

/* JSON texts: ["feature=reason"] and [{"address", "port", "verdict"}]; NULL: nothing was reported. */
extern char *rg_report_missing(const RgReport *report);
extern char *rg_report_dialed(const RgReport *report);

#endif
