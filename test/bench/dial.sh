#!/bin/bash
# What the dialer costs: a blocking connect to this machine, and the start of a program, with the dialer and without it, in
# turns. Nothing is left behind.
set -euo pipefail
. "$(dirname "$0")/../lib/common.sh"

rounds=5
connects=${SIZE:-2000}
starts=100

run=$("$PG_CONFIG" --pkglibdir)/rivergen/rivergen-run
remove_work_at_exit
make_work
bench=$work/dial
gcc -O2 -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -o "$bench" "$root/test/bench/dial.c"
chmod 0755 "$bench"

# A server that takes connections and drops them.
perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1000, LocalAddr => "127.0.0.1") or die; $| = 1;
	print $s->sockport, "\n"; close $s->accept while 1' >"$work/server" &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
until [ -s "$work/server" ]; do :; done
port=$(cat "$work/server")

# below NETWORK PROGRAM ARGUMENT: the program below rivergen-run.
below()
{
	local network=$1
	shift
	as_postgres bash -c 'exec 3>/dev/null; "$0" $$ --rule=network:"$1" --rule=allow:127.0.0.1/32 0 1048576 256 -- "${@:2}"; exit $?' \
		"$run" "$network" "$@"
}

# The middle of the numbers in a file.
median()
{
	sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

ratio()
{
	awk -v a="$(median "$work/$1")" -v b="$(median "$work/$2")" 'BEGIN { printf "%.2f", a / b }'
}

for ((round = 0; round < rounds; round++)); do
	as_postgres "$bench" "connect $connects $port" >>"$work/bare"
	below plain "$bench" "connect $connects $port" >>"$work/plain"
	below dial "$bench" "connect $connects $port" >>"$work/dialed"
	as_postgres "$bench" start "$starts" /bin/true >>"$work/start_bare"
	for network in none plain dial; do
		as_postgres bash -c 'exec 3>/dev/null "$@"' - "$bench" start "$starts" "$run" %d --rule=network:$network 0 1048576 256 -- \
			/bin/true >>"$work/start_$network"
	done
done

echo "a connect: $(median "$work/bare") us; below rivergen-run without the dialer x $(ratio plain bare), with it x $(ratio dialed bare)"
echo "a start of /bin/true: $(median "$work/start_bare") us; below rivergen-run x $(ratio start_none start_bare) without a network," \
	"x $(ratio start_plain start_bare) without the dialer, x $(ratio start_dial start_bare) with it"
