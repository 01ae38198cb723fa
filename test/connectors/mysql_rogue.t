# What the connector mysql does when a server sends what no server should: a proxy spoils the answers of a real one, at random.
# ROGUE_SEED repeats a run, ROGUE_ROUNDS sets its length.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use IO::Select;
use IO::Socket::INET;
use MariadbServer;
use POSIX qw(_exit);
use Test::More;

my $connector = installed_connector('mysql');
plan(skip_all => "$connector is not built") unless -x $connector;
my $seed = $ENV{ROGUE_SEED} // int(rand(1e9));
my $rounds = $ENV{ROGUE_ROUNDS} // 12;
note("ROGUE_SEED=$seed");
srand($seed);
start_mariadb();
sql(<<'EOT');
CREATE DATABASE shop;
USE shop;
CREATE TABLE items (id int PRIMARY KEY AUTO_INCREMENT, word varchar(20) DEFAULT 'it''s', price decimal(9,2), at timestamp, b blob, CHECK (price > 0));
INSERT INTO items (word, price, b) SELECT concat('w', seq), seq, 'bytes' FROM seq_1_to_200;
CREATE VIEW words AS SELECT word FROM items;
CREATE USER reader;
SET PASSWORD FOR reader = PASSWORD('correct "horse" \\battery');
GRANT SELECT, SHOW VIEW ON shop.* TO reader;
EOT

# Ways to spoil a piece of an answer.
my @ways = (
	sub { my ($piece) = @_; substr($piece, rand length $piece, 1) = chr(rand 256) for 0 .. rand 4; return $piece },
	sub { my ($piece) = @_; return substr($piece, 0, rand length $piece) },
	sub {
		my ($piece) = @_;
		substr($piece, rand length $piece, 0) = join '', map { chr(rand 256) } 0 .. rand 20;
		return $piece;
	},
	sub { my ($piece) = @_; substr($piece, 0, 3) = "\xff\xff\xff"; return $piece },
	sub {
		my ($piece) = @_;
		substr($piece, rand length $piece, 1) = ("\xfb", "\xfc\xff\xff", "\xfe" . "\xff" x 8)[ rand 3 ];
		return $piece;
	},
	sub { my ($piece) = @_; return $piece x (2 + rand 50) },
	sub { my ($piece) = @_; return "\x01\0\0\x01\xfb" . $piece },    # a request for a file
	sub { return '' });

# Passes pieces on; the one of that number, and perhaps later ones, are spoiled. Never ends by itself.
sub spoil
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

# Runs the connector against the proxy; returns how it ended.
sub at_proxy
{
	my ($request, $way, $first, $every) = @_;
	my $peer = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	my $pid = fork // die $!;
	if ($pid == 0)
	{
		local $SIG{PIPE} = 'IGNORE';
		while (my $client = $peer->accept)
		{
			my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or last;
			spoil($client, $server, $way, $first, $every);
			close $_ for $client, $server;
		}
		_exit(0);
	}
	my $base = {
		type => 'mysql', credentials => { username => 'reader', password => $password },
		endpoint => {
			host => '127.0.0.1', port => $peer->sockport, addresses => ['127.0.0.1'], database => 'shop',
			tls => { mode => 'disable' }
		},
		limits => { connection_timeout => 2, query_timeout => 1, row_bytes => 1_000_000, document_bytes => 1_000_000 }
	};
	my @bounded = $ENV{SANITIZED} ? () : ('prlimit', '--as=100000000');
	my $reads = $request->{operation} =~ /^(?:read|query)$/;
	my $answer = ask_connector([ @bounded, $connector ], request_line($base, %$request), open => $reads);
	kill 'KILL', $pid;
	waitpid($pid, 0);
	return $answer;
}

my @requests = (
	{ operation => 'test' },
	{ operation => 'discover' },
	{ operation => 'read', read => read_request([ 'shop', 'items' ], [qw(id word price at b)]) },
	{ operation => 'query', query => { text => 'SELECT * FROM items' } });
my (@wrong, %ends);
for my $round (1 .. $rounds)
{
	my $request = $requests[ rand @requests ];
	my @how = (int(rand @ways), int(rand 16), int(rand 2));
	my $answer = at_proxy($request, $ways[ $how[0] ], @how[ 1, 2 ]);
	my $last = $answer->{frames}[-1]{frame} // 'nothing';
	$ends{$last}++;
	push @wrong, "round $round: $request->{operation} @how: $last, status $answer->{status}"
		if $last !~ /^(?:end|error)$/ || ($answer->{status} & 127) != 0;
	push @wrong, "round $round: the password is told"
		if tells_secret(join("\n", @{ $answer->{lines} }, $answer->{stderr}), $password);
}
is_deeply(\@wrong, [], "every answer ends with an end or an error (ROGUE_SEED=$seed)");
cmp_ok($ends{error} // 0, '>', $rounds / 4, 'most of them with an error') or diag(explain(\%ends));

done_testing();
