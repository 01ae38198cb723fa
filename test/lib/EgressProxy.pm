# A proxy for CONNECT, tinyproxy, in a process of its own, at an address of this machine that nothing else in the tests listens on:
# 127.0.0.2. It keeps a log of what it was asked for.
package EgressProxy;

use strict;
use warnings;

use File::Temp qw(tempdir);
use IO::Socket::INET;
use POSIX qw(_exit);

our $address = '127.0.0.2';

# new(login => [NAME, PASSWORD], ports => [PORT …]): the login that it asks for, and the ports that it connects to.
sub new
{
	my ($class, %with) = @_;
	my $folder = tempdir(CLEANUP => 1);
	my $free = IO::Socket::INET->new(Listen => 1, LocalAddr => $address) or die $!;
	my $self = bless { port => $free->sockport, log => "$folder/log" }, $class;
	close $free;
	open(my $file, '>', "$folder/conf") or die $!;
	print {$file} "Listen $address\nPort $self->{port}\nTimeout 60\nMaxClients 100\nLogFile \"$self->{log}\"\n",
		"LogLevel Connect\n", map { "ConnectPort $_\n" } @{ $with{ports} // [] };
	print {$file} "BasicAuth @{ $with{login} }\n" if $with{login};
	close $file;
	$self->{pid} = fork // die $!;
	if ($self->{pid} == 0)
	{
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', '/dev/null';
		open STDERR, '>', '/dev/null';
		exec 'tinyproxy', '-d', '-c', "$folder/conf" or _exit(127);
	}
	for (1 .. 6000)
	{
		return $self if IO::Socket::INET->new(PeerAddr => $address, PeerPort => $self->{port});
		die 'tinyproxy does not start' if waitpid($self->{pid}, POSIX::WNOHANG()) != 0;
		select undef, undef, undef, 0.1;
	}
	die 'tinyproxy does not listen';
}

# The hosts that it was asked for, HOST:PORT each, since the last time.
sub asked
{
	my ($self) = @_;
	open(my $file, '<', $self->{log}) or return;
	seek $file, $self->{seen} // 0, 0;
	my @asked = map { /: CONNECT (\S+) HTTP/ ? $1 : () } <$file>;
	$self->{seen} = tell $file;
	return @asked;
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $!);
	kill 'KILL', $self->{pid} if $self->{pid};
	waitpid $self->{pid}, 0 if $self->{pid};
}

1;
