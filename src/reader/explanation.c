#include "reader/explanation.h"

#include "error.h"
#include "worker/refusal.h"

int
rg_explanation_status(const RgReading *reading)
{
	const char *code = reading->failure.code;

	if (reading->status != 0)
		return reading->status;
	if (strcmp(code, "query") == 0 && strcmp(reading->asked.request.operation, "query") == 0)
		return RG_BAD_REQUEST;
	if (strcmp(code, "too_large") == 0)
		return RG_PAYLOAD_TOO_LARGE;
	return rg_error_status_of(code);
}

StringInfoData
rg_explanation_body(const RgReading *reading)
{
	const char *texts[] = {reading->failure.message, reading->failure.detail, reading->hint};
	StringInfoData body;

	initStringInfo(&body);
	for (int i = 0; i < (int) lengthof(texts); i++)
		appendBinaryStringInfo(&body, texts[i] ? texts[i] : "", texts[i] ? strlen(texts[i]) + 1 : 1);
	return body;
}

void
rg_explanation_of_way(RgReading *reading)
{
	RgAttempt *attempt = &reading->feed->attempt;
	RgHosts hosts;

	attempt->failure = reading->failure;
	rg_attempt_explain_tunnel(attempt);
	reading->failure = attempt->failure;
	if (attempt->conversation.server != NULL || attempt->endpoint.use_ssh_tunnel ||
		attempt->report.denied_count == 0)
		return;
	hosts = rg_hosts_of(attempt->endpoint.host, attempt->endpoint.port);
	rg_refuse_dials(&reading->failure, &hosts, &attempt->report);
}

const char *
rg_explanation_step(const RgReading *reading)
{
	return reading->state >= RG_READS_HEAD ? "query" : reading->feed->step;
}

void
rg_explanation_of_end(RgReading *reading, bool ended, int status)
{
	RgFeed *feed = reading->feed;
	RgEarlyEnd end = {.ended = ended,
					  .status = status,
					  .greeted = feed->greeted,
					  .step = rg_explanation_step(reading),
					  .secrets = feed->attempt.credentials,
					  .diagnosis = &feed->diagnosis,
					  .report = &feed->attempt.report};

	if (feed->child->diagnosis >= 0)
		rg_feed_read_diagnosis(feed);
	rg_feed_read_report(feed);
	(void) rg_early_end_explain(&end, &reading->failure);
}
