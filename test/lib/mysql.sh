#!/bin/bash
# make check-mysql: the connector mysql against a real MySQL, whose server Debian has in sid only: it runs in a chroot below
# $RIVERGEN_CACHE (by default ~/.cache/rivergen) that debootstrap makes once. Needs root.
set -euo pipefail
. "$(dirname "$0")/common.sh"

cache=${RIVERGEN_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/rivergen}
chroot=$cache/chroot-mysql
[ "$(id -u)" -eq 0 ] || { echo "a chroot is made by root only"; exit 1; }

new_chroot()
{
	local mirror
	command -v debootstrap >/dev/null || apt-get install -qq -y --no-install-recommends debootstrap >/dev/null
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
	rm -rf "$chroot.partial"
	debootstrap --variant=minbase --include=mysql-server-core sid "$chroot.partial" "$mirror" >/dev/null
	mv -T "$chroot.partial" "$chroot"
}

# The mounts live in a namespace of their own and vanish with it. unshare passes no signal on: its child,
# the first process of the namespace, is what to kill.
in_chroot()
{
	exec unshare --mount --pid --fork chroot "$chroot" sh -c 'mount -t proc proc /proc; exec "$@"' sh "$@"
}

mkdir -p "$cache"
[ -d "$chroot" ] || new_chroot
build_and_install
server=$(mktemp -d "$chroot/run/rivergen.XXXXXX")
chown nobody "$server"
inside=${server#"$chroot"}
options=(--no-defaults --user=nobody "--datadir=$inside/data" "--log-error=$inside/log" --secure-file-priv=NULL)
(in_chroot mysqld "${options[@]}" --initialize-insecure)
port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport')
in_chroot mysqld "${options[@]}" --bind-address=127.0.0.1 "--port=$port" "--socket=$inside/socket" --mysqlx=OFF \
	--performance-schema=OFF --innodb-buffer-pool-size=32M &
process=$!
trap 'pkill -KILL -P "$process"; wait "$process" || true; rm -rf "$server"' EXIT
MYSQL_SOCKET=$server/socket MYSQL_PORT=$port PG_CONFIG=$PG_CONFIG prove "$root/test/sources/mysql.t"
