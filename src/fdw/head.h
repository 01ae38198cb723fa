/* head.h — the frame `reading`: which conditions the connector applied. */
#ifndef RG_FDW_HEAD_H
#define RG_FDW_HEAD_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* Are all exact ones of the packed conditions applied? */
extern bool rg_head_applies(const char *json, List *conditions);

#endif
