# An HTTP server that takes requests over many connections at once, keeps them open, and answers the waiting ones when and in the
# order that a test says. It keeps what it saw.
package HeldHttp;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use POSIX qw(_exit);
use Time::HiRes qw(time);

# The function gets the heads and bodies of all requests that wait, in the order in which they came, and returns a list of
# [POSITION, ANSWER]: these are answered now, in that order. None: more are waited for.
sub new
{
	my ($class, $answer) = @_;
	my $listener = IO::Socket::INET->new(Listen => 128, LocalAddr => '127.0.0.1') or die $!;
	pipe(my $seen, my $tells) or die $!;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		alarm 900;
		close $seen;
		$tells->autoflush(1);
		serve($listener, sub { print {$tells} JSON::PP->new->encode(\@_), "\n" }, $answer);
		_exit(0);
	}
	close $tells;
	return bless { pid => $pid, port => $listener->sockport, seen => $seen }, $class;
}

# Reads what a connection sent. Returns a whole request, if there is one now; undef if the connection is closed.
sub take
{
	my ($client, $text) = @_;
	sysread($client, $$text, 65536, length $$text) or return;
	return '' if $$text !~ /\r\n\r\n/;
	my ($length) = $$text =~ /^content-length: (\d+)/mi;
	my $whole = index($$text, "\r\n\r\n") + 4 + ($length // 0);
	return length $$text < $whole ? '' : substr $$text, 0, $whole, '';
}

sub serve
{
	my ($listener, $tell, $answer) = @_;
	my $select = IO::Select->new($listener);
	my (%text, @waiting);
	while (1)
	{
		for my $ready ($select->can_read)
		{
			if ($ready == $listener)
			{
				$select->add($listener->accept);
				$tell->('connection');
				next;
			}
			my $request = take($ready, \($text{$ready} //= ''));
			if ($request)
			{
				push @waiting, [ $ready, $request ];
				$tell->('request', time, scalar @waiting);
			}
			next if defined $request;
			$select->remove($ready);
			@waiting = grep { $_->[0] != $ready } @waiting;
		}
		while (my @now = $answer->(map { $_->[1] } @waiting))
		{
			for (@now)
			{
				$tell->('answer', time, $_->[1] =~ /^HTTP\S+ (\d+)/);
				syswrite $waiting[ $_->[0] ][0], $_->[1];
				$waiting[ $_->[0] ] = undef;
			}
			@waiting = grep { defined } @waiting;
		}
	}
}

# Ends it; returns what it saw: [connection], [request, when, how many wait then], [answer, when, status].
sub end
{
	my ($self) = @_;
	return if !$self->{pid};
	kill 'KILL', $self->{pid};
	waitpid delete $self->{pid}, 0;
	my $seen = $self->{seen};
	return map { JSON::PP->new->decode($_) } <$seen>;
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
	return join "\r\n", "HTTP/1.1 $status X", 'Content-Length: ' . length($body), @headers, '', $body;
}

1;
