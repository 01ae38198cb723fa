# What the connector sqlserver does when a server sends what no server should: a proxy damages the answers of the simulated one
# (sqlserver_server.t), at random. SEED repeats a run, ROGUE_ROUNDS sets its length.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use RogueProxy;
use TdsServer;
use Test::More;

my $connector = installed_connector('sqlserver');
plan(skip_all => "$connector is not built") unless -x $connector;
my $seed = $ENV{SEED} // time;
my $rounds = $ENV{ROGUE_ROUNDS} // 8;
note("SEED=$seed");
start_tds(
	encryption => 'off',
	relations => [ {
		schema => 'dbo', name => 'items', comment => 'what is there',
		columns => [
			[ 'id', 'int', { not_null => 1 } ], [ 'text', 'nvarchar(max)' ],
			[ 'price', 'decimal(9,2)', { default => '((0))' } ],
			[ 'bytes', 'varbinary(max)' ] ],
		indexes => [ { name => 'items_key', primary => 1, columns => ['id'] } ],
		rows => [ map { [ $_, "größe $_ " x 50, "$_.5", '0x00ff' ] } 1 .. 60 ]
	} ]);

sub put
{
	my ($piece, $bytes) = @_;
	my $at = int rand length $piece;
	substr($piece, $at, length $bytes) = $bytes;
	return $piece;
}

my @ways = (
	@usual_ways,
	sub {
		my ($piece) = @_;
		substr($piece, 2, 2) = pack 'n', rand 65536 if length $piece > 4;
		return $piece;
	},    # a packet's length
	sub { my ($piece) = @_; substr($piece, 1, 1) = chr(rand 256) if length $piece > 4; return $piece }, # and its status
	sub { return put($_[0], pack 'v', (0xffff, 0xfffe, 0x7fff)[ rand 3 ]) },    # of columns, and of a value
	sub {
		return put($_[0], pack('V2', (0xfffffffe, 0xffffffff)[ rand 2 ], 0xffffffff) . pack('V', 0x7fffffff));
	},    # of parts
	sub { return put($_[0], chr((0x81, 0xd1, 0xd2, 0xe3, 0xaa, 0xfd, 0xac, 0x79)[ rand 8 ])) });    # tokens

my @requests = (
	{ operation => 'test' },
	{ operation => 'discover' },
	{ operation => 'read', read => read_request([ 'dbo', 'items' ], [qw(id text price bytes)]) });
my (@wrong, %ends);
srand($seed);    # not before, since names of temporary files are random, too
# A piece that an answer does not have is not damaged: more rounds, until there were enough errors.
for my $round (1 .. 10 * $rounds)
{
	last if $round > $rounds && ($ends{error} // 0) > $rounds / 5;
	my $request = $requests[ rand @requests ];
	my @how = (int(rand @ways), int(rand 12), int(rand 2));
	my $answer = through_proxy(
		$port,
		$ways[ $how[0] ],
		@how[ 1, 2 ],
		sub {
			my ($proxy) = @_;
			my $base = tds_base();
			my @bounded = $ENV{SANITIZED} ? () : ('prlimit', '--as=150000000');
			my $limits =
				{ connection_timeout => 1, query_timeout => 1, row_bytes => 1_000_000, document_bytes => 1_000_000 };
			return ask_connector(
				[ @bounded, $connector ],
				request_line(
					$base, %$request, limits => $limits, endpoint => { port => $proxy, tls => { mode => 'disable' } }),
				open => $request->{operation} eq 'read');
		});
	my $last = $answer->{frames}[-1]{frame} // 'nothing';
	$ends{$last}++;
	push @wrong, "round $round: $request->{operation} @how: $last, status $answer->{status}, $answer->{stderr}"
		if $last !~ /^(?:end|error)$/ || ($answer->{status} & 127) != 0;
	push @wrong, "round $round: the password is told"
		if tells_secret(join("\n", @{ $answer->{lines} }, $answer->{stderr}), $password);
}
is_deeply(\@wrong, [], "every answer ends with an end or an error (SEED=$seed)");
cmp_ok($ends{error} // 0, '>', $rounds / 5, 'many of them with an error') or diag(explain(\%ends));

done_testing();
