# What the tests of the dialer share: the probes, built; runs of a probe with the dialer and without; servers that a test
# needs beside PostgreSQL, each a process that ends with the test.
package Dialed;

use strict;
use warnings;

use Exporter 'import';
use File::Basename qw(dirname);
use IO::Select;
use IO::Socket::IP;
use POSIX qw(dup2);
use PostgreSQL::Test::Utils;
use Socket qw(SOMAXCONN);
use Test::More;

our @EXPORT =
	qw(build_probes start_run start_native finish_run serve serve_names serve_http serve_http_on serve_tds serve_slowly);

my $probes = dirname(__FILE__) . '/../probes';
my $bin;
my @servers;

sub build_probes
{
	$bin = PostgreSQL::Test::Utils::tempdir();
	chmod 0755, $bin;
	my $config = $ENV{PG_CONFIG} // 'pg_config';
	system_or_bail('make', '-s', '-C', $probes, "BIN=$bin", "PG_CONFIG=$config", 'all');
	return $bin;
}

# Starts a command, with descriptor 3 a pipe, too.
sub start
{
	my (@command) = @_;
	pipe(my $output, my $output_end) or die "pipe: $!";
	pipe(my $report, my $report_end) or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		my ($out, $third) = (fileno $output_end, fileno $report_end);
		open STDIN, '<', '/dev/null';
		dup2($out, 1);
		dup2($third, 60);
		dup2(60, 3);
		POSIX::close(60);
		exec @command or POSIX::_exit(127);
	}
	return { pid => $pid, output => $output, report => $report };
}

# Starts a probe below rivergen-run. Options: rules (beside those of the network), wrapper (a command before it).
sub start_run
{
	my ($probe, $argument, %option) = @_;
	my $config = $ENV{PG_CONFIG} // 'pg_config';
	chomp(my $library = `$config --pkglibdir`);
	my @rules =
		map { "--rule=$_" } @{ $option{rules} // [ 'network:dial', 'allow:198.51.100.1/32', 'allow:2001:db8::/32' ] };
	return start(
		@{ $option{wrapper} // [] }, "$library/rivergen/rivergen-run", $$, @rules, 0, 1048576, 256,
		'--', $probe =~ m{/} ? $probe : "$bin/$probe", $argument);
}

sub start_native
{
	my ($probe, $argument) = @_;
	return start('env', '-i', 'RES_OPTIONS=use-vc', 'HOME=/nonexistent', 'LC_ALL=C.UTF-8', "$bin/$probe", $argument);
}

# What it wrote, what was reported, its exit status.
sub finish_run
{
	my ($run) = @_;
	my $output = do { local $/; readline $run->{output} }
		// '';
	my $report = do { local $/; readline $run->{report} }
		// '';
	waitpid $run->{pid}, 0;
	return ($output, $report, $? >> 8);
}

# A process that handles each connection of these listeners.
sub serve
{
	my ($handle, @listeners) = @_;
	my $pid = fork // die "fork: $!";
	push @servers, $pid;
	return if $pid;
	$SIG{TERM} = 'DEFAULT';
	local $SIG{PIPE} = 'IGNORE';
	local $SIG{CHLD} = 'IGNORE';
	my $select = IO::Select->new(@listeners);
	while (1)
	{
		for my $listener ($select->can_read)
		{
			my $client = $listener->accept or next;
			if (fork == 0)
			{
				$handle->($client);
				POSIX::_exit(0);
			}
			close $client;
		}
	}
}

sub listeners
{
	my ($port, @addresses) = @_;
	return map {
		IO::Socket::IP->new(LocalHost => $_, LocalPort => $port, Listen => SOMAXCONN, ReuseAddr => 1, V6Only => 1)
			or die "$_ port $port: $@"
	} @addresses;
}

# A resolver on 127.0.0.53, over TCP. names: to a function that gets the number of the question, and returns the addresses.
sub serve_names
{
	my (%names) = @_;
	my $asked = PostgreSQL::Test::Utils::tempdir();
	serve(
		sub {
			my ($client) = @_;
			while (read($client, my $length, 2) == 2)
			{
				read($client, my $question, unpack 'n', $length);
				my $answer = answer($question, $asked, \%names);
				print {$client} pack('n', length $answer), $answer;
				$client->flush;
			}
		},
		listeners(53, '127.0.0.53'));
}

sub answer
{
	my ($question, $asked, $names) = @_;
	my ($id) = unpack 'n', $question;
	my ($labels, $position) = ('', 12);
	while (my $length = ord substr $question, $position, 1)
	{
		$labels .= '.' . lc substr $question, $position + 1, $length;
		$position += $length + 1;
	}
	my $name = substr $labels, 1;
	my $type = unpack 'n', substr $question, $position + 1, 2;
	my $section = substr $question, 12, $position + 5 - 12;
	my @bytes =
		grep { length == ($type == 28 ? 16 : 4) }
		map { packed($_) }
		($type == 1 || $type == 28) && $names->{$name} ? $names->{$name}->(count_question("$asked/$name.$type")) : ();
	my $answers = join '', map { pack('nnnNn', 0xc00c, $type, 1, 0, length) . $_ } @bytes;
	return pack('n6', $id, $names->{$name} ? 0x8580 : 0x8583, 1, scalar @bytes, 0, 0) . $section . $answers;
}

sub packed
{
	my ($address) = @_;
	return Socket::inet_pton($address =~ /:/ ? Socket::AF_INET6 : Socket::AF_INET, $address);
}

sub count_question
{
	my ($file) = @_;
	open my $handle, '>>', $file or die "$file: $!";
	syswrite $handle, '.';
	return -s $handle;
}

# Answers 200, or 302 to what the path has behind /to/.
sub serve_http
{
	serve_http_on(listeners(@_));
}

sub serve_http_on
{
	serve(
		sub {
			my ($client) = @_;
			my $request = <$client> // return;
			while (my $line = <$client>)
			{
				last if $line =~ /^\r?\n/;
			}
			my ($target) = $request =~ m{^GET /to/(\S+)};
			print {$client} $target
				? "HTTP/1.1 302 Found\r\nLocation: $target\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
				: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
		},
		@_);
}

# As much of TDS 4.2 as a login takes: every request is answered with a login acknowledgement.
sub serve_tds
{
	my ($port, @addresses) = @_;
	my $acknowledged = pack('C v C C4 C/a* C4', 0xad, 14, 1, 4, 2, 0, 0, 'test', 1, 0, 0, 0);
	my $done = pack('C v v V', 0xfd, 0, 0, 0);
	serve(
		sub {
			my ($client) = @_;
			while (read($client, my $header, 8) == 8)
			{
				my ($type, $status, $length) = unpack 'C C n', $header;
				read $client, my $body, $length - 8;
				next unless $status & 1;
				my $reply = $acknowledged . $done;
				print {$client} pack('C C n n C C', 4, 1, 8 + length $reply, 0, 1, 0), $reply;
				$client->flush;
			}
		},
		listeners($port, @addresses));
}

# A port whose host answers the first connection only after a while, and passes it on to the port given.
sub serve_slowly
{
	my ($address, $port) = @_;
	my $listener = IO::Socket::IP->new(LocalHost => $address, Listen => 1) or die "listener: $@";
	listen $listener, 0;
	my $filler = IO::Socket::IP->new(PeerHost => $address, PeerPort => $listener->sockport) or die "filler: $@";
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		select undef, undef, undef, 0.3;
		close $listener->accept;
		my $client = $listener->accept;
		my $server = IO::Socket::IP->new(PeerHost => $address, PeerPort => $port);
		my $select = IO::Select->new($client, $server);
		while (1)
		{
			for my $from ($select->can_read)
			{
				sysread $from, my $bytes, 65536 or POSIX::_exit(0);
				syswrite $from == $client ? $server : $client, $bytes;
			}
		}
	}
	push @servers, $pid;
	return $listener->sockport;
}

END
{
	my $status = $?;
	kill 'TERM', @servers if @servers;
	$? = $status;
}

1;
