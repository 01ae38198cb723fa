# A throwaway server that a connector describes, and ways to ask the connector. Works as root, when the server belongs
# to the user postgres, and as any other user.
package Source;

use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/lib';
use Connector;
use Encode qw(encode_utf8);
use Exporter 'import';
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use IPC::Open3;
use POSIX qw(_exit);
use Ports qw(free_port);
use Symbol qw(gensym);
use Test::More;

our @EXPORT =
	qw($home $port $password $json @psql @confined start_server lay reload sql rows run free_port connect_with ask fails_with content
	with_peer message);

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $connector = installed_connector('postgresql');
chomp(my $bin = `${\($ENV{PG_CONFIG} // 'pg_config')} --bindir`);
my $server_bin = $ENV{SOURCE_BIN} // $bin;    # of another version
my @as_server = $> == 0 ? ('runuser', '-u', 'postgres', '--') : ();
my $started = 0;

our $password = 'correct "horse" \\battery';
our $home = tempdir('rivergen-connector-XXXXXX', TMPDIR => 1);
our $port = free_port();
our @confined;    # what the connector is started by, if anything
our @psql = ("$bin/psql", '-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', $home, '-p', $port, '-U', 'owner', '-d');

sub write_file
{
	my ($name, $content) = @_;
	open(my $file, '>:utf8', "$home/$name") or die "$name: $!";
	print $file $content;
	close $file;
}

sub run
{
	my @command = @_;
	my $pid = open3(my $in, my $out, undef, @command);
	close $in;
	my $said = do { local $/; <$out> }
		// '';
	waitpid($pid, 0);
	die "@command: $said" if $?;
	return $said;
}

# What a query says, as text; SQL errors end the test.
sub sql
{
	my ($query, %option) = @_;
	my $pid = open3(
		my $in, my $out, my $err = gensym,
		@psql, $option{database} // 'source', '-f', '-');
	binmode($in, ':utf8');
	binmode($out, ':utf8');
	print $in $query;
	close $in;
	my $said = do { local $/; <$out> }
		// '';
	my $fault = do { local $/; <$err> }
		// '';
	waitpid($pid, 0);
	die "$fault\nin $query" if $?;
	chomp $said;
	return $said;
}

# The rows of a query as JSON objects, with the settings under which the connector reads.
sub rows
{
	my ($query) = @_;
	my $said = sql(
		"SET search_path = pg_catalog; SET TimeZone = 'UTC'; " . "SELECT coalesce(json_agg(q), '[]') FROM ($query) q");
	return @{ $json->decode(encode_utf8($said)) };
}

# Several peers of one test are servers of their own, one after the other.
sub renew_home
{
	stop_server();
	mkdir $home or die "$home: $!";
	return;
}

sub start_server
{
	plan(skip_all => "$connector is not built") unless -x $connector;
	renew_home() if $started;
	write_file('password', $password);
	chmod 0755, $home;
	run('chown', '-R', 'postgres', $home) if @as_server;
	run(@as_server, "$server_bin/initdb", '-D', "$home/data", '-U', 'owner', '-E', 'UTF8', '--locale=C.UTF-8', '-A',
		'scram-sha-256', "--pwfile=$home/password");
	run('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=source.test',
		'-addext', 'subjectAltName=DNS:source.test', '-keyout', "$home/data/server.key", '-out',
		"$home/data/server.crt");
	run('chown', 'postgres', "$home/data/server.key", "$home/data/server.crt") if @as_server;
	chmod 0600, "$home/data/server.key";
	open(my $conf, '>>', "$home/data/postgresql.conf") or die $!;
	print $conf <<~"EOT";
		port = $port
		listen_addresses = '127.0.0.1'
		unix_socket_directories = '$home'
		ssl = on
		ssl_ca_file = 'server.crt'
		fsync = off
		autovacuum = off
		EOT
	close $conf;
	open(my $hba, '>', "$home/data/pg_hba.conf") or die $!;
	print $hba <<~'EOT';
		local all all trust
		host all trusted 127.0.0.1/32 trust
		hostssl all certified 127.0.0.1/32 cert
		host all nobody 127.0.0.1/32 reject
		host all all 127.0.0.1/32 scram-sha-256
		EOT
	close $hba;
	run(@as_server, "$server_bin/pg_ctl", '-D', "$home/data", '-l', "$home/log", '-w', 'start');
	$started = 1;
}

# A file in the server's directory, which it reads again when it is told to.
sub lay
{
	my ($name, $content) = @_;
	write_file("data/$name", $content);
	run('chown', 'postgres', "$home/data/$name") if @as_server;
	chmod 0600, "$home/data/$name";
}

sub reload { run(@as_server, "$server_bin/pg_ctl", '-D', "$home/data", 'reload'); return }

sub stop_server
{
	run(@as_server, "$server_bin/pg_ctl", '-D', "$home/data", '-m', 'immediate', '-w', 'stop') if $started;
	$started = 0;
	remove_tree($home);
}
END { my $status = $?; stop_server() if defined $home; $? = $status }

# Runs the connector on a request, which is the usual one with some changes; returns its frames.
sub connect_with
{
	my (%change) = @_;
	my $base = {
		type => 'postgresql', credentials => { username => 'owner', password => $password },
		endpoint => { host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'source' }
	};
	my $environment = delete $change{environment};
	return ask(request_line($base, %change), $environment);
}

sub ask
{
	my ($line, $environment) = @_;
	my $answer = ask_connector([ @confined, $connector ], $line, environment => $environment);
	my @frames = @{ $answer->{frames} };
	is($answer->{stderr}, '', 'nothing is written to standard error') if $answer->{stderr} ne '';
	unlike($json->encode(\@frames), qr/battery/, 'no frame repeats the password') if frames_of('error', @frames);
	return @frames;
}

# A message of PostgreSQL's protocol.
sub message
{
	my ($type, $content) = @_;
	return $type . pack('N', 4 + length $content) . $content;
}

# A peer that does as it is told with each connection: sends some bytes once it is spoken to, and keeps it open; or
# calls a function with the socket. Returns the connector's answer.
sub with_peer
{
	my ($act, %change) = @_;
	my $peer = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		local $SIG{PIPE} = 'IGNORE';
		while (my $client = $peer->accept)
		{
			if (ref $act)
			{
				$act->($client);
				next;
			}
			sysread $client, my $startup, 8 if length $act;
			syswrite $client, $act if length $act;
			my $rest;
			1 while sysread $client, $rest, 4096;
		}
		_exit(0);
	}
	my @answer = connect_with(%change, endpoint => { %{ $change{endpoint} // {} }, port => $peer->sockport });
	kill 'KILL', $pid;
	waitpid($pid, 0);
	return @answer;
}

sub content
{
	my ($name) = @_;
	open(my $file, '<', $name) or die "$name: $!";
	local $/;
	return scalar <$file>;
}

1;
