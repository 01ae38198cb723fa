#include "process/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void
rg_report(int descriptor, const char *format, ...)
{
	char line[RG_LONGEST_REPORT];
	va_list values;

	va_start(values, format);

	int length = vsnprintf(line, sizeof(line) - 1, format, values);

	va_end(values);
	if (length < 0)
		return;
	if (length > (int) sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	(void) !write(descriptor, line, (size_t) length);
}
