# Sourced by demo.sh, and run by Gateway.pm: the configuration of src/gateway for throwaway servers.

# gateway_configuration TEMPLATES DIRECTORY PORT DATABASE_URI JWT_SECRET: writes DIRECTORY/postgrest.conf and
# DIRECTORY/nginx.conf, with everything that the two use in that directory. What is not of this place or that is as
# in production.
gateway_configuration()
{
	local templates=$1 directory=$2 port=$3 uri=$4 secret=$5
	sed -e "s|^db-uri = .*|db-uri = \"$uri\"|" -e "s|^jwt-secret = .*|jwt-secret = \"$secret\"|" \
		-e "s|/run/rivergen|$directory|" -e "s|127.0.0.1:8080|127.0.0.1:$port|" "$templates/postgrest.conf" >"$directory/postgrest.conf"
	sed -e "s|127.0.0.1:8080|127.0.0.1:$port|" -e "s|/run/rivergen|$directory|" -e "s|/var/log/nginx/rivergen.log|$directory/access.log|" \
		"$templates/nginx.conf" >"$directory/rivergen.conf"
	cat >"$directory/nginx.conf" <<-CONFIGURATION
		daemon off;
		worker_processes auto;
		pid $directory/nginx.pid;
		error_log stderr warn;
		events { worker_connections 1024; }
		http {
			client_body_temp_path $directory/body;
			proxy_temp_path $directory/proxy;
			fastcgi_temp_path $directory/fastcgi;
			uwsgi_temp_path $directory/uwsgi;
			scgi_temp_path $directory/scgi;
			include $directory/rivergen.conf;
		}
	CONFIGURATION
}

# nginx lies where only root's PATH has it.
gateway_nginx()
{
	PATH=$PATH:/usr/sbin exec nginx -p "$1" -e stderr -c "$1/nginx.conf"
}

# Called as a script: one of the functions above.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	set -euo pipefail
	"$@"
fi
