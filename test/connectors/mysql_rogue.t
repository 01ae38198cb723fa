# What the connector mysql does when a server sends what no server should: a proxy damages the answers of a real one, at random.
# SEED repeats a run, ROGUE_ROUNDS sets its length.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use MariadbServer;
use RogueProxy;
use Test::More;

my $connector = installed_connector('mysql');
plan(skip_all => "$connector is not built") unless -x $connector;
my $seed = $ENV{SEED} // time;
my $rounds = $ENV{ROGUE_ROUNDS} // 12;
note("SEED=$seed");
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

my @ways = (
	@usual_ways,
	sub { my ($piece) = @_; substr($piece, 0, 3) = "\xff\xff\xff"; return $piece },
	sub {
		my ($piece) = @_;
		substr($piece, rand length $piece, 1) = ("\xfb", "\xfc\xff\xff", "\xfe" . "\xff" x 8)[ rand 3 ];
		return $piece;
	},
	sub { my ($piece) = @_; return "\x01\0\0\x01\xfb" . $piece });    # a request for a file

# Runs the connector against the proxy; returns how it ended.
sub at_proxy
{
	my ($request, @how) = @_;
	my @bounded = $ENV{SANITIZED} ? () : ('prlimit', '--as=100000000');
	my $reads = $request->{operation} =~ /^(?:read|query)$/;
	return through_proxy(
		$port, @how,
		sub {
			my ($proxy) = @_;
			my $base = {
				type => 'mysql', credentials => { username => 'reader', password => $password },
				endpoint => {
					host => '127.0.0.1', port => $proxy, addresses => ['127.0.0.1'], database => 'shop',
					tls => { mode => 'disable' }
				}
			};
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
	{ operation => 'read', read => read_request([ 'shop', 'items' ], [qw(id word price at b)]) },
	{ operation => 'query', query => { text => 'SELECT * FROM items' } });
my (@wrong, %ends);
srand($seed);    # not before, since names of temporary files are random, too
# A piece that an answer does not have is not damaged: more rounds, until there were enough errors.
for my $round (1 .. 10 * $rounds)
{
	last if $round > $rounds && ($ends{error} // 0) > $rounds / 4;
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
is_deeply(\@wrong, [], "every answer ends with an end or an error (SEED=$seed)");
cmp_ok($ends{error} // 0, '>', $rounds / 4, 'most of them with an error') or diag(explain(\%ends));

done_testing();
