/*
 * scan.h — the keys of one server, page by page. A key may come more than once.
 */
#ifndef RG_REDIS_SCAN_H
#define RG_REDIS_SCAN_H

#include "connectors/redis/client.h"
#include "connectors/redis/type.h"

typedef struct Scan
{
	Client *client;
	RespText match; /* a glob; empty: all keys */
	KeyType type;   /* which the server should look at; KEY_GONE: all. Old servers send all the same */
	RespAnswer answer;
	char cursor[24];
	bool has_ended;
	bool asks_for_type;
} Scan;

extern void scan_begin(Scan *scan, Client *client, RespText match, KeyType type);

/* Reads a page. Returns its keys, or NULL at the end. */
extern const RespValue *scan_next(Scan *scan);

extern void scan_end(Scan *scan);

#endif
