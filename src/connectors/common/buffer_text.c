#include "connectors/common/buffer_text.h"

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

char *
buffer_take_text(WireBuffer *buffer)
{
	char *text;

	wire_append(buffer, "", 1);
	if (buffer->failed)
		give_up_out_of_memory();
	text = copy_text(buffer->data);
	wire_free(buffer);
	return text;
}
