# The connector elasticsearch and a real OpenSearch: what mappings, aliases and data streams become, and what is read of documents
# (with the public number of the fault that others had). Then simulated services, which answer in other ways.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/lib';
use Connector;
use MIME::Base64 qw(encode_base64);
use SearchServer;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $connector = [ installed_connector('elasticsearch') ];
my $server = SearchServer->new;
$server->start_fronts;

sub ask
{
	my ($base, %change) = @_;
	return @{
		ask_connector(
			$connector, request_line($base, %change), open => scalar(($change{operation} // '') =~ /read|query/)
		)->{frames}
	};
}

# The relations that a discovery finds, by name.
sub found
{
	my ($base, %change) = @_;
	my @frames = ask($base, %change);
	diag(explain($frames[-1])) if $frames[-1]{frame} eq 'error';
	return { map { ($_->{name} => $_) } frames_of('relation', @frames), frames_of('skipped', @frames) };
}

# Columns as NAME:TYPE:PG_TYPE, with what is in them behind it, and what else is said.
sub columns_text
{
	my (@columns) = @_;
	return join ' ', map {
		my %column = %$_;
		my @fields = @{ delete $column{fields} // [] };
		my ($name, $type, $held) = delete @column{qw(name type pg_type)};
		"$name:$type" . ($held ? ":$held" : '') . join(
			'',
			map { " $_=" . (ref $column{$_} eq 'HASH' ? $json->encode($column{$_}) : $column{$_}) } sort keys %column)
			. (@fields ? ' (' . columns_text(@fields) . ')' : '')
	} @columns;
}

sub columns_of
{
	my ($relation) = @_;
	my @columns = @{ $relation->{document}{columns} };
	shift @columns;
	return columns_text(@columns);
}

sub rows
{
	my ($base, $name, $columns, %read) = @_;
	my @frames = ask($base, operation => 'read', read => read_request([ 'default', $name ], $columns, %read));
	return $frames[-1]{frame} eq 'error'
		? "$frames[-1]{code}: $frames[-1]{message}" . ($frames[-1]{detail} ? " $frames[-1]{detail}" : '')
		: [ rows_of(@frames) ];
}

sub condition
{
	my ($column, $op, $type, @values) = @_;
	return { column => $column, op => $op, type => $type, $op eq 'in' ? (values => \@values) : (value => $values[0]) };
}

# The rows of the first column for which the conditions hold, in order.
sub those
{
	my ($name, $column, @conditions) = @_;
	my $rows = rows($server->base, $name, [$column], conditions => \@conditions);
	return ref $rows ? join ' ', sort map { $_->[0] } @$rows : $rows;
}

subtest 'mappings' => sub {
	$server->ask(
		PUT => '/fields',
		{
			mappings => {
				_meta => { team => 'search', numbers => [ 1, 2.50 ] },
				properties => {
					title => {
						type => 'text', analyzer => 'english',
						fields => { kw => { type => 'keyword', ignore_above => 256 } }
					},
					made => { type => 'date' },
					day => { type => 'date', format => 'yyyy-MM-dd' },
					odd => { type => 'date', format => 'dd/MM/yyyy' },
					fine => { type => 'date_nanos' },
					both => { type => 'date', format => 'yyyy-MM-dd HH:mm:ss||epoch_millis' },
					lines => {
						type => 'nested',
						properties => {
							sku => { type => 'keyword' }, price => { type => 'scaled_float', scaling_factor => 100 }
						}
					},
					address => { properties => { city => { type => 'keyword' }, geo => { type => 'geo_point' } } },
					number => { type => 'alias', path => 'address.count' },
					'address.count' => { type => 'long' },
					join => { type => 'join', relations => { question => ['answer'] } },
					off => { enabled => JSON::PP::false },
					small => { type => 'byte' },
					ip => { type => 'ip' },
					flat => { type => 'flat_object' },
					range => { type => 'integer_range' },
					large => { type => 'unsigned_long' },
					'größe "😀"' => { type => 'keyword' }
				},
				derived => { double => { type => 'long', script => { source => 'emit(2)' } } }
			}
		});
	my $found = found($server->base)->{fields};
	is( join("\n", sort map { columns_text($_) } grep { $_->{name} ne '_id' } @{ $found->{document}{columns} }),
		join(
			"\n",
			sort('title:text analyzer=english (kw:keyword multi_field=1)',
				'made:date:timestamp with time zone', 'day:date:date format=yyyy-MM-dd', 'odd:date format=dd/MM/yyyy',
				'fine:date_nanos:timestamp with time zone',
				'both:date:timestamp with time zone format=yyyy-MM-dd HH:mm:ss||epoch_millis',
				'lines:nested:jsonb (price:scaled_float:double precision scaling_factor=100 sku:keyword)',
				'address:object:jsonb (city:keyword count:long:bigint geo:geo_point:jsonb)',
				'number:long:bigint path=address.count', 'join:join:jsonb relations={"question":"answer"}',
				'off:object:jsonb disabled=1', 'small:byte:smallint', 'ip:ip', 'flat:flat_object:jsonb',
				'range:integer_range:jsonb', 'large:unsigned_long:numeric', 'größe "😀":keyword',
				'double:long:bigint expression=emit(2) generated=virtual')),
		'every field is a column (grafana/gcx#971: multi-fields)');
	is($found->{document}{options}{_meta}, '{"numbers":[1,2.5],"team":"search"}', '_meta is an option');
	is_deeply($found->{document}{primary_key}, { columns => ['_id'] }, '_id identifies a document');
	$server->ask(
		PUT => '/bare',
		{ mappings => { _source => { enabled => JSON::PP::false }, properties => { n => { type => 'long' } } } });
	$server->store('bare', [ 1 => { n => 1 } ]);
	is( found($server->base)->{bare}{document}{options}{_source}, 'disabled',
		'an index that stores no documents says so');
	like(
		rows($server->base, 'bare', ['n']), qr/^unsupported: The index does not store its documents/,
		'which cannot be read');
	is(those('bare', '_id'), '1', 'but their ids can');
};

subtest 'aliases and data streams' => sub {
	$server->ask(
		PUT => '/one',
		{   mappings =>
				{ properties => { n => { type => 'long' }, k => { type => 'keyword' }, o => { type => 'keyword' } } }
		});
	$server->ask(
		PUT => '/two',
		{
			mappings => {
				properties => {
					n => { type => 'keyword' }, k => { type => 'keyword' },
					o => { properties => { x => { type => 'long' } } }, z => { type => 'date' }
				}
			}
		});
	$server->ask(
		POST => '/_aliases',
		{
			actions => [
				{ add => { index => 'one', alias => 'all', is_write_index => JSON::PP::true } },
				{ add => { index => 'two', alias => 'all', filter => { term => { k => 'y' } } } } ]
		});
	$server->store('one', [ a => { n => 1, k => 'x' } ]);
	$server->store('two', [ b => { n => 'n', k => 'y' } ], [ c => { n => 'n', k => 'x' } ]);
	my $all = found($server->base)->{all};
	is($all->{kind}, 'view', 'an alias is a view');
	is( columns_of($all),
		'k:keyword n:long | keyword o:keyword | object:jsonb (x:long:bigint) z:date:timestamp with time zone',
		'with the fields of all its indices (elasticsearch-hadoop#938, elasticsearch-tableau-connector#69)');
	is( $all->{document}{definition},
		'{"indices":[{"index":"one","is_write_index":true},{"index":"two","filter":{"term":{"k":{"value":"y","boost":1.0}}}}]}'
			=~ s/\{"value":"y","boost":1.0\}/"y"/r,
		'and they are its definition');
	is(those('all', '_id'), 'a b', 'its filters hold');
	$server->ask(
		PUT => '/_index_template/logs',
		{   index_patterns => ['logs-*'], data_stream => {},
			template => { mappings => { properties => { v => { type => 'long' } } } }
		});
	$server->ask(POST => '/logs-a/_doc?refresh=true', { '@timestamp' => '2024-01-01T00:00:00Z', v => 1 });
	$server->ask(
		PUT => '/_index_template/logs',
		{   index_patterns => ['logs-*'], data_stream => {},
			template => { mappings => { properties => { v => { type => 'keyword' }, w => { type => 'long' } } } }
		});
	$server->ask(POST => '/logs-a/_rollover');
	$server->ask(POST => '/logs-a/_doc?refresh=true', { '@timestamp' => '2024-01-02T00:00:00Z', v => 'x' });
	my $found = found($server->base);
	is( columns_of($found->{'logs-a'}), '@timestamp:date:timestamp with time zone v:keyword w:long:bigint',
		'a data stream has the newest type of each field');
	is_deeply([ grep { /^\./ } keys %$found ], [], 'its indices are none (kafka-connect-elasticsearch#614)');
	is(those('logs-a', 'v'), '1 x', 'all of them are read');
	is($found->{'logs-a'}{row_estimate}, 2, 'and counted');
	$server->ask(PUT => '/.dotted');
	$server->ask(PUT => '/hidden', { settings => { 'index.hidden' => JSON::PP::true } });
	$found = found($server->base, endpoint => { options => { include_system => JSON::PP::true } });
	is(join(' ', grep { /^\./ } sort keys %$found), '.dotted', 'what begins with a dot is there if it is wanted');
	is($found->{hidden}{document}{options}{hidden}, 'true', 'a hidden index says so');
	$server->ask(POST => '/two/_close');
	$found = found($server->base);
	is($found->{two}{reason}, 'The index is closed.', 'a closed index is skipped');
	is($found->{all}{reason}, 'An index of the alias is closed.', 'and so is its alias');
	is( rows($server->base, 'two', ['n']), 'query: The relation cannot be read. The index is closed.',
		'reading it fails');
	$server->ask(POST => '/two/_open');
	$server->ask(GET => '/_cluster/health/two?wait_for_status=yellow');
};

subtest 'values' => sub {
	$server->ask(
		PUT => '/values',
		{
			mappings => {
				properties => {
					l => { type => 'long' }, f => { type => 'float' }, b => { type => 'boolean' },
					d => { type => 'date' },
					s => { type => 'date', format => 'epoch_second' }, c => { type => 'date', format => 'dd/MM/yyyy' },
					n => { type => 'date_nanos' }, k => { type => 'keyword', ignore_above => 5 },
					t => { type => 'text' }, w => { type => 'keyword' },
					o => { properties => { x => { type => 'long' } } }, g => { type => 'geo_point' },
					a => { type => 'alias', path => 'o.x' }
				},
				derived => {
					twice => {
						type => 'long', script => { source => 'emit(doc["l"].size() == 0 ? -1 : doc["l"].value * 2)' }
					}
				}
			}
		});
	$server->store(
		'values',
		[   1 => {
				l => 5.0, f => 0.1, b => '', d => '2024-01-02', s => 1700000000, c => '01/02/2024',
				n => '2024-01-01T00:00:00.123456789Z', k => [ 'a', 'b' ], w => [ 'a', 'b' ], t => "tab\there \\N",
				o => { x => 1 },
				'o.y.z' => 'dotted',
				g => [ 1, 2 ]
			} ],
		[   2 => {
				l => [7], f => '2.5', b => JSON::PP::true, d => 1704153600123, s => '1700000001',
				k => 'longer than five',
				t => [ 'x', 'y' ], o => [ { x => 1 }, { x => 2 } ], g => '1,2'
			} ],
		[ 3 => { l => [], b => 'true', d => '2024-05', k => undef, 'o.x' => 9, t => "zero\0" } ]);
	is_deeply(
		rows($server->base, 'values', [qw(_id l f b d s c n k t o g a twice)]),
		[   [   '1', '5', '0.1', 'false', '2024-01-02 00:00:00+00', '2023-11-14 22:13:20+00', '01/02/2024',
				'2024-01-01 00:00:00.123456+00', '["a","b"]', "tab\there \\N", '{"x":1,"y.z":"dotted"}', '[1,2]', '1',
				'10' ],
			[   '2', '7', '2.5', 'true', '2024-01-02 00:00:00.123+00', '2023-11-14 22:13:21+00', undef, undef,
				'longer than five', '["x","y"]', '[{"x":1},{"x":2}]', '"1,2"', '[1,2]', '14' ],
			[   '3', undef, undef, 'true', '2024-05-01 00:00:00+00', undef, undef, undef, undef, "zero\x{FFFD}",
				'{"x":9}', undef,
				'9', '-1' ] ],
		'values are what the service takes them for');
	my $text = sub { condition('k', $_[0], 'text', @_[ 1 .. $#_ ]) };
	is(those('values', '_id', $text->('=', 'longer than five')), '2', 'a text that is not indexed is found');
	is(those('values', '_id', $text->('=', 'a')), '', 'an array is not its element');
	is(those('values', '_id', $text->('<>', 'a')), '1 2', 'and differs from it');
	is(those('values', '_id', $text->('in', '["a","b"]', 'c')), '1', 'but is its own text');
	is(those('values', '_id', condition('w', '=', 'text', '["a","b"]')), '1', 'whatever the service has indexed of it');
	my $date = sub { condition('d', $_[0], 'timestamp with time zone', $_[1]) };
	is(those('values', '_id', $date->('>=', '2024-01-02 00:00:00.123+00')), '2 3', 'dates are compared exactly');
	is(those('values', '_id', $date->('<', '2024-01-02 01:00:00.123+01')), '1', 'in any zone');
	is(those('values', '_id', $date->('=', '2024-01-02 00:00:00.1231+00')), '', 'to the microsecond');
	is(those('values', '_id', condition('l', '<', 'bigint', '7')), '1', 'numbers');
	is(those('values', '_id', condition('b', '=', 'boolean', 'f')), '1', 'truth, however it is written');
	is(those('values', '_id', { column => 'l', op => 'is null' }), '3', 'an empty array is null');
	is(those('values', '_id', condition('twice', '=', 'bigint', '14')), '2', 'computed values are judged');
	is( those('values', '_id', condition('n', '=', 'timestamp with time zone', '2024-01-01 00:00:00.123456+00')), '1',
		'nanoseconds are cut');
	like(rows($server->base, 'values', ['gone']), qr/^relation_changed: A column is no longer/, 'a field that is gone');
	like(
		rows($server->base, 'nothing', ['l']), qr/^relation_changed: The relation is no longer/,
		'a relation that is gone');
};

$server->ask(
	PUT => '/values_of_sql',
	{ mappings => { properties => { d => { type => 'date' }, k => { type => 'keyword' } } } });
$server->store('values_of_sql', [ 1 => { d => 1704153600123, k => 'x' } ]);

subtest 'many documents' => sub {
	$server->ask(
		PUT => '/shards',
		{   settings => { number_of_shards => 3 },
			mappings => { properties => { n => { type => 'long' }, t => { type => 'text', index => JSON::PP::false } } }
		});
	$server->store('shards', map { [ "d$_" => { n => $_ } ] } 1 .. 2500);
	my $rows = rows($server->base, 'shards', ['n']);
	is( join(' ', sort { $a <=> $b } map { $_->[0] } @$rows), join(' ', 1 .. 2500),
		'each is read once, from all shards');
	is(scalar @{ rows($server->base, 'shards', ['n'], limit => 7) }, 7, 'no more than are wanted');
	is(scalar @{ rows($server->base, 'shards', ['n'], limit => 1500) }, 1500, 'also of several pages');
	is( scalar @{
			rows(
				$server->base, 'shards', ['_id'], conditions => [ condition('n', '>', 'bigint', '1000') ], limit => 600)
		},
		600,
		'with a condition');
	my @frames = ask($server->base, operation => 'read', read => read_request([ 'default', 'shards' ], []));
	is($frames[-1]{rows}, 2500, 'they are counted');
	my $large = 'x' x 300_000;
	$server->store('shards', map { [ "l$_" => { n => 10000 + $_, t => $large } ] } 1 .. 60);
	$rows = rows($server->base, 'shards', [ 'n', 't' ], conditions => [ condition('n', '>', 'bigint', '10000') ]);
	is(ref $rows ? scalar(grep { $_->[1] eq $large } @$rows) : $rows, 60, 'documents of which a page is too large');
	my $nodes = $server->ask(GET => '/_nodes/stats/indices/search')->{nodes};
	is( join(
			' ',
			map { "$_->{indices}{search}{point_in_time_current} $_->{indices}{search}{scroll_current}" } values %$nodes
		),
		'0 0',
		'nothing is left open');
};

subtest 'samples' => sub {
	my ($frame) = frames_of(
		'sample',
		ask($server->base, operation => 'sample',
			sample => {
				relations => [ { schema => 'default', name => 'one', kind => 'collection' } ],
				categories => 10, category_length => 50, examples => 2, example_length => 100,
				masking => JSON::PP::true, relation_timeout => 60
			}));
	is_deeply(
		[ @$frame{qw(categories examples)} ],
		[ { k => ['x'] }, [ { _id => 'a', k => 'x', n => '1', o => undef } ] ], 'categories and examples');
};

# What a front shows of the relations that all have in common.
sub shown
{
	my ($found, @names) = @_;
	return join "\n", map { "$_ " . ($found->{$_}{reason} // columns_of($found->{$_})) } @names;
}

subtest 'simulated: other services' => sub {
	my @common = qw(fields values shards all);
	my $expected = shown(found($server->base), @common);
	my %called = (
		front => 'OpenSearch 2.19.6', elasticsearch => 'Elasticsearch 8.15.3', elasticsearch9 => 'Elasticsearch 9.1.0',
		serverless => 'Elasticsearch Serverless', elasticsearch6 => 'Elasticsearch 6.8.23',
		busy => 'Elasticsearch 8.15.3');
	for my $front (sort keys %called)
	{
		my $base = $server->base($front);
		my ($connected) = frames_of('connected', ask($base, operation => 'test'));
		is($connected->{server}, $called{$front}, "$front is known");
		is(shown(found($base), @common), $expected, "$front: the same is described");
		my $rows = rows($base, 'shards', ['n'], conditions => [ condition('n', '<=', 'bigint', '2500') ]);
		is(ref $rows ? scalar(@$rows) : $rows, 2500, "$front: all is read");
	}
	my $found = found($server->base('serverless'));
	is($found->{shards}{row_estimate}, undef, 'serverless: no sizes');
};

subtest 'simulated: the client of Elasticsearch accepts the services' => sub {
	my %login = (username => 'plain', password => 'plain word');
	my $key = { api_key => encode_base64($server->{front}{api_key}, '') };
	is($server->ask_client('elasticsearch', \%login), "8.15.3 shards long 7 200 8 True\n", 'version 8');
	is($server->ask_client('elasticsearch9', $key), "9.1.0 shards long 7 200 8 True\n", 'version 9, with a key');
};

subtest 'simulated: users' => sub {
	my %kinds = (
		'a key as it is shown' => { api_key => $server->{front}{api_key} },
		'a key in its other form' => { api_key => encode_base64($server->{front}{api_key}, '') },
		'a token' => { oauth_token => $server->{front}{token} });
	my $base = $server->base('elasticsearch');
	for my $kind (sort keys %kinds)
	{
		my @frames = ask({ %$base, credentials => $kinds{$kind} }, operation => 'test');
		is($frames[-1]{frame}, 'end', $kind);
		my ($name, $value) = %{ $kinds{$kind} };
		@frames = ask({ %$base, credentials => { $name => "x$value" } }, operation => 'test');
		fails_with("$kind, which is wrong", 'authenticate', 'authentication', 0, @frames);
	}
	$server->ask(PUT => '/wide');
	my $limited = { %$base, credentials => { %{ $base->{credentials} }, username => 'limited' } };
	my ($connected) = frames_of('connected', ask($limited, operation => 'test'));
	is($connected->{server}, 'Elasticsearch or OpenSearch', 'who may not see the cluster may connect');
	my $found = found($limited);
	is($found->{wide}{reason}, 'The service does not allow this request.', 'one index that is forbidden is skipped');
	is(columns_of($found->{one}), 'k:keyword n:long:bigint o:keyword', 'the others are described');
	is(those('one', 'n'), '1', 'and read');
	fails_with(
		'a password is not sent without encryption', 'tls', 'tls', 0,
		ask($limited, operation => 'test', endpoint => { tls => { mode => 'prefer' } }));
	my @hosts = map { { host => '127.0.0.1', port => $_, addresses => ['127.0.0.1'] } } 1, $base->{endpoint}{port};
	my @frames = ask($base, operation => 'test', endpoint => { port => 1, hosts => \@hosts });
	is($frames[-1]{frame}, 'end', 'the first of several hosts does not answer');
};

subtest 'SQL' => sub {
	my $query = sub {
		my ($base, $text) = @_;
		my @frames = ask($base, operation => 'query', query => { text => $text, limit => undef });
		return $frames[-1]{frame} eq 'error'
			? join(' ', map { $_ // '-' } @{ $frames[-1] }{qw(code message detail position)})
			: [ rows_of(@frames) ];
	};
	is( $query->($server->base, 'SELECT 1'), 'unsupported The service has no SQL. - -',
		'OpenSearch without its plugin has none');
	for my $front (qw(front elasticsearch))
	{
		my $rows = $query->($server->base($front), 'SELECT n FROM shards WHERE n <= 2500 ORDER BY n');
		is(ref $rows ? scalar(@$rows) : $rows, 2500, "simulated, $front: pages");
		is_deeply(
			$query->($server->base($front), 'SELECT d, k FROM values_of_sql'),
			[ [ '2024-01-02 00:00:00.123+00', 'x' ] ], "simulated, $front: values");
	}
	is( $query->($server->base('elasticsearch'), "SELECT gone\nFROM shards"),
		'query The service does not take the query. line 1:8: no such column: gone 8', 'a fault has its place');
};

done_testing();
