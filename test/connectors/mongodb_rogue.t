# What the connector mongodb does when a server sends what no server should: a proxy damages the answers of a simulated one, at
# random. SEED repeats a run, ROGUE_ROUNDS sets its length.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use MongoServer;
use RogueProxy;
use Test::More;

my $connector = installed_connector('mongodb');
plan(skip_all => "$connector is not built") unless -x $connector;
my $seed = $ENV{SEED} // time;
my $rounds = $ENV{ROGUE_ROUNDS} // 12;
note("SEED=$seed");
my $server = MongoServer->new('simulated');
$server->insert('shop', 'items', map { "{\"_id\": $_, \"word\": \"w$_\", \"tags\": [1, {\"a\": \"b\"}]}" } 1 .. 200);

my @ways = (
	@usual_ways,
	sub { my ($piece) = @_; substr($piece, 0, 4) = "\xff\xff\xff\x7f"; return $piece },
	sub {
		my ($piece) = @_;
		substr($piece, 16 + rand(length($piece) - 16), 4) = "\xff\xff\xff\x7f" if length $piece > 20;
		return $piece;
	},
	sub {
		my ($piece) = @_;
		substr($piece, 12, 4) = pack('V', (1, 2012, 2013, 7)[ rand 4 ]) if length $piece > 16;
		return $piece;
	});

# Runs the connector against the proxy; returns how it ended.
sub at_proxy
{
	my ($request, @how) = @_;
	my @bounded = $ENV{SANITIZED} ? () : ('prlimit', '--as=300000000');
	my $reads = $request->{operation} =~ /^(?:read|query)$/;
	return through_proxy(
		$server->{port}, @how,
		sub {
			my ($proxy) = @_;
			my $base = $server->base('shop');
			$base->{endpoint}{port} = $proxy;
			my $limits =
				{ connection_timeout => 2, query_timeout => 1, row_bytes => 1_000_000, document_bytes => 1_000_000 };
			return ask_connector(
				[ @bounded, $connector ], request_line($base, %$request, limits => $limits),
				open => $reads);
		});
}

my @requests = (
	{ operation => 'test' },
	{ operation => 'discover' },
	{ operation => 'read', read => read_request([ 'shop', 'items' ], [qw(_id word tags)]) },
	{ operation => 'query', query => { text => '{"find": "items"}' } });
my (@wrong, %ends);
srand($seed);    # not before, since names of temporary files are random, too
# A piece that an answer does not have is not damaged: more rounds, until there were enough errors.
for my $round (1 .. 10 * $rounds)
{
	last if $round > $rounds && ($ends{error} // 0) > $rounds / 4;
	my $request = $requests[ rand @requests ];
	my @how = (int(rand @ways), int(rand 12), int(rand 2));
	my $answer = at_proxy($request, $ways[ $how[0] ], @how[ 1, 2 ]);
	my $last = $answer->{frames}[-1]{frame} // 'nothing';
	$ends{$last}++;
	push @wrong, "round $round: $request->{operation} @how: $last, status $answer->{status}, $answer->{stderr}"
		if $last !~ /^(?:end|error)$/ || ($answer->{status} & 127) != 0;
	push @wrong, "round $round: the password is told"
		if tells_secret(join("\n", @{ $answer->{lines} }, $answer->{stderr}), $server->{password});
}
is_deeply(\@wrong, [], "simulated: every answer ends with an end or an error (SEED=$seed)");
cmp_ok($ends{error} // 0, '>', $rounds / 4, 'most of them with an error') or diag(explain(\%ends));

done_testing();
