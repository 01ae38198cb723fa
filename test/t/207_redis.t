# A source of type redis from its registration to its rows, in the connector's confinement, with TLS and a user.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use RedisServer;
use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $redis = RedisServer->new(tls => 1);
$redis->calls(
	[ qw(ACL SETUSER reader on), ">$password", qw(~user:* ~scores +@read +@connection +info) ],
	(map { [ 'HSET', "user:$_", name => "name $_", age => $_ ] } 1 .. 3),
	[ 'ZADD', 'scores', 1.5, 'a', 'inf', 'b' ]);
my %source = (
	type => 'redis', host => 'localhost', port => $redis->{tls_port},
	credentials => { username => 'reader', password => $password });
my $tls = { mode => 'verify-ca', ca => RedisServer::content("$redis->{home}/server.crt") };
my $id = create_quiet_source(
	$server,
	{ %source, name => 'Cache', metadata => { tls => $tls, query => { enabled => JSON::PP::true } } });
ok(call($server, "rivergen.data_source_test($id)")->{success}, 'it is tested');
discover($server, $id);
is( sql($server,
		q{SELECT string_agg(format('%s %s %s', table_schema, table_name, kind), ', ' ORDER BY table_name) FROM rivergen.tables}
	),
	'db0 scores collection, db0 user:* collection',
	'it is discovered');
call($server, "rivergen.attach($id, 'cache')");
is( sql($server, q{SELECT key, name, age FROM cache."user:*" WHERE age >= 2 ORDER BY age}),
	"user:2|name 2|2\nuser:3|name 3|3",
	'hashes are read in place');
is(sql($server, q{SELECT name FROM cache."user:*" WHERE key = 'user:1'}), 'name 1', 'one by its key');
is(sql($server, q{SELECT count(*) FROM cache."user:*"}), '3', 'and counted');
is(sql($server, q{SELECT member FROM cache.scores WHERE score > 2}), 'b', 'and so is a sorted set');
done_testing();
