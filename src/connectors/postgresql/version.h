/*
 * version.h — the connector's own version, which the Makefile passes: the extension's.
 */
#ifndef RG_POSTGRESQL_VERSION_H
#define RG_POSTGRESQL_VERSION_H

#ifndef CONNECTOR_VERSION
#define CONNECTOR_VERSION "unversioned"
#endif

#endif
