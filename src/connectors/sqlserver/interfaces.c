/*
 * interfaces.c — ioctl() in front of the real one. For the login the library looks for the address of a
 * network card, and does not expect the kernel to refuse the list of cards, as it does a connector that is
 * confined: it then reads memory that nothing was written to. There is no card to be found, and the server is
 * told of none.
 */
#include <dlfcn.h>
#include <net/if.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/ioctl.h>

int
ioctl(int file, unsigned long request, ...)
{
	static int (*real)(int, unsigned long, ...);
	va_list arguments;
	void *argument;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (request == SIOCGIFCONF)
	{
		((struct ifconf *) argument)->ifc_len = 0;
		return 0;
	}
	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "ioctl");
	return real(file, request, argument);
}
