#!/bin/bash
# net.sh PROGRAM [ARGUMENT…]: runs it, as the user that called, in a network of its own: addresses 198.51.100.1 and
# 2001:db8::1 of this machine, 203.0.113.9 and 2001:db8:dead::9 that never answer, any user may listen on port 53, and
# resolv.conf names 127.0.0.53. Needs user namespaces, or root.
set -euo pipefail
if [ -z "${RG_NET:-}" ]; then
	namespaces=(--net --mount)
	[ "$(id -u)" -eq 0 ] || namespaces+=(--map-current-user --keep-caps)
	RG_NET=1 exec unshare "${namespaces[@]}" "$0" "$@"
fi
ip link set lo up
ip addr add 198.51.100.1/32 dev lo
ip -6 addr add 2001:db8::1/128 dev lo nodad
ip link add dead0 type veth peer name dead1
ip link set dead0 up
ip link set dead1 up
ip addr add 203.0.113.1/24 dev dead0
ip -6 addr add 2001:db8:dead::1/64 dev dead0 nodad
ip neigh add 203.0.113.9 lladdr 02:00:00:00:00:09 dev dead0 nud permanent
ip -6 neigh add 2001:db8:dead::9 lladdr 02:00:00:00:00:09 dev dead0 nud permanent
echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
resolver=$(mktemp)
echo "nameserver 127.0.0.53" >"$resolver"
chmod 0644 "$resolver"
mount --bind "$resolver" /etc/resolv.conf
rm "$resolver"
exec setpriv --inh-caps=-all --ambient-caps=-all "$@"
