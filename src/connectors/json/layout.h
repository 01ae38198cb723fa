/*
 * layout.h — where the rows of a JSON file are, and what they are.
 */
#ifndef RG_JSON_LAYOUT_H
#define RG_JSON_LAYOUT_H

#include "connectors/files/storage.h"
#include "connectors/json/events.h"

/* So many bytes of a file, unpacked, say what it has. */
#define SURVEYED_BYTES (INT64_C(256) << 20)

typedef enum RowPlace
{
	ROWS_ARE_VALUES,   /* of the file, one after the other */
	ROWS_ARE_ELEMENTS, /* of its only array */
	ROWS_ARE_OF_MEMBER /* elements of the array that is a member of its only object */
} RowPlace;

typedef enum RowForm
{
	ROW_OBJECT, /* its members are the columns */
	ROW_ARRAY,  /* its elements are */
	ROW_VALUE   /* one column has it */
} RowForm;

typedef struct RowLayout
{
	RowPlace place;
	RowForm form;
	char *member; /* or NULL */
} RowLayout;

typedef struct FileLayout
{
	RowLayout *relations;
	int count;
} FileLayout;

extern void layout_find(const StoredFile *file, FileLayout *layout);

/* Tells which events are those of rows. Begins as zeros and the layout. */
typedef struct RowFilter
{
	const RowLayout *layout;
	bool is_member; /* the value that comes is the member with the rows */
	bool is_open;   /* the array with the rows is */
} RowFilter;

/* Returns false if the event is none of a row's. Else its depth is made that in the row. */
extern bool row_filter_takes(RowFilter *filter, JsonEvent *event);

static inline bool
event_begins_value(const JsonEvent *event)
{
	return event->kind != JSON_KEY && event->kind != JSON_OBJECT_END && event->kind != JSON_ARRAY_END;
}

static inline bool
event_ends_value(const JsonEvent *event)
{
	return event->kind != JSON_KEY && event->kind != JSON_OBJECT && event->kind != JSON_ARRAY;
}

#endif
