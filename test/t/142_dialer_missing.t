# What takes the dialer away is reported by name, and the connector runs without it. Each is forced here.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Dialed;
use IO::Socket::IP;
use PostgreSQL::Test::Utils;
use Test::More;

my $bin = build_probes();
my $listener = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 10) or die "$@";
my $url = 'http://127.0.0.1:' . $listener->sockport . '/';
serve_http_on($listener);

# Runs curl where something is missing; returns what it said and the report.
sub missing
{
	my ($probe, @wrapper) = @_;
	return finish_run(start_run($probe, $url, rules => [ 'network:dial', 'allow:127.0.0.1/32' ], wrapper => \@wrapper));
}

sub is_missing
{
	my ($reason, $what, $said, $report) = @_;
	like($report, qr/^sandbox \S+ \S*\bdialer=$reason\b/m, $what);
	unlike($report, qr/^sandbox full|^dial /m, "$reason: the level says so, and nothing is dialed for the connector");
	is($said, "200\n", "$reason: it runs without the dialer");
}

my ($said, $report) = missing('curl_easy');
unlike($report, qr/dialer=/, 'nothing is missing');
like($report, qr/^dial 127\.0\.0\.1 \d+ connected$/m, 'and the connection is reported');
is($said, "200\n", 'it works');

is_missing('busy', 'a listener of a container manager', missing('curl_easy', "$bin/forced", 'busy'));
is_missing('kernel', 'a kernel that hands no socket over', missing('curl_easy', "$bin/forced", 'kernel'));
is_missing('memory', 'memory that cannot be read', missing('curl_easy', "$bin/forced", 'memory'));

# Yama's setting in a mount namespace, and what Yama does by Landlock.
my @yama = (
	'unshare', '--mount', ($> == 0 ? () : ('--map-current-user', '--keep-caps')), 'bash', '-c',
	'mount -t tmpfs none /proc/sys/kernel && mkdir /proc/sys/kernel/yama && echo 2 >/proc/sys/kernel/yama/ptrace_scope &&
		exec setpriv --inh-caps=-all --ambient-caps=-all "$0" "$@"', "$bin/forced", 'memory');
is_missing('yama', 'Yama', missing('curl_easy', @yama));

# Executable, not readable: root could read it all the same.
chmod 0111, "$bin/curl_easy";
is_missing('unreadable', 'a connector that may not be read', missing('curl_easy')) if $> != 0;

done_testing();
