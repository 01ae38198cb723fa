# What the TAP tests share: a server with the extension, a source to discover, and ways to call, wait and look for
# what was left behind. Everything runs as one unprivileged user on throwaway clusters (PostgreSQL::Test::Cluster).
package Rivergen;

use strict;
use warnings;

use Exporter 'import';
use File::Basename qw(dirname);
use File::Copy qw(copy);
use IO::Socket::INET;
use IPC::Run;
use JSON::PP;
use lib dirname(__FILE__) . '/../connectors/lib';
use Ports qw(free_port);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT =
	qw(start_server start_source install_fake without_connector fake_beginning may_read connector_path source_of
	fake_source create_source create_quiet_source sql change_settings reload_settings call call_fails wait_for job
	wait_job worker_of jobs_end discover discover_attached discovery discover_fails session_start session_end sessions_at_locks
	callers_waiting fingerprint state_of children connectors is_running descriptors without_spares clean_server
	crash_restart survives json literal source_columns refused_port silent_port);

# Test names hold characters beyond Latin-1. The handles that PostgreSQL::Test::Utils puts below the builder's take
# bytes, and from PostgreSQL 17 on a wide character there ends the test.
{
	no warnings 'redefine';
	my $print = \&PostgreSQL::Test::SimpleTee::PRINT;
	*PostgreSQL::Test::SimpleTee::PRINT = sub {
		my ($tee, @texts) = @_;
		utf8::encode($_) for grep { utf8::is_utf8($_) } @texts;
		return $print->($tee, @texts);
	};
}

my $json = JSON::PP->new->utf8->allow_nonref->canonical;
my %connector_directory;    # by node name

# A running server with the extension, its key and one organization. Options: conf (more settings), loopback (may
# sources be on this machine; yes unless told).
sub start_server
{
	my ($name, %option) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $secrets = PostgreSQL::Test::Utils::tempdir();
	my $directory = $connector_directory{$name} = private_connectors();

	$node->init(extra => [ '--encoding=UTF8', split ' ', $ENV{INITDB_OPTIONS} // '--no-locale' ]);
	$node->append_conf('postgresql.conf', "restart_after_crash = on");
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'rivergen'");
	$node->append_conf('postgresql.conf', <<~"EOT");
		rivergen.key_file = '$secrets/rivergen.keys'
		rivergen.connector_directory = '$directory'
		# How quick the machine is decides how many tests a minute holds.
		rivergen.max_tests_per_minute = 0
		# Nothing but the test connects to its sources.
		rivergen.health_check_interval = 0
		EOT
	$node->append_conf('postgresql.conf', "rivergen.allowed_networks = '127.0.0.0/8,::1/128'")
		if $option{loopback} // 1;
	$node->append_conf('postgresql.conf', $option{conf}) if $option{conf};
	$node->start;
	sql($node, 'CREATE EXTENSION rivergen');
	call($node, "rivergen.quick_start('Acme')");
	return $node;
}

# Every server gets its own copy of the installed connectors, so that a process that runs from there is known to
# belong to it, and a fake can be added.
sub private_connectors
{
	my $directory = PostgreSQL::Test::Utils::tempdir();
	my $config = $ENV{PG_CONFIG} // 'pg_config';
	chomp(my $installed = `$config --pkglibdir`);
	chmod 0755, $directory;
	for my $file (glob "$installed/rivergen/*")
	{
		(my $copy = $file) =~ s{.*/}{$directory/};
		copy($file, $copy) or die "$file: $!";
		chmod 0755, $copy;
	}
	return $directory;
}

# Installs test/lib/fake-connector for sources of type `other`.
sub install_fake
{
	my ($node, $type) = @_;
	my $target = connector_path($node, $type // 'other');
	my $lib = dirname(__FILE__);
	copy("$lib/fake-connector", $target) or die "$target: $!";
	copy("$lib/fake-rows.pl", "$target.rows") or die "$target.rows: $!";
	chmod 0755, $target;
	fake_may_read($node, $type // 'other');
}

# Removes the connector of a type, as where its package is not installed.
sub without_connector
{
	my ($node, $type) = @_;
	my $path = connector_path($node, $type);
	unlink $path or !-e $path or die "$path: $!";
}

sub fake_may_read
{
	my ($node, $type, @more) = @_;
	my $path = connector_path($node, $type);
	may_read($node, $type, "$path.beginning", "$path.rows", '/proc/self/limits', @more);
}

# Lists files that the connector of a type may read.
sub may_read
{
	my ($node, $type, @paths) = @_;
	my $path = connector_path($node, $type) . '.files';
	open my $file, '>', $path or die "$path: $!";
	print $file "$_\n" for @paths;
	close $file;
}

sub connector_path
{
	my ($node, $type) = @_;
	return $connector_directory{ $node->name } . "/$type";
}

# What the fake does before it reads the request: beginning => a name, capabilities => a list, witness => a file whose
# mode it makes 0600 when it was asked. Without any: it says hello, with all that it has.
sub fake_beginning
{
	my ($node, %first) = @_;
	my $path = connector_path($node, 'other') . '.beginning';
	unlink $path;
	if (%first)
	{
		fake_may_read($node, 'other', $first{witness}) if $first{witness};
		open my $file, '>', $path or die "$path: $!";
		print $file $json->encode({ beginning => 'hello', %first });
		close $file;
	}
	utime undef, undef, connector_path($node, 'other');    # connectors that were started before are not alike
	return;
}

# A plain cluster that wants a SCRAM password over TCP: what a person registers. Its role `reader` has the password
# given; superuser over the socket, as the tests' own way in.
sub start_source
{
	my ($name, $password, %option) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name, port => free_port());
	$node->init(extra => [ '--encoding=UTF8', split ' ', $ENV{INITDB_OPTIONS} // '--no-locale' ]);
	$node->append_conf('postgresql.conf', "listen_addresses = '127.0.0.1'");
	$node->append_conf('postgresql.conf', $option{conf}) if $option{conf};
	unlink $node->data_dir . '/pg_hba.conf';
	$node->append_conf('pg_hba.conf', "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256");
	$node->start;
	sql($node, "CREATE ROLE reader LOGIN PASSWORD " . literal($password));
	return $node;
}

# The request that registers a source node, with the changes given.
sub source_of
{
	my ($node, $password, %change) = @_;
	return {
		name => $node->name, type => 'postgresql', host => '127.0.0.1', port => $node->port + 0,
		database_name => 'postgres', schema_auto_refresh => JSON::PP::false, max_retries => 0,
		credentials => { username => 'reader', password => $password }, %change
	};
}

# The request that registers a fake source: its metadata tells the fake connector how to behave.
sub fake_source
{
	my ($name, $metadata, %change) = @_;
	return {
		name => $name, type => 'other', schema_auto_refresh => JSON::PP::false, max_retries => 0,
		credentials => { api_key => 'fake-secret' }, metadata => $metadata, %change
	};
}

# Registers a source; returns its id.
sub create_source
{
	my ($node, $request) = @_;
	return call($node, 'rivergen.data_source_create(' . json($request) . ')')->{data}{id};
}

# The same without the first discovery that schema_auto_refresh queues.
sub create_quiet_source
{
	my ($node, $request) = @_;
	return sql(
		$node,
		'BEGIN; SELECT rivergen.data_source_create(' . json($request) . ") #>> '{data,id}';
		DELETE FROM rivergen_catalog.job WHERE data_source_id = currval('rivergen_catalog.data_source_id_seq'); COMMIT");
}

sub sql
{
	my ($node, $text) = @_;
	return $node->safe_psql('postgres', $text);
}

# Gives settings of the server these values (undef: those of its file). Every process knows them then.
sub change_settings
{
	my ($node, %settings) = @_;
	for my $name (sort keys %settings)
	{
		my $value = $settings{$name};
		sql($node, defined $value ? "ALTER SYSTEM SET $name = " . literal($value) : "ALTER SYSTEM RESET $name");
	}
	reload_settings($node);
	return;
}

# Who is told to reload (as pg_ctl does) tells all processes later. They know it when a session can begin that knows it.
sub reload_settings
{
	my ($node) = @_;
	$node->reload;
	sql($node, 'SELECT 1');
	return;
}

# The decoded jsonb of one function call.
sub call
{
	my ($node, $expression) = @_;
	return $json->decode(sql($node, "SELECT $expression"));
}

# A test: the expression fails (a hang ends the whole file), and sqlstate, message, detail, hint are as given (strings or patterns); `says` is the
# three texts together. Returns them.
sub call_fails
{
	my ($node, $expression, $name, %expected) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($status, $out, $err) = $node->psql(
		'postgres', "SELECT $expression", extra_params => [ '-v', 'VERBOSITY=verbose' ],
		timeout => $PostgreSQL::Test::Utils::timeout_default);
	my %found;
	@found{qw(sqlstate message)} = $err =~ /ERROR:  (\w{5}): (.*)/;
	($found{detail}) = $err =~ /^DETAIL:  (.*)/m;
	($found{hint}) = $err =~ /^HINT:  (.*)/m;
	$found{says} = join ' | ', map { $found{$_} // () } qw(message detail hint);
	subtest $name => sub {
		isnt($status, 0, 'fails') or diag("it answered $out");
		for my $part (sort keys %expected)
		{
			my $value = $found{$part} // '';
			ref $expected{$part} ? like($value, $expected{$part}, $part) : is($value, $expected{$part}, $part);
		}
	} or diag($err);
	return \%found;
}

# The answer of a waited-for discovery; arguments is more SQL such as "refresh => true".
sub discover
{
	my ($node, $id, $arguments) = @_;
	return call($node, discovery($id, $arguments));
}

# Reads the source again, and waits until its foreign tables are as it is: a worker sees to them after it has stored the
# discovery, when its caller may have the answer.
sub discover_attached
{
	my ($node, $id) = @_;
	my $before = sql($node, 'SELECT clock_timestamp()');
	discover($node, $id, 'refresh => true');
	wait_for(
		'the foreign tables',
		sub {
			return sql($node, "SELECT count(*) FROM rivergen_catalog.attachment WHERE data_source_id = $id "
					. "AND refreshed_at < '$before'") eq '0';
		});
}

sub discovery
{
	my ($id, $arguments) = @_;
	return "rivergen.discover_schema($id" . ($arguments ? ", $arguments" : "") . ")";
}

# A test: a discovery with refresh fails as told (sqlstate, code, says), the job that it names tells the same
# story without the secret, the cache is as it was, and nothing is left behind. With 501 and 503 it is no failure of
# the source, unless source => 'failed' is given. Returns the job.
sub discover_fails
{
	my ($node, $id, $name, %expected) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($job, $before, $source) = (undef, fingerprint($node, $id), state_of($node, $id));
	subtest $name => sub {
		my $error = call_fails(
			$node, discovery($id, "refresh => true"), "the call",
			sqlstate => $expected{sqlstate}, says => $expected{says}, detail => qr/\bjob \d+\b/);
		my ($job_id) = ($error->{detail} // '') =~ /\bjob (\d+)\b/ or return;
		$job = wait_job($node, $job_id, qw(failed cancelled succeeded));
		is($job->{status}, 'failed', "the job failed");
		ref $expected{code}
			? like($job->{error_code}, $expected{code}, "code")
			: is($job->{error_code}, $expected{code}, "code");
		like(
			join(' | ', map { $job->{$_} // () } qw(error_message error_detail)), $expected{says},
			"and so says the job");
		unlike($json->encode([ $error, $job ]), $expected{secret}, "no secret in either") if $expected{secret};
		isnt($job->{finished_at}, undef, "it is finished");
		is(fingerprint($node, $id), $before, "the cache is as it was");
		if (($expected{source} // ($expected{sqlstate} =~ /50[13]/ ? 'as it was' : 'failed')) eq 'as it was')
		{
			is(state_of($node, $id), $source, "it is no failure of the source");
		}
		else
		{
			is( call($node, "rivergen.data_source_get($id)")->{data}{status}, 'failed',
				"the source is marked as failed");
		}
		clean_server($node);
	};
	return $job;
}

# A statement in a session of its own, which goes on while the test does other things.
sub session_start
{
	my ($node, $text) = @_;
	my $session = { out => '', err => '' };
	$session->{run} = IPC::Run::start(
		[ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres'), '-c', $text ],
		'<', \undef, '>', \$session->{out}, '2>', \$session->{err}, IPC::Run::timeout(600));
	return $session;
}

# Waits for it to end; its output and its errors.
sub session_end
{
	my ($session) = @_;
	$session->{run}->finish;
	return ($session->{out}, $session->{err});
}

# Waits until no job is left to do.
sub jobs_end
{
	my ($node) = @_;
	return wait_for(
		'all jobs to end',
		sub { sql($node, "SELECT count(*) FROM rivergen_catalog.job WHERE status IN ('queued', 'running')") eq '0' });
}

# How many client sessions wait for locks. Workers and autovacuum wait for locks, too, and are not meant.
sub sessions_at_locks
{
	my ($node) = @_;
	return sql(
		$node,
		"SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND wait_event_type = 'Lock'");
}

# How many client sessions wait for workers to do something.
sub callers_waiting
{
	my ($node) = @_;
	return sql(
		$node,
		"SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND wait_event_type = 'Extension'"
	);
}

# Polls until the condition returns something true, which is then returned; dies after five minutes.
sub wait_for
{
	my ($what, $condition) = @_;
	my $deadline = time + 300;
	while (time < $deadline)
	{
		my $value = $condition->();
		return $value if $value;
		select undef, undef, undef, 0.03;
	}
	die "waited five minutes in vain for: $what\n";
}

sub job
{
	my ($node, $id) = @_;
	my $row = sql($node, "SELECT to_jsonb(j) FROM rivergen.jobs j WHERE job_id = $id");
	return $row eq '' ? undef : $json->decode($row);
}

# The job, once it is in one of the states given.
sub wait_job
{
	my ($node, $id, @states) = @_;
	return wait_for(
		"job $id to be @states",
		sub {
			my $job = job($node, $id);
			return (grep { $job->{status} eq $_ } @states) ? $job : undef;
		});
}

# The process id of the worker that runs the job; empty: none does. Another worker may look at the database just then.
sub worker_of
{
	my ($node, $job) = @_;
	return sql(
		$node,
		"SELECT max(pid) FROM pg_stat_activity WHERE backend_type = 'rivergen worker' AND state = 'active' AND query LIKE '%(job $job)'"
	);
}

# Everything the cache holds about one source, as one comparable text; with the row versions, so that a row which
# was written again with the same content is a difference.
sub fingerprint
{
	my ($node, $source) = @_;
	return sql($node, <<~"EOT");
		SELECT 'schema', xmin, ctid, to_jsonb(s) FROM rivergen_catalog.source_schema s WHERE data_source_id = $source
		UNION ALL
		SELECT 'relation', xmin, ctid, to_jsonb(r) FROM rivergen_catalog.relation r WHERE data_source_id = $source
		ORDER BY 1, 4
		EOT
}

# What is told of a source's connections, but for the times of what is to come.
sub state_of
{
	my ($node, $source) = @_;
	return sql($node, <<~"EOT");
		SELECT to_jsonb(s) - 'next_discovery_at' - 'next_test_at' - 'discovery_failures',
			(SELECT count(*) FROM rivergen_catalog.connection_check c WHERE c.data_source_id = $source)
		FROM rivergen_catalog.data_source_state s WHERE data_source_id = $source
		EOT
}

# Processes of the server that are not PostgreSQL's own, as "pid state command": everything below its postmaster
# that is not called postgres (zombies too), and whatever runs from its connector directory, whatever its parent is.
sub children
{
	my ($node) = @_;
	my $directory = $connector_directory{ $node->name } // "no such directory";
	my $postmaster = $node->{_pid} // 0;
	my %process;
	for my $stat (glob '/proc/[0-9]*/stat')
	{
		my ($pid, $name, $state, $parent) = (read_file($stat) // next) =~ /^(\d+) \((.*)\) (\S) (\d+)/s or next;
		$process{$pid} = { name => $name, state => $state, parent => $parent };
	}
	my $is_below = sub {
		my ($pid) = @_;
		$pid = $process{$pid}{parent} while $process{$pid} && $pid != $postmaster;
		return $postmaster && $pid == $postmaster;
	};
	my @left = grep {
			   ($process{$_}{name} ne 'postgres' && $is_below->($_))
			|| (read_file("/proc/$_/cmdline") // '') =~ /\Q$directory\E/
	} sort { $a <=> $b } keys %process;
	return map { "$_ $process{$_}{state} $process{$_}{name}" } @left;
}

# Ends the spare connectors of readers, and has none started.
sub without_spares
{
	my ($node) = @_;
	change_settings($node, 'rivergen.spare_connectors' => 0);
	return;
}

# Of the children those that run a connector, without their supervisors, also when one is just being started.
sub connectors
{
	my ($node) = @_;
	return grep { !/^\d+ Z| (?:rivergen-run|postgres)$/ } children($node);
}

# Does the process still run? One that was killed but not yet reaped does not; orphans wait for the machine's init.
sub is_running
{
	my ($pid) = @_;
	return (read_file("/proc/$pid/stat") // '') =~ /\) [^ZX] /;
}

# Open pipes, sockets and anonymous files of a process, sorted by kind: what a failure could leak.
sub descriptors
{
	my ($pid) = @_;
	my @open = map { readlink($_) // () } glob "/proc/$pid/fd/*";
	return join ' ', sort map { /^(pipe|socket|anon_inode|\/memfd|\/dev\/shm)/ ? $1 : () } @open;
}

# Kills a process of the server, which ends every session, and waits until the server has started again. Returns false
# when the process has ended by itself: one that has been stopped cannot.
# The log tells when sessions may begin. A try does not: before the postmaster has noticed the death, it succeeds; after
# that psql is refused before it has read its statement, and IPC::Run dies of the broken pipe.
sub crash_restart
{
	my ($node, $pid) = @_;
	my $before = -s $node->logfile;
	kill 'STOP', $pid;
	wait_for("process $pid to stop", sub { !is_running($pid) || (read_file("/proc/$pid/stat") // '') =~ /\) T / });
	return 0 unless is_running($pid);
	kill 'KILL', $pid;
	$node->wait_for_log(qr/all server processes terminated; reinitializing.*ready to accept connections/s, $before);
	return 1;
}

# A test: no process, no temporary file and no running job is left.
sub clean_server
{
	my ($node, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $left = '';
	$node->reload;    # readers end the connectors that they keep ready, which else wait for a minute
	my $clean = eval {
		wait_for(
			'nothing left behind',
			sub {
				my $temporary = $node->data_dir . '/base/pgsql_tmp';
				my @left = (children($node), grep { -e } glob "$temporary/*");
				push @left,
					sql($node, "SELECT job_id || ' is running' FROM rivergen_catalog.job WHERE status = 'running'");
				$left = join ', ', grep { $_ ne '' } @left;
				return $left eq '';
			});
	};
	ok($clean, $name // 'nothing is left behind') or diag($left);
}

# A test: the server has not been restarted since the given pg_postmaster_start_time / log position, and no backend
# of it crashed.
sub survives
{
	my ($node, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	unlike(slurp_file($node->logfile), qr/was terminated by signal|PANIC|TRAP: /, $name // 'no backend crashed');
}

# A port of 127.0.0.1 that nothing listens on: bound, so that no other process takes it, and never listened to.
sub refused_port
{
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp') or die $!;
	return ($socket->sockport, $socket);
}

# A port of 127.0.0.1 that accepts and never says a word.
sub silent_port
{
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 20)
		or die $!;
	return ($socket->sockport, $socket);
}

sub read_file
{
	my ($path) = @_;
	open my $file, '<', $path or return undef;
	local $/;
	return scalar <$file>;
}

# The columns of data_source that can be written, as one list: to copy rows with.
sub source_columns
{
	my ($node) = @_;
	return sql(
		$node,
		"SELECT string_agg(attname, ', ') FROM pg_attribute WHERE attrelid = 'rivergen_catalog.data_source'::regclass
		AND attnum > 0 AND NOT attisdropped AND attgenerated = ''");
}

# A value as a jsonb literal.
sub json
{
	my ($value) = @_;
	return literal($json->encode($value)) . '::jsonb';
}

sub literal
{
	my ($text) = @_;
	$text =~ s/'/''/g;
	return "'$text'";
}

1;
