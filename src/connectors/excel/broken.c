#include "connectors/excel/broken.h"

#include "connectors/common/emit.h"

void
give_up_broken(const char *what, const char *detail)
{
	give_up(&(Failure){.step = "connect", .code = "protocol", .message = what, .detail = detail});
}

void
give_up_unsupported(const char *what, const char *hint)
{
	give_up(&(Failure){.step = "connect", .code = "unsupported", .message = what, .hint = hint});
}

void
give_up_too_large(const char *what, const char *detail)
{
	give_up(&(Failure){.step = "query", .code = "too_large", .message = what, .detail = detail});
}
