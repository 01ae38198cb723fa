/*
 * greeting.h — the first words of a connection: version, and who asks.
 */
#ifndef RG_CASSANDRA_GREETING_H
#define RG_CASSANDRA_GREETING_H

#include "connectors/cassandra/frame.h"
#include "connectors/common/login_credentials.h"
#include "connectors/guard/dial.h"

/*
 * Greets the server and logs in. The password is sent only if `may_tell`, and only to classes of servers that
 * are known to take it. Returns false with a failure.
 */
extern bool
greet(FrameReader *reader, const LoginCredentials *credentials, bool may_tell, DialFailure *failure);

#endif
