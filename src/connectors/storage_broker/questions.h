/*
 * questions.h — what the connector asks. It may have been taken over by a file that it reads: every question
 * is checked, and leads to no other object than the source, and what is below it.
 */
#ifndef RG_STORAGE_BROKER_QUESTIONS_H
#define RG_STORAGE_BROKER_QUESTIONS_H

#include "connectors/storage_broker/account.h"

/* Where the server puts the socket. */
#define CONNECTOR_DESCRIPTOR 3

/* Answers until the connector closes its end, or asks what is no question. */
extern void questions_serve(Account *account);

#endif
