#!/bin/bash
# Who may include whom (DESIGN: layout). One line per room: the rooms whose headers it may include besides its own
# and those directly in src/. Prints every include that breaks the rule, and fails when there is one.
set -euo pipefail
cd "$(dirname "$0")/../.."

declare -A may_include=(
	[api]="check catalog queue"
	[http]="check catalog" # calls the api through SQL, as everybody does
	[worker]="queue catalog process merge secret check" # the only place where a secret is opened, and looked at
	[queue]="catalog"
	[merge]="wire catalog"
	[catalog]="secret"
	[check]="secret wire" # credentials are taken out of a request into memory that is wiped; who applies patterns checks them
	[secret]="" [process]="" [wire]=""
	[connectors]="wire"
)
# Rooms that are also, or only, built into other processes: no header of the server's.
plain_c='^src/(wire/|connectors/|process/(trampoline|address)\.)'

faults=0
fault()
{
	echo "$1:$2: $3"
	faults=$((faults + 1))
}

# The file that a quoted include names, or nothing when it is not one of ours.
resolve()
{
	local directory=$1 name=$2 candidate
	for candidate in "$directory/$name" "src/$name"; do
		[ -f "$candidate" ] && { realpath --relative-to=. "$candidate"; return; }
	done
	return 0
}

room_of()
{
	local rest=${1#src/}
	[[ $rest == */* ]] && echo "${rest%%/*}"
	return 0
}

check_include()
{
	local file=$1 line=$2 name=$3 target here there
	target=$(resolve "$(dirname "$file")" "$name")
	here=$(room_of "$file")
	if [[ $file =~ $plain_c ]]; then
		case $target$name in
			postgres.h | c.h | fmgr.h | miscadmin.h | postgres_fe.h | *pg_config*.h | server/*) fault "$file" "$line" "plain C, but includes $name" ;;
		esac
		[ -n "$target" ] || return 0
		[[ -n $(room_of "$target") ]] || fault "$file" "$line" "plain C, but includes the server-side $name"
	fi
	[ -n "$target" ] && [ -n "$here" ] || return 0
	there=$(room_of "$target")
	[ -z "$there" ] || [ "$there" = "$here" ] && return 0
	[ -n "${may_include[$here]+known}" ] || { fault "$file" "$line" "room $here has no rule in test/lib/layers.sh"; return 0; }
	[[ " ${may_include[$here]} " == *" $there "* ]] || fault "$file" "$line" "$here may not include $there ($name)"
}

while IFS=: read -r file line text; do
	name=$(sed -E 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]([^">]+)[">].*/\1/' <<<"$text")
	check_include "$file" "$line" "$name"
done < <(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' src --include='*.c' --include='*.h')

[ "$faults" -eq 0 ] || { echo "layers: $faults includes break the rules of DESIGN"; exit 1; }
