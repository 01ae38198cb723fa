# A throwaway MariaDB server that a connector describes. Works as root, when the server belongs to the user postgres, and as
# any other user.
package MariadbServer;

use strict;
use warnings;
use utf8;

use Exporter 'import';
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IPC::Open3;
use Ports qw(free_port);
use POSIX qw(_exit);
use Symbol qw(gensym);

our @EXPORT = qw($home $port $password start_mariadb sql sql_all copy_relation free_port content make_certificate);

my @as_server = $> == 0 ? ('runuser', '-u', 'postgres', '--') : ();
my $server;

our $password = 'correct "horse" \\battery';
our $home;
our $port;

sub content
{
	my ($name) = @_;
	open(my $file, '<', $name) or die "$name: $!";
	local $/;
	return scalar <$file>;
}

# Runs a command with this input; returns its output, or dies with what it said.
sub run
{
	my ($input, @command) = @_;
	local $SIG{PIPE} = 'IGNORE';    # a client of a server that is not up yet ends without reading
	my $pid = open3(my $in, my $out, my $err = gensym, @command);
	binmode $_, ':utf8' for $in, $out;
	print $in $input;
	close $in;
	my $said = do { local $/; <$out> }
		// '';
	my $fault = do { local $/; <$err> }
		// '';
	waitpid($pid, 0);
	die "@command: $fault$said\n$input" if $?;
	chomp $said;
	return $said;
}

my @client = ('--user=root', '--skip-column-names', '--batch', '--default-character-set=utf8mb4');

# What the statements say, as text: columns with tabs between them. The user is the server's own.
sub sql
{
	my ($statements) = @_;
	return eval { run($statements, 'mariadb', '--no-defaults', "--socket=$home/socket", @client) } // die $@,
		"the server's log ends with:\n", substr(content("$home/log"), -5000);
}

# The same, of each statement that does not fail; and the errors of the others.
sub sql_all
{
	my ($statements) = @_;
	my $errors = "$home/errors";
	my $said = run(
		$statements, 'sh', '-c', 'mariadb "$@" 2>"$0" || true', $errors, '--no-defaults',
		"--socket=$home/socket", '--force', @client);
	return ("$said\n", content($errors) =~ /^(ERROR \d.*)/mg);
}

# Makes copies, by their names, of a table of the engine MyISAM: of its files, since the server takes 20 ms for
# each.
sub copy_relation
{
	my ($schema, $relation, @names) = @_;
	sql("FLUSH TABLES");
	run('', @as_server, $^X, '-MFile::Copy', '-e',
		'my ($from, @to) = @ARGV; for my $file (glob "$from.*") { copy($file, $file =~ s/^\Q$from\E/$_/r) or die $! for @to }',
		map { "$home/data/$schema/$_" } $relation, @names);
}

# A key and a certificate that is signed by itself, as NAME.key and NAME.crt.
sub make_certificate
{
	my ($name, $subject) = @_;
	run('', 'openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', "/CN=$subject",
		'-addext',
		"subjectAltName=DNS:$subject", '-keyout', "$home/$name.key", '-out', "$home/$name.crt");
	chmod 0644, "$home/$name.key";
}

sub is_up
{
	return eval { sql('SELECT 1') eq '1' };
}

# Starts a server with TLS, whose certificate is for source.test.
sub start_mariadb
{
	my (@options) = @_;
	stop_mariadb();
	$home = tempdir('rivergen-mariadb-XXXXXX', TMPDIR => 1);
	$port = free_port();
	chmod 0755, $home;
	mkdir "$home/tmp" or die $!;    # each server removes the temporary tables that it finds there when it starts
	make_certificate('server', 'source.test');
	run('', 'chown', '-R', 'postgres', $home) if @as_server;
	run('', @as_server, 'mariadb-install-db', '--no-defaults', "--datadir=$home/data", "--tmpdir=$home/tmp",
		'--auth-root-authentication-method=normal', '--skip-test-db');
	defined($server = fork) or die $!;
	if ($server == 0)
	{
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', "$home/log";
		open STDERR, '>&', \*STDOUT;
		exec(
			@as_server, 'mariadbd', '--no-defaults', "--datadir=$home/data", "--tmpdir=$home/tmp",
			'--bind-address=127.0.0.1',
			"--port=$port", "--socket=$home/socket", '--innodb-buffer-pool-size=32M',
			'--innodb-flush-log-at-trx-commit=0', '--innodb-stats-auto-recalc=0',
			'--sync-frm=0',
			"--ssl-ca=$home/server.crt", "--ssl-cert=$home/server.crt", "--ssl-key=$home/server.key", @options
		) or _exit(127);
	}
	for (1 .. 6000)
	{
		return if is_up();
		die "the server has ended: " . content("$home/log") if waitpid($server, 1);
		select undef, undef, undef, 0.05;
	}
	die 'the server does not answer: ' . content("$home/log");
}

sub stop_mariadb
{
	return if !defined $home;
	eval { sql('SHUTDOWN'); 1 } or kill 'TERM', $server if $server;
	waitpid($server, 0) if $server;
	remove_tree($home);
	($home, $server) = ();
}
END { my $status = $?; stop_mariadb(); $? = $status }

1;
