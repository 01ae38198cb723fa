# Discoveries of unchanged data, each compared with the first: nothing that a connector tells may differ.
# ROUNDS=100 TESTS=bench/flapping.t test/lib/check.sh
use strict;
use warnings;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/../connectors/lib';
use Connector;
use Test::More;

my $rounds = $ENV{ROUNDS} // 100;

# What is told, without what is told while the work goes on.
sub told
{
	my ($type, $base) = @_;
	my $answer =
		ask_connector([ installed_connector($type) ], request_line($base, limits => { query_timeout => 60 }));
	return join "\n", grep { !/^\{"frame": ?"(?:progress|log)"/ } @{ $answer->{lines} };
}

for my $type (split ' ', $ENV{SERVICES} // 'mongodb elasticsearch redis cassandra')
{
	my $name = 'Peer::' . ucfirst $type;
	eval "require $name; 1" or die $@;
	my $peer = $name->new;
	my $first = told($type, $peer->base);
	my $changed = grep { told($type, $peer->base) ne $first } 2 .. $rounds;
	like($first, qr/\{"frame": ?"end"[^\n]*\z/, "$type is discovered");
	is($changed, 0, "$type: of $rounds discoveries none differs");
	diag(sprintf '%s: %d discoveries, %d changes', $type, $rounds, $changed);
}
done_testing();
