#include "connectors/orc/fault.h"

#include "connectors/common/emit.h"

void
orc_broken(const char *detail)
{
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The ORC file is broken.",
					   .detail = detail,
					   .hint = "The file may have been cut off, or changed in transfer."});
}

void
orc_unsupported(const char *message, const char *detail)
{
	give_up(&(Failure){.step = "query", .code = "unsupported", .message = message, .detail = detail});
}

void
orc_too_large(const char *message)
{
	give_up(&(Failure){.step = "query", .code = "too_large", .message = message});
}
