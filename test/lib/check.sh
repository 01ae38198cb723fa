#!/bin/bash
# make check: packages, build, install, lint, unit tests, fuzz targets, connector.mk, pg_regress, pgTAP, isolation specs, TAP, and TAP over HTTP.
# Everything runs even when something before it failed; only a failed build stops. What failed is said once more at the
# end. Servers live in a directory that is removed at the end.
# make check TESTS="t/010_basic.t" runs only those TAP files, SPECS="cancel_finish" only those isolation specs.
# Random tests take the SEED that is given, or else one that the files of the tests make: the same tree runs the same tests.
# make check-locale runs the tests in Turkish databases on servers far from home (elsewhere.conf).
set -uo pipefail
. "$(dirname "$0")/common.sh"
. "$root/test/lib/isolation.sh"

failed=()
step()
{
	local name=$1
	shift
	echo "== $name"
	"$@" 2>&1 | as_postgres tee "$work/step" || failed+=("$name")
	grep -hE '^not ok|^ *# +Failed test|^ +at .* line [0-9]+\.$|^ *# {5,}[^ ]|(Dubious|Failed [0-9]+/|Parse errors:)|\(Wstat: |^test .*FAILED|^(end of|said by) ' "$work/step" |
		cut -c 1-300 | sed "s/^/[$name] /" | head -n 60 | as_postgres tee -a "$work/failures" >/dev/null
	grep -hB 6 '^# Looks like you failed' "$work/step" | grep '^# ' | cut -c 1-160 | sed "s/^/[$name] /" |
		as_postgres tee -a "$work/failures" >/dev/null
}

unit_tests()
{
	"$make" -s -C "$root/test/unit" check PG_CONFIG="$PG_CONFIG" | sed '/^ok /d'
}

# A few executions of each; make fuzz is for long runs (test/fuzz/README.md).
fuzz_targets()
{
	"$make" -s -C "$root/test/fuzz" -j2 check PG_CONFIG="$PG_CONFIG"
}

# The checkout may be unreadable for the user that runs PostgreSQL (a clone below /root): the tests run from a copy.
copy_tests()
{
	tar -C "$root" -cf - README.md docs test expected src/gateway src/connectors src/stream src/wire src/compat.h | as_postgres tar -C "$work" -xf -
}

regression_tests()
{
	local names=()
	mapfile -t names < <(find "$work/test/sql" -name '*.sql' -printf '%f\n' | sed 's/\.sql$//' | LC_ALL=C sort)
	if [ ${#names[@]} -eq 0 ]; then
		echo "there are no tests in test/sql"
		return 1
	fi
	local port status=0
	port=$(free_port)
	new_cluster regress "$port" "$(quiet_configuration)" || return 1
	as_postgres "$pgxs_dir/src/test/regress/pg_regress" --bindir="$bindir" \
		--inputdir="$work/test" --outputdir="$work" --host="$work/regress.sock" --port="$port" --user=postgres \
		--dbname=contrib_regression "${names[@]}" || status=1
	if [ -s "$work/regression.diffs" ]; then
		cat "$work/regression.diffs"
		grep '^[-+]' "$work/regression.diffs" | head -n 20 | cut -c 1-160 | sed 's/^/said by pg_regress: /'
		keep "$work/regression.diffs" "$work/regress.log"
	fi
	stop_cluster regress
	return $status
}

contract_tests()
{
	local port status=0
	port=$(free_port)
	new_cluster pgtap "$port" "$(quiet_configuration)" || return 1
	as_postgres env PATH="$bindir:$PATH" pg_prove --host "$work/pgtap.sock" --port "$port" --username postgres \
		--dbname postgres "$work"/test/pgtap/*.sql || status=1
	stop_cluster pgtap
	return $status
}

# The summary has what a test that died said last, which is in its log only, what a failed one said (its seed, and how the
# failures differ), and which of its servers crashed.
show_logs()
{
	local log name failure='^(\[[^]]*\]\([^)]*\))? *not ok'
	for log in "$work"/tap/tmp_check/log/regress_log_*; do
		[ -e "$log" ] || return # none of these tests has a server
		name=$(basename "$log")
		if ! grep -qE '[0-9]s\) 1\.\.[1-9]' "$log"; then
			grep -vE '^(###|# (Running:|No postmaster PID)|waiting for server to|server stopped)' "$log" |
				tail -n 8 | cut -c 1-300 | sed "s/^/end of $name: /"
		elif ! grep -qE "$failure" "$log"; then
			continue
		fi
		if grep -qE "$failure" "$log"; then
			grep -EA 14 "$failure" "$log" | sed -nE 's/^(\[[^]]*\]\([^)]*\) )? *# *([^ ].*)/\2/p' |
				grep -vE '^(Running:|Checking port|Found port|Postmaster PID|No postmaster PID|##|Failed test|at /|Looks like|Subtest:)' | head -n 12 | cut -c 1-160 |
				sed "s/^/said by $name: /"
		fi
		grep -HE 'was terminated by signal|exited with exit code ([2-9]|1[0-9])|PANIC: |TRAP: ' "${log%/*}/${name#regress_log_}"_*.log |
			head -n 4 | cut -c 1-300 | sed "s|^${log%/*}/|said by |"
	done
}

tap_tests()
{
	local options=()
	read -ra options <<<"${TAP_OPTIONS:-}"
	as_postgres mkdir -p "$work/tap" "$work/ports"
	as_postgres env PATH="$bindir:$PATH" PERL5LIB="$work/test/lib:$pgxs_dir/src/test/perl" TESTDIR="$work/tap" \
		TESTDATADIR="$work/tap/tmp_check" TESTLOGDIR="$work/tap/tmp_check/log" \
		PG_TEST_PORT_DIR="$work/ports" PG_REGRESS="$pgxs_dir/src/test/regress/pg_regress" PG_CONFIG="$PG_CONFIG" \
		PG_TEST_TIMEOUT_DEFAULT="${PG_TEST_TIMEOUT_DEFAULT:-600}" TMPDIR="$work" \
		POSTGREST="${postgrest:-}" VALIDATOR="${validator:-}" PYTHON_PEERS="${python_peers:-}" PEERS="${built_peers:-}" \
		prove --jobs 2 "${options[@]}" "$@" && return 0
	show_logs
	[ ! -d "$work/tap/tmp_check/log" ] || keep "$work/tap/tmp_check/log"
	return 1
}

all_tap_tests()
{
	local options=()
	read -ra options <<<"${TAP_OPTIONS:-}"
	local tests=()
	mapfile -t tests < <(find "$work/test/t" "$work/test/connectors" -name '*.t' | sort)
	fetch_python_peers && fetch_built_peers && fetch_postgrest_alone && tap_tests "${tests[@]}"
}

# Those that want PostgREST and nginx.
http_tests()
{
	local tests=()
	mapfile -t tests < <(find "$work/test/http" -name '*.t' | sort)
	fetch_postgrest && tap_tests "${tests[@]}"
}

fetch_postgrest()
{
	fetch_postgrest_alone && fetch_validator
}

fetch_postgrest_alone()
{
	[ -z "${postgrest:-}" ] || return 0
	postgrest=$("$root/test/lib/peers.sh") && as_postgres mkdir -p "$work/peers" || return 1
	# Where the user that runs it can reach it.
	as_postgres tee "$work/peers/postgrest" <"$postgrest" >/dev/null && as_postgres chmod 0700 "$work/peers/postgrest" || return 1
	postgrest=$work/peers/postgrest
}

# What validates OpenAPI documents: its script came with the tests, its packages are laid beside it.
fetch_validator()
{
	local fetched
	fetched=$("$root/test/lib/npm.sh" "$root/test/http/validator") || return 1
	validator=$work/test/http/validator
	tar -C "$fetched" -cf - node_modules | as_postgres tar -C "$validator" -xf -
}

# What the simulated SQL Server is made of, where the user that runs it can reach it.
fetch_python_peers()
{
	local fetched
	fetched=$("$root/test/lib/pip.sh" "$root/test/peers/python") || return 1
	python_peers=$work/python_peers
	as_postgres mkdir -p "$python_peers"
	tar -C "$fetched" -cf - . | as_postgres tar -C "$python_peers" -xf -
}

# Peers in Java, Go and JavaScript, each in a folder of its name: $PEERS/ferretdb.
fetch_built_peers()
{
	local place fetched name
	built_peers=$work/built_peers
	as_postgres mkdir -p "$built_peers"
	for place in "$root"/test/peers/*/; do
		name=$(basename "$place")
		if [ -f "$place/pom.xml" ]; then
			fetched=$("$root/test/lib/maven.sh" "$place") || return 1
		elif [ -f "$place/go.mod" ]; then
			fetched=$("$root/test/lib/go.sh" "$place") || return 1
		elif [ -f "$place/package-lock.json" ]; then
			fetched=$("$root/test/lib/npm.sh" "$place") || return 1
		else
			continue
		fi
		as_postgres mkdir "$built_peers/$name"
		tar -C "$fetched" -cf - . | as_postgres tar -C "$built_peers/$name" -xf - || return 1
	done
}

# The TAP files of TESTS.
chosen_tests()
{
	local tests=()
	read -ra tests <<<"$TESTS"
	if [[ " $TESTS" == *" http/"* ]]; then
		fetch_postgrest || return 1
	fi
	if [[ " $TESTS" == *" connectors/"* ]] || grep -q connectors/lib "${tests[@]/#/$root/test/}"; then
		fetch_python_peers && fetch_built_peers && fetch_postgrest_alone || return 1
	fi
	tap_tests "${tests[@]/#/$work/test/}"
}

keep()
{
	mkdir -p "$root/build/check"
	cp -r "$@" "$root/build/check/"
	echo "kept in build/check: $(basename -a "$@" | xargs)"
}

build_and_install || exit 1
"$root/test/lib/next_version.sh" "$("$PG_CONFIG" --sharedir)/extension" || exit 1
echo "check: against $("$PG_CONFIG" --version)"
remove_work_at_exit
make_work
copy_tests
SEED=${SEED:-$(find "$root/test" -name '*.t' -o -name '*.pm' | LC_ALL=C sort | xargs -d '\n' cat | cksum | cut -d ' ' -f 1)}
export SEED
# The order of hashes and sets would be another in each process.
export PERL_HASH_SEED=0 PERL_PERTURB_KEYS=0 PYTHONHASHSEED=0
echo "check: SEED=$SEED"
if [ "${1:-}" = elsewhere ]; then
	export INITDB_OPTIONS='--no-locale --locale-provider=icu --icu-locale=tr-TR' TEMP_CONFIG=$work/test/lib/elsewhere.conf
fi

if [ -z "${TESTS:-}${SPECS:-}" ]; then
	step lint "$root/test/lib/lint.sh"
	step "unit tests" unit_tests
	step fuzz fuzz_targets
	step connector.mk "$root/test/lib/connector_mk.sh"
	step pg_regress regression_tests
	step pgTAP contract_tests
fi
[ -n "${TESTS:-}" ] || step isolation isolation_tests
if [ -n "${TESTS:-}" ]; then
	step TAP chosen_tests
elif [ -z "${SPECS:-}" ]; then
	step TAP all_tap_tests
	step HTTP http_tests
fi

if [ ${#failed[@]} -gt 0 ]; then
	cat "$work/failures"
	printf 'check: failed:'
	printf ' [%s]' "${failed[@]}"
	echo " with SEED=$SEED"
	exit 1
fi
echo "check: passed"
