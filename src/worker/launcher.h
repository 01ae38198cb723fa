/* launcher.h — inside the worker room: the process that starts workers. */
#ifndef RG_LAUNCHER_H
#define RG_LAUNCHER_H

extern void rg_launcher_init(void);

#endif
