/*
 * path_document.h — a path as a column of a document.
 */
#ifndef RG_INFERENCE_PATH_DOCUMENT_H
#define RG_INFERENCE_PATH_DOCUMENT_H

#include "connectors/inference/paths.h"
#include "wire/wire.h"

/* How the values of a column are held in PostgreSQL. */
typedef enum PathForm
{
	PATH_FORM_SCALAR, /* a type of one value; the text of the value */
	PATH_FORM_ARRAY,  /* an array of such a type */
	PATH_FORM_JSON    /* jsonb: of objects, of nested arrays, of values of several types */
} PathForm;

extern PathForm path_form(const PathTypes *types, const PathNode *node);

/* Is it of this type alone? */
extern bool path_is_of(const PathTypes *types, const PathNode *node, int type);

/* In the source's words; of an array the type of its elements. The caller frees it. */
extern char *path_type(const PathTypes *types, const PathNode *node);

/* NULL: text. The caller frees it. */
extern char *path_pg_type(const PathTypes *types, const PathNode *node);

/* Appends the path as a column, with what the source declares of it. */
extern void path_append_column(WireBuffer *out, const PathTypes *types, const PathNode *node);

/* Appends the members that say what is in it, each with a comma before: repeated, map and fields. */
extern void path_append_content(WireBuffer *out, const PathTypes *types, const PathNode *node);

#endif
