# A proxy between a connector and PostgreSQL, by which the server is one of PostgreSQL 8.0.2, as Redshift is: it reports that
# version and only the parameters that 8.0.2 had, and takes no TLS and no other parameters of a session.
package OlderServer;

use strict;
use warnings;

use Exporter 'import';
use IO::Select;
use IO::Socket::INET;
use POSIX qw(_exit);

our @EXPORT = qw(start_older_server);

my %reported = map { $_ => 1 }
	qw(server_encoding client_encoding is_superuser session_authorization DateStyle TimeZone integer_datetimes);
my %taken = map { $_ => 1 } qw(user database application_name client_encoding);
my ($ssl_request, $cancel_request) = (80877103, 80877102);

sub message
{
	my ($type, $content) = @_;
	return $type . pack('N', 4 + length $content) . $content;
}

# What is known of a connection: the sockets, what came and is no whole message yet, and whether the login has ended.
sub pair
{
	my ($client, $port) = @_;
	my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or return;
	return { client => $client, server => $server, first => '', said => '', begun => 0, ready => 0 };
}

# The first message of the client; returns false if the connection has to end.
sub begin
{
	my ($pair, $bytes) = @_;
	$pair->{first} .= $bytes;
	my ($length, $code) = length $pair->{first} >= 8 ? unpack 'N2', $pair->{first} : (0, 0);
	return 1 if length $pair->{first} < $length || $length == 0;
	if ($code == $ssl_request)
	{
		$pair->{first} = substr $pair->{first}, $length;
		return syswrite $pair->{client}, 'N';
	}
	$pair->{begun} = 1;
	$pair->{ready} = 1 if $code == $cancel_request;
	my %parameters = $code == $cancel_request ? () : split /\0/, substr $pair->{first}, 8, $length - 10;
	my ($other) = grep { !$taken{$_} } sort keys %parameters;
	return syswrite $pair->{server}, $pair->{first} if !defined $other;
	syswrite $pair->{client},
		message('E', "SFATAL\0C42704\0Munrecognized configuration parameter \"$other\"\0\0");
	return 0;
}

# The messages of the server up to the first that it is ready.
sub answer
{
	my ($pair, $bytes) = @_;
	my $passed = '';
	$pair->{said} .= $bytes;
	while (!$pair->{ready} && length $pair->{said} >= 5)
	{
		my ($type, $length) = unpack 'aN', $pair->{said};
		last if length $pair->{said} < $length + 1;
		my $content = substr substr($pair->{said}, 0, $length + 1, ''), 5;
		my ($name) = split /\0/, $content;
		$pair->{ready} = $type eq 'Z';
		if ($type ne 'S') { $passed .= message($type, $content) }
		elsif ($name eq 'server_version') { $passed .= message('S', "server_version\x008.0.2\0") }
		elsif ($reported{$name}) { $passed .= message('S', $content) }
	}
	$passed .= substr $pair->{said}, 0, length $pair->{said}, '' if $pair->{ready};
	return length $passed == 0 || syswrite $pair->{client}, $passed;
}

sub pass
{
	my ($pair, $from) = @_;
	return 0 if !sysread $from, my $bytes, 65536;
	return answer($pair, $bytes) if $from == $pair->{server};
	return $pair->{begun} ? syswrite $pair->{server}, $bytes : begin($pair, $bytes);
}

# Serves one client until one of both ends.
sub serve
{
	my ($client, $alive, $port) = @_;
	my $pair = pair($client, $port) or return;
	my $both = IO::Select->new($alive, @$pair{qw(client server)});
	while (my @ready = $both->can_read)
	{
		for my $handle (@ready)
		{
			return if $handle == $alive || !pass($pair, $handle);
		}
	}
	return;
}

# Ends when the test does, which holds the other end of the pipe. Each client has a process of its own: a client that
# takes no rows must not keep another from canceling their statement.
sub accept_clients
{
	my ($listening, $alive, $port) = @_;
	my $both = IO::Select->new($listening, $alive);
	local $SIG{CHLD} = 'IGNORE';
	while (my @ready = $both->can_read)
	{
		return if grep { $_ == $alive } @ready;
		my $client = $listening->accept or next;
		my $pid = fork // die $!;
		next if $pid != 0;
		serve($client, $alive, $port);
		_exit(0);
	}
	return;
}

my @kept;    # the ends of pipes

# Returns the port of a proxy before the server at this port.
sub start_older_server
{
	my ($port) = @_;
	my $listening = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	pipe(my $alive, my $end) or die $!;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		close $end;
		local $SIG{PIPE} = 'IGNORE';
		accept_clients($listening, $alive, $port);
		_exit(0);
	}
	push @kept, $end;
	return $listening->sockport;
}

1;
