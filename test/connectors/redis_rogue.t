# The connector redis and simulated servers that lie, never end, break off, or are not ready; and what newer and older ones and
# modules answer.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/lib';
use Connector;
use RespServer;
use RogueProxy;
use Test::More;

my $connector = [ installed_connector('redis') ];
my $password = 'battery horse staple';
my %usual = (connection_timeout => 5, query_timeout => 5);

sub base
{
	my ($port) = @_;
	return {
		type => 'redis', endpoint => { host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'] },
		credentials => { password => $password }
	};
}

# The frames of an answer about a simulated server that answers so.
sub ask
{
	my ($answer, %change) = @_;
	my $server = RespServer->new($answer);
	my $run = ask_connector(
		$connector, request_line(base($server->{port}), limits => {%usual}, %change),
		open => ($change{operation} // '') eq 'read');
	is(scalar(tells_secret(join("\n", @{ $run->{lines} }, $run->{stderr}), $password)), 0, 'no secret is told');
	return @{ $run->{frames} };
}

# A server with these answers beside the usual ones.
sub server
{
	my (%answers) = @_;
	return sub {
		my ($command, @rest) = @_;
		my $own = $answers{$command};
		return ref $own eq 'CODE' ? $own->(@rest) : $own if exists $answers{$command};
		return RespServer::greeting($command) // "-ERR unknown command '$command'\r\n";
	};
}

sub scanned { my (@keys) = @_; return RespServer::array(RespServer::text(0), RespServer::texts(@keys)) }

sub read_of
{
	my ($name, @columns) = @_;
	return (operation => 'read', read => read_request([ 'db0', $name ], \@columns));
}

subtest 'simulated: answers that are none' => sub {
	my %faults = (
		'another protocol' => "HTTP/1.1 400 Bad Request\r\n\r\n", 'an unknown mark' => "!5\r\n",
		'a negative length' => "\$-7\r\n", 'an array of a negative length' => "*-9\r\n",
		'a length beyond all' => "\$9223372036854775807\r\n", 'a number that is none' => ":1x\r\n",
		'a number that is too long' => ':' . '9' x 30 . "\r\n", 'a text that is longer' => "\$1\r\nabc\r\n",
		'a line without an end' => '+' . 'x' x 10000, 'arrays in arrays' => "*1\r\n" x 100,
		'a line with half an end' => "+a\nb\r\n");
	for my $name (sort keys %faults)
	{
		fails_with($name, 'query', 'protocol', 0, ask(server(SCAN => $faults{$name})));
	}
	fails_with('another protocol from the beginning', 'connect', 'protocol', 0, ask(sub { "HTTP/1.1 400\r\n\r\n" }));
	my %shapes = (
		'a number instead of a page' => ":5\r\n", 'a page without keys' => RespServer::texts('0'),
		'a cursor that is none' => RespServer::array(RespServer::text('x'), RespServer::texts()),
		'keys that are numbers' => RespServer::array(RespServer::text('0'), RespServer::array(":1\r\n")));
	fails_with($_, 'query', 'protocol', 0, ask(server(SCAN => $shapes{$_}))) for sort keys %shapes;
};

subtest 'simulated: answers that never end' => sub {
	my $endless = sub {
		my ($first, $again) = @_;
		return sub {
			my ($client) = @_;
			syswrite $client, $first;
			my $piece = $again x (1 + 65536 / length $again);
			while (syswrite $client, $piece) { }
		};
	};
	fails_with(
		'an array', 'query', 'too_large', 0,
		ask(server(SCAN => sub { $endless->("*2000000000\r\n", ":1\r\n") })));
	fails_with(
		'a text', 'query', 'timeout', 1,
		ask(server(SCAN => sub { $endless->("*2\r\n\$1\r\n0\r\n*1\r\n\$1000000000000\r\n", 'x') }),
			limits => { query_timeout => 1 }));
	my $cursor = 0;
	my @frames = ask(
		server(
			SCAN => sub { RespServer::array(RespServer::text(++$cursor), RespServer::texts("key:$cursor")) },
			TYPE => "+string\r\n",
			GETRANGE => RespServer::text('x')),
		limits => { query_timeout => 3 });
	is($frames[-1]{frame}, 'end', 'a scan without an end is left after a third of the time');
	is_deeply([ map { $_->{name} } frames_of('relation', @frames) ], ['key:*'], 'with what was met');
	ok((grep { $_->{message} =~ /not all/ } frames_of('log', @frames)), 'which is said');
};

subtest 'simulated: silence and ends' => sub {
	fails_with(
		'silence after the login', 'query', 'timeout', 1,
		ask(server(SCAN => ''), limits => { query_timeout => 1 }));
	fails_with('the end in the middle', 'connect', 'unreachable', 1, ask(server(SCAN => undef)));
	fails_with(
		'the end of an answer',
		'connect',
		'unreachable',
		1,
		ask(server(
			SCAN => sub {
				sub { syswrite $_[0], "*2\r\n\$1" }
			})));
};

subtest 'simulated: servers that are not ready' => sub {
	my %said = (
		'-LOADING Redis is loading the dataset in memory' => 'refused',
		"-BUSY Redis is busy running a script. You can only call SCRIPT KILL." => 'refused',
		"-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'." => 'refused',
		'-ERR max number of clients reached' => 'refused');
	fails_with($_, 'connect', $said{$_}, 1, ask(server(PING => "$_\r\n"), operation => 'test')) for sort keys %said;
	fails_with(
		'protected mode', 'connect', 'permission', 0,
		ask(server(AUTH => "-DENIED Redis is running in protected mode\r\n"), operation => 'test'));
	fails_with(
		'without a password', 'authenticate', 'authentication', 0,
		ask(server(PING => "-NOAUTH Authentication required.\r\n")));
	fails_with('loading later', 'connect', 'refused', 1, ask(server(SCAN => "-LOADING Redis is loading\r\n")));
	my ($error) = grep { $_->{frame} eq 'error' } ask(server(SCAN => "-WEIRD the key secret-of-mine is odd\r\n"));
	is($error->{detail}, 'Its error begins with WEIRD.', 'of an unknown error the first word is told, and no key');
};

subtest 'simulated: other servers' => sub {
	my %keys = (SCAN => sub { scanned('a:1', 'a:2') }, TYPE => "+string\r\n", GETRANGE => RespServer::text('5'));
	my @frames = ask(server(%keys, PING => "-NOPERM no\r\n", INFO => "-NOPERM no\r\n", DBSIZE => "-ERR unknown\r\n"));
	is(($_ = (frames_of('connected', @frames))[0])->{server}, 'Redis', 'one that says nothing of itself');
	is_deeply([ map { $_->{name} } frames_of('relation', @frames) ], ['a:*'], 'is described');
	@frames = ask(
		server(
			%keys, INFO => RespServer::text("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\n")));
	is((frames_of('connected', @frames))[0]{server}, 'Valkey 8.0.1', 'Valkey');
	@frames = ask(
		server(
			%keys,
			SCAN => sub {
				(grep { $_ eq 'TYPE' } @_) ? "-ERR syntax error\r\n" : scanned('a:1', 'a:2', 'a:1');
			}),
		read_of('a:* (string)', 'key', 'value'));
	is_deeply(
		[ rows_of(@frames) ], [ [ 'a:1', '5' ], [ 'a:2', '5' ] ],
		'one that knows no TYPE in SCAN, and repeats a key');
	@frames = ask(server(
		SCAN => sub { scanned('j:1', 't:1') }, 'JSON.GET' => RespServer::text('{"a": {"b": 1}}'), EXISTS => ":1\r\n",
		TYPE => sub { $_[0] eq 'j:1' ? "+ReJSON-RL\r\n" : "+TSDB-TYPE\r\n" }));
	is_deeply(
		[   map { [
				$_->{name}, $_->{document}{options}{type},
				map { "$_->{name}:$_->{type}" } @{ $_->{document}{columns} } ] } frames_of('relation', @frames) ],
		[ [ 'j:*', 'json', 'key:string', 'value:json' ], [ 't:*', 'other', 'key:string' ] ],
		'JSON of a module, and another module');
};

subtest 'simulated: indexes of RediSearch' => sub {
	my $field = sub { RespServer::texts('identifier', $_[0], 'attribute', 'x', 'type', $_[1], 'WEIGHT', '1') };
	my $index = sub {
		my ($type, $prefixes, @fields) = @_;
		return RespServer::array(
			RespServer::text('index_name'), RespServer::text('x'),
			RespServer::text('index_definition'),
			RespServer::array(
				RespServer::text('key_type'), RespServer::text($type), RespServer::text('prefixes'),
				RespServer::texts(@$prefixes)),
			RespServer::text('attributes'),
			RespServer::array(@fields),
			RespServer::text('num_docs'),
			":2\r\n");
	};
	my %info = (
		users => $index->('HASH', [ 'u:', 'v:' ], $field->('name', 'TEXT'), $field->('age', 'NUMERIC')),
		all => $index->('JSON', [''], $field->('$.a.b', 'TAG')),
		some => $index->('HASH', ['u:1']),
		gone => "-Unknown index name\r\n", odd => ":5\r\n");
	my %keys = (
		SCAN => sub { scanned('u:1', 'u:2', 'j:1', 'h:1') },
		TYPE => sub { $_[0] eq 'j:1' ? "+ReJSON-RL\r\n" : "+hash\r\n" },
		'JSON.GET' => RespServer::text('{"a": {"b": 1}}'), EXISTS => ":1\r\n",
		HSCAN => RespServer::array(RespServer::text('0'), RespServer::texts('name', 'x')),
		'FT.INFO' => sub { $info{ $_[0] } });
	my $indexes = sub {
		return {
			map { (
				$_->{name} => join '; ',
				map { "$_->{name} $_->{method}: @{ $_->{columns} }" } @{ $_->{document}{indexes} // [] }
			) } frames_of('relation', @_)
		};
	};
	is_deeply(
		$indexes->(ask(server(%keys, 'FT._LIST' => RespServer::texts(qw(users some odd gone all))))),
		{ 'u:*' => 'users search: name text age numeric', 'j:*' => 'all search: $.a.b tag', 'h:*' => '' },
		'an index is one of the relation whose keys it covers');
	for my $answer ("-ERR unknown command\r\n", "-NOPERM no\r\n", ":1\r\n")
	{
		my @frames = ask(server(%keys, 'FT._LIST' => $answer));
		is($frames[-1]{frame}, 'end', 'a server without them');
	}
};

subtest 'simulated: what is asked' => sub {
	my $asked = sub {
		my (@words) = @_;
		my ($match) = map { $words[ $_ + 1 ] } grep { $words[$_] eq 'MATCH' } 0 .. $#words;
		return ($match // '') eq 'a:*:b:*' ? scanned('a:1:b:2:c:3', 'a:1:b:2:d:3') : scanned();
	};
	my @frames = ask(
		server(SCAN => $asked, TYPE => "+string\r\n", GETRANGE => RespServer::text('x')),
		read_of('a:*:b:*:c:*', 'key'));
	is_deeply([ rows_of(@frames) ], [ ['a:1:b:2:c:3'] ], 'a glob has two stars, and keys are judged (CVE-2022-36021)');
	my %never = map { $_ => 1 } qw(KEYS CONFIG MONITOR MEMORY FLUSHALL SET DEL EVAL HELLO);
	@frames = ask(sub {
		my ($command) = @_;
		return undef if $never{$command};
		return server(SCAN => scanned('a:1'), TYPE => "+string\r\n", GETRANGE => RespServer::text('x'))->(@_);
	});
	is($frames[-1]{frame}, 'end', 'what blocks a server or writes is not');
};

subtest 'simulated: keys that go' => sub {
	my %keys = (SCAN => sub { scanned('a:1', 'a:2', 'a:3', 'a:4') }, DBSIZE => ":4\r\n");
	my %types = ('a:1' => 'none', 'a:2' => 'list', 'a:3' => 'string', 'a:4' => 'string');
	my @frames = ask(
		server(
			%keys,
			TYPE => sub { "+$types{$_[0]}\r\n" },
			GETRANGE => sub { $_[0] eq 'a:3' ? "-WRONGTYPE Operation against a key\r\n" : RespServer::text('x') }),
		read_of('a:* (string)', 'key', 'value'));
	is_deeply([ rows_of(@frames) ], [ [ 'a:4', 'x' ] ], 'or become others, have no row');
	@frames = ask(
		server(
			%keys, TYPE => sub { $_[0] eq 'a:1' ? "-MOVED 5 127.0.0.1:1\r\n" : "+string\r\n" },
			GETRANGE => RespServer::text('x')),
		read_of('a:* (string)', 'key', 'value'));
	is_deeply(
		[ @{ $frames[-1] }{qw(code transient)} ], [ 'query', JSON::PP::true ],
		'a key that moves meanwhile ends the reading');
};

subtest 'simulated: damaged answers' => sub {
	my $honest = server(
		SCAN => sub {
			scanned(map { "a:$_" } 1 .. 50);
		},
		TYPE => "+hash\r\n",
		HSCAN => sub { RespServer::array(RespServer::text(0), RespServer::texts(n => 1, m => 'x')) },
		HMGET => sub { RespServer::texts('1') });
	my $server = RespServer->new($honest);
	for my $round (1 .. 30)
	{
		my $answer = through_proxy(
			$server->{port},
			$usual_ways[ $round % @usual_ways ],
			$round % 7,
			$round % 2,
			sub {
				my ($port) = @_;
				return ask_connector(
					$connector,
					request_line(
						base($port),
						limits => { connection_timeout => 1, query_timeout => 1 },
						$round % 3 ? () : read_of('a:* (hash)', 'n')),
					open => $round % 3 == 0);
			});
		like($answer->{frames}[-1]{frame}, qr/^(?:end|error)$/, "round $round: it ends in order");
	}
};

done_testing;
