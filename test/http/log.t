# Bodies that PostgreSQL's JSON parser rejects, for the paths of /api/v1 and for PostgREST's own: nothing of them is in an
# answer or in the server's log, although that logs every statement, its parameters and its plan.
use strict;
use warnings;

use Gateway;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $gateway = Gateway->start('log', conf => <<'EOT');
log_statement = all
log_parameter_max_length = -1
log_parameter_max_length_on_error = -1
session_preload_libraries = auto_explain
auto_explain.log_min_duration = 0
auto_explain.log_verbose = on
EOT
my $caller = $gateway->as('postgres');
my $credentials = '"credentials":{"api_key":"kanari"}';
my %body = (
	'whole' => "{\"name\":\"x\",\"type\":\"other\",\"schema_auto_refresh\":false,$credentials}",
	'cut off' => "{\"name\":\"x\",$credentials",
	'a NUL' => "{\"name\":\"x\\u0000\",$credentials}",
	'a lone surrogate' => "{\"name\":\"x\\ud800\",$credentials}",
	'no UTF-8' => "{\"name\":\"\xff\",$credentials}",
	'a huge number' => "{\"name\":1e400000,$credentials}",
	'too deep' => '[' x 20000 . '"kanari"',
	'an array' => '[{"name":"kanari"}]',
	'an escaped document' => '{"request":"{\\"credentials\\":{\\"api_key\\":\\"kanari\\"}"}');
my @told;
for my $path (
	qw(/api/v1/data-sources /api/v1/data-sources/test /rpc/data_source_create /rpc/data_source_test /rpc/data_source_update_credentials)
	)
{
	for my $what (sort keys %body)
	{
		my (undef, undef, $answer) =
			$gateway->request(POST => $path, { %$caller, 'Content-Type' => 'application/json' }, $body{$what});
		push @told, "$path, $what" if JSON::PP->new->allow_nonref->encode($answer) =~ /kanari/;
	}
}
is(join('; ', @told), '', 'no answer quotes a body');
my $log = slurp_file($gateway->{node}->logfile);
like($log, qr/set_config\('search_path'/, 'every statement is logged');
ok($log =~ /Scan on pgrst_source/, 'plans are logged');
is(join("\n", $log =~ /(.*(?:kanari|6b616e617269).*)/g), '', 'the log has no secret of a body');
done_testing();
