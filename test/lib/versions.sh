#!/bin/bash
# make check-versions: the suite against other versions of PostgreSQL. First against those that this machine has besides
# the one of PG_CONFIG, then, as root, in the Debian suites of SUITES (bookworm has 15, trixie 17, sid 18), each in a
# chroot of its own below $RIVERGEN_CACHE (by default ~/.cache/rivergen) that debootstrap makes once. Nothing is installed
# into this machine but debootstrap. TESTS and SPECS choose tests as for make check. Logs are kept in build/versions.
set -uo pipefail
. "$(dirname "$0")/common.sh"

logs=$root/build/versions
cache=${RIVERGEN_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/rivergen}
read -ra suites <<<"${SUITES:-trixie sid}"
failed=0

# report NAME LOG COMMAND...: runs it, and prints what it was run against and how it ended.
report()
{
	local name=$1 log=$2 verdict=passed
	shift 2
	"$@" >"$log" 2>&1 </dev/null || { verdict=FAILED; failed=1; }
	printf '%-10s %-28s %s\n' "$name" "$(sed -n 's/^check: against //p' "$log" | head -n 1)" "$verdict"
	[ "$verdict" = passed ] || grep -m 20 -E '^check: failed|not ok|Failed test|\.t \.+ *(Dubious|Failed)' "$log" || tail -n 5 "$log"
}

installed_versions()
{
	local config
	for config in /usr/lib/postgresql/*/bin/pg_config; do
		[ -x "$config" ] && [ "$("$config" --version)" != "$("$PG_CONFIG" --version)" ] || continue
		report machine "$logs/machine-$(basename "$(dirname "$(dirname "$config")")").log" \
			"$make" -C "$root" check PG_CONFIG="$config"
	done
}

# Where this machine's own packages come from serves the other suites too.
mirror()
{
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1
}

new_chroot()
{
	local suite=$1 chroot=$2
	command -v debootstrap >/dev/null || apt-get install -qq -y --no-install-recommends debootstrap >/dev/null || return 1
	rm -rf "$chroot.partial"
	debootstrap --variant=minbase --include=make,ca-certificates "$suite" "$chroot.partial" "$(mirror)" >"$logs/$suite.debootstrap" &&
		mv -T "$chroot.partial" "$chroot"
}

# The mounts live in a namespace of their own and vanish with it. Called by report.
# shellcheck disable=SC2329
in_chroot()
{
	local chroot=$1
	shift
	cp /etc/resolv.conf "$chroot/etc/resolv.conf"
	cp /etc/ssl/certs/ca-certificates.crt "$chroot/etc/ssl/certs/"
	unshare --mount --pid --fork bash -c '
		set -e
		mount --rbind "$1" "$1"
		cd "$1"
		mount --rbind /dev dev
		mount -t proc proc proc
		pivot_root . . # after chroot there are no user namespaces, which tests of the dialer make
		umount -l .
		shift
		exec "$@"' chroot "$chroot" "$@"
}

check_suite()
{
	local suite=$1
	local chroot=$cache/chroot-$suite
	[ -d "$chroot" ] || new_chroot "$suite" "$chroot" || { echo "no chroot of $suite could be made; see build/versions"; failed=1; return; }
	rm -rf "$chroot/rivergen" && mkdir "$chroot/rivergen"
	tar -C "$root" --exclude=.git --exclude=build --exclude='*.o' --exclude='*.so' -cf - . | tar -C "$chroot/rivergen" -xf -
	# Cleaning takes a PostgreSQL, which a new chroot has not yet.
	report "$suite" "$logs/$suite.log" in_chroot "$chroot" \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TESTS="${TESTS:-}" SPECS="${SPECS:-}" \
		bash -c '/rivergen/test/lib/packages.sh && exec make -C /rivergen clean check'
}

mkdir -p "$logs" "$cache"
installed_versions
if [ "$(id -u)" -eq 0 ]; then
	for suite in "${suites[@]}"; do
		check_suite "$suite"
	done
else
	echo "Debian's suites are checked by root only"
fi
exit $failed
