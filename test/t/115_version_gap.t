# Between installing a new package, with a restart, and ALTER EXTENSION UPDATE, which is run in one database after the
# other, the script of a database is older than the library; after a downgrade of the package it is newer. Nothing is
# touched until they fit, and then everything goes on without another restart.
use strict;
use warnings;

use HttpCall;
use Rivergen;
use Test::More;

my $server = start_server('server', conf => "rivergen.gateway_roles = 'gateway'");
install_fake($server);
prepare_gateway($server);
my $library = sql($server, "SELECT extversion FROM pg_extension WHERE extname = 'rivergen'");
my %source;

sub in_database
{
	my ($database, $text) = @_;
	return $server->safe_psql($database, $text);
}

# The statement that makes the script's version another one.
sub become
{
	my ($version) = @_;
	return "UPDATE pg_extension SET extversion = '$version' WHERE extname = 'rivergen';";
}

# A function that workers need is not in the older script.
my $lacks = 'ALTER EXTENSION rivergen DROP FUNCTION rivergen_catalog.host_keys(text, integer);
	DROP FUNCTION rivergen_catalog.host_keys(text, integer);';

sub job_status
{
	my ($database) = @_;
	return in_database($database, 'SELECT string_agg(status, \' \' ORDER BY job_id) FROM rivergen_catalog.job');
}

sub log_lines
{
	my ($database) = @_;
	my $log = PostgreSQL::Test::Utils::slurp_file($server->logfile);
	return scalar(() = $log =~ /rivergen does nothing in this database.*\n.*DETAIL:  In database "$database"/g);
}

# What a call is refused with: SQLSTATE, detail and hint.
sub refusal
{
	my ($database, $call) = @_;
	my (undef, undef, $error) =
		$server->psql($database, "SELECT $call", extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	return join ' | ', $error =~ /(PT\d+): /, $error =~ /^(?:DETAIL|HINT):  (.*)/mg;
}

# Every function in C that a person may call, with nulls.
my $calls = <<'EOT';
	SELECT format('rivergen.%I(%s)', proname, (SELECT string_agg('NULL::' || format_type(t, NULL), ', ' ORDER BY n)
		FROM unnest(proargtypes) WITH ORDINALITY a (t, n)))
	FROM pg_proc JOIN pg_language l ON l.oid = prolang WHERE pronamespace = 'rivergen'::regnamespace AND lanname = 'c'
		AND proname <> 'http' ORDER BY 1
EOT

sql($server, 'CREATE DATABASE two');
in_database('two', "CREATE EXTENSION rivergen; SELECT rivergen.quick_start('Two')");

# In each database a job is queued in the very transaction after which the script is older.
for my $database (qw(postgres two))
{
	my $create = 'SELECT rivergen.data_source_create(' . json(fake_source('first', {})) . ") #>> '{data,id}'";
	my $older = become('previous');
	$source{$database} = in_database($database, $create);
	in_database(
		$database,
		"BEGIN; SELECT rivergen.discover_schema($source{$database}, wait => false); $older $lacks COMMIT");
}
$server->stop;
my %lines_before = map { $_ => log_lines($_) } qw(postgres two);
$server->start;

subtest 'calls are refused with what has to be run' => sub {
	for my $database (qw(postgres two))
	{
		my $expected = qq{PT503 | In database "$database" the extension is of version previous, }
			. qq{the library of $library. | Run ALTER EXTENSION rivergen UPDATE in database "$database".};
		is(refusal($database, $_), $expected, "$database: $_") for split /\n/, in_database($database, $calls);
		is(refusal($database, "count(*) FROM rivergen.$_"), $expected, "$database: the view $_")
			for qw(data_sources tables jobs data_source_types);
	}
	my $answer = http_is($server, 503, GET => '/data-sources', code => 'SERVICE_UNAVAILABLE');
	like(
		join(' ', @{ $answer->{body}{error}{details} }),
		qr/In database "postgres" the extension is of version previous/, 'over HTTP too');
	http_is($server, 503, GET => '/data-sources/1/nothing', as => undef);
};

subtest 'workers wait' => sub {
	wait_for("the log to name $_", sub { log_lines($_) > $lines_before{$_} }) for qw(postgres two);
	reload_settings($server);
	in_database($_, "ALTER EXTENSION rivergen UPDATE TO 'previous'") for qw(postgres two);    # wakes, changes nothing
	is(job_status($_), 'queued', "$_: its job is not begun") for qw(postgres two);
};

subtest 'each database goes on after its own upgrade' => sub {
	in_database('postgres', 'ALTER EXTENSION rivergen UPDATE');
	wait_for('its job', sub { job_status('postgres') eq 'succeeded' });
	http_is($server, 200, GET => '/data-sources');
	ok(discover($server, $source{postgres}, 'refresh => true')->{success}, 'callers are served');
	like(refusal('two', 'rivergen.data_source_list()'), qr/^PT503/, 'the other one is where it was');
	is(job_status('two'), 'queued', 'with its job');
	in_database('two', 'ALTER EXTENSION rivergen UPDATE');
	wait_for('its job', sub { job_status('two') eq 'succeeded' });
	is(log_lines($_) - $lines_before{$_}, 1, "$_: one line in the log") for qw(postgres two);
};

subtest 'a package that is older than the script' => sub {
	my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
	my $id = create_source($server, fake_source('slow', { behaviour => 'slow', gate => $gate }));
	my $job = call($server, "rivergen.discover_schema($id, wait => false)")->{data}{job_id};
	wait_for('its connector', sub { children($server) });
	my $session = $server->background_psql('postgres', on_error_stop => 0);
	$session->query('SELECT rivergen.data_source_list()');
	sql($server, become('next'));
	is( refusal('postgres', 'rivergen.data_source_list()'),
		qq{PT503 | In database "postgres" the extension is of version next, the library of $library. | }
			. 'Install version next of the package, or a newer one, and restart the server.',
		'calls are refused with what has to be done');
	$session->query('SELECT rivergen.data_source_list()');
	like($session->{stderr}, qr/older or newer/, 'also in a session that was served before');
	$session->quit;
	wait_for('the connector to be gone', sub { !children($server) });
	is( sql($server, "SELECT status FROM rivergen_catalog.job WHERE job_id = $job"), 'running',
		'its job stays as it was');
	sql($server, become($library));
	open my $file, '>', $gate or die $!;
	close $file;
	discover($server, $source{postgres}, 'refresh => true');
	wait_job($server, $job, 'succeeded');
	pass('the job succeeds when library and catalog are of one version');
};

survives($server);
clean_server($server);
done_testing();
