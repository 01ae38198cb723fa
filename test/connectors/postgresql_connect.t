# What keeps the connector for PostgreSQL from connecting, and that it says so in the protocol's words.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__);
use Source;
use Test::More;

start_server();
sql(<<~"EOT", database => 'postgres');
	CREATE DATABASE source;
	CREATE ROLE trusted LOGIN;
	CREATE ROLE certified LOGIN;
	CREATE ROLE nobody LOGIN;
	CREATE ROLE reader LOGIN PASSWORD '$password';
	EOT

fails_with(
	'a wrong password', 'authenticate', 'authentication', 0,
	connect_with(credentials => { password => 'battery' }));
fails_with(
	'an unknown user', 'authenticate', 'authentication', 0,
	connect_with(credentials => { username => 'stranger' }));
fails_with(
	'a user that pg_hba.conf rejects', 'authenticate', 'authentication', 0,
	connect_with(credentials => { username => 'nobody' }));
fails_with(
	'a user that needs no password', 'authenticate', 'authentication', 0,
	connect_with(credentials => { username => 'trusted' }));
fails_with('no password', 'configure', 'configuration', 0, connect_with(credentials => { password => undef }));
fails_with('a missing database', 'connect', 'database_not_found', 0, connect_with(endpoint => { database => 'gone' }));
sql('CREATE DATABASE closed; REVOKE CONNECT ON DATABASE closed FROM PUBLIC', database => 'postgres');
fails_with(
	'a database that the user may not enter', 'connect', 'permission', 0,
	connect_with(endpoint => { database => 'closed' }, credentials => { username => 'reader' }));
sql('ALTER DATABASE closed CONNECTION LIMIT 0; GRANT CONNECT ON DATABASE closed TO PUBLIC', database => 'postgres');
fails_with(
	'a database that is full', 'connect', 'refused', 1,
	connect_with(endpoint => { database => 'closed' }, credentials => { username => 'reader' }));
fails_with('a port without a listener', 'connect', 'refused', 1, connect_with(endpoint => { port => free_port() }));
my @second = connect_with(operation => 'test', endpoint => { addresses => [ '127.0.0.2', '127.0.0.1' ] });
is($second[-1]{frame}, 'end', 'a second address is tried when the first one refuses');
fails_with('a list of hosts', 'configure', 'configuration', 0, connect_with(endpoint => { host => 'a,b' }));
fails_with('a socket directory', 'configure', 'configuration', 0, connect_with(endpoint => { host => $home }));
fails_with(
	'a name where an address belongs', 'configure', 'configuration', 0,
	connect_with(endpoint => { addresses => ['localhost'] }));
fails_with('no address', 'configure', 'configuration', 0, connect_with(endpoint => { addresses => [] }));
fails_with(
	'a database name that looks like a connection string', 'connect', 'database_not_found', 0,
	connect_with(endpoint => { database => "host=$home dbname=source" }));
fails_with(
	'an environment that names another password file and service', 'authenticate', 'authentication', 0,
	connect_with(
		credentials => { username => 'reader', password => 'wrong battery' },
		environment => { PGPASSWORD => $password, PGSERVICE => 'x', PGOPTIONS => '-c x', PGHOST => $home }));

my @silent = with_peer('', limits => { connection_timeout => 3 });
fails_with('a server that never answers', 'connect', 'timeout', 1, @silent);
@silent = with_peer('', limits => { connection_timeout => 3 }, endpoint => { tls => { mode => 'require' } });
fails_with('a server that never answers to TLS', 'tls', 'timeout', 1, @silent);
@silent = with_peer("HTTP/1.1 400 Bad Request\r\n\r\n");
fails_with('a web server', 'connect', 'protocol', 0, @silent);
# Authentication is complete, without any password, and then nothing.
@silent = with_peer("R\0\0\0\x08\0\0\0\0", limits => { connection_timeout => 3 });
fails_with('a server that falls silent before it is ready', 'connect', 'timeout', 1, @silent);

# A server that asks for the password, is content with any, and then says nothing or nonsense.
my $login = join '', message('R', pack('N', 3)), message('R', pack('N', 0)),
	message('S', "server_version\0" . "15.4\0"),
	message('S', "client_encoding\0UTF8\0"), message('K', pack('NN', 1, 2)), message('Z', 'I');
@silent = with_peer($login, limits => { query_timeout => 1 });
fails_with('a server that falls silent after the login', 'query', 'timeout', 1, @silent);
my @nonsense = with_peer(
	$login . message('1', '') . message('T', pack('n', 1) . "x\0" . "\0" x 18) . 'nonsense',
	limits => { query_timeout => 1 });
is($nonsense[-1]{frame}, 'error', 'nonsense ends with an error');
@nonsense =
	with_peer($login . message('E', "SFATAL\0C57P01\0Mgoodbye, $password\0\0"), limits => { query_timeout => 1 });
is($nonsense[-1]{frame}, 'error', 'a server that repeats the password gets an error');

# ---- requests that are none ----

fails_with('no request', 'configure', 'protocol', 0, ask(''));
fails_with('malformed JSON', 'configure', 'protocol', 0, ask('{"protocol":2,"credentials":{"password":"battery"'));
fails_with('another version', 'configure', 'protocol', 0, ask('{"protocol":1}'));
fails_with('an unknown operation', 'configure', 'unsupported', 0, ask('{"protocol":2,"operation":"explain"}'));

done_testing();
