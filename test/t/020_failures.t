# A PostgreSQL source that cannot be discovered: the call and the job say why, without the password; the cache stays
# as it was; nothing is left behind; and when the cause is gone, the next discovery works.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $secret = qr/\Q$password\E|correct-horse/;
my $server = start_server('server');
my $source = start_source('source', $password, conf => 'log_connections = on');
sql($source, 'CREATE TABLE first (id int PRIMARY KEY, name text); GRANT SELECT ON first TO reader');

my $id = create_source($server, source_of($source, $password, connection_timeout => 5, query_timeout => 5));
is(discover($server, $id)->{data}{total_tables}, 1, 'the source is discovered once');

sub change
{
	my (%change) = @_;
	call($server, "rivergen.data_source_update($id, " . json(\%change) . ')');
}

sub new_password
{
	my ($given) = @_;
	my $credentials = json({ username => 'reader', password => $given });
	call($server, "rivergen.data_source_update_credentials($id, $credentials)");
}

change(host => 'no-such-host.invalid');
discover_fails(
	$server, $id, 'unknown host',
	sqlstate => 'PT502', code => 'unknown_host', says => qr/no-such-host\.invalid/, secret => $secret);
unlike(
	sql($server, "SELECT error_detail FROM rivergen.jobs WHERE data_source_id = $id AND error_code = 'unknown_host'"),
	qr/\n|^\s*$/, 'the detail is one line');
change(host => '127.0.0.1');

my ($refused_port, $bound) = refused_port();
change(port => $refused_port + 0);
discover_fails(
	$server, $id, 'refused port',
	sqlstate => 'PT502', code => 'refused', says => qr/refused/i, secret => $secret);

my ($silent_port, $listener) = silent_port();
change(port => $silent_port + 0, connection_timeout => 1);
discover_fails(
	$server, $id, 'a server that accepts and never answers',
	sqlstate => 'PT504', code => 'timeout', says => qr/tim|answer/i, secret => $secret);
change(port => $source->port + 0, connection_timeout => 5);

change(database_name => 'no_such_database');
discover_fails(
	$server, $id, 'missing database',
	sqlstate => 'PT502', code => 'database_not_found', says => qr/no_such_database/, secret => $secret);
change(database_name => 'postgres');

new_password('correct-horse');
discover_fails(
	$server, $id, 'wrong password',
	sqlstate => 'PT502', code => 'authentication', says => qr/password|authentic/i, secret => $secret);
new_password($password);

# A catalog that the discovery reads and the connection's start does not.
my $blocker = $source->background_psql('postgres');
$blocker->query_safe('BEGIN; LOCK TABLE pg_catalog.pg_description IN ACCESS EXCLUSIVE MODE');
change(query_timeout => 1);
discover_fails(
	$server, $id, 'hanging query',
	sqlstate => 'PT504', code => 'timeout', says => qr/tim|answer/i, secret => $secret);
my $sessions = "SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = 'reader'";
wait_for('the source to be rid of the session', sub { sql($source, $sessions) eq 't' });
pass('no session is left on the source');
$blocker->query_safe('ROLLBACK');
$blocker->quit;
change(query_timeout => 5);

sql($source, "ALTER ROLE reader NOLOGIN");
discover_fails(
	$server, $id, 'a role that may not log in',
	sqlstate => 'PT502', code => qr/^(authentication|permission)$/, says => qr/reader|log in/, secret => $secret);
sql($source, "ALTER ROLE reader LOGIN");

# What a tenant must not reach: the server's own machine, unless the operator opened it.
my $strict = start_server('strict', loopback => 0);
for my $host ('127.0.0.1', 'localhost', '127.1', '0x7f000001', '2130706433', '::1', '::ffff:127.0.0.1', '0.0.0.0')
{
	my $refused = create_source($strict, source_of($source, $password, name => "at $host", host => $host));
	my $connections = connections();
	discover_fails(
		$strict, $refused, "refused address $host",
		sqlstate => qr/^PT(403|502)$/, code => qr/^(address_refused|unknown_host)$/,
		says => qr/not allowed|refused|network|unknown|resolve|not be found/i, secret => $secret);
	is(connections(), $connections, "$host was never dialed");
}

# How often the source was dialed: every connection over TCP is a line of its log.
sub connections
{
	my $log = PostgreSQL::Test::Utils::slurp_file($source->logfile);
	return scalar(() = $log =~ /connection received: host=127/g);
}

# The queue of a failing source goes on: the same source, repaired, is discovered again, and says what is new.
sql($source, 'CREATE TABLE second (id int PRIMARY KEY)');
is(discover($server, $id, 'refresh => true')->{data}{total_tables}, 2, 'repaired, it is discovered');
is(call($server, "rivergen.data_source_get($id)")->{data}{status}, 'active', 'a repaired source is active again');

my $log = PostgreSQL::Test::Utils::slurp_file($server->logfile);
$log =~ s/^.*statement: .*$//mg;    # log_statement = all is the harness's, and logs what was typed
unlike($log, $secret, 'no password in the log');
survives($server);
survives($strict);

done_testing();
