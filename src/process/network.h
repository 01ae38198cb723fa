/* network.h — inside the process room: the operator's network rules. */
#ifndef RG_NETWORK_H
#define RG_NETWORK_H

extern void rg_network_init(void);

#endif
