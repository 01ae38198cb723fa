# Starts the servers, has wrk ask them, and prints a line for each measurement. Run by http.sh.
use strict;
use warnings;

# The test modules send standard output to a log.
my $report;
BEGIN { open $report, '>&', \*STDOUT or die $! }

use FindBin;
use Gateway;
use HTTP::Tiny;
use IPC::Run;
use Rivergen;

my $seconds = $ENV{SECONDS_EACH} // 10;
my @connections = (2, 16, 64);

my $server = start_server('bench', conf => <<'EOS');
rivergen.gateway_roles = 'rivergen_gateway'
log_statement = none
log_min_messages = error
shared_buffers = '256MB'
max_connections = 100
EOS
install_fake($server);

# A thousand sources, the newest of which has 100 relations of 10 columns.
sql($server, <<'EOS');
SELECT count(rivergen.data_source_create(jsonb_build_object('name', 'source ' || i, 'type', 'postgresql', 'host', 'db.example.com', 'port', 5432,
	'database_name', 'production', 'schema_name', 'public', 'description', 'Main production database', 'schema_auto_refresh', false,
	'tags', jsonb_build_array('production', 'database'), 'credentials', jsonb_build_object('username', 'u', 'password', 'p'))))
FROM generate_series(1, 1000) i
EOS
my $id = create_source($server, fake_source('discovered', { schemas => 2, relations => 50, columns => 10 }));
discover($server, $id);

# The same rows as a table that PostgREST reads by itself, a key in front of them.
sql($server,
	'CREATE TABLE rivergen.bench_table AS SELECT row_number() OVER (ORDER BY i.created_at DESC) AS place, i.* FROM rivergen.data_sources s,
	LATERAL jsonb_to_record(rivergen.data_source_get(s.id) -> \'data\') i (id bigint, organization_id bigint, workspace_id bigint,
	name text, type text,
	description text, host text, port integer, database_name text, schema_name text, file_path text, use_ssh_tunnel boolean,
	ssh_host text, ssh_port integer,
	status text, last_tested_at timestamptz, last_successful_connection_at timestamptz, schema_discovered_at timestamptz, schema_auto_refresh boolean,
	tags jsonb, created_at timestamptz, updated_at timestamptz)');
sql($server, 'ALTER TABLE rivergen.bench_table ADD PRIMARY KEY (place)');
sql($server, 'VACUUM ANALYZE');
my $gateway = Gateway->before($server);
sql($server, "GRANT SELECT ON rivergen.bench_table TO rivergen_web; NOTIFY pgrst, 'reload schema'");
my $subject = sql($server, 'SELECT subject FROM rivergen_catalog.app_user ORDER BY user_id LIMIT 1');
my $token = $gateway->token(sub => $subject);
my ($base, $plain) = ($gateway->{base}, $gateway->{base});

# What is asked, and the one that it is compared with.
my @asked = (
	[ 'table', 'a table, plain PostgREST', GET => "$plain/bench_table?order=place&limit=20" ],
	[ 'rpc', 'list, plain PostgREST', GET => "$plain/rpc/data_source_list?page_size=20" ],
	[ 'list', 'GET data-sources?page_size=20', GET => "$base/api/v1/data-sources?page_size=20" ],
	[ 'get', 'GET data-sources/{id}', GET => "$base/api/v1/data-sources/$id" ],
	[ 'schemas', 'GET data-sources/{id}/schemas', GET => "$base/api/v1/data-sources/$id/schemas" ],
	[ 'discover', 'POST data-sources/{id}/discover-schema', POST => "$base/api/v1/data-sources/$id/discover-schema" ],
);

for my $asked (@asked)
{
	my ($method, $address) = @$asked[ 2, 3 ];
	my $answer = HTTP::Tiny->new->request($method, $address, { headers => { Authorization => "Bearer $token" } });
	die "$address: $answer->{status} $answer->{content}" if $answer->{status} != 200;
}

# Requests per second, p50 and p99 in milliseconds, bytes, failures.
sub load
{
	my ($method, $address, $connections) = @_;
	local $ENV{METHOD} = $method;
	my ($out, $err) = ('', '');
	IPC::Run::run(
		[   'wrk', '-t', 1, '-c', $connections, '-d', "${seconds}s", '--latency', '-s', "$FindBin::Bin/http.lua",
			'-H', "Authorization: Bearer $token", $address ],
		'>',
		\$out,
		'2>',
		\$err) or die "wrk: $err";
	return split ' ', (split /\n/, $out)[-1];
}

printf $report "%-40s %11s %11s %9s %9s %8s %9s %9s\n", '', 'connections', 'requests/s', 'p50 ms', 'p99 ms', 'bytes',
	'x table', 'x rpc';
for my $connections (@connections)
{
	my %rate;
	for my $asked (@asked)
	{
		my ($name, $label, $method, $address) = @$asked;
		my ($rate, $p50, $p99, $bytes, $failed) = load($method, $address, $connections);
		$rate{$name} = $rate;
		printf $report "%-40s %11d %11d %9.2f %9.2f %8d %9.2f %9s%s\n", $label, $connections, $rate, $p50, $p99,
			$bytes, $rate / $rate{table},
			$rate{rpc} ? sprintf('%.2f', $rate / $rate{rpc}) : '', $failed ? "   $failed FAILED" : '';
	}
}
$server->stop('fast');
