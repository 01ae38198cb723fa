# The canary sweep (docs/security.md, "Where secrets are"): secrets are stored, replaced, used, misspelled and refused, and then looked
# for wherever a server leaves traces. Credentials written into the text of a statement are in whatever logs
# statements; so clients here do what check() advises: they seal, or bind parameters.
use strict;
use warnings;

use Canary;
use MIME::Base64 qw(encode_base64);
use Rivergen;
use Sealing;
use Test::More;

my $server = start_server('server', conf => <<'EOT');
shared_preload_libraries = 'rivergen, pg_stat_statements'
pg_stat_statements.track = all
log_min_messages = debug1
log_error_verbosity = verbose
log_statement = ddl
log_duration = on
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_temp_files = 0
wal_level = replica
max_wal_senders = 4
full_page_writes = on
EOT
install_fake($server);
sql($server, 'CREATE EXTENSION pg_stat_statements; CREATE TABLE heard (at timestamptz DEFAULT now(), what text)');

# The call with its arguments as bound parameters: pgbench speaks the extended protocol. Returns what it said.
sub bound
{
	my ($call, %variable) = @_;
	my $script = PostgreSQL::Test::Utils::tempdir() . '/call.sql';
	open my $file, '>', $script or die $!;
	print $file "SELECT $call;\n";
	close $file or die $!;
	my $status = IPC::Run::run(
		[   'pgbench', '-n', '-t', '1', '-M', 'extended', '-f', $script, '-h', $server->host,
			'-p', $server->port, (map { ('-D', "$_=$variable{$_}") } sort keys %variable), 'postgres' ],
		'>',
		\my $out,
		'2>',
		\my $err);
	return ($status, $out . $err);
}

my $json = JSON::PP->new->utf8->canonical;

sub bound_ok
{
	my ($name, $call, $body) = @_;
	my ($status, $said) = bound($call, body => ref $body ? $json->encode($body) : $body);
	ok($status, $name) or diag($said);
}

sub bound_fails
{
	my ($name, $call, $body, $pattern) = @_;
	my (undef, $said) = bound($call, body => ref $body ? $json->encode($body) : $body);
	like($said, $pattern, "$name is refused");
	unlike($said, qr/cNry[a-z0-9]{24}/, "$name: without the secret");
}

my $create = 'rivergen.data_source_create(:body::jsonb)';
my $with = sub { my ($name, %change) = @_; return fake_source($name, {}, %change) };
my $secret = sub { return { username => 'u', password => canary($_[0]) } };

bound_ok('create', $create, $with->('bound', credentials => $secret->('created')));
my $id = sql($server, "SELECT id FROM rivergen.data_sources WHERE name = 'bound'");
my $replace = "rivergen.data_source_update_credentials($id, :body::jsonb)";
bound_ok('replace', $replace, $secret->('replaced'));
bound_ok(
	'connection string',
	$create,
	{   name => 'by string', type => 'postgresql', credentials => {},
		schema_auto_refresh => JSON::PP::false,
		connection_string => 'postgresql://u:' . canary('in a connection string') . '@h/d'
	});
bound_ok('long', $create, $with->('long', credentials => { ssh_private_key => canary('long') . 'x' x 60_000 }));

my $sealed = create_source($server, $with->('sealed', credentials => sealed_credentials($server, $secret->('sealed'))));
call(
	$server,
	"rivergen.data_source_update_credentials($sealed, "
		. json(sealed_credentials($server, $secret->('sealed again'), keys => ['password'])) . ')');

my $apply = "rivergen.catalog_apply((:body::jsonb) -> 'document', false, (:body::jsonb) -> 'credentials')";
my $beside = sub {
	my ($credentials) = @_;
	my $source = $with->('beside');
	delete $source->{credentials};
	return { document => { sources => [$source] }, credentials => $credentials };
};
bound_ok('credentials beside a document', $apply, $beside->({ beside => $secret->('beside a document') }));
bound_fails(
	'credentials for a source that is not in the document',
	$apply, $beside->({ besides => $secret->('beside, misspelled') }), qr/not a source of the document/);
bound_fails(
	'a text for credentials beside a document',
	$apply, $beside->({ beside => canary('beside, a text') }), qr/Invalid/);

bound_fails('a taken name', $create, $with->('bound', credentials => $secret->('taken name')), qr/already exists/);
bound_fails(
	'bad fields', $create, { %{ $with->('bad', credentials => $secret->('bad fields')) }, port => 'x', nonsense => 1 },
	qr/nonsense|Invalid/);
bound_fails(
	'a number for a password', $create, $with->('bad', credentials => { password => [ canary('in an array') ] }),
	qr/must be a string|Invalid/);
bound_fails('an unknown credential', $replace, { pasword => canary('misspelled') }, qr/did you mean|Invalid/);
bound_fails(
	'a password beside the credentials', $create, { %{ $with->('bad') }, password => canary('beside') },
	qr/Invalid/);
bound_fails(
	'a string that contradicts',
	$create,
	{   name => 'bad', type => 'postgresql', host => 'other',
		credentials => {}, connection_string => 'postgresql://u:' . canary('contradicting') . '@h/d'
	},
	qr/contradicts|Invalid/);
bound_fails(
	'an option that is not allowed',
	$create,
	{   name => 'bad', type => 'postgresql', credentials => {},
		connection_string => 'host=h dbname=d passfile=/x password=' . canary('with passfile')
	},
	qr/passfile|Invalid/);
bound_fails(
	'a missing source', 'rivergen.data_source_update_credentials(987654321, :body::jsonb)', $secret->('no source'),
	qr/not found/);
bound_fails(
	'credentials in an update', "rivergen.data_source_update($id, :body::jsonb)",
	{ credentials => $secret->('in an update') }, qr/cannot be changed here|Invalid/);

# What is sealed and faulty is first seen by a worker.
my $key = sealing_key($server);
for my $bad (
	[ malformed => '{"organization_id": 1, "credentials": {"password": "%s"' ],
	[ 'unknown inside' => '{"organization_id": 1, "credentials": {"%1$s": "%1$s"}}' ],
	[ 'wrong inside' => '{"organization_id": 1, "credentials": ["%s"]}' ],
	[ 'of another tenant' => '{"organization_id": 77, "credentials": {"password": "%s"}}' ])
{
	my $box =
		{ sealed => seal_text($key, sprintf($bad->[1], canary("sealed and $bad->[0]"))), key_id => $key->{key_id} };
	call($server, "rivergen.data_source_update_credentials($id, " . json($box) . ')');
	discover_fails(
		$server, $id, "sealed and $bad->[0]", sqlstate => 'PT502', code => qr/^credentials_/, says => qr/sealed/,
		secret => qr/cNry/);
}
bound_ok('replace', $replace, $secret->('replaced again'));

# A connector that fails with what it was given, and one that is held while it has it.
my $behave = sub { call($server, "rivergen.data_source_update($_[0], " . json({ metadata => $_[1] }) . ')') };
for my $behaviour (qw(crash late_garbage stderr_flood))
{
	$behave->($id, { behaviour => $behaviour });
	$server->psql('postgres', "SELECT rivergen.discover_schema($id, refresh => true)");
}
call($server, 'rivergen.key_rotate()');

my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
$behave->($_, { behaviour => 'slow', gate => $gate }) for $id, $sealed;
my @sessions = map { session_start($server, "SELECT rivergen.discover_schema($_, refresh => true)") } $id, $sealed;
wait_for(
	'two connectors',
	sub {
		connectors($server) == 2;
	});
my $listener = $server->background_psql('postgres');
$listener->query_safe('LISTEN rivergen');

is_deeply([ finds('x' . canary('created')) ], ['created'], 'the sweep finds what is there');
isnt(scalar(finds(encode_base64('ab' . canary('created') . 'xy', ''))), 0, 'in base64, too');

# While the connectors have them.
my @pids = map { /^(\d+)/ } children($server);
my $postmaster = $server->{_pid};
my @all = ($postmaster, split /\n/, sql($server, 'SELECT pid FROM pg_stat_activity'));
nothing_in('arguments and environments', processes(@pids, @all));
nothing_in('pg_stat_activity', sql($server, 'SELECT to_jsonb(a) FROM pg_stat_activity a'));
nothing_in(
	'jobs and what is shown of sources', sql($server, 'SELECT to_jsonb(j) FROM rivergen.jobs j'),
	sql($server, 'SELECT to_jsonb(d) FROM rivergen.data_sources d'),
	sql($server, 'SELECT to_jsonb(c) FROM rivergen.credentials c'));
open my $opened, '>', $gate or die $!;
for my $session (@sessions)
{
	my ($out, $err) = session_end($session);
	like($out, qr/completed/, 'the connector was given what it needed');
	nothing_in('what callers are told', $out, $err);
}
nothing_in('pg_stat_statements', sql($server, 'SELECT to_jsonb(s) FROM pg_stat_statements s'));
$listener->query_safe('SELECT 1');
nothing_in('notifications', $listener->{stdout} // '', $listener->{stderr} // '');
$listener->quit;
clean_server($server);

sql($server, 'CHECKPOINT');
$server->backup('copy');
nothing_in('a base backup, as a replica has it', map { content($_) } files_below($server->backup_dir . '/copy'));
my $dumped = IPC::Run::run([ 'pg_dumpall', '-h', $server->host, '-p', $server->port ], '>', \my $dump);
ok($dumped && $dump =~ /COPY rivergen_catalog.credential/, 'credentials are in the dump');
nothing_in('pg_dumpall', $dump);
$server->stop;
my @data = files_below($server->data_dir);
cmp_ok(scalar(grep { m{/pg_wal/[0-9A-F]{24}$} } @data), '>', 0, 'the WAL is among the files');
nothing_in('heap, WAL, temporary and all other files', map { content($_) } @data);
my $log = content($server->logfile);
like($log, qr/DEBUG: |LOG: /, 'the log is talkative');
nothing_in('the log', $log);
note(searched_for());

done_testing();
