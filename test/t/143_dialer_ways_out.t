# No other call than connect() makes a connection, and no other socket than the supervisor's connects.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Dialed;
use IO::Socket::IP;
use Test::More;

build_probes();
my $sink = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 100, Blocking => 0) or die "$@";

for my $rules (['network:dial'], [ 'network:local', 'port:9' ], ['network:none'])
{
	my ($said) = finish_run(start_run('hostile', '127.0.0.1 ' . $sink->sockport, rules => $rules));
	like($said, qr/^0 successes$/m, "@$rules: every attempt fails") or diag($said);
	ok(!$sink->accept, 'the sink saw no connection');
}

done_testing();
