# An HTTP server that answers as a test says, and keeps what it was asked. It is for what real servers do rarely: to lie, to be
# slow, to break off.
package ScriptedHttp;

use strict;
use warnings;

use IO::Socket::INET;
use POSIX qw(_exit);

# A request is a connection. The function gets the number of the request, from 0, and its head, and returns the bytes to send; a
# list is sent piece by piece. After the last one the connection is closed.
sub new
{
	my ($class, $answer) = @_;
	my $listener = IO::Socket::INET->new(Listen => 20, LocalAddr => '127.0.0.1') or die $!;
	pipe(my $asked, my $asks) or die $!;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		alarm 900;
		close $asked;
		serve($listener, $asks, $answer);
		_exit(0);
	}
	close $asks;
	return bless { pid => $pid, port => $listener->sockport, asked => $asked }, $class;
}

sub serve
{
	my ($listener, $asks, $answer) = @_;
	local $SIG{PIPE} = 'IGNORE';
	my $number = 0;
	while (1)
	{
		my $client = $listener->accept or next;
		my $head = '';
		while ($head !~ /\r\n\r\n/ && sysread $client, $head, 4096, length $head) { }
		next if $head eq '';    # of a client that ended before it asked
		syswrite $asks, $head =~ s/\r\n\r\n.*/\r\n\r\n/sr;
		for my $piece ($answer->($number++, $head))
		{
			my $sent = 0;
			while ($sent < length $piece)
			{
				my $more = syswrite($client, $piece, 65536, $sent) or last;
				$sent += $more;
			}
		}
		close $client;
	}
}

# Ends it; returns the heads of what it was asked.
sub end
{
	my ($self) = @_;
	return if !$self->{pid};
	kill 'KILL', $self->{pid};
	waitpid delete $self->{pid}, 0;
	local $/;
	my $asked = readline $self->{asked};
	return split /(?<=\r\n\r\n)/, $asked // '';
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $!);
	$self->end;
}

sub http
{
	my ($status, $body, @headers) = @_;
	return join "\r\n", "HTTP/1.1 $status X", 'Connection: close', 'Content-Length: ' . length($body), @headers, '',
		$body;
}

1;
