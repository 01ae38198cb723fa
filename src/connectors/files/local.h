/*
 * local.h — what is below a folder of this machine, which the server has opened. Each step down is one name:
 * no link is followed, no name leads up, and no other file system is entered. So nothing beside the folder
 * can be opened, whatever changes in it meanwhile.
 */
#ifndef RG_FILES_LOCAL_H
#define RG_FILES_LOCAL_H

#include "connectors/files/storage.h"

extern const Below local_below;

#endif
