# Ways to ask a connector, whatever it connects to: requests, frames, what a failure looks like, and secrets that may be
# nowhere in them.
package Connector;

use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use Exporter 'import';
use IO::Select;
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use POSIX qw(_exit dup2 setpgid);
use Test::More;

our @EXPORT =
	qw($json request_line start_connector read_frame end_connector ask_connector frames_of fails_with tells_secret installed_connector);

our $json = JSON::PP->new->utf8->canonical;

# No connector takes longer than that to end; one that does is killed, and its test fails.
my $longest = 60;

# Where connectors are installed, or another directory of them.
sub installed_connector
{
	my ($type) = @_;
	return "$ENV{CONNECTORS}/$type" if $ENV{CONNECTORS};
	chomp(my $directory = `${\($ENV{PG_CONFIG} // 'pg_config')} --pkglibdir`);
	return "$directory/rivergen/$type";
}

# The request line: the usual one for this base (type, endpoint, credentials), with some changes. Members of `more` are
# added at the top, and what is undefined in them is taken away.
sub request_line
{
	my ($base, %change) = @_;
	my $request = {
		protocol => 2, operation => $change{operation} // 'discover', type => $base->{type},
		endpoint => {
			addresses => [], tls => { mode => 'disable' }, options => {},
			%{ $base->{endpoint} // {} }, %{ $change{endpoint} // {} }
		},
		credentials => { %{ $base->{credentials} // {} }, %{ $change{credentials} // {} } },
		scope => { schema => $change{schema}, %{ $change{scope} // {} } },
		known => $change{known},
		sample => $change{sample},
		limits => {
			connection_timeout => 10, query_timeout => 30, connections => 5, document_bytes => 16777216,
			%{ $change{limits} // {} }
		},
		%{ $change{more} // {} }
	};
	return $json->encode($request) . "\n";
}

# Starts it as the leader of a process group, with the environment that connectors get and what is given.
sub start_connector
{
	my ($command, %environment) = @_;
	pipe(my $its_in, my $in) && pipe(my $out, my $its_out) && pipe(my $err, my $its_err) or die $!;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		setpgid(0, 0);
		%ENV = (HOME => '/nonexistent', LC_ALL => 'C.UTF-8', %environment);
		$SIG{PIPE} = 'DEFAULT';
		dup2(fileno $its_in, 0) && dup2(fileno $its_out, 1) && dup2(fileno $its_err, 2) or _exit(126);
		exec { $command->[0] } @$command or _exit(127);
	}
	setpgid($pid, $pid);
	$in->autoflush(1);
	return { pid => $pid, in => $in, out => $out, err => $err, out_text => '', err_text => '' };
}

# Reads until the condition holds or the connector has closed both.
sub read_until
{
	my ($run, $condition) = @_;
	my $deadline = time + $longest;
	my $open = IO::Select->new(grep { defined } @$run{qw(out err)});
	until ($condition->() || !$open->count)
	{
		my @ready = $open->can_read(1);
		for my $handle (@ready)
		{
			my $which = $handle == ($run->{out} // 0) ? 'out' : 'err';
			next if sysread $handle, $run->{"${which}_text"}, 65536, length $run->{"${which}_text"};
			$open->remove($handle);
			$run->{$which} = undef;
		}
		next if time < $deadline;
		fail('the connector ends by itself');
		kill 'KILL', -$run->{pid};
		return;
	}
}

# The next frame, or nothing at the end.
sub read_frame
{
	my ($run) = @_;
	read_until($run, sub { $run->{out_text} =~ /\n/ });
	return $run->{out_text} =~ s/^(.*)\n// ? $json->decode($1) : undef;
}

# Reads the rest, waits; the result has lines, frames, stderr and the status.
sub end_connector
{
	my ($run) = @_;
	close $run->{in} if $run->{in};
	read_until($run, sub { 0 });
	waitpid($run->{pid}, 0);
	my @lines = split /\n/, $run->{out_text};
	return {
		lines => \@lines, stderr => $run->{err_text}, status => $?,
		frames => [
			map {
				eval { $json->decode($_) }
					// { frame => "no JSON: $_" }
			} @lines ]
	};
}

# A line from start to end. how: pieces => bytes per write, environment => {…}.
sub ask_connector
{
	my ($command, $line, %how) = @_;
	local $SIG{PIPE} = 'IGNORE';
	my $run = start_connector($command, %{ $how{environment} // {} });
	my $size = $how{pieces} // length $line;
	for (my $at = 0; $at < length $line; $at += $size)
	{
		syswrite $run->{in}, substr($line, $at, $size);
	}
	return end_connector($run);
}

sub frames_of
{
	my ($kind, @frames) = @_;
	return grep { $_->{frame} eq $kind } @frames;
}

# A test: the frames end with that error. Returns it.
sub fails_with
{
	my ($name, $step, $code, $transient, @frames) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $last = $frames[-1] // {};
	is_deeply([ @$last{qw(frame step code)}, $last->{transient} ? 1 : 0 ], [ 'error', $step, $code, $transient ], $name)
		or diag(explain($last));
	is(($frames[0] // {})->{frame}, 'hello', "$name: the first frame is hello");
	return $last;
}

# Which of these secrets a text has in it, in any spelling.
sub tells_secret
{
	my ($text, @secrets) = @_;
	my $told = lc $text;
	return grep {
		my @s = spellings($_);
		grep { index($told, lc $_) >= 0 } @s
	} grep { length >= 4 } @secrets;
}

sub spellings
{
	my $bytes = encode_utf8($_[0]);
	my $inside = JSON::PP->new->allow_nonref;
	return (
		$bytes, (map { substr $_, 1, -1 } encode_utf8($inside->encode($_[0])), $inside->ascii->encode($_[0])),
		$bytes =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02x', ord $1/ger, $bytes =~ s/(.)/sprintf '%%%02x', ord $1/gser,
		unpack('H*', $bytes),
		map { in_base64($bytes, $_) } 0 .. 2);
}

# What base64 makes of the bytes wherever they begin: without the characters that depend on what is beside them.
sub in_base64
{
	my ($bytes, $before) = @_;
	my $first = int((8 * $before + 5) / 6);
	my $last = int(8 * ($before + length $bytes) / 6);
	return substr encode_base64(('x' x $before) . $bytes, ''), $first, $last - $first;
}

1;
