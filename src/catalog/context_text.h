/*
 * context_text.h — names and texts as the schema context writes them. Both come from the source or its users,
 * so neither may leave its line or change how the lines around it look.
 */
#ifndef RG_CONTEXT_TEXT_H
#define RG_CONTEXT_TEXT_H

#include "postgres.h"

/*
 * A text as one line without control characters and runs of spaces, at most so many characters; NULL: nothing
 * is left, or there is no text. Marks that change the direction of a text or are not visible count as control
 * characters.
 */
extern char *rg_context_line(const char *text, int most);

/* The same in double quotes, as JSON has it, so that it cannot end before its end. */
extern char *rg_context_quoted(const char *text, int most);

/*
 * A type, which is a line, as the source spells it; in double quotes when its brackets or quotes do not
 * match, or a comma is outside of them: it could look like other columns.
 */
extern char *rg_context_type(const char *type);

/*
 * A name as a query of the source spells it. Where no other dialect is known, names are quoted as in standard
 * SQL. A control character, which no line may have, becomes the replacement character.
 */
extern char *rg_context_name(const char *name, const char *family);

/* The same with the schema before it, when there is one. */
extern char *rg_context_table_name(const char *schema, const char *name, const char *family);

#endif
