# HTTP as bytes: a client that sends whatever it is given, which no ordinary client would, and reads what comes back.
package RawHttp;

use strict;
use warnings;

use Exporter 'import';
use IO::Select;
use IO::Socket::INET;
use IO::Uncompress::Gunzip qw(gunzip $GunzipError);
use Time::HiRes qw(time);

our @EXPORT_OK = qw(exchange converse);

my $patience = 60;

# The first final answer to one request, as { status, headers => { name => [values] }, body, fault }; undef when the server
# closed the connection or, for a request that is not whole (option `partial`), said nothing for a moment.
sub exchange
{
	my ($port, $bytes, %option) = @_;
	return (converse($port, $bytes, %option))[0];
}

# All answers that a connection gives until the server closes it; a connection that stays open is left after the first
# answer, once nothing more has come with it. Option `head`: the first answer has no body.
sub converse
{
	my ($port, $bytes, %option) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp')
		or die "no connection to port $port: $!";
	local $SIG{PIPE} = 'IGNORE';
	my ($read, $closed, @answers) = ('', send_all($socket, $bytes));
	my $until = time + ($option{partial} ? 0.05 : $option{patience} // $patience);
	while (1)
	{
		while (my $answer = next_answer(\$read, $closed, $option{head} && !@answers))
		{
			push @answers, $answer unless $answer->{status} =~ /^1/;
		}
		last if $closed;
		my $left = @answers && !length $read ? 0 : $until - time;
		last if $left < 0 || !IO::Select->new($socket)->can_read($left);
		$closed = !sysread $socket, $read, 65536, length $read;
		$until = time + $patience if length $read;    # what has begun to come is waited for
	}
	push @answers, { status => 0, headers => {}, body => $read, fault => 'half an answer' } if length $read;
	push @answers, { status => 0, headers => {}, body => '', fault => 'no answer in time' }
		if !@answers && !$closed && !$option{partial};
	return @answers;
}

# Writes what the other side takes; one that answered and closed before the end has said all it wanted.
sub send_all
{
	my ($socket, $bytes) = @_;
	while (length $bytes)
	{
		my $written = syswrite $socket, $bytes, 65536;
		last unless $written;
		substr($bytes, 0, $written) = '';
	}
	return 0;
}

# Takes one answer off the front of what was read, or nothing while it is not whole.
sub next_answer
{
	my ($read, $closed, $head) = @_;
	$$read =~ /\AHTTP\/1\.[01] (\d{3})[^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/ or return;
	my ($status, $lines, $begin) = ($1, $2, $+[0]);
	my %headers;
	push @{ $headers{ lc $1 } }, $2 while $lines =~ /^([^:\r\n]+):[ \t]*([^\r\n]*)\r\n/gm;
	my ($body, $end) =
		$head || $status =~ /^(1..|204|304)$/ ? ('', $begin) : body_of($read, $begin, \%headers, $closed);
	return unless defined $end;
	substr($$read, 0, $end) = '';
	$body = uncompressed($body) if ($headers{'content-encoding'} // [''])->[0] eq 'gzip' && length $body;
	return { status => $status, headers => \%headers, body => $body };
}

# Answers are compressed where the request takes it; what is in them is looked at all the same.
sub uncompressed
{
	my ($body) = @_;
	gunzip(\$body, \my $plain) or return "not gzip: $GunzipError";
	return $plain;
}

# A body and where it ends.
sub body_of
{
	my ($read, $begin, $headers, $closed) = @_;
	if (($headers->{'transfer-encoding'} // [''])->[0] eq 'chunked')
	{
		my $body = '';
		pos($$read) = $begin;
		while ($$read =~ /\G([0-9a-fA-F]+)[^\r\n]*\r\n/gc)
		{
			my ($length, $at) = (hex $1, pos $$read);
			return if length($$read) < $at + $length + 2;
			return ($body, $at + 2) if $length == 0;
			$body .= substr $$read, $at, $length;
			pos($$read) = $at + $length + 2;
		}
		return;
	}
	if ($headers->{'content-length'})
	{
		my $length = $headers->{'content-length'}[0];
		return if length($$read) < $begin + $length;
		return (substr($$read, $begin, $length), $begin + $length);
	}
	return $closed ? (substr($$read, $begin), length $$read) : ();
}

1;
