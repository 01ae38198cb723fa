# A real sshd of OpenSSH for tests of tunnels: on 127.0.0.1, as the user that runs the test, who is the only user that it
# can let in. Debian's openssh-server has it.
package Sshd;

use strict;
use warnings;

use Exporter 'import';
use File::Basename qw(dirname);
use IPC::Run;
use lib dirname(__FILE__) . '/../connectors/lib';
use Ports qw(free_port);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Rivergen;

our @EXPORT = qw(start_sshd ssh_key ssh_user tunnel_through host_key ssh_children);

my @running;

# A key pair; options are those of ssh-keygen. Returns the path of the private key.
sub ssh_key
{
	my ($name, @options) = @_;
	my $path = PostgreSQL::Test::Utils::tempdir() . "/$name";
	my @passphrase = (grep { $_ eq '-N' } @options) ? () : ('-N', '');
	IPC::Run::run([ 'ssh-keygen', '-q', '-C', 'rivergen test', '-f', $path, @passphrase, @options ])
		or die 'ssh-keygen failed';
	return $path;
}

sub ssh_user { return scalar getpwuid $< }

# OpenSSH 9.8 and newer refuse an address for a while from which many connections do not log in.
sub without_penalties
{
	my ($major, $minor) = `ssh -V 2>&1` =~ /OpenSSH_(\d+)\.(\d+)/ or die 'no version of ssh';
	return $major > 9 || ($major == 9 && $minor >= 8) ? ('PerSourcePenalties no') : ();
}

# Options: keys (paths of the private keys that may log in), host_keys (paths), conf (more lines), port, authorized
# (options before each key).
sub start_sshd
{
	my ($name, %option) = @_;
	my $directory = PostgreSQL::Test::Utils::tempdir();
	my %sshd = (
		name => $name, directory => $directory, port => $option{port} // free_port(),
		log => "$directory/log",
		host_keys => $option{host_keys} // [ ssh_key("$name-host", '-t', 'ed25519') ]);
	write_file("$directory/authorized", map { ($option{authorized} // '') . slurp_file("$_.pub") } @{ $option{keys} });
	write_file(
		"$directory/conf",
		map { "$_\n" } "ListenAddress 127.0.0.1:$sshd{port}",
		(map { "HostKey $_" } @{ $sshd{host_keys} }),
		"AuthorizedKeysFile $directory/authorized",
		"PidFile none", 'UsePAM no', 'StrictModes no', 'LogLevel DEBUG1',
		'MaxStartups 200', 'MaxSessions 200', without_penalties(), split /\n/, $option{conf} // '');
	$sshd{run} = IPC::Run::start([ '/usr/sbin/sshd', '-D', '-f', "$directory/conf", '-E', $sshd{log} ], '<', \undef);
	push @running, \%sshd;
	wait_for("sshd $name", sub { -f $sshd{log} && slurp_file($sshd{log}) =~ /Server listening/ });
	return bless \%sshd, 'Sshd';
}

sub stop
{
	my ($sshd) = @_;
	$sshd->{run}->kill_kill(grace => 1) if $sshd->{run};
	delete $sshd->{run};
}

# Ends the connections that it has, as a network that breaks or a server that stops does.
sub drop_connections
{
	my ($sshd) = @_;
	kill 'KILL', sessions($sshd);
}

# The processes that serve connections.
sub sessions
{
	my ($sshd) = @_;
	my $listener = $sshd->{run}{KIDS}[0]{PID};
	my %parent =
		map { (Rivergen::read_file($_) // '') =~ /^(\d+) \(.*\) \S (\d+)/s ? ($1 => $2) : () } glob '/proc/[0-9]*/stat';
	my $is_below = sub { my ($pid) = @_; $pid = $parent{$pid} while $pid && $pid != $listener; return $pid };
	return grep { $_ != $listener && $is_below->($_) } sort keys %parent;
}

END { local $?; stop($_) for @running }

sub write_file
{
	my ($path, @lines) = @_;
	open my $file, '>', $path or die "$path: $!";
	print $file @lines;
	close $file or die "$path: $!";
	chmod 0600, $path;
}

# What a source needs to be reached through this server, with the private key at path; change is more.
sub tunnel_through
{
	my ($sshd, $key, $source, %change) = @_;
	my %credentials = (%{ $source->{credentials} }, ssh_private_key => slurp_file($key));
	return {
		%$source, use_ssh_tunnel => JSON::PP::true, ssh_host => '127.0.0.1', ssh_port => $sshd->{port} + 0,
		ssh_username => ssh_user(), credentials => \%credentials, %change
	};
}

# Type and key of the file's public half, and its fingerprint.
sub host_key
{
	my ($path) = @_;
	my ($type, $key) = split ' ', slurp_file("$path.pub");
	IPC::Run::run([ 'ssh-keygen', '-l', '-f', "$path.pub" ], '>', \my $line);
	return ("$type $key", (split ' ', $line)[1]);
}

# The processes of ssh that are connected to these servers, or on the way there.
sub ssh_children
{
	my $ports = join '|', map { $_->{port} } @_;
	return grep { (Rivergen::read_file("/proc/$_/cmdline") // '') =~ m{^[^\0]*/ssh\0.*\0-p\0(?:$ports)\0} }
		map { m{(\d+)$} } glob '/proc/[0-9]*';
}

1;
