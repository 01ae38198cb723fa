# Sourced by check.sh, demo.sh and bench.sh: who runs PostgreSQL, where its programs are, and throwaway clusters
# in a directory that is removed whatever happens.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# What an outer make or a developer's shell has set must not reach the builds and servers started here.
pg_config=${PG_CONFIG:-pg_config}
make=${MAKE:-make}
unset MAKEFLAGS MFLAGS MAKELEVEL "${!PG@}"
export PG_CONFIG=$pg_config LC_ALL=C.UTF-8

# PostgreSQL refuses to run as root.
as_postgres()
{
	if [ "$(id -u)" -eq 0 ]; then
		runuser -u postgres -- "$@"
	else
		"$@"
	fi
}

# Packages (when root), build, install. Afterwards $bindir and $pgxs_dir are set.
build_and_install()
{
	"$root/test/lib/packages.sh" || return 1
	bindir=$("$PG_CONFIG" --bindir)
	pgxs_dir=$(dirname "$("$PG_CONFIG" --pgxs)")/../..
	local library_dir extension_dir
	library_dir=$("$PG_CONFIG" --pkglibdir)
	extension_dir=$("$PG_CONFIG" --sharedir)/extension
	if ! [ -w "$library_dir" ] || ! [ -w "$extension_dir" ]; then
		echo "The tests run against the installed extension, and $(id -un) may not write to" >&2
		echo "$library_dir and $extension_dir. Run this as root, or with the PG_CONFIG of a PostgreSQL of your own." >&2
		return 1
	fi
	"$make" -s -C "$root" -j2 all PG_CONFIG="$PG_CONFIG" && "$make" -s -C "$root" install PG_CONFIG="$PG_CONFIG"
}

# A private directory of the user that runs PostgreSQL, in $work. Callers trap `remove_work` on EXIT.
make_work()
{
	work=$(as_postgres mktemp -d "${TMPDIR:-/tmp}/rivergen.XXXXXX")
	cd "$work" # runuser keeps the working directory, and postgres may not be allowed into the present one
}

remove_work()
{
	local data
	[ -n "${work:-}" ] || return 0
	# Also those of a test that was killed.
	while read -r data; do
		data=$(dirname "$data")
		stop_cluster "${data#"$work"/}" immediate
	done < <(find "$work" -name postmaster.pid)
	end_processes
	cd /
	rm -rf "$work"
	work=
}

# What a test that was killed left running: a file NAME.process holds its id, and its command line names the file's place.
end_processes()
{
	local file process
	while read -r file; do
		process=$(<"$file")
		grep -qsF "$work" "/proc/$process/cmdline" && as_postgres kill "$process"
	done < <(find "$work" -name '*.process' 2>/dev/null)
	return 0
}

# Also for interrupts: bash runs the EXIT trap after them only when they exit.
remove_work_at_exit()
{
	trap remove_work EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

free_port()
{
	perl -I"$root/test/connectors/lib" -MPorts=free_port -e 'print free_port()'
}

# new_cluster NAME PORT [CONFIGURATION]: made and started, listening on 127.0.0.1 and in $work/NAME.sock; trusted on
# the socket, a password wanted over TCP.
new_cluster()
{
	local name=$1 port=$2 configuration=${3:-}
	# shellcheck disable=SC2086 # the options are words
	as_postgres "$bindir/initdb" -D "$work/$name" -U postgres -E UTF8 ${INITDB_OPTIONS:---no-locale} -N \
		--auth-local=trust --auth-host=scram-sha-256 >"$work/$name.initdb" 2>&1 || { cat "$work/$name.initdb" >&2; return 1; }
	as_postgres mkdir "$work/$name.sock"
	as_postgres tee -a "$work/$name/postgresql.conf" >/dev/null <<-CONFIGURATION
		port = $port
		listen_addresses = '127.0.0.1'
		unix_socket_directories = '$work/$name.sock'
		fsync = off
		max_connections = 40
		$configuration
	CONFIGURATION
	[ -z "${TEMP_CONFIG:-}" ] || as_postgres tee -a "$work/$name/postgresql.conf" >/dev/null <"$TEMP_CONFIG"
	as_postgres "$bindir/pg_ctl" -D "$work/$name" -l "$work/$name.log" -w start >/dev/null || { cat "$work/$name.log" >&2; return 1; }
}

stop_cluster()
{
	as_postgres "$bindir/pg_ctl" -D "$work/$1" -m "${2:-fast}" -w stop >/dev/null 2>&1 || true
}

# The settings of a server that has the extension and may reach the throwaway source beside it.
rivergen_configuration()
{
	cat <<-CONFIGURATION
		shared_preload_libraries = 'rivergen'
		rivergen.key_file = '$work/rivergen.keys'
		rivergen.allowed_networks = '127.0.0.0/8,::1/128'
	CONFIGURATION
}

# The same where nothing but the test may connect to its sources, and so change their status.
quiet_configuration()
{
	rivergen_configuration
	echo "rivergen.health_check_interval = 0"
}
