# Scanning end to end: statuses, categories and examples of a real source; connectors that misbehave; a scan that is
# cancelled, interrupted by a crash, or meets a discovery.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
install_fake($server);
sql($source, <<'EOS');
CREATE TABLE orders (id int PRIMARY KEY, state text, customer_email text, note text);
INSERT INTO orders SELECT i, 'state ' || i % 3, 'canary' || i || '@mail.example', 'canary-note@mail.example' FROM generate_series(1, 100) i;
CREATE TABLE forbidden (state text);
CREATE TABLE leaves (state text);
CREATE VIEW sleeps AS SELECT pg_sleep(3600)::text AS state;
CREATE SEQUENCE counter;
GRANT SELECT ON orders, leaves, sleeps TO reader;
EOS
my $id = create_source($server, source_of($source, $password, query_timeout => 5));
discover($server, $id);

sub descriptions
{
	my ($of) = @_;
	return map { $_->{table_name} => $_ } @{ call($server, "rivergen.table_description_list($of)")->{data}{items} };
}
sub scan { return call($server, "rivergen.table_description_scan($_[0])")->{data}{jobs} }
sub column
{
	my ($body, $name) = @_;
	return (grep { $_->{name} eq $name } @{ $body->{columns} })[0];
}

my %before = descriptions($id);

subtest 'a real source' => sub {
	sql($source, 'DROP TABLE leaves');
	my $jobs = scan("db_connection_id => $id");
	is(scalar @$jobs, 1, 'one job');
	my $job = wait_job($server, $jobs->[0]{job_id}, qw(succeeded failed));
	is("$job->{kind} $job->{status}", 'scan succeeded', 'it succeeds') or diag(explain($job));
	is_deeply(
		$job->{result}, { relations_scanned => 1, relations_failed => 3 },
		'the result counts scanned and failed relations');
	my %now = descriptions($id);
	is( join(' ', map { "$_ $now{$_}{status}" } sort keys %now),
		'forbidden FAILED leaves FAILED orders SCANNED sleeps FAILED', 'statuses');
	like($now{forbidden}{error_message}, qr/may (not )?read/, 'why');
	like($now{leaves}{error_message}, qr/no longer in the data source/, 'dropped between');
	like($now{sleeps}{error_message}, qr/longer than the time/, 'slow');
	my $state = column($now{orders}, 'state');
	ok($state->{low_cardinality}, 'low cardinality');
	is_deeply($state->{categories}, [ 'state 0', 'state 1', 'state 2' ], 'categories');
	is_deeply(column($now{orders}, 'customer_email')->{categories}, [], 'none of what is private');
	is_deeply(
		$now{orders}{examples}[0], { id => '1', state => 'state 1', customer_email => '***', note => '***' },
		'examples');
	is( sql($server, "SELECT categories FROM rivergen.columns WHERE table_name = 'orders' AND column_name = 'state'"),
		'{"state 0","state 1","state 2"}', 'the view shows them');
	unlike(   sql($server, 'SELECT jsonb_agg(to_jsonb(r)) FROM rivergen_catalog.relation r')
			. sql($server, 'SELECT jsonb_agg(to_jsonb(j)) FROM rivergen_catalog.job j')
			. slurp($server->logfile), qr/canary/, 'no canary in the catalog or the log');
	sql($source, 'ALTER TABLE orders DROP COLUMN note, ADD COLUMN other int; GRANT SELECT ON forbidden TO reader');
	discover($server, $id, 'refresh => true');
	my %after = descriptions($id);
	is_deeply(
		column($after{orders}, 'state'), $state,
		'a changed document keeps the categories of columns that are there');
	is( "$after{orders}{status} $after{leaves}{status}", 'SCANNED DEPRECATED',
		'a changed document keeps the status of the scan');
	my $again = scan("'{$before{forbidden}{id},$before{orders}{id},$before{orders}{id}}'");
	is_deeply(
		wait_job($server, $again->[0]{job_id}, qw(succeeded failed))->{result},
		{ relations_scanned => 2, relations_failed => 0 }, 'by ids');
	is({ descriptions($id) }->{forbidden}{error_message}, undef, 'a later success takes the error away');
	call_fails(
		$server, "rivergen.table_description_scan('{$before{leaves}{id}}')", 'a table that has gone',
		sqlstate => 'PT409');
};

subtest 'what was found follows the columns' => sub {
	sql($source, "CREATE TABLE moods (id int PRIMARY KEY, a text, b text, c text); GRANT SELECT ON moods TO reader;
		INSERT INTO moods SELECT i, 'a' || i % 2, 'b' || i % 2, 'c' || i % 2 FROM generate_series(1, 10) i");
	discover($server, $id, 'refresh => true');
	my %was = descriptions($id);
	my $found = sub {
		discover($server, $id, 'refresh => true');
		my $now = { descriptions($id) }->{moods};
		return join ' ', (map { $_->{name} . '=' . join ',', @{ $_->{categories} } } @{ $now->{columns} }),
			map {
			my $row = $_;
			map { "$_:$row->{$_}" } sort keys %$row
			} $now->{examples}[0];
	};
	my $change = sub { sql($source, "ALTER TABLE moods $_") for @_; return $found->() };
	wait_job($server, scan("'{$was{moods}{id}}'")->[0]{job_id}, 'succeeded');
	is($found->(), 'id= a=a0,a1 b=b0,b1 c=c0,c1 a:a1 b:b1 c:c1 id:1', 'scanned');
	is($change->('RENAME a TO x'), 'id= x=a0,a1 b=b0,b1 c=c0,c1 b:b1 c:c1 id:1 x:a1', 'renamed');
	is( $change->('RENAME x TO y', 'RENAME b TO x', 'RENAME y TO b'), 'id= b=a0,a1 x=b0,b1 c=c0,c1 b:a1 c:c1 id:1 x:b1',
		'two changed names');
	is( $change->('RENAME b TO old', 'ADD b text'), 'id= old=a0,a1 x=b0,b1 c=c0,c1 b= c:c1 id:1 old:a1 x:b1',
		'renamed, and another has its name');
	is( $change->('DROP c', 'ADD c int'), 'id= old=a0,a1 x=b0,b1 b= c= id:1 old:a1 x:b1',
		'replaced by one of the same name');
	is($change->('DROP x'), 'id= old=a0,a1 b= c= id:1 old:a1', 'dropped');
	is( $change->('ADD x text'), 'id= old=a0,a1 b= c= x= id:1 old:a1',
		'a dropped column that is added again has no results');
	sql($source, 'DROP TABLE moods');
	discover($server, $id, 'refresh => true');
};

subtest 'names that changed since the discovery' => sub {
	sql($source,
		"CREATE TABLE one AS SELECT 'one' AS v FROM generate_series(1, 5); CREATE TABLE other AS SELECT 'other' AS v FROM generate_series(1, 5);
		CREATE TABLE rebuilt AS TABLE one; GRANT SELECT ON one, other, rebuilt TO reader");
	discover($server, $id, 'refresh => true');
	sql($source, 'ALTER TABLE one RENAME TO x; ALTER TABLE other RENAME TO one; ALTER TABLE x RENAME TO other;
		DROP TABLE rebuilt; CREATE TABLE rebuilt AS TABLE one; GRANT SELECT ON rebuilt TO reader');
	my $scanned = sub {
		my %now = descriptions($id);
		wait_job($server, scan("'{$now{one}{id},$now{other}{id},$now{rebuilt}{id}}'")->[0]{job_id}, 'succeeded');
		%now = descriptions($id);
		return
			map { "$_: " . ($now{$_}{error_message} // join ',', @{ column($now{$_}, 'v')->{categories} }) }
			qw(one other rebuilt);
	};
	my $again = 'discover the data source again';
	is_deeply(
		[ $scanned->() ],
		[   "one: it has another name now; $again", "other: it has another name now; $again",
			"rebuilt: another one has its name now; $again" ],
		'no values of another table');
	discover($server, $id, 'refresh => true');
	is_deeply([ $scanned->() ], [ 'one: other', 'other: one', 'rebuilt: other' ], 'after a discovery each has its own');
	sql($source, 'DROP TABLE one, other, rebuilt');
	discover($server, $id, 'refresh => true');
};

subtest 'options' => sub {
	call(
		$server,
		"rivergen.data_source_update($id, "
			. json({ metadata => { scan => { examples => JSON::PP::false, categories => JSON::PP::false } } }) . ')');
	wait_job($server, scan("'{$before{orders}{id}}'")->[0]{job_id}, 'succeeded');
	my %now = descriptions($id);
	is_deeply(
		[ $now{orders}{examples}, column($now{orders}, 'state')->{categories} ], [ [], [] ],
		'examples and categories switched off');
	call_fails(
		$server, "rivergen.data_source_update($id, "
			. json({ metadata => { scan => { Masking => JSON::PP::false, examples => 1 } } }) . ')',
		'unknown and wrong options', sqlstate => 'PT400', detail => qr/metadata\.scan/);
};

subtest 'who may switch the masking off' => sub {
	my $of = sub { return json({ metadata => { scan => { masking => $_[0] ? JSON::PP::true : JSON::PP::false } } }) };
	my $masked = sub { my %now = descriptions($id); return $now{orders}{examples}[0]{customer_email} // 'nothing' };
	my $role = sub { sql($server, "UPDATE rivergen_catalog.membership SET role = '$_[0]'") };
	my %refused = (sqlstate => 'PT403', message => qr/Only an admin may switch off the masking/);
	my $other = json(fake_source('open', { scan => { masking => JSON::PP::false } }));
	my $document = json({
		version => 1,
		sources => [ { name => $source->name, metadata => { scan => { masking => JSON::PP::false } } } ]
	});

	$role->('editor');
	call_fails($server, "rivergen.data_source_update($id, " . $of->(0) . ')', 'no editor, of a source', %refused);
	call_fails($server, "rivergen.data_source_create($other)", 'nor of a new one', %refused);
	call_fails($server, "rivergen.catalog_apply($document, dry_run => true)", 'nor by a document', %refused);
	call_fails(
		$server, "rivergen.data_source_update(999, " . $of->(0) . ')', 'a missing source is told first',
		sqlstate => 'PT404');
	call($server, "rivergen.data_source_update($id, " . $of->(1) . ')');
	wait_job($server, scan("'{$before{orders}{id}}'")->[0]{job_id}, 'succeeded');
	is($masked->(), '***', 'masked, then');

	$role->('admin');
	call($server, "rivergen.data_source_update($id, " . $of->(0) . ')');
	$role->('editor');
	call($server, "rivergen.data_source_update($id, '{\"description\": \"x\"}')");
	call($server, "rivergen.data_source_update($id, " . $of->(0) . ')');
	wait_job($server, scan("'{$before{orders}{id}}'")->[0]{job_id}, 'succeeded');
	is($masked->(), 'canary1@mail.example', 'an admin may, and others may go on with it');
	call($server, "rivergen.data_source_update($id, " . $of->(1) . ')');
	is($masked->(), 'nothing', 'masked again, what was seen is forgotten');
	is( { descriptions($id) }->{orders}{status}, 'NOT_SCANNED',
		'the table is NOT_SCANNED after masking is switched on again');
	call_fails(
		$server, "rivergen.data_source_update($id, " . $of->(0) . ')', 'and an editor cannot take that back',
		%refused);
	$role->('admin');
	wait_job($server, scan("'{$before{orders}{id}}'")->[0]{job_id}, 'succeeded');
	my $off = sub {
		call(
			$server,
			"rivergen.data_source_update($id, " . json({ metadata => { scan => { $_[0] => JSON::PP::false } } }) . ')');
		return { descriptions($id) }->{orders};
	};
	my $now = $off->('examples');
	is_deeply(
		[ scalar @{ $now->{examples} }, scalar @{ column($now, 'state')->{categories} } ], [ 0, 3 ],
		'examples that are not wanted go at once');
	is_deeply(
		column($off->('categories'), 'state')->{categories}, [],
		'categories that are switched off are deleted at once');
};

my $gates = PostgreSQL::Test::Utils::tempdir();
my $fake = create_source($server, fake_source('fake', {}, query_timeout => 60));
discover($server, $fake);
my @ids = map { $_->{id} } @{ call($server, "rivergen.table_description_list($fake)")->{data}{items} };

sub behave
{
	call($server, "rivergen.data_source_update($fake, " . json({ metadata => {@_} }) . ')');
}
sub scan_fake { return scan("db_connection_id => $fake")->[0]{job_id} }
sub statuses
{
	return sql(
		$server,
		"SELECT string_agg(DISTINCT d ->> 'status', ' ') FROM jsonb_array_elements(rivergen.table_description_list($fake) #> '{data,items}') d"
	);
}

subtest 'connectors that misbehave' => sub {
	for my $behaviour (qw(sample_twice sample_unknown sample_negative sample_long sample_missing orphan_relation))
	{
		behave(behaviour => $behaviour);
		my $job = wait_job($server, scan_fake(), qw(succeeded failed));
		is("$job->{status} $job->{error_code}", 'failed protocol', $behaviour);
	}
	is(statuses(), 'FAILED', 'what was asked for has failed');
	behave(behaviour => 'sample_odd');
	is(wait_job($server, scan_fake(), qw(succeeded failed))->{status}, 'succeeded', 'odd values');
	is( sql($server, "SELECT DISTINCT categories || ' ' || examples FROM (SELECT categories::text, examples::text
		FROM rivergen_catalog.relation WHERE data_source_id = $fake) r"),
		'{} [{}, {"c3": "fine"}, {}]',
		'are dropped');
	behave(behaviour => 'sample_partly');
	wait_job($server, scan_fake(), 'succeeded');
	is(statuses(), 'FAILED SCANNED', 'one failure keeps no other from being scanned');
	survives($server);
	clean_server($server);
};

subtest 'interrupted' => sub {
	behave(behaviour => 'slow', gate => "$gates/1");
	my $job = scan_fake();
	wait_for('the scan to run', sub { (job($server, $job)->{phase} // '') eq 'read' });
	is(statuses(), 'SYNCHRONIZING', 'while it runs');
	is( wait_for(
			'the first relation',
			sub {
				my $now = job($server, $job);
				$now->{relations} ? "$now->{relations} of $now->{relations_total}" : undef;
			}),
		'1 of ' . scalar(@ids),
		'how far it is');
	like(
		sql($server, "SELECT string_agg(query, ' ') FROM pg_stat_activity"), qr/rivergen: scanning data source $fake/,
		'pg_stat_activity says so');
	my $discovery = call($server, "rivergen.discover_schema($fake, refresh => true, wait => false)")->{data}{job_id};
	isnt($discovery, $job, 'a discovery does not join it');
	is(job($server, $discovery)->{status}, 'queued', 'a discovery waits for the end of the scan');
	call($server, "rivergen.job_cancel($discovery)");
	call($server, "rivergen.job_cancel($job)");
	is(wait_job($server, $job, qw(cancelled succeeded failed))->{status}, 'cancelled', 'it can be cancelled');
	is(statuses(), 'FAILED SCANNED', 'a cancelled scan leaves the results as they were');
	clean_server($server);

	$job = scan_fake();
	wait_for('the scan to run', sub { (job($server, $job)->{phase} // '') eq 'read' });
	my $next = scan_fake();
	isnt($next, $job, 'what a running scan has seen may be older than a request');
	is(scan_fake(), $next, 'a queued scan serves several requests');
	$server->stop('immediate');
	$server->start;
	open my $gate, '>', "$gates/1" or die $!;
	my $end = wait_job($server, $job, qw(succeeded failed));
	is($end->{status}, 'succeeded', 'after a crash it is taken up again') or diag(explain($end));
	wait_job($server, $next, 'succeeded');
	is(statuses(), 'SCANNED', 'all scans end');
	clean_server($server);
};

subtest 'many relations' => sub {
	behave(schemas => 3, relations => 90);
	discover($server, $fake, 'refresh => true');
	is_deeply(
		wait_job($server, scan_fake(), qw(succeeded failed))->{result},
		{ relations_scanned => 270, relations_failed => 0 }, 'in batches');
};

subtest 'samples that cannot be stored' => sub {
	behave(behaviour => 'sample_partly');
	sql($server, <<'EOS');
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON rivergen_catalog.relation FOR EACH ROW WHEN (NEW.scan_status = 'SCANNED') EXECUTE FUNCTION refuse();
EOS
	my $scan = scan_fake();
	my $job = wait_for(
		'the first attempt',
		sub {
			my $now = job($server, $scan);
			return $now->{attempts} > 0 && $now->{status} ne 'running' ? $now : undef;
		});
	is_deeply([ @$job{qw(status error_code attempts)} ], [ 'failed', 'internal', 1 ], 'end the job at once');
	is(statuses(), 'FAILED', 'every table is FAILED');
	sql($server, 'DROP TRIGGER refuse ON rivergen_catalog.relation; DROP FUNCTION refuse()');
	survives($server);
};

subtest 'refused' => sub {
	call_fails($server, 'rivergen.table_description_scan()', 'nothing given', sqlstate => 'PT400');
	call_fails($server, "rivergen.table_description_scan('{1}', $fake)", 'both given', sqlstate => 'PT400');
	call_fails($server, "rivergen.table_description_scan('{}')", 'no ids', sqlstate => 'PT400');
	call_fails($server, "rivergen.table_description_scan('{NULL}')", 'null', sqlstate => 'PT400');
	call_fails($server, "rivergen.table_description_scan('{{1,2},{3,4}}')", 'two dimensions', sqlstate => 'PT400');
	call_fails(
		$server, "rivergen.table_description_scan((SELECT array_agg(i) FROM generate_series(1, 10001) i))",
		'too many', sqlstate => 'PT400');
	call_fails(
		$server, "rivergen.table_description_scan('{$ids[0],999999}')", 'an unknown id', sqlstate => 'PT404',
		message => qr/999999/);
	call_fails(
		$server, 'rivergen.table_description_scan(db_connection_id => 999)', 'an unknown source',
		sqlstate => 'PT404');
	my $new = create_source($server, fake_source('new', {}));
	call_fails(
		$server, "rivergen.table_description_scan(db_connection_id => $new)", 'not discovered',
		sqlstate => 'PT409');
	call($server, "rivergen.data_source_set_status($fake, 'maintenance')");
	call_fails(
		$server, "rivergen.table_description_scan('{$before{orders}{id},$ids[0]}')", 'maintenance',
		sqlstate => 'PT409');
	sql($server, "UPDATE rivergen_catalog.membership SET role = 'viewer'");
	call_fails($server, "rivergen.table_description_scan('{1}')", 'a viewer', sqlstate => 'PT403');
};

sub slurp { open my $file, '<', $_[0] or die $!; local $/; return scalar <$file> }

done_testing();
