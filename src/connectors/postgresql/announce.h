/*
 * announce.h — the frame `connected`.
 */
#ifndef RG_POSTGRESQL_ANNOUNCE_H
#define RG_POSTGRESQL_ANNOUNCE_H

/*
 * Sends the server's version as in "PostgreSQL 15.4", without the packager's additions. The dialect is the
 * major version, within which the server spells definitions alike. identity may be NULL.
 */
extern void announce(const char *version, const char *identity);

#endif
