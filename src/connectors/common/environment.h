/*
 * environment.h — client libraries read variables that change where and how they connect.
 */
#ifndef RG_CONNECTOR_ENVIRONMENT_H
#define RG_CONNECTOR_ENVIRONMENT_H

/* Leaves HOME, which is nowhere, and the variable by which the resolver asks for names over TCP. */
extern void environment_clear(void);

#endif
