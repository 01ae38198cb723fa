# What only the connector mongodb has: against a simulated server validators, views, time series, rights, replica sets and documents
# that no other peer takes; against mongo-java-server all types of values.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use JSON::PP;
use MongoServer;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $connector = installed_connector('mongodb');
plan(skip_all => "$connector is not built") unless -x $connector;
my $json = JSON::PP->new->canonical->allow_nonref;
my ($peer, $base);
our @command;

sub use_peer
{
	($peer, @command) = (MongoServer->new(@_), $connector);
	$base = $peer->base('shop');
}

sub ask
{
	my ($operation, %change) = @_;
	my $reads = $operation =~ /^(?:read|query)$/;
	my $answer = ask_connector([@command], request_line($base, operation => $operation, %change), open => $reads);
	is(join("\n", faults_of_frames(@{ $answer->{frames} })), '', "$operation: the frames are as they must be")
		or diag(join "\n", map { substr $_, 0, 500 } @{ $answer->{lines} });
	return @{ $answer->{frames} };
}

sub described
{
	my ($name, @frames) = @_;
	my ($found) = grep { $_->{name} eq $name } frames_of('relation', @frames);
	return $found // {};
}

sub columns_of
{
	return join ', ', map {
		join ' ', $_->{name}, $_->{type} . ($_->{repeated} ? '[]' : '') . ($_->{map} ? '{}' : ''),
			$_->{pg_type} // 'text',
			($_->{not_null} ? 'not null' : ()), $_->{fields} ? '(' . columns_of(@{ $_->{fields} }) . ')' : ()
	} @_;
}

sub columns { return columns_of(@{ described(@_)->{document}{columns} // [] }) }

sub reads
{
	my ($name, $columns, $types, @conditions) = @_;
	return ask(
		'read',
		read =>
			read_request([ 'shop', $name ], $columns, conditions => [@conditions], ($types ? (types => $types) : ())));
}

sub condition { return { column => $_[0], op => $_[1], type => $_[2], (ref $_[3] ? 'values' : 'value') => $_[3] } }

sub rows_text
{
	return join '; ', map {
		join ' ',
			map { $_ // '-' } @$_
	} rows_of(@_);
}

sub told { return $peer->command('admin', '{"told": 1}') }

subtest 'simulated: what a server says of its collections' => sub {
	use_peer('simulated');
	$peer->command('shop', <<~'EOT');
		{"create": "people", "validator": {"$jsonSchema": {"bsonType": "object", "required": ["age", "name", "tags"], "properties": {
			"name": {"bsonType": "string", "enum": ["ann", "bob"]}, "age": {"bsonType": ["int", "null"], "description": "in years"},
			"address": {"bsonType": "object", "properties": {"city": {"bsonType": "string"}}},
			"tags": {"bsonType": "array", "items": {"bsonType": "string"}}}}}}
		EOT
	$peer->command(
		'shop', '{"create": "warned", "validationAction": "warn", "validator": {"$jsonSchema":
		{"required": ["a"], "properties": {"a": {"bsonType": "long"}}}}}');
	$peer->command('shop', '{"create": "adults", "viewOn": "people", "pipeline": [{"$match": {"age": {"$gt": 17}}}]}');
	$peer->command(
		'shop',
		'{"create": "weather", "timeseries": {"timeField": "at", "metaField": "place"}, "expireAfterSeconds": 60}');
	$peer->command(
		'shop', '{"createIndexes": "people", "indexes": [
		{"key": {"name": 1, "age": -1}, "name": "b", "unique": true, "partialFilterExpression": {"age": {"$gt": 3}}},
		{"key": {"note": "text"}, "name": "a", "sparse": true}, {"key": {"$**": 1}, "name": "c", "hidden": true, "expireAfterSeconds": 5}]}'
	);
	$peer->insert('shop', 'people', '{"_id": 1, "age": 2.5, "name": "ann", "address": {"zip": 1}, "more": true}');
	$peer->insert('shop', 'weather', '{"at": {"$date": "2024-01-01T00:00:00Z"}, "place": "x"}');
	$peer->insert('shop', $_, '{"_id": 1}') for 'system.views', 'system.buckets.weather', 'a system.b';
	my @frames = ask('discover');
	is( join(' ', map { "$_->{name}/$_->{kind}" } frames_of('relation', @frames)),
		'a system.b/collection adults/view people/collection warned/collection weather/collection',
		'what is of the server is left out');
	is( columns('people', @frames),
		'name string text not null, age int integer, address object jsonb (city string text, zip int integer), '
			. 'tags string[] text[] not null, _id int integer, more bool boolean',
		'a schema comes first, and counts more than what is there');
	my $people = described('people', @frames);
	my %column = map { $_->{name} => $_ } @{ $people->{document}{columns} };
	is_deeply([ $column{name}{enum}, $column{age}{comment} ], [ [qw(ann bob)], 'in years' ], 'enum and description');
	like($people->{document}{checks}[0]{definition}, qr/jsonSchema/, 'the validator is a check');
	like($people->{id}, qr/^[0-9a-f]{8}-[0-9a-f]{4}-/, 'the id is its UUID');
	is_deeply(
		[
			map { [ @$_{qw(name columns method unique sparse hidden expire_after_seconds)} ] }
				@{ $people->{document}{indexes} } ],
		[   [ '_id_', ['_id'], (undef) x 5 ],
			[ 'a', ['note text'], 'text', undef, JSON::PP::true, undef, undef ],
			[ 'b', [ 'name', 'age DESC' ], undef, JSON::PP::true, undef, undef, undef ],
			[ 'c', ['$**'], 'wildcard', undef, undef, JSON::PP::true, 5 ] ],
		'indexes');
	is(columns('warned', @frames), 'a long bigint', 'what is not enforced is not not null');
	ok(described('warned', @frames)->{document}{checks}[0]{not_enforced}, 'and says so');
	my $view = described('adults', @frames);
	like($view->{document}{definition}, qr/^\[ \{ "\$match".*numberInt.*\]$/, 'a view has its pipeline');
	is_deeply($view->{document}{options}, { viewOn => 'people' }, 'and what it is of');
	is_deeply(
		[ @{ described('weather', @frames)->{document} }{qw(options primary_key)} ],
		[ { timeField => 'at', metaField => 'place', expireAfterSeconds => '60' }, undef ],
		'a time series has its fields');

	$peer->command('admin', '{"behave": 1, "hidden": ["people"]}');
	@frames = ask('discover');
	is_deeply(
		[ map { "$_->{name}: $_->{reason}" } frames_of('skipped', @frames) ],
		['people: permission denied'], 'what may not be read is skipped');
	fails_with('reading it', 'query', 'permission', 0, reads('people', ['_id'], ['integer']));
	$peer->command('admin', '{"behave": 1, "indexless": 13}');
	is_deeply(
		described('people', ask('discover'))->{document}{unreadable},
		['indexes'], 'indexes that may not be listed are unreadable');
	$peer->command('admin', '{"behave": 1, "indexless": 8000}');
	is(scalar(frames_of('skipped', ask('discover'))), 4, 'where they cannot be listed, the collection is skipped');
	$peer->command('admin', '{"behave": 1, "nameless": true}');
	@frames = ask('discover');
	is(scalar(frames_of('relation', @frames)), 5, 'without the right for options the names are there');
	is(described('people', @frames)->{id}, undef, 'without ids');
	is(scalar(grep { $_->{message} =~ /options/ } frames_of('log', @frames)), 1, 'and a log says why');
	$peer->command('admin', '{"behave": 1, "refuse": 8000}');
	my $said = $json->encode([ ask('discover'), reads('people', ['_id'], ['integer']) ]);
	unlike($said, qr/secret/, "a server's text is not passed on");
	like($said, qr/8000/, 'its number is');
	$peer->command('admin', '{"behave": 1}');
	fails_with(
		'another database', 'query', 'database_not_found', 0,
		ask('discover', endpoint => { database => 'nowhere' }));
	fails_with(
		'an unknown read preference', 'configure', 'configuration', 0,
		ask('test', endpoint => { options => { read_preference => 'any' } }));
};

subtest 'simulated: odd and large documents' => sub {
	$peer->command(
		'odd', '{"insert": "names", "documents": [
		{"_id": 1, "a.b": 1, "$x": 2, "": 3, "[]": 4, "foo": [5], "foo[]": "six", "größe 😀": 7, "d": {"$y.z": null}}]}');
	$base = $peer->base('odd');
	my @frames = ask('discover');
	is( columns('names', @frames),
		'_id int integer, a.b int integer, $x int integer,  int integer, [] int integer, foo int[] integer[], foo[] string text, '
			. 'größe 😀 int integer, d object jsonb ($y.z null jsonb)',
		'names are as they are') or diag(explain(described('names', @frames)));
	@frames = ask(
		'read',
		read => read_request(
			[ 'odd', 'names' ],
			[ 'a.b', '$x', '', 'foo', 'foo[]', 'größe 😀', 'd' ],
			conditions => [ condition('a.b', '=', 'integer', '1'), condition('', '<', 'integer', '4') ]));
	is(rows_text(@frames), '1 2 3 {"5"} six 7 {"$y.z":null}', 'and are read');
	$base = $peer->base('deep');
	my $deep = '1';
	$deep = "{\"a\": $deep}" for 1 .. 90;
	$peer->command('deep', "{\"insert\": \"deep\", \"documents\": [{\"_id\": 1, \"a\": $deep}]}");
	is(scalar(() = columns('deep', @frames = ask('discover')) =~ /a object/g), 20, 'paths have twenty levels');
	is(scalar(grep { /levels/ } map { $_->{message} } frames_of('log', @frames)), 1, 'the others are told of');
	@frames = ask('read', read => read_request([ 'deep', 'deep' ], ['a']));
	is((() = rows_text(@frames) =~ /"a":/g), 90, 'rows have all');

	$base = $peer->base('wide');
	my $members = join ', ', map { "\"field $_\": $_" } 1 .. 100_000;
	$peer->command(
		'wide',
		"{\"insert\": \"wide\", \"documents\": [{\"_id\": 1, $members}, {\"_id\": 2, \"inner\": {$members}}]}");
	my $long = 'x' x 16_000_000;
	$peer->command('wide', "{\"insert\": \"long\", \"documents\": [{\"_id\": $_, \"text\": \"$long\"}]}") for 1 .. 3;
	local @command = ('prlimit', '--as=300000000', $connector);
	@frames = ask('discover');
	is($frames[-1]{frame}, 'end', 'documents of 100,000 fields and of 16 MB are described in bounded memory')
		or diag(explain($frames[-1]));
	is(described('wide', @frames)->{columns}, 2000, 'a document has so many paths at most');
	is(columns('long', @frames), '_id int integer, text string text', 'a long one is seen');
	@frames = ask(
		'read',
		read => read_request([ 'wide', 'long' ], ['_id'], conditions => [ condition('text', '<>', 'text', 'y') ]));
	is(rows_text(@frames), '1; 2; 3', 'and read');
};

subtest 'simulated: samples' => sub {
	$base = $peer->base('large');
	$peer->command('large', '{"repeat": "numbers", "document": {"a": 1}, "from": 0, "count": 5120}');
	$peer->command('large', '{"repeat": "numbers", "document": {"a": "x", "rare": 1}, "from": 5120, "count": 100}');
	$peer->command('large', '{"repeat": "numbers", "document": {"a": 1}, "from": 5220, "count": 5000}');
	my @first = ask('discover');
	is( columns('numbers', @first), 'a string | int jsonb, _id int integer, rare int integer',
		'what stands in the middle is found at a fixed place');
	my $before = told();
	my @again = ask('discover');
	is_deeply(described('numbers', @again), described('numbers', @first), 'the same again');
	is(described('numbers', @again)->{row_estimate}, 10220, 'documents of all shards are counted');
	my @commands = @{ told()->{told} };
	is(told()->{cursors}, 0, 'no cursor is left open');
	cmp_ok(scalar(grep { /^(?:find|getMore)$/ } @commands), '<', 150, 'in few questions') or diag("@commands");
	my @limited =
		ask('read', read => read_request([ 'large', 'numbers' ], ['_id'], types => ['integer'], limit => 1500));
	is($limited[-1]{rows}, 1500, 'a limit is kept');
	is(told()->{cursors}, 0, 'and ends the cursor');
	my ($sample) = frames_of(
		'sample',
		ask('sample',
			sample => {
				relations => [ { schema => 'large', name => 'numbers' } ], categories => 60, category_length => 50,
				examples => 1,
				example_length => 200, masking => JSON::PP::true, relation_timeout => 60
			}));
	is_deeply($sample->{examples}, [ { a => '1', _id => '0', rare => undef } ], 'examples') or diag(explain($sample));
	my $run = start_connector([$connector]);
	send_line(
		$run,
		request_line(
			$base, operation => 'read', read => read_request([ 'large', 'numbers' ], ['_id'], types => ['integer'])));
	my $frame;
	do { $frame = read_frame($run) } while ($frame && $frame->{frame} ne 'rows');
	close delete $run->{in};
	end_connector($run);
	is(told()->{cursors}, 0, 'nor does a read leave one that is abandoned');
};

subtest 'simulated: a replica set' => sub {
	use_peer('simulated', 3);
	$peer->insert('shop', "c$_", map { "{\"_id\": $_}" } 1 .. 3) for 1 .. 5;
	my @hosts = map { { host => '127.0.0.1', port => $_ + 0 } } @{ $peer->{ports} };
	my %cluster = (endpoint => { addresses => undef, hosts => [@hosts] });
	is(scalar(frames_of('relation', ask('discover', %cluster))), 5, 'its members are found');
	is( scalar(frames_of(
			'relation', ask('discover', endpoint => { addresses => undef, options => { replica_set => 'rs' } }))),
		5,
		'by the name of the set, too');
	fails_with(
		'another name', 'connect', 'unreachable', 1,
		ask('test', endpoint => { addresses => undef, options => { replica_set => 'other' } }));
	for my $after (1, 6, 12, 24)
	{
		$peer->command('admin', "{\"behave\": 1, \"lose\": $after}");
		my @frames =
			ask('discover', endpoint => { %{ $cluster{endpoint} }, options => { read_preference => 'primary' } });
		is( $frames[-1]{relations} // $frames[-1]{message},
			5, "a primary that is lost after $after commands costs the discovery nothing");
		$peer->command('admin', '{"behave": 1}');
	}
	for my $preference (qw(primary secondary))
	{
		my %preferring =
			(endpoint => { %{ $cluster{endpoint} }, options => { read_preference => "${preference}Preferred" } });
		$peer->command('admin', '{"behave": 1, "lose": 12}');
		my @frames = ask('discover', %preferring);
		my $is_told = $frames[-1]{frame} eq 'end' || ($frames[-1]{transient} && $frames[-1]{code} eq 'unreachable');
		ok($is_told, "a $preference that is lost in the middle costs the discovery nothing, or it may be tried again")
			or diag(explain($frames[-1]));
		$peer->command('admin', '{"behave": 1}');
	}
	$peer->command('admin', '{"behave": 1, "lose": 8}');
	fails_with('one host that is lost', 'query', 'unreachable', 1, ask('discover'));
	$peer->command('admin', '{"behave": 1}');
};

subtest 'simulated: a user who is known by a certificate' => sub {
	use_peer('certified');
	my $file = sub {
		open my $handle, '<', "$peer->{home}/$_[0]" or die "$_[0]: $!";
		local $/;
		return scalar <$handle>;
	};
	my $certificate = sub { (tls_client_certificate => $file->("$_[0].pem"), tls_client_key => $file->("$_[1].key")) };
	my %tls = (endpoint => { tls => { mode => 'verify-full', ca => $file->('authority.pem') } });
	my $login = sub { (%tls, credentials => { username => undef, password => undef, @_ }) };
	$peer->insert('shop', 'bills', '{"_id": 1}');
	is( scalar(frames_of('relation', ask('discover', $login->($certificate->('client', 'client'))))), 1,
		'without a name');
	is( (ask('test', $login->($certificate->('client', 'client'), username => 'CN=client,O=rivergen')))[-1]{frame},
		'end', 'with the name of the certificate');
	system(
		qw(openssl pkey -aes128 -passout pass:secret -in), "$peer->{home}/client.key", '-out',
		"$peer->{home}/locked.key") == 0
		or die;
	is( (ask('test', $login->($certificate->('client', 'locked'), tls_client_key_passphrase => 'secret')))[-1]{frame},
		'end', 'by a key that has a passphrase');
	fails_with(
		'another passphrase', 'tls', 'tls', 0,
		ask('test', $login->($certificate->('client', 'locked'), tls_client_key_passphrase => 'x')));
	my @refused = ('authenticate', 'authentication', 0);
	fails_with(
		'another name', @refused,
		ask('test', $login->($certificate->('client', 'client'), username => 'CN=other')));
	fails_with('the certificate of another', @refused, ask('test', $login->($certificate->('server', 'server'))));
	fails_with(
		'a certificate of another authority', 'tls', 'tls', 0,
		ask('test', $login->($certificate->('other', 'other'))));
	fails_with(
		'a certificate without TLS', 'configure', 'configuration', 0,
		ask('test', $login->($certificate->('client', 'client')), endpoint => { tls => { mode => 'disable' } }));
	fails_with('no certificate', 'configure', 'configuration', 0, ask('test', $login->()));
};

subtest 'hosts of a DNS record' => sub {
	use_peer('simulated');
	my @cases = (
		[ 'none through a tunnel', {}, qr/tunnel/ ],
		[ 'not an address', { host => '127.0.0.1', addresses => undef }, qr/three parts/ ],
		[ 'not of two parts', { host => 'example.com.', addresses => undef }, qr/three parts/ ],
		[   'not several',
			{ host => 'a.b.test', addresses => undef, hosts => [ map { { host => $_ } } qw(a.b.test b.b.test) ] },
			qr/three parts/ ],
		[ 'if it is said so', { options => { srv => 'yes' } }, qr/neither true nor false/ ]);
	for my $case (@cases)
	{
		my ($what, $endpoint, $says) = @$case;
		my @frames = ask('test', endpoint => { options => { srv => JSON::PP::true }, %$endpoint });
		fails_with($what, 'configure', 'configuration', 0, @frames);
		like("$frames[-1]{message} " . ($frames[-1]{hint} // ''), $says, 'and why');
	}
};

subtest 'simulated: answers that are none' => sub {
	use_peer('simulated');
	my @raw = (
		"\0\0\0\0\0\x05\0\0\0\0", "\0\0\0\0\0\xff\xff\xff\x7f\0", "\0\0\0\0\x01",
		"\0\0\0\0\0\x0c\0\0\0\x02a\0\xff\xff\xff\x7f\0");
	for my $raw (@raw)
	{
		my @bytes = map { ord } split //, $raw;
		$peer->command(
			'admin',
			$json->encode({ behave => 1, raw => \@bytes }) =~ s/^\{(.*)"behave":1,?(.*)\}$/{"behave": 1, $1$2}/r);
		my @frames = ask('discover');
		is($frames[-1]{frame}, 'error', 'an error tells of it');
	}
};

subtest 'all types of values' => sub {
	use_peer('java');
	$peer->insert(
		'shop', 'values',
		'{"_id": 1, "d": {"$numberDecimal": "1.50"}, "n": {"$numberDouble": "NaN"},
			"u": {"$binary": {"base64": "AAECAwQFBgcICQoLDA0ODw==", "subType": "04"}},
			"b": {"$binary": {"base64": "AP8=", "subType": "00"}}, "r": {"$regularExpression": {"pattern": "a/b", "options": "i"}},
			"t": {"$timestamp": {"t": 5, "i": 6}}, "l": {"$numberLong": "9223372036854775807"}, "o": {"$oid": "5f0000000000000000000001"},
			"k": true, "m": 1, "a": [1, null, 2], "aa": [[1], [2]], "x": {"$date": "2020-01-02T03:04:05.006Z"}, "e": [], "s": "a\u0000b"}',
		'{"_id": 2, "d": {"$numberDecimal": "NaN"}, "n": {"$numberDouble": "Infinity"}, "k": false, "m": 2.5, "a": [3], "l": 5}',
		'{"_id": 3, "m": {"$numberDecimal": "1E+2"}, "n": 1.5, "s": "é"}');
	my @frames = ask('discover');
	my %type = map { ($_->{name} => join ' ', $_->{type}, $_->{pg_type} // 'text') }
		@{ described('values', @frames)->{document}{columns} };
	is_deeply(
		\%type,
		{   _id => 'int integer', d => 'decimal numeric', n => 'double double precision', u => 'uuid uuid',
			b => 'binData bytea',
			r => 'regex text', t => 'timestamp jsonb', l => 'long bigint', o => 'objectId text', k => 'bool boolean',
			m => 'int | double | decimal numeric', a => 'int integer[]', aa => 'int[] jsonb',
			x => 'date timestamp with time zone',
			e => 'array jsonb', s => 'string text'
		},
		'types') or diag(explain(\%type));
	my @names = qw(_id d n u b r t l o k m a aa x e s);
	is( rows_text(reads('values', \@names)),
		'1 1.50 NaN 00010203-0405-0607-0809-0a0b0c0d0e0f \x00ff /a/b/i {"t":5,"i":6} 9223372036854775807 5f0000000000000000000001 true 1 '
			. '{"1",NULL,"2"} [[1],[2]] 2020-01-02 03:04:05.006+00 [] '
			. "a\x{fffd}b; "
			. '2 NaN Infinity - - - - 5 - false 2.5 {"3"} - - - -; 3 - 1.5 - - - - - - - 1E+2 - - - - é',
		'values');
	my @cases = (
		[ 'n', '>', 'double precision', '1.5' => '1; 2' ], [ 'n', '>=', 'double precision', '1.5' => '1; 2; 3' ],
		[ 'n', '=', 'double precision', 'NaN' => '1' ], [ 'n', '<', 'double precision', 'Infinity' => '3' ],
		[ 'd', '>', 'numeric', '1' => '1; 2' ], [ 'd', '=', 'numeric', '1.5' => '1' ],
		[ 'm', '>=', 'numeric', '2.5' => '2; 3' ],
		[ 'm', '=', 'numeric', '100' => '3' ], [ 'm', 'in', 'numeric', [ '1', '100.0' ] => '1; 3' ],
		[ 'l', '=', 'bigint', '9223372036854775807' => '1' ], [ 'l', '<', 'bigint', '9223372036854775807' => '2' ],
		[ 'k', '=', 'boolean', 'f' => '2' ], [ 'k', '<>', 'boolean', 'f' => '1' ],
		[ 'u', '=', 'uuid', '00010203-0405-0607-0809-0a0b0c0d0e0f' => '1' ],
		[ 'u', '>', 'uuid', '00000000-0000-0000-0000-000000000000' => '1' ],
		[ 'o', '=', 'text', '5f0000000000000000000001' => '1' ], [ 'o', '=', 'text', '5F0000000000000000000001' => '' ],
		[ 's', '=', 'text', 'é' => '3' ], [ 's', 'in', 'text', [ 'é', 'x' ] => '3' ],
		[ 'x', '<=', 'timestamp with time zone', '2020-01-02 03:04:05.006+00' => '1' ],
		[ 'x', '>', 'timestamp with time zone', '2020-01-02 03:04:05.006+00' => '' ]);
	for my $case (@cases)
	{
		my ($column, $op, $type, $value, $rows) = @$case;
		for my $types (undef, ['integer'])
		{
			my @found = reads('values', ['_id'], $types, condition($column, $op, $type, $value));
			is(rows_text(@found), $rows, "$column $op " . $json->encode($value));
			is_deeply((frames_of('reading', @found))[0]{applied}, [0], 'exactly');
		}
	}
	is(rows_text(reads('values', ['_id'], undef, { column => 'e', op => 'is null' })), '2; 3', 'is null');
	is(rows_text(reads('values', ['_id'], undef, { column => 'e', op => 'is not null' })), '1', 'is not null');
	is( rows_text(reads('values', [ 'm', 'a', 's' ], [ 'text', 'text', 'jsonb' ])),
		"1 [1,null,2] \"a\x{fffd}b\"; 2.5 [3] -; 1E+2 - \"é\"", 'values have the form of the types that are asked for');
	fails_with(
		'a wrong password', 'authenticate', 'authentication', 0,
		ask('test', credentials => { password => 'x' }));
};
done_testing();
