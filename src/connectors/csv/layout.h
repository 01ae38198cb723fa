/*
 * layout.h — how a text file is a table: its dialect, where the table begins, whether its first row has the
 * names. Told from the beginning of the file, unless the source's metadata says it.
 */
#ifndef RG_CSV_LAYOUT_H
#define RG_CSV_LAYOUT_H

#include "connectors/csv/records.h"

typedef enum Choice
{
	CHOICE_OPEN,
	CHOICE_NO,
	CHOICE_YES
} Choice;

/* What the source's metadata says. */
typedef struct LayoutWishes
{
	char delimiter; /* 0: open */
	char quote;     /* 0: open */
	bool no_quote;
	Choice header;
} LayoutWishes;

typedef struct Layout
{
	Dialect dialect;
	size_t start; /* of the table's first row, in bytes */
	int width;    /* fields of most rows */
	int skipped_rows;
	bool has_header;
	bool has_comments; /* rows that begin with # and have another width are none */
} Layout;

/* bytes: the beginning of the file, which stays as it is; at_end: all of it. */
extern void
layout_detect(char *bytes, size_t length, bool at_end, const LayoutWishes *wishes, Layout *layout);

/* Is the row a comment? */
extern bool layout_is_comment(const Layout *layout, const Record *record);

#endif
