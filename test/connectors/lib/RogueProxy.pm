# A proxy between a connector and a real or simulated server, which damages the server's answers at random.
package RogueProxy;

use strict;
use warnings;

use Exporter 'import';
use IO::Select;
use IO::Socket::INET;
use POSIX qw(_exit);

our @EXPORT = qw(@usual_ways through_proxy);

# Ways to damage a piece of an answer that are ways in every protocol.
our @usual_ways = (
	sub { my ($piece) = @_; substr($piece, rand length $piece, 1) = chr(rand 256) for 0 .. rand 4; return $piece },
	sub { my ($piece) = @_; return substr($piece, 0, rand length $piece) },
	sub {
		my ($piece) = @_;
		substr($piece, rand length $piece, 0) = join '', map { chr(rand 256) } 0 .. rand 20;
		return $piece;
	},
	sub { my ($piece) = @_; return $piece x (2 + rand 50) },
	sub { return '' });

# Passes pieces on; the one of that number, and perhaps later ones, are damaged. Never ends by itself.
sub damage
{
	my ($client, $server, $way, $first, $every) = @_;
	my $both = IO::Select->new($client, $server);
	my $count = 0;
	while (my @ready = $both->can_read)
	{
		for my $from (@ready)
		{
			my $piece;
			return if !sysread($from, $piece, 65536);
			if ($from == $server && $count++ >= $first && ($every || $count == $first + 1)) { $piece = $way->($piece) }
			syswrite($from == $server ? $client : $server, $piece);
		}
	}
}

# Calls the function with the port of a proxy before the server at this port; returns what that returns.
sub through_proxy
{
	my ($port, $way, $first, $every, $act) = @_;
	my $peer = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		local $SIG{PIPE} = 'IGNORE';
		while (my $client = $peer->accept)
		{
			my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or last;
			damage($client, $server, $way, $first, $every);
			close $_ for $client, $server;
		}
		_exit(0);
	}
	my $answer = $act->($peer->sockport);
	kill 'KILL', $pid;
	waitpid($pid, 0);
	return $answer;
}

1;
