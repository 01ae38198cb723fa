/* launcher.h — inside the worker room. */
#ifndef RG_LAUNCHER_H
#define RG_LAUNCHER_H

extern void rg_launcher_init(void);

/* Workers leave a database before it is dropped, renamed, moved or copied. */
extern void rg_evacuate_init(void);

#endif
