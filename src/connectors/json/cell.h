/*
 * cell.h — writes a value, event by event, as PostgreSQL reads it in the type of its column.
 */
#ifndef RG_JSON_CELL_H
#define RG_JSON_CELL_H

#include "connectors/inference/path_document.h"
#include "connectors/json/events.h"

typedef struct CellWriter
{
	WireBuffer *out;
	WireBuffer *element; /* of an array, while it is not whole */
	PathForm form;
	int depth;    /* of the value */
	size_t start; /* where it begins in `out` */
} CellWriter;

/* Begins with the event that begins the value, which is no null. */
extern void cell_take(CellWriter *writer, const JsonEvent *event);

#endif
