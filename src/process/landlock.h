/* landlock.h — which files a child may open. Plain C. */
#ifndef RG_LANDLOCK_H
#define RG_LANDLOCK_H

#include "process/image.h"
#include "process/rules.h"

/*
 * Confines this process, for good, to what executing the program and the rules need. image is NULL for a task
 * that executes nothing. Returns 0, or an errno: the kernel has no Landlock, or does not let it be used.
 */
extern int rg_landlock_confine(const RgRules *rules, const char *program, const RgImage *image);

#endif
