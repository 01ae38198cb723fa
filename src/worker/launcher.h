/* launcher.h — inside the worker room. */
#ifndef RG_LAUNCHER_H
#define RG_LAUNCHER_H

extern void rg_launcher_init(void);

#endif
