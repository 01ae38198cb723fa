/*
 * event.h — notifications on channel rivergen, sent when the transaction commits. They contain ids only.
 */
#ifndef RG_EVENT_H
#define RG_EVENT_H

#include "postgres.h"

typedef enum RgEvent
{
	RG_EVENT_CREATED,
	RG_EVENT_UPDATED,
	RG_EVENT_DELETED,
	RG_EVENT_RESTORED,
	RG_EVENT_STATUS_CHANGED,
	RG_EVENT_DISCOVERY_FINISHED,
	RG_EVENT_SCHEMA_CHANGED,
	RG_EVENT_ORGANIZATION_CLOSED,
} RgEvent;

/* The setting rivergen.events. */
extern void rg_event_init(void);

/* Sends an event; ids that are 0 are left out. Equal events of a transaction are sent once. */
extern void rg_event(RgEvent event, int64 organization_id, int64 data_source_id, int64 job_id);

#endif
