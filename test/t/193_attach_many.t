# Many foreign tables at once: refused where the server's table of locks has no room for them, else made in one call.
# TABLES=10000 makes more.
use strict;
use warnings;

use Rivergen;
use Test::More;
use Time::HiRes qw(time);

my $tables = $ENV{TABLES} // 500;
my $server = start_server('server', conf => 'max_connections = 20');
install_fake($server);
my $id = create_quiet_source($server, fake_source('many', { schemas => 1, relations => $tables, columns => 10 }));
discover($server, $id);
# A lock for each table is not enough: making one takes two. 32 processes share them.
$server->append_conf('postgresql.conf', 'max_locks_per_transaction = ' . (10 + int($tables / 32)));
$server->restart;
call_fails(
	$server, "rivergen.attach($id, 'many')", 'more tables than locks', sqlstate => 'PT413',
	says => qr/$tables tables at once.*room for about.*max_locks_per_transaction/);
is(sql($server, "SELECT to_regnamespace('many') IS NULL"), 't', 'nothing is made');
$server->append_conf('postgresql.conf', 'max_locks_per_transaction = ' . (10 + int($tables * 2.3 / 32)));
$server->restart;
my $began = time;
is(call($server, "rivergen.attach($id, 'many')")->{data}{tables_count}, $tables, 'all of them');
note(sprintf '%d foreign tables of 10 columns attached in %.1f s', $tables, time - $began);
$began = time;
is(call($server, "rivergen.detach($id)")->{data}{tables_count}, $tables, 'and detached');
note(sprintf 'detached in %.1f s', time - $began);
is(sql($server, "SELECT to_regnamespace('many') IS NULL"), 't', 'nothing is left');

done_testing();
