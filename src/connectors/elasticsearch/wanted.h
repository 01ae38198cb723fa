/*
 * wanted.h — which parts of documents a request needs, in the service's words.
 */
#ifndef RG_ELASTICSEARCH_WANTED_H
#define RG_ELASTICSEARCH_WANTED_H

#include "connectors/elasticsearch/value.h"

/* Appends the values of the members `_source` and `fields` of a search; with_fields says whether any is of
 * the latter. */
extern void wanted_append(WireBuffer *source, WireBuffer *fields, const ReadColumn *columns, int count);

/* Ends the process if a document lacks what was asked for: the index does not store documents. */
extern void wanted_check(const ReadColumn *columns, int count, const Fields *fields);

#endif
