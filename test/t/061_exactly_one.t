# Exactly one result for each job, whatever people and processes do to each other: callers that wait and leave, jobs that
# are cancelled, sources that are edited and deleted, workers that are terminated and killed, connectors that crash.
# Afterwards every job has ended once and its outcome was committed once. SEED= repeats the choices of a run, STEPS= makes
# more of them.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use IPC::Run;
use JSON::PP;
use Rivergen;
use Test::More;

my $seed = $ENV{SEED} // time;
my $steps = $ENV{STEPS} // 120;
my $crashes = 2;
my $most_sessions = 10;

note("SEED=$seed");
my $server = start_server(
	'server',
	conf =>
		"rivergen.retry_delay = '10ms'\nrivergen.max_retry_delay = '100ms'\nrivergen.max_workers_per_organization = 4\nmax_connections = 60"
);
install_fake($server);
srand($seed);    # not before, since names of temporary files are random, too

# What became of each job and of each source, as it was committed.
sql($server, <<'EOT');
CREATE TABLE public.step (number bigserial, job_id bigint, was text, became text, attempts int);
CREATE TABLE public.discovery (number bigserial, data_source_id bigint);
CREATE FUNCTION public.note_job() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	INSERT INTO public.step (job_id, was, became, attempts) VALUES (new.job_id, CASE TG_OP
		WHEN 'UPDATE' THEN old.status END, new.status, new.attempts);
	RETURN NULL;
END $$;
CREATE FUNCTION public.note_source() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	INSERT INTO public.discovery (data_source_id) VALUES (new.data_source_id);
	RETURN NULL;
END $$;
CREATE TABLE public.purged AS SELECT job_id FROM rivergen_catalog.job;
CREATE FUNCTION public.note_purge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	INSERT INTO public.purged VALUES (old.job_id);
	RETURN NULL;
END $$;
CREATE TRIGGER purged AFTER DELETE ON rivergen_catalog.job FOR EACH ROW EXECUTE FUNCTION public.note_purge();
CREATE TRIGGER made AFTER INSERT ON rivergen_catalog.job FOR EACH ROW EXECUTE FUNCTION public.note_job();
CREATE TRIGGER moved AFTER UPDATE ON rivergen_catalog.job FOR EACH ROW
	WHEN (old.status <> new.status OR old.finished_at IS DISTINCT FROM new.finished_at) EXECUTE FUNCTION public.note_job();
CREATE TRIGGER discovered AFTER UPDATE ON rivergen_catalog.data_source_state FOR EACH ROW
	WHEN (old.full_discovered_at IS DISTINCT FROM new.full_discovered_at) EXECUTE FUNCTION public.note_source();
EOT

my @behaviours = (
	{}, {}, {}, {}, { behaviour => 'crash' }, { behaviour => 'exit' }, { behaviour => 'garbage' },
	{ behaviour => 'hang' },
	{ behaviour => 'error', transient => JSON::PP::true }, { behaviour => 'skip' });

sub pick { return $_[ int rand @_ ] }

sub metadata
{
	return {
		%{ pick(@behaviours) }, schemas => 1 + int rand 3, relations => 1 + int rand 30,
		columns => 1 + int rand 9, whereabouts => 1
	};
}

my $made = 0;

sub new_source
{
	return create_source(
		$server,
		fake_source(
			'source ' . ++$made, metadata(), max_retries => int rand 3, query_timeout => 1,
			schema_auto_refresh => $made == 1 ? JSON::PP::true : JSON::PP::false));
}

my @sources = map { new_source() } 1 .. 6;
my (@sessions, @promised, %done);

# Lets a statement run beside the others; keep is called with what it answered, when it did.
sub beside
{
	my ($name, $text, $keep) = @_;
	my $session = session_start($server, $text);
	push @sessions, { %$session, name => $name, keep => $keep };
}

sub reap
{
	my ($most) = @_;
	while (@sessions > $most)
	{
		@sessions = grep {
			my $running = eval {
				$_->{run}->pumpable && do { $_->{run}->pump_nb; 1 }
			} && $_->{run}->pumpable;
			unless ($running)
			{
				my $fine = eval { $_->{run}->finish };
				$done{ "$_->{name} " . ($fine ? 'answered' : 'refused') }++;
				$_->{keep}->($_->{out}) if $fine && $_->{keep};
			}
			$running;
		} @sessions;
		select undef, undef, undef, 0.01 if @sessions > $most;
	}
}

sub workers
{
	return split /\n/,
		sql($server, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'rivergen worker' ORDER BY pid");
}

sub any_job
{
	return sql(
		$server,
		"SELECT job_id FROM rivergen_catalog.job ORDER BY status IN ('queued', 'running') DESC, random() LIMIT 1") || 0;
}

sub promise { my ($out) = @_; push @promised, $out =~ /"job_id": (\d+)/ }

my @arguments = (
	'refresh => true', 'refresh => true', 'refresh => true, "full" => true',
	"refresh => true, schema_name => 'schema_1'");
my %actions = (
	'waits' => [ 12, sub { beside('a waiting caller', 'SELECT ' . discovery(pick(@sources), pick(@arguments))) } ],
	'leaves' => [
		4,
		sub {
			beside(
				'a caller who leaves',
				"SET statement_timeout = '"
					. pick(1, 20, 100)
					. "ms'; SELECT "
					. discovery(pick(@sources), pick(@arguments)));
		}
	],
	'queues' => [
		10,
		sub {
			beside(
				'a queuing caller', 'SELECT ' . discovery(pick(@sources), pick(@arguments) . ', wait => false'),
				\&promise);
		}
	],
	'scans' => [
		2,
		sub { beside('a scan', 'SELECT rivergen.table_description_scan(db_connection_id => ' . pick(@sources) . ')') }
	],
	'cancels' => [ 6, sub { beside('job_cancel', 'SELECT rivergen.job_cancel(' . any_job() . ')') } ],
	'edits' => [
		5,
		sub {
			beside(
				'an edit',
				'SELECT rivergen.data_source_update(' . pick(@sources) . ', ' . json({ metadata => metadata() }) . ')');
		}
	],
	'renames' => [
		2,
		sub {
			beside(
				'a new description',
				'SELECT rivergen.data_source_update('
					. pick(@sources) . ', '
					. json({ description => 'as of ' . rand }) . ')');
		}
	],
	'credentials' => [
		3,
		sub {
			beside(
				'new credentials',
				'SELECT rivergen.data_source_update_credentials('
					. pick(@sources) . ', '
					. json({ api_key => 'key ' . rand }) . ')');
		}
	],
	'deletes' =>
		[ 3, sub { my $id = pick(@sources); beside('a deletion', "SELECT rivergen.data_source_delete($id)"); } ],
	'purges' => [
		1,
		sub {
			my $place = int rand @sources;
			beside('a purge', "SELECT rivergen.data_source_delete($sources[$place], force => true)");
			reap(0);
			$sources[$place] = new_source();
		}
	],
	'restores' =>
		[ 6, sub { my $id = pick(@sources); beside('a restoration', "SELECT rivergen.data_source_restore($id)") } ],
	'tests' => [ 2, sub { beside('a test', 'SELECT rivergen.data_source_test(' . pick(@sources) . ')') } ],
	'terminates a worker' =>
		[ 4, sub { my ($pid) = workers() or return; kill 'TERM', $pid; $done{'workers terminated'}++ } ],
	'kills a connector' => [
		4,
		sub {
			my ($pid) = map { /^(\d+)/ } connectors($server);
			$pid // return;
			kill 'KILL', $pid;
			$done{'connectors killed'}++;
		}
	],
	'terminates a caller' => [
		2,
		sub {
			sql($server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%discover_schema%'
		AND backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1");
			$done{'callers terminated'}++;
		}
	]);
my @choices = map { ($_) x $actions{$_}[0] } sort keys %actions;
my %crash_at = map { (int($steps * ($_ + 0.5) / ($crashes + 0.5)) => 1) } 0 .. $crashes - 1;

# A worker dies in the middle of its work, and takes the server's sessions with it.
sub crash
{
	wait_for(
		'a worker',
		sub {
			reap($most_sessions - 1);
			beside(
				'a queuing caller', 'SELECT ' . discovery(pick(@sources), 'refresh => true, wait => false'),
				\&promise);
			my ($pid) = workers() or return 0;
			return crash_restart($server, $pid);
		});
	$done{'crash restarts'}++;
}

for my $step (1 .. $steps)
{
	reap($most_sessions - 1);
	$actions{ pick(@choices) }[1]->();
	crash() if $crash_at{$step};
}
reap(0);
note("$done{$_} x $_") for sort keys %done;

# Everything is as people want it to be, and what is queued can end.
for my $id (@sources)
{
	$server->psql('postgres', "SELECT rivergen.data_source_restore($id)", stderr => \my $err);   # it may not be deleted
	call(
		$server,
		"rivergen.data_source_update($id, " . json({ metadata => { relations => 3 }, query_timeout => 120 }) . ')');
}
my $unfinished = eval {
	jobs_end($server);
	'';
} // sql($server, "SELECT to_jsonb(j) FROM rivergen_catalog.job j WHERE status IN ('queued', 'running')");
is($unfinished, '', 'every job has ended') or diag("SEED=$seed");

sub none
{
	my ($query, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is(sql($server, "SELECT to_jsonb(q) FROM ($query) q LIMIT 5"), '', $name) or diag("SEED=$seed");
}

cmp_ok(sql($server, 'SELECT count(*) FROM rivergen_catalog.job'), '>', $steps / 10, 'there were jobs');
note(sql(
	$server,
	"SELECT string_agg(format('%s %s%s', n, status, ' ' || error_code), ', ' ORDER BY n DESC)
			FROM (SELECT count(*) AS n, status, error_code FROM rivergen_catalog.job GROUP BY 2, 3) s"
));
none(
	"SELECT job_id, array_agg(became ORDER BY number) FROM step WHERE job_id NOT IN (SELECT job_id FROM purged) GROUP BY 1
	HAVING count(*) FILTER (WHERE became NOT IN ('queued', 'running')) <> 1", 'each job has ended exactly once');
none(
	"SELECT * FROM step WHERE was NOT IN ('queued', 'running') OR was = became OR (was = 'queued' AND became = 'succeeded')",
	'no job did anything after its end');
none(
	"SELECT * FROM rivergen_catalog.job j WHERE (finished_at IS NULL) OR (status = 'succeeded') <> (result IS NOT NULL)
	OR (status = 'failed' AND error_code IS NULL) OR status <> (SELECT became FROM step s WHERE s.job_id = j.job_id ORDER BY number DESC LIMIT 1)",
	'and says how');
none(
		  'SELECT unnest(ARRAY['
		. join(', ', @promised, -1)
		. ']::bigint[]) EXCEPT SELECT -1 EXCEPT SELECT job_id FROM rivergen_catalog.job EXCEPT SELECT job_id FROM purged',
	'every job that was promised is there');
none(
	"SELECT data_source_id FROM (SELECT data_source_id, count(*) AS stored FROM discovery
		WHERE data_source_id IN (SELECT data_source_id FROM rivergen_catalog.data_source) GROUP BY 1) d
	FULL JOIN (SELECT data_source_id, count(*) AS succeeded FROM rivergen_catalog.job WHERE kind = 'discover'
		AND schema_name IS NULL AND status = 'succeeded' GROUP BY 1) j
	USING (data_source_id) WHERE stored IS DISTINCT FROM succeeded", 'as many discoveries are stored as jobs succeeded');
none(
	"SELECT c.job_id, status FROM rivergen_catalog.schema_change c
		LEFT JOIN rivergen_catalog.job j USING (organization_id, job_id) WHERE status IS DISTINCT FROM 'succeeded'",
	'only jobs that succeeded tell changes');
none(
	'SELECT job_id FROM rivergen_catalog.schema_change GROUP BY 1 HAVING count(DISTINCT changed_at) > 1',
	'each in one transaction');
none(
	"SELECT data_source_id, valid_to FROM rivergen_catalog.relation_version v
		EXCEPT SELECT data_source_id, changed_at FROM rivergen_catalog.schema_change",
	'every replaced version has its changes');
none(
	"SELECT relation_id FROM (SELECT relation_id, valid_from, lag(valid_to) OVER (PARTITION BY data_source_id, relation_id ORDER BY valid_to)
		AS before
	FROM rivergen_catalog.relation_version) v WHERE valid_from < before", 'no relation has two documents at one time');
none(
	"SELECT data_source_id, status FROM rivergen_catalog.data_source_state WHERE status = 'testing'",
	'no source is left testing');
none(
	"SELECT s.* FROM rivergen.stats() s WHERE (queued, waiting, running) <> (0, 0, 0)
	OR failed_last_day <> (SELECT count(*) FROM rivergen_catalog.job WHERE status = 'failed')
	OR quarantined <> (SELECT count(*) FROM rivergen_catalog.data_source_state WHERE quarantined_at IS NOT NULL)",
	'stats() agrees with the tables');
clean_server($server, 'no process, no temporary file is left');
wait_for('the workers to leave', sub { !workers() });

subtest 'the pool is whole' => sub {
	my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
	call(
		$server,
		"rivergen.data_source_update($_, "
			. json({ metadata => { behaviour => 'slow', gate => $gate, relations => 3 } }) . ')'
	) for @sources[ 0 .. 3 ];
	beside('a waiting caller', 'SELECT ' . discovery($_, 'refresh => true')) for @sources[ 0 .. 3 ];
	wait_for(
		'four jobs at once',
		sub { sql($server, "SELECT count(*) FROM rivergen.jobs WHERE phase = 'read'") eq '4' });
	pass('as many jobs run at once as there may be workers');
	open my $file, '>', $gate or die $!;
	%done = ();
	reap(0);
	is_deeply(\%done, { 'a waiting caller answered' => 4 }, 'all waiting callers are answered');
};

subtest 'every source is as it is' => sub {
	my $fresh = create_source($server, fake_source('fresh', { relations => 3 }));
	discover($server, $fresh);
	for my $id (@sources)
	{
		call($server, "rivergen.data_source_update($id, " . json({ metadata => { relations => 3 } }) . ')');
		discover($server, $id, 'refresh => true');
		my $stored = sub {
			sql($server,
				"SELECT schema_name, relation_name, hash, document FROM rivergen_catalog.relation
					WHERE data_source_id = $_[0] AND deprecated_at IS NULL ORDER BY 1, 2"
			);
		};
		is($stored->($id), $stored->($fresh), "source $id");
	}
};

clean_server($server);
done_testing();
