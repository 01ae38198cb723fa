# Sourced by demo.sh: the way of the shop over HTTP, with curl.
. "$root/test/lib/gateway.sh"

start_gateway()
{
	local program gateway=$work/gateway http_port
	program=$("$root/test/lib/peers.sh") || return 1
	secret=$(openssl rand -hex 32)
	http_port=$(free_port)
	base=http://127.0.0.1:$http_port
	as_postgres mkdir -m 0700 "$gateway"
	as_postgres tee "$gateway/postgrest" <"$program" >/dev/null
	as_postgres chmod 0700 "$gateway/postgrest"
	as_postgres tee "$gateway/jwt.secret" <<<"$secret" >/dev/null
	psql_in app -o /dev/null -f - <"$root/src/gateway/roles.sql"
	configure_gateway "$http_port"
	start_process gateway/postgrest "$gateway/postgrest" "$gateway/postgrest.conf"
	start_process gateway/nginx bash "$work/gateway/gateway.sh" gateway_nginx "$gateway"
	wait_for_gateway
}

# In the place that the user who runs it may read.
configure_gateway()
{
	local name
	as_postgres mkdir "$work/gateway/templates"
	for name in nginx.conf postgrest.conf; do
		as_postgres tee "$work/gateway/templates/$name" <"$root/src/gateway/$name" >/dev/null
	done
	as_postgres tee "$work/gateway/gateway.sh" <"$root/test/lib/gateway.sh" >/dev/null
	as_postgres bash "$work/gateway/gateway.sh" gateway_configuration "$work/gateway/templates" "$work/gateway" "$1" \
		"postgresql://rivergen_gateway@:$port/app?host=$work/demo.sock" "@$work/gateway/jwt.secret"
}

wait_for_gateway()
{
	local until=$((SECONDS + 30))
	until curl -sfo /dev/null "$base/"; do
		if [ $SECONDS -gt $until ]; then
			cat "$work"/gateway/*.log >&2
			return 1
		fi
		sleep 0.05
	done
}

base64url()
{
	openssl base64 -A | tr '+/' '-_' | tr -d '='
}

# A token for the subject, valid for a day: header and claims, signed with the secret that PostgREST knows.
make_token()
{
	local text
	text=$(printf '{"alg":"HS256","typ":"JWT"}' | base64url).$(printf '{"sub":"%s","exp":%d}' "$1" $(($(date +%s) + 86400)) | base64url)
	echo "$text.$(printf '%s' "$text" | openssl dgst -sha256 -mac HMAC -macopt "key:$secret" -binary | base64url)"
}

# show_curl LINE: shows a command as one would type it, then what it answers. "…" stands for the password.
show_curl()
{
	printf '%s%s%s\n' "$dim" "$1" "$plain"
	answered=$(eval "${1//…/$password}")
	if [[ $answered == [\{\[]* ]]; then
		json_pp -json_opt pretty,canonical,utf8 <<<"$answered"
	else
		echo "$answered"
	fi
}

# A number of the last answer.
json_member()
{
	perl -MJSON::PP -e 'print JSON::PP->new->utf8->decode($ARGV[0])->{data}{$ARGV[1]}' "$answered" "$1"
}

http_look_around()
{
	cat <<-TEXT
		The gateway is still running:
		    TOKEN=$TOKEN
		    curl -s $base/api/v1/data-sources -H "Authorization: Bearer \$TOKEN"
		    curl -s $base/api/v1/data-sources/$id/schemas -H "Authorization: Bearer \$TOKEN"
		    curl -s "$base/columns?table_name=eq.orders&select=column_name,data_type" -H "Authorization: Bearer \$TOKEN"
		    curl -s -X PATCH $base/api/v1/data-sources/$id -H "Authorization: Bearer \$TOKEN" \\
		        -H 'Content-Type: application/json' -d '{"description": "What we sell"}'
		    curl -s $base/api/v1/openapi.json
	TEXT
}

heading "The gateway: PostgREST, and nginx before it"
start_gateway
echo "$base/api/v1/ has the REST paths, $base/ plain PostgREST."
TOKEN=$(make_token postgres)
echo "A token for the user that quick_start made, signed with the gateway's secret:"
printf '%sTOKEN=%s%s\n' "$dim" "$TOKEN" "$plain"

heading "Without it"
show_curl "curl -s $base/api/v1/data-sources"

heading "Register the shop as a data source"
show_curl "curl -s $base/api/v1/data-sources -H \"Authorization: Bearer \$TOKEN\" -H 'Content-Type: application/json' -d '{
	\"name\": \"Shop\", \"type\": \"postgresql\",
	\"host\": \"127.0.0.1\", \"port\": $port, \"database_name\": \"shop\",
	\"schema_auto_refresh\": false, \"tags\": [\"demo\"],
	\"credentials\": {\"username\": \"shop_reader\", \"password\": \"…\"}}'"
id=$(json_member id)

heading "Discover it"
show_curl "curl -s -X POST $base/api/v1/data-sources/$id/discover-schema -H \"Authorization: Bearer \$TOKEN\""

heading "A table that was found"
show_curl "curl -s '$base/api/v1/data-sources/$id/schemas?schema_name=sales&table_name=orders' -H \"Authorization: Bearer \$TOKEN\""

heading "In the background: a job, and where it is"
show_curl "curl -si -X POST '$base/api/v1/data-sources/$id/discover-schema?refresh=true' -H \"Authorization: Bearer \$TOKEN\" -H 'Prefer: respond-async' | tr -d '\\r' | grep -iE '^(HTTP|location)'"

heading "The views, through plain PostgREST"
show_curl "curl -s '$base/tables?select=table_schema,table_name,row_estimate&table_schema=eq.sales&order=table_name' -H \"Authorization: Bearer \$TOKEN\""
