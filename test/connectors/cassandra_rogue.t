# What the connector cassandra does when a server sends what no server should: a proxy damages the answers of the simulated one
# (cassandra_simulated.t), at random. SEED repeats a run, ROGUE_ROUNDS sets its length.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use CqlServer;
use RogueProxy;
use Test::More;

my $connector = installed_connector('cassandra');
plan(skip_all => "$connector is not built") unless -x $connector;
my $seed = $ENV{SEED} // time;
my $rounds = $ENV{ROGUE_ROUNDS} // 25;
note("SEED=$seed");
my $server = CqlServer->new(
	page => 20,
	types => [ { keyspace => 'shop', name => 'address', fields => [ [ 'street', 'text' ], [ 'zip', 'int' ] ] } ],
	tables => [ {
		keyspace => 'shop', name => 'items', comment => 'what is there',
		columns => [
			[ 'id', 'partition_key', 0, 'none', 'int' ], [ 'content', 'regular', -1, 'none', 'text' ],
			[ 'tags', 'regular', -1, 'none', 'set<text>' ], [ 'home', 'regular', -1, 'none', 'frozen<address>' ],
			[ 'price', 'regular', -1, 'none', 'decimal' ] ],
		rows => [
			map { [
				$_, "größe $_ " x 50,
				[ 'a', 'b' ],
				{ hex => '0000000178' . '00000004' . '00000001' },
				{ hex => '00000002' . '0102' } ] } 1 .. 60 ]
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
		substr($piece, 5, 4) = pack 'N', rand 2**32 if length $piece > 9;
		return $piece;
	},    # its length
	sub { my ($piece) = @_; substr($piece, 1, 1) = chr(rand 256) if length $piece > 9; return $piece },    # its flags
	sub { my ($piece) = @_; substr($piece, 4, 1) = chr(rand 20) if length $piece > 9; return $piece },    # its opcode
	sub { return put($_[0], pack 'N', (0xffffffff, 0x7fffffff, 0x80000000, 0)[ rand 4 ]) },    # counts
	sub { return put($_[0], pack 'n', (0xffff, 0x0030, 0x0031, 0x0020)[ rand 4 ]) });    # types

my @requests = (
	{ operation => 'test' },
	{ operation => 'discover' },
	{   operation => 'sample',
		sample => {
			relations => [ { schema => 'shop', name => 'items' } ], categories => 60, category_length => 50,
			examples => 3,
			example_length => 200, masking => JSON::PP::true, relation_timeout => 1
		}
	},
	{   operation => 'read',
		read => read_request(
			[ 'shop', 'items' ],
			[qw(id content tags home price)],
			conditions => [ { column => 'id', op => '>', type => 'integer', value => '1' } ])
	});
my (@wrong, %ends);
srand($seed);    # not before, since names of temporary files are random, too
# A piece that an answer does not have is not damaged: more rounds, until there were enough errors.
for my $round (1 .. 10 * $rounds)
{
	last if $round > $rounds && ($ends{error} // 0) > $rounds / 5;
	my $request = $requests[ rand @requests ];
	my @how = (int(rand @ways), int(rand 12), int(rand 2));
	my $answer = through_proxy(
		$server->{port},
		$ways[ $how[0] ],
		@how[ 1, 2 ],
		sub {
			my ($proxy) = @_;
			my @bounded = $ENV{SANITIZED} ? () : ('prlimit', '--as=150000000');
			my $limits =
				{ connection_timeout => 1, query_timeout => 1, row_bytes => 1_000_000, document_bytes => 1_000_000 };
			return ask_connector(
				[ @bounded, $connector ],
				request_line($server->base, %$request, limits => $limits, endpoint => { port => $proxy }),
				open => $request->{operation} eq 'read');
		});
	my $last = $answer->{frames}[-1]{frame} // 'nothing';
	$ends{$last}++;
	push @wrong, "round $round: $request->{operation} @how: $last, status $answer->{status}, $answer->{stderr}"
		if $last !~ /^(?:end|error)$/ || ($answer->{status} & 127) != 0;
	push @wrong, "round $round: the password is told"
		if tells_secret(join("\n", @{ $answer->{lines} }, $answer->{stderr}), $CqlServer::password);
}
is_deeply(\@wrong, [], "every answer ends with an end or an error (SEED=$seed)");
cmp_ok($ends{error} // 0, '>', $rounds / 5, 'many of them with an error') or diag(explain(\%ends));

done_testing();
