# The gateway by itself: what nginx and PostgREST let through, what they keep out, and what they say when something behind
# them fails.
use strict;
use warnings;

use Gateway;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $gateway = Gateway->start('gateway');

subtest 'plain PostgREST' => sub {
	my ($status, undef, $body) = $gateway->request(GET => '/data_sources', $gateway->as('postgres'));
	is($status, 200, 'a view');
	is_deeply($body, [], 'that is empty');
	($status, undef, $body) = $gateway->request(POST => '/rpc/data_source_list', $gateway->as('postgres'), { page => 1 });
	is($status, 200, 'a function');
	is($body->{data}{pagination}{total_items}, 0, 'and its answer');
};

done_testing;
