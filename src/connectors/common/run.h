/*
 * run.h — a connector as a table of what it can do. Its main is
 *
 *     int main(void) { return connector_run(&(Connector){.name = "mysql", .version = CONNECTOR_VERSION, …});
 * }
 */
#ifndef RG_CONNECTOR_RUN_H
#define RG_CONNECTOR_RUN_H

#include <stdbool.h>

#include "connectors/common/request.h"

/*
 * A NULL operation is a capability that hello does not name. Each operation gets the request, emits its
 * frames from progress and connected on, and returns. A failure ends the process through give_up().
 */
typedef struct Connector
{
	const char *name;
	const char *version;
	bool signatures; /* discover makes signatures if request->signatures is set */
	void (*test)(Request *request);
	const char *(*discover)(Request *request); /* returns the source's signature, or NULL */
	void (*sample)(Request *request);
	void (*databases)(Request *request); /* emits those that the user may see, in their order */
	void (*read)(Request *request);
	bool (*query)(Request *request); /* returns whether there are more rows than the limit */
	bool exact;                      /* read applies every condition, and the limit, as PostgreSQL does */

	/* Called before the request is known, and maybe long before it: prepares what every request needs. Or
	 * NULL. */
	void (*prepare)(void);

	/*
	 * If it is given, read and query keep what they opened, and may be called again. It is called when the
	 * answer has been sent, and tidies up; it must not fail any more.
	 */
	void (*rest)(void);
} Connector;

/* Serves one request, or several that only read, from hello to end. Returns the exit status. */
extern int connector_run(const Connector *connector);

#endif
