# The connector redis against a server of Redis 7: which patterns keys make, and what their columns are.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/lib';
use Connector;
use RedisServer;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $connector = [ installed_connector('redis') ];
my $server = RedisServer->new(settings => ['enable-debug-command local']);
my $base = { type => 'redis', endpoint => { host => '127.0.0.1', port => $server->{port} + 0 } };

sub ask
{
	my (%change) = @_;
	$change{endpoint} = { addresses => ['127.0.0.1'], %{ $change{endpoint} // {} } };
	my $reads = ($change{operation} // '') eq 'read';
	return @{ ask_connector($connector, request_line($base, %change), open => $reads)->{frames} };
}

# Fills the server anew.
sub fill
{
	my (@commands) = @_;
	$server->calls(['FLUSHALL'], @commands);
	return;
}

sub names
{
	my (@frames) = @_;
	diag(explain($frames[-1])) if $frames[-1]{frame} eq 'error';
	return [ map { $_->{name} } frames_of('relation', @frames) ];
}

# The columns of the relation as name:type, and as name:type:pg_type where there is one.
sub columns
{
	my ($name, @frames) = @_;
	my ($relation) = grep { $_->{name} eq $name } frames_of('relation', @frames);
	return [
		map {
			join ':',
				grep { defined } @$_{qw(name type pg_type)}
		} @{ $relation->{document}{columns} } ];
}

subtest 'patterns' => sub {
	my @names = map { "name" . chr(ord('a') + $_) } 0 .. 24;
	fill(
		(map { [ 'SET', "user:$_", 'x' ], [ 'SET', "user:$_:cart", 'x' ] } 1 .. 3),
		[ 'SET', 'user:admin', 'x' ],
		(map { [ 'SET', "day:$_", 'x' ] } qw(2024-01-31 2024-02-01)),
		(map { [ 'SET', "session:$_", 'x' ] } qw(01ARZ3NDEKTSV4RRFFQ69G5FAV 9f8b7c6d5e4f dGhpcyBpcyBhIHRlc3Q0)),
		(map { [ 'SET', "mail:$_", 'x' ] } qw(a@example.com b@example.com)),
		(map { [ 'SET', "few:$_", 'x' ] } @names[ 0 .. 19 ]),
		(map { [ 'SET', "many:$_:x", 'x' ] } @names),
		(map { [ 'SET', "prefix_$_:1", 'x' ] } @names),
		[ 'SET', 'slot:{1000}:x', 'x' ],
		[ 'SET', 'long:' . 'x' x 41, 'x' ],
		[ 'SET', 'a**b?[c]\d', 'x' ],
		[ 'SET', 'lone', 'x' ],
		[ 'SET', '', 'x' ],
		[ 'SET', join(':', map { "s$_" } 1 .. 30), 'x' ]);
	my @frames = ask();
	is_deeply(
		names(@frames),
		[   sort '', 'a\*\*b\?\[c]\\\\d', 'day:*', (map { "few:$_" } @names[ 0 .. 19 ]), 'lone', 'long:*', 'mail:*',
			'many:*:x', (map { "prefix_$_:*" } @names),
			's1:s2:s3:s4:s5:s6:s7:s8:s9:s10:s11:s12:s13:s14:s15:*', 'session:*', 'slot:*:x', 'user:*', 'user:*:cart' ],
		'data are stars, names are not unless they are many');
	my ($users) = grep { $_->{name} eq 'user:*' } frames_of('relation', @frames);
	is($users->{row_estimate}, 4, 'a key that fits a pattern belongs to it');
};

subtest 'another delimiter' => sub {
	fill(map { [ 'SET', "user/$_/a:b", 'x' ] } 1 .. 2);
	is_deeply(names(ask(endpoint => { options => { delimiter => '/' } })), ['user/*/a:b'], 'the keys are split there');
};

subtest 'keys of several types' => sub {
	fill([ 'SET', 'a:1', 'x' ], [ 'HSET', 'a:2', x => 1 ], [ 'SADD', 'b:1', 'x' ]);
	is_deeply(names(ask()), [ 'a:* (hash)', 'a:* (string)', 'b:*' ], 'are a relation for each');
};

subtest 'keys that are no text' => sub {
	fill(
		[ 'SET', "a\0b", 'x' ], [ 'SET', "\xff\xfe", 'x' ], [ 'SET', "a\r\nb", 'x' ],
		[ 'HSET', "h", "\xff" => 1, ok => 1 ]);
	my @frames = ask();
	is_deeply(names(@frames), [ "\\xff\\xfe", "a\r\nb", 'a\x00b', 'h' ], 'are shown with escapes');
	is_deeply(columns('h', @frames), [ 'key:string', 'ok:integer:bigint' ], 'fields without a name are left out');
};

subtest 'columns' => sub {
	fill(
		[ 'HSET', 'h:1', name => 'x', n => 1, f => '1.5', big => '123456789012345678901', zero => '007', key => 'k' ],
		[ 'HSET', 'h:2', n => 2, f => '2', 'key (field)' => 'k', fields => 'x', bin => "\xff" ],
		[ 'HSET', 'map', map { ("2024-01-$_" => 1) } 10 .. 31 ],
		[ 'SET', 'j:1', '{"a": {"b": [1, 2]}, "c": null}' ], [ 'SET', 'j:2', '{"c": "x"}' ],
		[ 'SET', 'mixed:1', '{"a": 1}' ], [ 'SET', 'mixed:2', 'x' ], [ 'SET', 'nul:1', '{"a": "\u0000"}' ],
		[ 'HSET', 'large', map { (sprintf('field_%03d', $_) => 'x' x 100) } reverse 0 .. 149 ],
		[ 'SET', 'whole:1', '{"a": "' . 'x' x 10000 . '", "b": 1}' ],
		[ 'RPUSH', 'l', 1, 2 ], [ 'SADD', 's', 'x' ], [ 'ZADD', 'z', 1, 'm' ],
		[ 'XADD', 'e', '1-1', id => 'x', kind => 'a' ], [ 'XADD', 'e', '1-2', n => 5 ]);
	my @frames = ask();
	my %expected = (
		'h:*' => [
			'key:string', 'big:string', 'f:number:numeric', 'key (field):string', 'n:integer:bigint', 'name:string',
			'zero:string', 'bin:bytes', 'fields (field):string', 'key (field) (field):string' ],
		large => [ 'key:string', map { sprintf 'field_%03d:string', $_ } 0 .. 149 ],
		'whole:*' => [ 'key:string', 'value:json:jsonb' ],
		map => [ 'key:string', 'fields:map:jsonb' ],
		'j:*' => [ 'key:string', 'value:json:jsonb' ],
		'mixed:*' => [ 'key:string', 'value:json | string' ],
		'nul:*' => [ 'key:string', 'value:string' ],
		l => [ 'key:string', 'index:integer:bigint', 'value:integer:bigint' ],
		s => [ 'key:string', 'value:string' ],
		z => [ 'key:string', 'member:string', 'score:number:double precision' ],
		e => [ 'key:string', 'id:string', 'id (field):string', 'kind:string', 'n:integer:bigint' ]);
	is_deeply(columns($_, @frames), $expected{$_}, $_) for sort keys %expected;
	my ($json) = grep { $_->{name} eq 'j:*' } frames_of('relation', @frames);
	is_deeply(
		[ map { $_->{name} } @{ $json->{document}{columns}[1]{fields} } ],
		[qw(a c)], 'JSON has the fields of its objects');
};

subtest 'a user who may read some keys' => sub {
	fill([ 'SET', 'open:1', 'x' ], [ 'SET', 'open:2', 'x' ], [ 'SET', 'shut:1', 'x' ], [ 'HSET', 'shut:2', a => 1 ]);
	$server->call(qw(ACL SETUSER some on >secret-word ~open:* +@read +@connection -info -ping));
	my @frames = ask(more => { credentials => { username => 'some', password => 'secret-word' } });
	is_deeply(names(@frames), ['open:*'], 'sees those');
	is_deeply(
		[ map { "$_->{name}: $_->{reason}" } frames_of('skipped', @frames) ],
		['shut:*: the user may not read its keys'],
		'and that there are others');
	$server->call(qw(ACL SETUSER none on >secret-word ~* +@connection));
	fails_with(
		'a user without SCAN', 'query', 'permission', 0,
		ask(more => { credentials => { username => 'none', password => 'secret-word' } }));
};

subtest 'databases' => sub {
	fill([ 'SET', 'a', 'x' ], [ 'SELECT', 3 ], [ 'SET', 'b', 'x' ], [ 'SELECT', 0 ]);
	is_deeply(
		[ map { $_->{name} } frames_of('database', ask(operation => 'databases', endpoint => { database => '12' })) ],
		[qw(0 12 3)], 'those that have keys, and that of the request, are listed');
	my @frames = ask(endpoint => { database => '3' });
	is_deeply([ map { "$_->{schema}.$_->{name}" } frames_of('relation', @frames) ], ['db3.b'], 'each is a schema');
};

# ---- reading ----

sub rows
{
	my ($name, $columns, %read) = @_;
	my $endpoint = delete $read{endpoint} // {};
	my %limits = (limits => delete $read{limits} // {});
	my @frames = ask(
		operation => 'read', endpoint => $endpoint, %limits,
		read => read_request([ $read{schema} // 'db0', $name ], $columns, %read));
	return $frames[-1]{code} if $frames[-1]{frame} eq 'error';
	return [
		sort map {
			join '|',
				map { $_ // 'null' } @$_
		} rows_of(@frames) ];
}

sub condition
{
	my ($column, $op, $type, @values) = @_;
	return { column => $column, op => $op, type => $type, $op eq 'in' ? (values => \@values) : (value => $values[0]) };
}

# How often the server was asked so.
sub calls_of
{
	my ($command) = @_;
	return ($server->call('INFO', 'commandstats') =~ /^cmdstat_\Q$command\E:calls=(\d+)/m)[0] // 0;
}

subtest 'rows of hashes' => sub {
	fill(
		[ 'HSET', 'h:1', n => 1, key => 'k', bin => "\xff\0" ],
		[ 'HSET', 'h:2', n => 20, 'a"b' => "x\ty\n", e => '' ],
		[ 'SET', 'h:3', 'a string' ],
		[ 'HSET', 'h:4:x', n => 5 ],
		[ 'HSET', 'map', map { ("2024-01-$_" => "$_\"") } 10, 11 ]);
	is_deeply(
		rows('h:* (hash)', [ 'key', 'n', 'key (field)', 'bin', 'a"b', 'e', 'gone' ]),
		[ 'h:1|1|k|\xff00|null|null|null', "h:2|20|null|null|x\ty\n||null" ],
		'fields are columns; bytes have digits; what is not there is null');
	is_deeply(
		rows('map', ['fields']), ['{"2024-01-10": "10\"", "2024-01-11": "11\""}'],
		'all fields are one JSON object');
	is_deeply(
		rows('h:* (hash)', ['key'], conditions => [ condition('n', '<', 'bigint', '3') ]), ['h:1'],
		'numbers are compared as numbers');
	is_deeply(rows('h:* (string)', [ 'key', 'value' ]), ['h:3|a string'], 'the name says the type');
	is_deeply(rows('h:*:x', [ 'key', 'n' ]), ['h:4:x|5'], 'a name without a type has that of its keys');
	is_deeply(rows('none:*', ['key']), [], 'a pattern without keys is empty');
	is(rows('none', ['key']), 'relation_changed', 'a key that is not there is no relation');
	is(rows('h:* (string)', ['n']), 'relation_changed', 'nor has a string fields');
};

subtest 'keys that a condition names' => sub {
	fill((map { [ 'SET', "n:$_", $_ ] } 1 .. 3000), [ 'SET', "n:1\xff", 'bytes' ], [ 'SET', 'n:2\xff', 'text' ]);
	my $before = calls_of('scan');
	is_deeply(rows('n:*', ['value'], conditions => [ condition('key', '=', 'text', 'n:7') ]), ['7'], 'one');
	is_deeply(
		rows('n:*', ['value'], conditions => [ condition('key', 'in', 'text', 'n:7', 'n:7', 'n:9', 'x', 'n:1:2') ]),
		[ '7', '9' ], 'some, each once, and those of the pattern only');
	is_deeply(
		rows(
			'n:* (string)', ['value'],
			conditions => [ condition('key', 'in', 'text', 'n:1\xff', 'n:2\xff') ]),
		[ 'bytes', 'text' ],
		'a name that is shown with escapes is found, whatever it stands for');
	cmp_ok(calls_of('scan') - $before, '<=', 4, 'nothing is scanned but for the type');
	$before = calls_of('scan');
	is(scalar @{ rows('n:* (string)', ['value'], limit => 5) }, 5, 'a limit is kept');
	cmp_ok(calls_of('scan') - $before, '<=', 1, 'and ends the scan');
	is_deeply(
		[ map { $_->{rows} // () } (ask(operation => 'read', read => read_request([ 'db0', 'n:*' ], [])))[-1] ],
		[3002], 'rows are counted');
};

subtest 'names with characters that have a meaning' => sub {
	my @odd = ('a*', 'a?c', 'a[b]', 'a\\b', "a\0b", "\xff", "a\r\nb", 'größe', 'x (hash)');
	fill(map { ([ 'SET', "odd:$odd[$_]:1", $_ ], [ 'SET', "odd:$odd[$_]:2", $_ ]) } 0 .. $#odd);
	my %found = map { $_ => 1 } @{ names(ask()) };
	is(scalar keys %found, scalar @odd, 'each is a pattern');
	my @read = map { @{ rows($_, ['value']) } } sort keys %found;
	is_deeply([ sort @read ], [ sort map { ($_, $_) } 0 .. $#odd ], 'whose name finds its keys, and no others');
};

subtest 'long ones' => sub {
	fill(
		[ 'RPUSH', 'l', 0 .. 999 ],
		[ 'SADD', 's', map { "member $_" } 0 .. 999 ],
		[ 'ZADD', 'z', map { ($_, "m$_") } 0 .. 999 ],
		(map { [ 'XADD', 'e', "1-$_", n => $_ ] } 1 .. 999),
		[ 'XADD', 'e', '1-18446744073709551615', n => 1000 ],
		[ 'XADD', 'e', '2-1', n => 1001 ],
		[ 'SET', 'long:1', 'x' x 200_000 ],
		[ 'SET', 'longest', 'x' x 5_000_000 ]);
	is_deeply(rows('l', [ 'index', 'value' ]), [ sort map { "$_|$_" } 0 .. 999 ], 'a list comes page by page');
	is_deeply(rows('s', ['value']), [ sort map { "member $_" } 0 .. 999 ], 'a set');
	is_deeply(rows('z', [ 'member', 'score' ]), [ sort map { "m$_|$_" } 0 .. 999 ], 'a sorted set');
	is_deeply(rows('e', ['n']), [ sort 1 .. 1001 ], 'a stream');
	is(scalar @{ rows('l', ['value'], limit => 3) }, 3, 'a limit holds within a key');
	is_deeply(rows('long:*', ['value']), [ 'x' x 200_000 ], 'a long string is whole');
	is(rows('longest', ['value'], limits => { row_bytes => 4_000_000 }), 'too_large', 'a longer one is not sent');
	my ($described) = grep { $_->{name} eq 'longest' } frames_of('relation', ask());
	is($described->{document}{columns}[1]{type}, 'string', 'but described');
};

subtest 'samples' => sub {
	fill(map { [ 'HSET', "order:$_", status => $_ % 2 ? 'new' : 'paid', note => "note $_", total => $_ ] } 1 .. 500);
	my @frames = ask(
		operation => 'sample',
		sample => {
			relations => [ { schema => 'db0', name => 'order:*' }, { schema => 'db0', name => 'gone' } ],
			categories => 60, category_length => 50, examples => 3, example_length => 200, masking => JSON::PP::false,
			relation_timeout => 60
		});
	my ($orders, $gone) = frames_of('sample', @frames);
	is_deeply($orders->{categories}, { status => [ 'new', 'paid' ] }, 'few values are categories')
		or diag(explain($orders));
	is(scalar @{ $orders->{examples} }, 3, 'rows are examples');
	is($gone->{error}, 'it is no longer in the data source', 'a relation that has gone is told');
};

subtest 'a million keys' => sub {
	fill([ 'DEBUG', 'POPULATE', 1_000_000, 'key', 10 ]);
	local $connector->[0] = 'prlimit';
	local @$connector[ 1, 2 ] = ('--as=150000000', installed_connector('redis'));
	my @frames = ask();
	my ($relation) = frames_of('relation', @frames);
	is($relation->{name}, 'key:*', 'are discovered within 150 MB');
	cmp_ok(abs($relation->{row_estimate} - 1_000_000), '<', 1000, 'and estimated');
	is((ask(operation => 'read', read => read_request([ 'db0', 'key:*' ], [])))[-1]{rows}, 1_000_000, 'and read');
	# Digits as letters, so that every key is a pattern of its own.
	my @keys = map { join ':', split //, sprintf('%06d', $_) =~ tr/0-9/a-j/r } 0 .. 99_999;
	fill(map { [ 'MSET', map { ($_ => 'x') } splice @keys, 0, 1000 ] } 1 .. 100);
	@frames = ask();
	is(scalar(frames_of('relation', @frames)), 1000, 'keys without a pattern are bounded')
		or diag(explain($frames[-1]));
	ok((grep { $_->{message} =~ /were left out/ } frames_of('log', @frames)), 'which is said');
	fill();
};

done_testing;
