#!/bin/bash
# What root's commands of the manuals are on the machine of manual.t, which is one directory of an ordinary user: each is
# a link of its name to this script. $MACHINE is that directory, $DATA and $LOG are the server's.
set -euo pipefail

# start_service NAME COMMAND: in the background, its id where common.sh finds it.
start_service()
{
	local name=$1
	shift
	setsid "$@" </dev/null >"$MACHINE/$name.log" 2>&1 &
	echo $! >"$MACHINE/$name.process"
}

start_postgrest()
{
	local command
	command=$(sed -n 's/^ExecStart=//p' "$MACHINE/etc/systemd/system/rivergen-postgrest.service")
	/usr/bin/install -d -m 0750 "$MACHINE/run/rivergen"
	# shellcheck disable=SC2086 # the words of a command line
	start_service postgrest $command
}

# As Debian's nginx.conf includes it. Reloading is starting here, and ends when requests are served.
start_nginx()
{
	local path
	mkdir -p "$MACHINE/var/log/nginx"
	{
		echo "daemon off; pid $MACHINE/nginx.pid; error_log stderr warn; events { } http {"
		for path in client_body proxy fastcgi uwsgi scgi; do echo "${path}_temp_path $MACHINE/nginx_$path;"; done
		echo "include $MACHINE/etc/nginx/conf.d/*.conf; }"
	} >"$MACHINE/nginx.conf"
	PATH=$PATH:/usr/sbin start_service nginx nginx -p "$MACHINE" -e stderr -c "$MACHINE/nginx.conf"
	curl -sf --retry 300 --retry-delay 0 --retry-max-time 60 --retry-all-errors -o "$MACHINE/first" "$ADDRESS/" || {
		cat "$MACHINE"/*.log >&2
		return 1
	}
}

case "$(basename "$0") $*" in
"systemctl restart postgresql") pg_ctl -D "$DATA" -l "$LOG" -w restart >/dev/null ;;
"systemctl reload postgresql") pg_ctl -D "$DATA" reload >/dev/null ;;
"systemctl daemon-reload") ;;
"systemctl enable --now rivergen-postgrest") start_postgrest ;;
"systemctl reload nginx") start_nginx ;;
"adduser --system --group --no-create-home rivergen_gateway") ;;
"pg_config --sharedir") echo "$MACHINE/share" ;;
"runuser -u postgres -- "*) exec "${@:4}" ;;
"mariadb ") exec /usr/bin/mariadb --no-defaults "--socket=$MARIADB_SOCKET" --user=root ;;
"install "*)
	# All users are one here.
	words=()
	while [ $# -gt 0 ]; do
		case $1 in -o | -g) shift 2 ;; *) words+=("$1") && shift ;; esac
	done
	exec /usr/bin/install "${words[@]}"
	;;
*)
	echo "the machine of the manual's test has no $(basename "$0") $*" >&2
	exit 1
	;;
esac
