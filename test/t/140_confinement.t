# The sandbox of connectors: a connector that tries to get out (test/lib/escape.c) fails at everything, with what the kernel
# has, without each means in turn, and under the filters of containers. What is missing is reported by name, and below the
# minimum nothing runs. src/process/README.md says which rule each attempt is about.
use strict;
use warnings;

use File::Basename qw(dirname);
use File::Copy qw(copy);
use IPC::Run;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $lib = dirname(__FILE__) . '/../lib';
my $programs = PostgreSQL::Test::Utils::tempdir();
chmod 0755, $programs;

sub build
{
	my ($name, @more) = @_;
	my $status =
		system($ENV{CC} // 'cc', '-std=gnu11', '-D_GNU_SOURCE', '-o', "$programs/$name", "$lib/$name.c", @more);
	die "$name cannot be compiled" if $status != 0;
	return "$programs/$name";
}

my $escape = build('escape');
my $forbid = build('forbid', '-lseccomp');
chomp(my $installed = `${\($ENV{PG_CONFIG} // 'pg_config')} --pkglibdir`);
my $run = "$installed/rivergen/rivergen-run";

my $server = start_server('server', conf => "listen_addresses = '127.0.0.1'");
copy($escape, connector_path($server, 'other')) or die $!;
chmod 0755, connector_path($server, 'other');

# A process of the same user that has nothing to do with it.
my $victim = IPC::Run::start([ 'sleep', 600 ], '<', '/dev/null', '>', '/dev/null', '2>', '/dev/null');
my $victim_pid = $victim->{KIDS}[0]{PID};
END { local $?; $victim->kill_kill if $victim }

my ($secret) = slurp_file($server->data_dir . '/postgresql.conf') =~ /^rivergen\.key_file = '(.*)'/m;
my %prey = (
	data_directory => $server->data_dir, hidden => $secret, victim => "$victim_pid",
	catalog_port => $server->port . '');

# The request is a file: a program that ends without reading a pipe would break it, and this test with it.
my $request = "$programs/request";
append_to_file($request, JSON::PP->new->encode({ operation => 'discover', %prey }) . "\n");

# What came of each attempt, from the names of relations.
sub outcomes
{
	return { map { /^(.*) (\S+)$/ ? ($1 => $2) : () } @_ };
}

# Runs a program by itself under rivergen-run: what its supervisor reported, its outcomes, output, errors and status.
# forbidden => words for test/lib/forbid.c, rules => rules.
sub run_program
{
	my ($program, %option) = @_;
	my @forbid = $option{forbidden} ? ($forbid, @{ $option{forbidden} }, '--') : ();
	my @command = (
		@forbid, $run, $$, (map { "--rule=$_" } @{ $option{rules} // ['network:plain'] }),
		0, 1 << 20, 256, '--', @$program);
	my ($out, $err, $report) = ('', '', '');
	my $harness = IPC::Run::start(\@command, '<', $request, '>', \$out, '2>', \$err, '3>', \$report);
	$harness->finish;
	return {
		status => $harness->result, out => $out, err => $err, report => $report,
		outcomes => outcomes($out =~ /"name":"([^"]*)"/g)
	};
}

# By Landlock, which answers EACCES; the filter answers ENOSYS, and refuses everything that is not named here.
my @by_landlock = (
	'read the data directory', 'list the data directory', 'read the data directory by another way',
	'read the data directory from it', 'read the key file', 'read the users',
	"read the supervisor's memory", "read the supervisor's environment",
	"read another process's memory", "read another process's environment", 'list processes');

# Are the outcomes of all attempts as expected? Exceptions by name; what is no attempt must work.
sub all_fail
{
	my ($outcomes, $name, %exception) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my %expected =
		((map { $_ => /^work: / ? 'WORKED' : 'ENOSYS' } keys %$outcomes), (map { $_ => 'EACCES' } @by_landlock));
	is_deeply($outcomes, { %expected, %exception }, $name);
	cmp_ok(scalar(keys %$outcomes), '>', 130, 'all were made');
}

# Without the dialer TCP is what it has.
my %has_tcp = ('a TCP socket' => 'WORKED', 'connect to this machine' => 'WORKED');

# The dialer answers socket(): a UDP socket is a TCP socket that may never be connected.
my %has_dialer = (
	%has_tcp,
	(   map { $_ => 'EAFNOSUPPORT' } 'a Unix socket',
		'a netlink socket', 'a packet socket', 'a socket between virtual machines', "a socket of the kernel's ciphers"),
	(map { $_ => 'EPROTONOSUPPORT' } 'a multipath socket', 'a ping socket', 'an SCTP socket'),
	'a raw socket' => 'EPERM',
	(map { $_ => 'WORKED' } 'a UDP socket', 'a UDP socket over IPv6'));

subtest 'a connector of the server' => sub {
	my $id = create_source(
		$server,
		{   name => 'escape', type => 'other', schema_auto_refresh => JSON::PP::false, max_retries => 0,
			credentials => {},
			metadata => \%prey
		});
	discover($server, $id);
	my @names =
		split /\n/, sql($server, "SELECT table_name FROM rivergen.tables WHERE data_source_id = $id");
	all_fail(outcomes(@names), 'fails at everything', %has_dialer);
	ok(!-e $server->data_dir . '/escaped', 'nothing was made in the data directory');
	is(sql($server, 'SELECT 1'), 1, 'the server is well');
	ok(kill(0, $victim_pid), 'so is another process of its user');
	clean_server($server);
};

subtest 'a connector without network' => sub {
	my $run = run_program([$escape], rules => ['network:none']);
	is($run->{report}, "sandbox full -\n", 'is confined whole');
	all_fail(
		$run->{outcomes}, 'fails at everything',
		map { $_ => 'ENOSYS' } 'a TCP socket', 'connect to this machine');
};

# What the default profiles of Docker and of Kubernetes' container runtimes refuse, of what this program could use.
my @container = (
	(   map { "$_=EPERM" }
			qw(pidfd_getfd process_vm_readv process_vm_writev kcmp ptrace add_key keyctl request_key bpf perf_event_open
			mount umount2 setns unshare io_uring_setup userfaultfd open_by_handle_at name_to_handle_at quotactl acct
			fanotify_init lookup_dcookie)),
	(map { "clone:0:$_=EPERM" } qw(0x10000000 0x20000000 0x40000000 0x00020000 0x08000000 0x04000000 0x02000000)),
	'clone3=ENOSYS');

subtest 'in a container' => sub {
	my $run = run_program([$escape], rules => ['network:none'], forbidden => \@container);
	is($run->{report}, "sandbox full -\n", 'it is confined whole');
	all_fail(
		$run->{outcomes}, 'and fails at everything',
		map { $_ => 'ENOSYS' } 'a TCP socket', 'connect to this machine');
};

# Each means by itself: the others stay.
for my $error (qw(ENOSYS EOPNOTSUPP EPERM))
{
	my $run = run_program([$escape], forbidden => ["landlock_create_ruleset=$error"]);
	is($run->{report}, "sandbox filtered landlock=$error\n", "without Landlock ($error): what is missing is named");
	next if $error ne 'ENOSYS';
	all_fail(
		$run->{outcomes}, 'the filter is still there', %has_tcp,
		map { $_ => 'WORKED' } @by_landlock);
}

subtest 'without a filter' => sub {
	my $run = run_program(
		[ '/bin/sh', '-c', "echo x >$programs/made; cat $secret; echo alive" ],
		forbidden => ['seccomp=ENOSYS']);
	is($run->{report}, "sandbox basic filter=ENOSYS\n", 'what is missing is named');
	like($run->{err}, qr/cannot create.*made: Permission denied/, 'Landlock still lets nothing be made');
	like($run->{err}, qr/cat: Permission denied|cat: not found/, 'nor anything else be executed');
	is($run->{out}, "alive\n", 'nor the key file be read');
	is( run_program(['/bin/true'], rules => ['network:dial'], forbidden => ['seccomp=EPERM'])->{report},
		"sandbox basic filter=EPERM,dialer=filter\n",
		'and that the dialer needs it');
};

for my $level (qw(filtered confined full))
{
	my %without =
		(filtered => ['seccomp=ENOSYS'], confined => ['landlock_create_ruleset=ENOSYS'], full => ['seccomp:1:8=EBUSY']);
	my $run = run_program(
		[ '/bin/sh', '-c', 'echo executed' ],
		forbidden => $without{$level}, rules => [ 'network:dial', "minimum:$level" ]);
	is($run->{status}, 124, "below the minimum $level: it ends");
	is($run->{out}, '', 'nothing is executed');
	like($run->{err}, qr/sandbox_minimum/, 'it says why');
}

is( run_program([ '/bin/sh', '-c', 'kill -9 $$' ])->{report}, "sandbox confined -\nended signal 9\n",
	'the signal that ended a connector is reported');
is(run_program(['/nowhere/at/all'])->{status}, 127, 'a program that is not there');
is(run_program([ '--resolve', 'localhost' ])->{out} =~ /^127\.0\.0\.1$/m, 1, 'names are resolved within the sandbox');

# Threads count against the server's own user.
subtest 'threads' => sub {
	my $threads = build('threads', '-pthread');
	for my $network (qw(dial none))
	{
		my $run = run_program([$threads], rules => ["network:$network"]);
		cmp_ok($run->{out}, '>=', 200, "there may be many ($network)");
		cmp_ok($run->{out}, '<=', 512, "and not any number ($network)");
	}
};

# What the operator lists, and what a type's row names, may be read.
subtest 'more files' => sub {
	my $reader = "$programs/reader";
	append_to_file("$programs/one", "first\n");
	append_to_file("$programs/two", "second\n");
	append_to_file(
		$reader,
		"#!/usr/bin/perl\nfor (\@ARGV, '$programs/one', '$programs/two') { open my \$f, '<', \$_ or print qq(no\\n) and next; print <\$f> }\n"
	);
	chmod 0755, $reader;
	is(run_program([$reader])->{out}, "no\nno\n", 'none at first');
	is(run_program([$reader], rules => [ 'network:plain', "file:$programs/one" ])->{out}, "first\nno\n", 'a rule');
	append_to_file("$reader.files", "# of the test\n$programs/two\n");
	is(run_program([$reader])->{out}, "no\nsecond\n", 'a line in the file beside it');
};

# Where the postmaster adopts orphans it takes one that was killed for a crash of the server. And the worker does without
# what an old kernel lacks.
subtest 'in a container whose first process is the postmaster' => sub {
	install_fake($server);
	my $id = create_source($server, fake_source('fake', {}));
	chomp(my $bindir = `${\($ENV{PG_CONFIG} // 'pg_config')} --bindir`);
	my $postgres = "$programs/postgres";
	append_to_file(
		$postgres,
		"#!/bin/sh\nexec $forbid adopt pidfd_open=ENOSYS close_range=ENOSYS -- $bindir/postgres \"\$\@\"\n");
	chmod 0755, $postgres;
	$server->stop;
	PostgreSQL::Test::Utils::system_or_bail(
		'pg_ctl', '-w', '-D', $server->data_dir, '-l', $server->logfile, '-p',
		$postgres, 'start');
	$server->_update_pid(1);
	is(discover($server, $id)->{data}{total_tables}, 6, 'a connector is run') or return;

	for my $end (
		[ 'cancelled', sub { my ($job) = @_; call($server, "rivergen.job_cancel($job)") } ],
		[   'killed',
			sub {
				kill 'KILL', map { /^(\d+)/ } connectors($server);
			}
		])
	{
		my ($name, $act) = @$end;
		call(
			$server,
			"rivergen.data_source_update($id, "
				. json({ metadata => { behaviour => 'slow', gate => "$programs/no gate" } }) . ')');
		my $job = call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id};
		wait_for('a connector', sub { connectors($server) });
		$act->($job);
		isnt(wait_job($server, $job, qw(failed cancelled))->{status}, 'succeeded', "one is $name");
		clean_server($server);
	}
	unlike(
		slurp_file($server->logfile), qr/terminating any other active server processes/,
		'the server goes on');
};

survives($server);
done_testing();
