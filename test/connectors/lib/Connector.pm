# Ways to ask a connector, whatever it connects to: requests, frames, what a failure looks like, and secrets that may be
# nowhere in them.
package Connector;

use strict;
use warnings;
use utf8;

use Encode qw(decode_utf8 encode_utf8);
use Exporter 'import';
use IO::Select;
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use POSIX qw(_exit dup2 setpgid);
use Test::More;

our @EXPORT =
	qw($json request_line start_connector read_frame end_connector ask_connector frames_of fails_with tells_secret installed_connector
	read_request send_line read_answer rows_of);

our $json = JSON::PP->new->utf8->canonical;

# No connector takes longer than that to end; one that does is killed, and its test fails.
my $longest = 300;

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
		read => $change{read},
		query => $change{query},
		limits => {
			connection_timeout => 60, query_timeout => 120, connections => 5, document_bytes => 16777216,
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

# The frame at the beginning of what was read, its line, and its length with the rows behind it; nothing if more must come.
sub first_frame
{
	my ($run) = @_;
	my $length = index($run->{out_text}, "\n") + 1 or return;
	my $line = substr $run->{out_text}, 0, $length - 1;
	my $frame = eval { $json->decode($line) } // { frame => "no JSON: $line" };
	if ($frame->{frame} eq 'rows')
	{
		return if length($run->{out_text}) < $length + $frame->{bytes};
		$frame->{-data} = substr $run->{out_text}, $length, $frame->{bytes};
		$length += $frame->{bytes};
	}
	return ($frame, $line, $length);
}

# Takes the first frame off what was read.
sub take_frame
{
	my ($run) = @_;
	my ($frame, $line, $length) = first_frame($run) or return;
	substr($run->{out_text}, 0, $length, '');
	return ($frame, $line);
}

# The next frame, or nothing at the end. The bytes that follow a frame `rows` are its member -data.
sub read_frame
{
	my ($run) = @_;
	my @frame;
	read_until($run, sub { @frame || (@frame = take_frame($run)) });
	return $frame[0];
}

# Sends a line, and leaves standard input open.
sub send_line
{
	my ($run, $line) = @_;
	local $SIG{PIPE} = 'IGNORE';
	return syswrite $run->{in}, $line;
}

# The rest of the answer to a request, to its end or error; standard input stays open.
sub read_answer
{
	my ($run) = @_;
	my @frames;
	while (my $frame = read_frame($run))
	{
		push @frames, $frame;
		last if $frame->{frame} =~ /^(?:end|error)$/;
	}
	return @frames;
}

# The member `read` of a request, for a relation [schema, name, id] and these columns.
sub read_request
{
	my ($relation, $columns, %more) = @_;
	my ($schema, $name, $id) = @$relation;
	return {
		relation => { schema => $schema, name => $name, kind => 'table', id => $id },
		columns => $columns, conditions => [], limit => undef, sample => undef, %more
	};
}

# The rows of an answer: lists of texts, or undef for null.
sub rows_of
{
	my %meant = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t", v => "\x0b", '\\' => '\\');
	my $text = decode_utf8(join '', map { $_->{-data} // () } @_);
	return map {
		[ map { $_ eq '\N' ? undef : s/\\([bfnrtv\\])/$meant{$1}/gr } $_ eq '' ? '' : split /\t/, $_, -1 ]
	} $text =~ /([^\n]*)\n/g;
}

# Reads the rest, waits; the result has lines, frames, stderr and the status.
sub end_connector
{
	my ($run) = @_;
	close $run->{in} if $run->{in};
	read_until($run, sub { 0 });
	waitpid($run->{pid}, 0);
	my (@lines, @frames);
	while (my ($frame, $line) = take_frame($run))
	{
		push @frames, $frame;
		push @lines, $line, $frame->{-data} // ();
	}
	my $rest = $run->{out_text};
	push @frames, { frame => "no whole frame: $rest" } if $rest ne '';
	push @lines, $rest if $rest ne '';
	return { lines => \@lines, stderr => $run->{err_text}, status => $?, frames => \@frames };
}

# A line from start to end. how: pieces => bytes per write, environment => {…}, open => standard input stays open until the
# answer has ended.
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
	return end_connector($run) if !$how{open};
	# Rows are wanted as long as standard input is open.
	my @frames = read_answer($run);
	my $rest = end_connector($run);
	unshift @{ $rest->{frames} }, @frames;
	unshift @{ $rest->{lines} },
		map { my %line = %$_; delete $line{-data}; ($json->encode(\%line), $_->{-data} // ()) } @frames;
	return $rest;
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
