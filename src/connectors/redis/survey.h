/*
 * survey.h — the keys of all nodes and their types, within bounds of number, memory and time.
 */
#ifndef RG_REDIS_SURVEY_H
#define RG_REDIS_SURVEY_H

#include "connectors/redis/keys.h"
#include "connectors/redis/nodes.h"

#define MOST_SURVEYED_KEYS 100000

typedef struct Survey
{
	Keys keys;
	size_t most;      /* keys up to the present node: each has its share */
	bool is_whole;    /* all keys of all nodes were met */
	int64_t total;    /* keys that the nodes say they have; ABSENT */
	int64_t too_long; /* keys that were left out */
} Survey;

extern void survey_keys(Survey *survey, Nodes *nodes);

#endif
