/*
 * messages.h — judges what servers send before libmongoc reads it: the library believes the lengths that
 * stand in a message, and reads beyond its end.
 */
#ifndef RG_MONGODB_MESSAGES_H
#define RG_MONGODB_MESSAGES_H

#include <stdbool.h>

/*
 * From now on connections are made, with TLS or without. A message that is no answer ends the connection:
 * then it may be that no server of MongoDB listens there.
 */
extern void messages_dial(bool with_tls);
extern bool messages_were_unsound(void);

/* From now on a message that is no answer ends the process. */
extern void messages_rely(void);

#endif
