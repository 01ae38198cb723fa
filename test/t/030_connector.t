# A connector that dies, lies or never ends: one job fails with a clear reason, the cache stays as it was, the server
# does not notice. And a connector written in another language from src/wire/README.md alone works.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $server = start_server('server', conf => 'rivergen.max_relations = 5000');
install_fake($server);

my $id = create_source($server, fake_source('fake', {}));
my $first = discover($server, $id)->{data};
is($first->{total_tables}, 6, 'the fake source is discovered');
is_deeply([ map { $_->{schema_name} } @{ $first->{schemas_discovered} } ], [ 'schema_1', 'schema_2' ], 'its schemas');
is(sql($server, "SELECT count(*) FROM rivergen.columns WHERE data_source_id = $id"), 12, 'its columns');

sub behave
{
	my ($behaviour, %more) = @_;
	my $changes = json({ metadata => { behaviour => $behaviour, %more } });
	call($server, "rivergen.data_source_update($id, $changes)");
}

# Only what never ends has little time.
sub allow_time
{
	my ($code) = @_;
	my $seconds = $code eq 'timeout' ? 1 : 30;
	my $changes = json({ connection_timeout => $seconds, query_timeout => $seconds });
	call($server, "rivergen.data_source_update($id, $changes)");
}

my @faults = (
	# behaviour, SQLSTATE, error_code
	[ crash => 'PT502', 'connector_crashed', qr/signal|crash|died|ended/i ],
	[ kill => 'PT502', 'connector_crashed', qr/signal|kill|died|ended/i ],
	[ exit => 'PT502', qr/^(connector_crashed|protocol)$/ ],
	[ early => 'PT502', qr/^(connector_crashed|protocol)$/ ],
	[ no_end => 'PT502', qr/^(connector_crashed|protocol)$/ ],
	[ silent => 'PT504', 'timeout' ],
	[ hang => 'PT504', 'timeout' ],
	[ endless_relations => 'PT502', 'too_large', qr/more relations than rivergen\.max_relations.*5000/ ],
	map { [ $_ => 'PT502', 'protocol' ] } qw(garbage late_garbage endless long_line deep bad_utf8
		null_byte wrong_counts second_hello unknown_frame after_end));

for my $fault (@faults)
{
	my ($behaviour, $sqlstate, $code, $message) = @$fault;
	behave($behaviour);
	allow_time($code);
	discover_fails(
		$server, $id, $behaviour, sqlstate => $sqlstate, code => $code,
		says => $message // qr/\w+ \w+/, secret => qr/fake-secret/);
}

# What it does before it was asked for anything.
my $witness = PostgreSQL::Test::Utils::tempdir() . '/asked';
append_to_file($witness, '');

sub was_asked
{
	my $mode = (stat $witness)[2] & 0777;
	chmod 0644, $witness;
	return $mode == 0600;
}
was_asked();
behave('normal');
for my $fault (
	[ mute => 'PT504', 'timeout', qr/in time/ ], [ garbage => 'PT502', 'protocol', qr/not a JSON object/ ],
	[ no_hello => 'PT502', 'protocol', qr/first frame is not hello/ ],
	(   map { [
			"protocol_$_" => 'PT503', 'unavailable',
			qr/speaks version $_ of the connector protocol, and this server speaks version 2 / ] } 1,
		3),
	[ answers_unasked => 'PT502', 'protocol', qr/answered before it was asked/ ],
	[ odd_capabilities => 'PT502', 'protocol', qr/capability of hello is no text/ ],
	[ not_started => 'PT503', 'unavailable', qr/could not be started/ ])
{
	my ($beginning, $sqlstate, $code, $says) = @$fault;
	fake_beginning($server, beginning => $beginning, witness => $witness);
	allow_time($code);
	my $job = discover_fails(
		$server, $id, "at the beginning: $beginning", sqlstate => $sqlstate, code => $code,
		says => $says);
	unlike(json($job), qr{/other|/tmp}, 'no path of the server is told');
	ok(!was_asked(), 'it was not told the credentials');
}
like(
	slurp_file($server->logfile), qr{speaks version $_ of .* version 2: \S*/other$}m,
	"the operator reads of version $_, and of which connector") for 1, 3;

# Only what it offers is asked of it.
subtest 'a connector that offers only test' => sub {
	fake_beginning($server, capabilities => ['test'], witness => $witness);
	ok(call($server, "rivergen.data_source_test($id)")->{data}{success}, 'can be tested') or return;
	ok(was_asked(), 'it was asked');
	my $job = discover_fails(
		$server, $id, 'is not asked to discover', sqlstate => 'PT501', code => 'unsupported',
		says => qr/cannot discover schemas.*It offers: test\./);
	my $scan = call($server, "rivergen.table_description_scan(db_connection_id => $id)")->{data}{jobs}[0]{job_id};
	like(
		wait_job($server, $scan, 'failed')->{error_message}, qr/cannot scan tables/,
		'a connector without scan is not asked to scan');
	fake_beginning($server, capabilities => [ 'discover', 'levitate' ], witness => $witness);
	my $before = state_of($server, $id);
	call_fails(
		$server, "rivergen.data_source_test($id)", 'another cannot be tested', sqlstate => 'PT501',
		says => qr/cannot test connections.*It offers: discover\./);
	is(state_of($server, $id), $before, 'a refused operation leaves the state of the source');
	ok(!was_asked(), 'none of them was asked');
	is(discover($server, $id, 'refresh => true')->{data}{total_tables}, 6, 'what it offers works');
	fake_beginning($server);
};

# An error frame is passed on with its own code.
for my $code (qw(refused unreachable timeout tls authentication database_not_found permission configuration
	unsupported query internal))
{
	behave('error', code => $code);
	discover_fails(
		$server, $id, "error frame: $code",
		sqlstate => { timeout => 'PT504', unsupported => 'PT501' }->{$code} // 'PT502',
		code => $code, says => qr/the fake source refused/, source => 'failed');
}

# A missing schema says nothing bad about a source, but neither that it was connected to.
my $unreached = create_source($server, fake_source('unreached', { behaviour => 'error', code => 'schema_not_found' }));
discover_fails(
	$server, $unreached, 'a schema that is missing before the connection', sqlstate => qr/^PT(404|502)$/,
	code => 'schema_not_found', says => qr/the fake source refused/);
is(call($server, "rivergen.data_source_get($unreached)")->{data}{status}, 'failed', 'the source is not active by that');

# What it tells of secrets is struck out, also where one begins with another.
my $tattler = create_source(
	$server,
	fake_source(
		'tattler', { behaviour => 'tattle' },
		credentials => { api_key => 'fake-secret', password => 'fake-secret-and-more' }));
my $told = call_fails(
	$server, "rivergen.discover_schema($tattler)", 'a connector that tells secrets', sqlstate => 'PT502',
	message => 'I know *** and ***');
unlike(json($told), qr/fake-secret|and-more/, 'nothing of them is left');

# Killed from outside, in the middle.
my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
for ([ 'the connector', 'KILL' ], [ 'the connector', 'SEGV' ], [ 'its supervisor', 'KILL' ])
{
	my ($what, $signal) = @$_;
	behave('slow', gate => $gate);
	my $before = fingerprint($server, $id);
	my $session = session_start($server, "SELECT rivergen.discover_schema($id, refresh => true)");
	my $pid = wait_for(
		'the connector',
		sub {
			my ($connector) = map { /^(\d+)/ } connectors($server) or return;
			return $what eq 'the connector' ? $connector : (slurp_file("/proc/$connector/stat") =~ /\) \S (\d+)/)[0];
		});
	kill $signal, $pid;
	my ($out, $err) = session_end($session);
	like($err, qr/PT502: .*\n(.*\n)*?DETAIL:.*job \d+/, "$what killed with SIG$signal: the caller is told");
	is(fingerprint($server, $id), $before, 'the cache is as it was');
	clean_server($server);
}

# Noise does no harm.
behave('stderr_flood');
is(discover($server, $id, 'refresh => true')->{data}{total_tables}, 6, 'a flood on stderr is drained and dropped');
behave('chatter');
is(discover($server, $id, 'refresh => true')->{data}{total_tables}, 6, 'a flood of messages too');
my @chatter = slurp_file($server->logfile) =~ /connector: (?:chatter|more than)(.*)/g;
is(scalar @chatter, 101, 'the log has the first 100 messages');
is($chatter[-1], ' 100 messages; the rest is left out', 'the log says that the rest of the messages is left out');

# A source may have as many settings as its owner likes.
behave('normal', map { ("setting_$_" => $_) } 1 .. 300);
is(discover($server, $id, 'refresh => true')->{data}{total_tables}, 6, 'with 301 members of metadata');

# What could not be read is kept as it was.
behave('normal', relations => 2);
is(discover($server, $id, 'refresh => true')->{data}{total_tables}, 4, 'two relations have gone');

# Where a connector finds itself.
behave('surroundings', query => { enabled => JSON::PP::true });
discover($server, $id, 'refresh => true');
my $tables = sub {
	sql($server, "SELECT string_agg(table_name, ' ' ORDER BY table_name COLLATE \"C\") FROM rivergen.tables
		WHERE data_source_id = $id AND table_schema = '$_[0]'");
};
is( $tables->('environment'), 'HOME=/nonexistent LC_ALL=C.UTF-8 RES_OPTIONS=use-vc',
	'the environment is empty but for three');
is($tables->('descriptors'), '0 1 2', 'no descriptor is inherited');
is( $tables->('limits'),
	'Max address space 1073741824 Max core file size 1 Max file size 1048576 Max open files 256',
	'what it may have is little');
like(
	$tables->('request'), qr/credentials.*endpoint.*limits.*operation.*protocol.*scope/,
	'the request has all members');
is($tables->('options'), 'behaviour', 'its options lack what only the server needs');
clean_server($server);

# A type without an installed connector.
without_connector($server, 'http_api');
my $missing = create_source(
	$server,
	{   name => 'no connector', type => 'http_api', max_retries => 0,
		schema_auto_refresh => JSON::PP::false, credentials => { api_key => 'fake-secret' }
	});
call_fails(
	$server, "rivergen.$_($missing)", "$_ without a connector", sqlstate => 'PT501',
	says => qr/^no connector for type http_api is installed/
) for qw(discover_schema data_source_test table_description_refresh);
is(sql($server, "SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $missing"), 0, 'nothing is started');

# A session that saw many failures holds no more descriptors than before them.
behave('crash');
my $session = $server->background_psql('postgres', on_error_stop => 0);
my $pid = $session->query('SELECT pg_backend_pid()');
my $fail = "SELECT rivergen.discover_schema($id, refresh => true)";
$session->query($fail);
$session->{stderr} = '';
my $open = descriptors($pid);
for (1 .. 5)
{
	$session->query($fail);
	$session->{stderr} = '';
}
is(descriptors($pid), $open, 'no descriptor is left in the waiting session');
$session->quit;
survives($server);

done_testing();
