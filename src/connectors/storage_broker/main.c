/*
 * main.c — the storage broker: reads the bucket that rivergen.storage_root names, for one connector, which
 * has neither keys nor a network. The server starts it beside the connector:
 *
 *   storage_broker <host> <port> <https|http> <bucket> <prefix> <connection timeout> <query timeout>
 *                  <proxy> <its port> <its addresses, one a line> <hosts that it may be asked for>
 *
 * An empty host is that of Amazon; an empty proxy is none. The prefix is the key of the source's file or
 * folder. On standard input is the operator's file of keys; descriptor 3 is a socket, whose other end the
 * connector has. Nothing but what lies at the prefix or below it can be asked for (questions.c). It ends when
 * the connector does.
 */
#include "connectors/storage_broker/account.h"
#include "connectors/storage_broker/questions.h"

#define EXIT_USAGE 64

int
main(int argc, char **argv)
{
	static Account account;

	if (argc != ACCOUNT_ARGUMENTS + 1)
		return EXIT_USAGE;
	account_open(&account, argv + 1);
	questions_serve(&account);
	return 0;
}
