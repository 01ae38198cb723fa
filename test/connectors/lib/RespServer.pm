# A simulated server of Redis: it answers each command as a function says, in bytes that may be no answer at all.
package RespServer;

use strict;
use warnings;

use IO::Socket::INET;
use POSIX qw(_exit);

# answer: a function of the words of a command. It returns bytes; undef closes the connection; a code is called with the
# socket.
sub new
{
	my ($class, $answer) = @_;
	my $listener = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	my $self = bless { port => $listener->sockport, owner => $$ }, $class;
	defined($self->{pid} = fork) or die $!;
	if ($self->{pid} == 0)
	{
		local $SIG{PIPE} = 'IGNORE';
		local $SIG{CHLD} = 'IGNORE';
		while (my $client = $listener->accept)
		{
			next if fork;
			serve($client, $answer);
			_exit(0);
		}
		_exit(0);
	}
	return $self;
}

sub serve
{
	my ($client, $answer) = @_;
	binmode $client;
	while (my @words = command($client))
	{
		my $said = $answer->(@words) // return;
		if (ref $said) { return $said->($client) }
		while (length $said)
		{
			my $written = syswrite $client, $said or return;
			substr $said, 0, $written, '';
		}
	}
	return;
}

# A line, or an array of texts.
sub command
{
	my ($client) = @_;
	local $/ = "\r\n";
	my $line = readline $client // return;
	chomp $line;
	return split ' ', $line if $line !~ /^\*(\d+)$/;
	my @words;
	for (1 .. $1)
	{
		my ($length) = readline($client) =~ /^\$(\d+)/ or return;
		read $client, my $word, $length + 2;
		push @words, substr $word, 0, $length;
	}
	return @words;
}

sub text { my ($bytes) = @_; return defined $bytes ? '$' . length($bytes) . "\r\n$bytes\r\n" : "\$-1\r\n" }

sub array { return join '', '*' . @_ . "\r\n", @_ }

sub texts
{
	return array(map { text($_) } @_);
}

# What an honest server answers to what comes before the keys.
sub greeting
{
	my ($command) = @_;
	return "+PONG\r\n" if $command eq 'PING';
	return "+OK\r\n" if $command =~ /^(?:AUTH|SELECT)$/;
	return text("# Server\r\nredis_version:7.4.0\r\nredis_mode:standalone\r\n") if $command eq 'INFO';
	return ":3\r\n" if $command eq 'DBSIZE';
	return;
}

sub stop
{
	my ($self) = @_;
	local ($?, $!);
	return if !$self->{pid} || $self->{owner} != $$;
	kill 'KILL', $self->{pid};
	waitpid $self->{pid}, 0;
	delete $self->{pid};
	return;
}

sub DESTROY { $_[0]->stop; return }

1;
