/*
 * push.h — conditions as filters of the service, so that it sends fewer documents. No filter leaves out a
 * document whose value fulfils the condition; those that it leaves in are judged here.
 */
#ifndef RG_ELASTICSEARCH_PUSH_H
#define RG_ELASTICSEARCH_PUSH_H

#include "connectors/common/judge.h"
#include "connectors/elasticsearch/value.h"

/* Appends a filter to an array of such. Nothing is appended if the service cannot tell. */
extern void push_condition(WireBuffer *filters, const ReadColumn *column, const Judge *judge);

#endif
