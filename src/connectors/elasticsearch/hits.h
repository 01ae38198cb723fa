/*
 * hits.h — the documents of a relation, page by page.
 *
 * What fits in one page is asked for without more ado. Otherwise the service holds the relation as it is at
 * one point in time, until all is read or a minute has passed without a request; where it cannot, documents
 * are read in the order of their ids. No page is larger than is accepted: then fewer documents are asked for.
 */
#ifndef RG_ELASTICSEARCH_HITS_H
#define RG_ELASTICSEARCH_HITS_H

#include "connectors/elasticsearch/cluster.h"

/* JSON texts; NULL: it is left out. */
typedef struct HitsRequest
{
	const char *relation;
	const char *query;
	const char *source; /* which members of the documents are wanted */
	const char *fields; /* what the service has to make of them */
	int64_t most;       /* so many documents are enough; NO_LIMIT: all are wanted */
	int timeout;        /* seconds for each page; 0: those of every request */
	bool is_watched;    /* the end of standard input ends the process */
} HitsRequest;

typedef struct Hits Hits;

extern Hits *hits_open(Cluster *cluster, const HitsRequest *request);

/* The next document, until the next call; NULL: there is none. */
extern const JsonNode *hits_next(Hits *hits);

/* Ends what the service holds. */
extern void hits_close(Hits *hits);

#endif
