# The connector cassandra at a simulated server, for what a real one does not do when it is asked to: other versions, other ways to
# log in, frames in pieces, pages of every kind, answers that are too long, errors, silence; and what it is asked for. A client of
# another house meets the server first.
use strict;
use warnings;
use utf8;

use Encode qw(decode_utf8 encode_utf8);
use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use CassandraServer;
use Connector;
use CqlServer;
use IPC::Open2;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $connector = [ installed_connector('cassandra') ];
plan(skip_all => "$connector->[0] is not built") unless -x $connector->[0];
my @series = map { [ $_ % 2 ? 'odd' : 'even', $_, { hex => sprintf '%016x', $_ * 1000 }, "größe $_" ] } 1 .. 25;
my $server = CqlServer->new(
	tables => [
		{   keyspace => 'shop', name => 'series', rows => \@series,
			columns => [
				[ 'k', 'partition_key', 0, 'none', 'text' ],
				[ 'n', 'clustering', 0, 'asc', 'int' ],
				[ 'at', 'clustering', 1, 'desc', 'timestamp' ],
				[ 'v', 'regular', -1, 'none', 'text' ] ]
		},
		{   keyspace => 'shop', name => 'pairs', rows => [],
			columns => [
				[ 'a', 'partition_key', 0, 'none', 'uuid' ],
				[ 'b', 'partition_key', 1, 'none', 'int' ],
				[ 'c', 'clustering', 0, 'asc', 'date' ],
				[ 'd', 'regular', -1, 'none', 'tinyint' ] ]
		},
		{   keyspace => 'shop', name => 'odd', rows => [ [ 1, { hex => '0000' } ] ],
			columns => [ [ 'id', 'partition_key', 0, 'none', 'int' ], [ 'v', 'regular', -1, 'none', 'bigint' ] ]
		},
		{   keyspace => 'shop', name => 'foreign', rows => [ [ 1, { hex => '00ff' }, undef, undef, ['a'], ['b'] ] ],
			columns => [
				[ 'id', 'partition_key', 0, 'none', 'int' ],
				[ 'v', 'regular', -1, 'none', 'frozen<gone>' ],
				[ 'w', 'regular', -1, 'none', 'map<int' ],
				[ 'x', 'regular', -1, 'none', 'frozen<loop>' ],
				[ 'y', 'regular', -1, 'none', 'list<varchar>' ],
				[ 'z', 'regular', -1, 'none', "list<frozen<'org.example.A<b>(c=>d)'>>" ] ]
		} ],
	types => [ { keyspace => 'shop', name => 'loop', fields => [ [ 'next', 'list<frozen<loop>>' ] ] } ]);
my $base = $server->base;

sub ask
{
	my (%change) = @_;
	my $answer = ask_connector($connector, request_line($base, %change), open => ($change{operation} // '') eq 'read');
	is( scalar(tells_secret(
			join("\n", @{ $answer->{lines} }, $answer->{stderr}), $CqlServer::password, 'secret words')),
		0,
		'no secret is told');
	return @{ $answer->{frames} };
}

sub read_series { return ask(operation => 'read', read => read_request([ 'shop', 'series' ], [qw(k n at v)], @_)) }

# With these orders until the function has returned.
sub with
{
	my ($order, $act) = @_;
	$server->order(%$order);
	$act->();
	$server->order(map { ($_ => $_ eq 'authenticator' ? $CqlServer::authenticator : undef) } keys %$order);
	$server->order(version => 4) if $order->{version};
	$server->order(faults => []) if $order->{faults};
	$server->order(page => 5000) if $order->{page};
	return;
}

my @expected = sort map { "$_->[0] $_->[1] $_->[3]" } @series;

sub is_whole
{
	my ($name, @frames) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is_deeply([ sort map { "$_->[0] $_->[1] $_->[3]" } rows_of(@frames) ], \@expected, $name)
		|| diag(explain($frames[-1]));
}

subtest 'another client' => sub {
	local $ENV{PYTHONPATH} = CassandraServer::python_peers();
	my $client = sub {
		my ($word, @statements) = @_;
		my $pid = open2(
			my $out, my $in, '/usr/bin/python3', dirname(__FILE__) . '/lib/cassandra/client.py',
			$server->{port}, 'reader', encode_utf8($word));
		print $in map { $json->encode($_) . "\n" } @statements;
		close $in;
		my @said = map { $json->decode($_) } <$out>;
		waitpid $pid, 0;
		return @said;
	};
	my @read = (
		[ 'SELECT k, n, v FROM shop.series', undef ], [ "SELECT n FROM shop.series WHERE k = 'odd'", undef ],
		[ 'SELECT n FROM shop.gone', undef ], [ 'SELECT keyspace_name FROM system_schema.keyspaces', undef ]);
	for my $order ({}, { chunk => 1 }, { additions => JSON::PP::true }, { page => 3, empty_pages => JSON::PP::true })
	{
		with(
			$order,
			sub {
				my ($rows, $odd, $gone, $keyspaces) = $client->($CqlServer::password, @read);
				is_deeply([ sort map { join ' ', @$_ } @$rows ], \@expected, 'it reads all rows')
					or diag(explain($rows));
				is(scalar @$odd, 13, 'and some');
				is_deeply($gone, { fault => 'InvalidRequest' }, 'a table that is not there is refused');
				is_deeply($keyspaces, [ map { [$_] } qw(shop system system_schema) ], 'it knows the keyspaces');
			});
	}
	is_deeply([ $client->('wrong') ], [ { refused => ['AuthenticationFailed'] } ], 'a wrong password is refused');
};

subtest 'answers' => sub {
	is_whole('rows are read', read_series());
	for my $order (
		{ chunk => 1 }, { chunk => 7 },
		{ additions => JSON::PP::true },
		{ page => 1 },
		{ page => 4, empty_pages => JSON::PP::true },
		{ chunk => 3, additions => JSON::PP::true, page => 2, empty_pages => JSON::PP::true })
	{
		with($order, sub { is_whole("rows are read: $_", read_series()) for join ' ', %$order });
	}
	with(
		{ faults => [ [ 'series"', 'long', 3 ] ] },
		sub {
			is_whole('an answer that is too long is asked for in smaller pages', read_series());
			my @sizes = map { $_->[2] } grep { ref $_->[1] && $_->[0] =~ /series"/ } $server->order;
			is_deeply([ @sizes[ 0 .. 2 ] ], [ 1000, 62, 3 ], 'down to what fits');
		});
	with(
		{ faults => [ [ 'series"', 'long', 0 ] ] },
		sub { fails_with('a row that is too long', 'query', 'too_large', 0, read_series()) });
};

subtest 'a discovery' => sub {
	my $substance = sub { return [ frames_of('schema', @_), frames_of('relation', @_), $_[-1] ] };
	my @usual = ask();
	is(scalar frames_of('relation', @usual), 4, 'relations are described');
	for my $order ({ page => 1, empty_pages => JSON::PP::true }, { chunk => 1 }, { additions => JSON::PP::true })
	{
		with($order, sub { is_deeply($substance->(ask()), $substance->(@usual), "alike: @{[ %$order ]}") });
	}
};

subtest 'sizes' => sub {
	my $sizes = sub {
		return { map { ($_->{name} => join ' ', $_->{row_estimate} // '-', $_->{size_bytes} // '-') }
				frames_of('relation', ask()) };
	};
	my ($first, $last) = ('-9223372036854775808', '9223372036854775807');
	my @ranges = (
		[ 'odd', $first, '-4611686018427387904', 100, 50 ], [ 'odd', '4611686018427387904', $first, 200, 25 ],
		[ 'series', $first, $first, 100, 30 ],
		[ 'pairs', '0', '170141183460469231731687303715884105727', 100, 30 ],
		[ 'foreign', $first, '0', 100, 0 ]);
	with(
		{ sizes => [ map { [ 'shop', @$_ ] } @ranges ] },
		sub {
			is_deeply(
				$sizes->(),
				{ odd => '150 20000', series => '- 3000', pairs => '- -', foreign => '- -' },
				'a node tells of its ranges; a partition with an order in it is no row');
			with(
				{ faults => [ [ 'size_estimates', 'error', 0x2100 ] ] },
				sub { is($sizes->()->{odd}, '- -', 'a user need not be told') });
		});
};

subtest 'a sample that does not end' => sub {
	with(
		{ endless => JSON::PP::true },
		sub {
			my @frames = ask(
				operation => 'sample',
				sample => {
					relations => [ map { { schema => 'shop', name => $_ } } qw(series gone) ], categories => 60,
					category_length => 50,
					examples => 3, example_length => 200, masking => JSON::PP::true, relation_timeout => 3
				});
			my ($late, $gone) = map { $_->{error} } frames_of('sample', @frames);
			like($late, qr/longer than the time allowed/, 'is ended');
			like($gone, qr/no longer/, 'the next relation is sampled all the same');
		});
};

subtest 'what it is asked' => sub {
	my $asked = sub {
		my ($relation, @conditions) = @_;
		$server->order;
		my @frames = ask(
			operation => 'read',
			read => read_request(
				[ 'shop', $relation ], [ $relation eq 'series' ? 'n' : 'b' ],
				conditions => [
					map { {
						column => $_->[0], op => $_->[1], type => $_->[2],
						ref $_->[3] ? 'values' : 'value' => $_->[3]
					} } @conditions ]));
		is($frames[-1]{frame}, 'end', 'it is answered') or diag(explain($frames[-1]));
		my ($statement) = grep { $_->[0] =~ /FROM "shop"/ } $server->order;
		return [ $statement->[0] =~ / WHERE (.*)/, @{ $statement->[1] } ];
	};
	my $moment = 'timestamp with time zone';
	my $uuid = '00112233-4455-6677-8899-aabbccddeeff';
	is_deeply($asked->('series'), [], 'a whole table');
	is_deeply($asked->('series', [ k => '=', 'text', 'odd' ]), [ '"k" = ?', '6f6464' ], 'a partition');
	is_deeply(
		$asked->('series', [ k => 'in', 'text', [qw(odd even)] ]), [ '"k" IN (?, ?)', '6f6464', '6576656e' ],
		'several partitions');
	is_deeply(
		$asked->(
			'series', [ k => '=', 'text', 'odd' ], [ n => '>', 'integer', '3' ], [ n => '<=', 'integer', '9' ],
			[ n => '<', 'integer', '20' ]),
		[ '"k" = ? AND "n" >= ? AND "n" <= ?', '6f6464', '00000003', '00000009' ],
		'a stretch of one, each side once');
	is_deeply(
		$asked->(
			'series', [ k => '=', 'text', 'odd' ], [ n => '=', 'integer', '3' ],
			[ at => '>', $moment, '1970-01-01 00:00:00.0015+00' ], [ at => '<', $moment, '1969-12-31 23:59:59.9985+00' ]
		),
		[   '"k" = ? AND "n" = ? AND "at" >= ? AND "at" <= ?', '6f6464', '00000003', '0000000000000001',
			'ffffffffffffffff' ],
		'bounds between two milliseconds are wider');
	is_deeply($asked->('series', [ n => '=', 'integer', '3' ]), [], 'not without the partition');
	is_deeply(
		$asked->('series', [ k => '=', 'text', 'odd' ], [ at => '=', $moment, '1970-01-01 00:00:00+00' ]),
		[ '"k" = ?', '6f6464' ], 'nor behind a gap');
	is_deeply($asked->('series', [ k => '<>', 'text', 'odd' ]), [], 'nor what is no bound');
	is_deeply($asked->('series', [ k => '=', 'text', '' ]), [], 'nor an empty key');
	is_deeply($asked->('series', [ k => '=', 'text', "a\x{FFFD}" ]), [], 'nor what may have been a NUL');
	is_deeply($asked->('series', [ k => '=', 'name', 'odd' ]), [], 'nor a value of another type');
	is_deeply($asked->('pairs', [ a => '=', 'uuid', $uuid ]), [], 'nor a part of the partition');
	is_deeply(
		$asked->(
			'pairs', [ b => 'in', 'integer', [ '-1', '2' ] ], [ a => '=', 'uuid', $uuid ],
			[ c => '>=', 'date', '1970-01-02' ]),
		[ '"a" = ? AND "b" IN (?, ?) AND "c" >= ?', $uuid =~ s/-//gr, 'ffffffff', '00000002', '80000001' ],
		'all columns of the partition, in their order');
	is_deeply(
		$asked->('pairs', [ b => 'in', 'integer', ['1'] ], [ a => 'in', 'uuid', [$uuid] ]),
		[], 'one IN is enough');
	is_deeply(
		$asked->('pairs', [ a => '=', 'uuid', $uuid ], [ b => '=', 'integer', '1' ], [ d => '=', 'smallint', '300' ]),
		[ '"a" = ? AND "b" = ?', $uuid =~ s/-//gr, '00000001' ], 'what is no key stays here');
	read_series(limit => 3);
	is((grep { $_->[0] =~ /series/ } $server->order)[-1][2], 3, 'a limit is a page');
};

subtest 'conditions that the operator forbids' => sub {
	with(
		{ faults => [ [ ' IN (', 'error', 0x2200 ] ] },
		sub {
			my @frames =
				read_series(conditions => [ { column => 'k', op => 'in', type => 'text', values => [qw(odd gone)] } ]);
			is($frames[-1]{rows}, 13, 'the table is searched then') or diag(explain($frames[-1]));
		});
};

subtest 'logging in' => sub {
	my $told = sub {
		return scalar grep { $_->[0] eq 'login' && $_->[1] ne '' } $server->order;
	};
	for my $class ('com.datastax.bdp.cassandra.auth.DseAuthenticator', 'com.scylladb.auth.TransitionalAuthenticator')
	{
		my $challenge = $class =~ /Dse/ ? 'PLAIN-START' : undef;
		with(
			{ authenticator => $class, class_challenge => $challenge },
			sub { is((ask(operation => 'test'))[-1]{frame}, 'end', "$class is known") });
	}
	$told->();
	with(
		{ authenticator => 'com.example.Thief' },
		sub { fails_with('an unknown class', 'authenticate', 'unsupported', 0, ask(operation => 'test')) });
	is($told->(), 0, 'it does not get the password');
	with(
		{ authenticator => 'com.example.Thief' },
		sub { like((ask(operation => 'test'))[-1]{detail}, qr/com\.example\.Thief/, 'which one is told') });
	with(
		{ authenticator => 'com.datastax.bdp.cassandra.auth.DseAuthenticator', class_challenge => 'GSSAPI-START' },
		sub { fails_with('another mechanism', 'authenticate', 'unsupported', 0, ask(operation => 'test')) });
	is($told->(), 0, 'it does not either');
	with(
		{ class_challenge => 'and your mother?' },
		sub { fails_with('a question behind the password', 'authenticate', 'unsupported', 0, ask(operation => 'test')) }
	);
	$told->();
	with(
		{ authenticator => undef },
		sub {
			is((ask(operation => 'test', credentials => { password => '' }))[-1]{frame}, 'end', 'no user is asked for');
			is( (ask(operation => 'test', endpoint => { tls => { mode => 'prefer' } }))[-1]{frame}, 'end',
				'also where TLS is preferred and not there');
			is($told->(), 0, 'nothing is told then');
		});
	fails_with(
		'a password that could be read on the way', 'authenticate', 'authentication', 0,
		ask(operation => 'test', endpoint => { tls => { mode => 'prefer' } }));
	is($told->(), 0, 'it is not sent');
	is( (ask(operation => 'test', endpoint => { tunnel => JSON::PP::true, tls => { mode => 'prefer' } }))[-1]{frame},
		'end',
		'through a tunnel it is');
	for my $mode (qw(require verify-ca verify-full))
	{
		fails_with(
			"no TLS, and $mode", 'tls', 'tls', 0,
			ask(operation => 'test', endpoint => { tls => { mode => $mode } }));
	}
	is($told->(), 1, 'the password has gone through the tunnel alone');
};

subtest 'refusals' => sub {
	my %errors = (
		startup_error => [ [ 0x1001, 'connect', 'refused', 1 ], [ 0x1002, 'connect', 'refused', 1 ] ],
		login_error => [ [ 0x1000, 'authenticate', 'refused', 1 ], [ 0x2100, 'authenticate', 'permission', 0 ] ]);
	for my $when (sort keys %errors)
	{
		for my $error (@{ $errors{$when} })
		{
			my ($number, @expected) = @$error;
			with(
				{ $when => $number },
				sub { fails_with(sprintf('%s 0x%04X', $when, $number), @expected, ask(operation => 'test')) });
		}
	}
	my $other = CqlServer->new;
	my @hosts = map { { host => "node$_->{port}.test", port => $_->{port} + 0, addresses => ['127.0.0.1'] } } $server,
		$other;
	with(
		{ login_error => 0x1000 },
		sub {
			my @frames = ask(operation => 'test', endpoint => { %{ $hosts[0] }, hosts => \@hosts });
			is($frames[-1]{frame}, 'end', 'a node that cannot look up users costs a try') or diag(explain($frames[-1]));
		});
};

subtest 'versions' => sub {
	for my $version (3, 5)
	{
		with(
			{ version => $version },
			sub { fails_with("version $version only", 'connect', 'unsupported', 0, ask(operation => 'test')) });
	}
};

subtest 'errors' => sub {
	my @errors = (
		[ 'series"', 0x1001, 'query', 1 ], [ 'series"', 0x1200, 'query', 1 ], [ 'series"', 0x1300, 'query', 1 ],
		[ 'series"', 0x2100, 'permission', 0 ], [ 'series"', 0x2200, 'query', 0 ], [ 'series"', 0, 'query', 0 ],
		[ 'system_schema.columns', 0x2100, 'permission', 0 ], [ 'system_schema.types', 0x1001, 'query', 1 ],
		[ 'system.local', 0, 'query', 0 ]);
	for my $error (@errors)
	{
		my ($part, $number, $code, $transient) = @$error;
		with(
			{ faults => [ [ $part, 'error', $number ] ] },
			sub { fails_with(sprintf('0x%04X of %s', $number, $part), 'query', $code, $transient, read_series()) });
	}
	with(
		{ faults => [ [ 'series"', 'close' ] ] },
		sub { fails_with('a lost connection', 'query', 'query', 1, read_series()) });
	with(
		{ faults => [ [ 'series"', 'silence' ] ] },
		sub {
			fails_with(
				'silence', 'query', 'timeout', 1,
				ask(operation => 'read', limits => { query_timeout => 1 },
					read => read_request([ 'shop', 'series' ], ['n'])));
		});
	my %bytes = (
		'another protocol' => '48545450', 'a request' => '0400000007' . '00000000',
		'a negative length' => '8400000008ffffffff', 'no rows' => '840000000800000004' . '00000001',
		'other columns' => '840000000800000010' . '00000002' . '00000004' . '00000001' . '00000000',
		'rows that are not there' => '840000000800000010' . '00000002' . '00000004' . '00000004' . '7fffffff',
		'a compressed frame' => '8401000008' . '00000000');
	for my $name (sort keys %bytes)
	{
		with(
			{ faults => [ [ 'series"', 'bytes', $bytes{$name} ] ] },
			sub { fails_with($name, 'query', 'protocol', 0, read_series()) });
	}
	fails_with(
		'a value that is none of its type', 'query', 'protocol', 0,
		ask(operation => 'read', read => read_request([ 'shop', 'odd' ], ['v'])));
};

subtest 'types that are not there' => sub {
	my ($relation) = grep { $_->{name} eq 'foreign' } frames_of('relation', ask());
	is_deeply(
		[ map { "$_->{name} $_->{type} $_->{pg_type}" } @{ $relation->{document}{columns} } ],
		[   'id int integer', 'v frozen<gone> bytea', 'w map<int bytea', 'x frozen<loop> jsonb',
			'y list<varchar> text[]',
			q{z list<frozen<'org.example.A<b>(c=>d)'>> bytea[]} ],
		'their values are bytes');
	is_deeply(
		[ rows_of(ask(operation => 'read', read => read_request([ 'shop', 'foreign' ], [qw(id v w y z)]))) ],
		[ [ '1', '\x00ff', undef, '{"a"}', '{"\\\\x62"}' ] ], 'and are read');
};

subtest 'a server that has less' => sub {
	with(
		{ faults => [ map { [ "system_schema.$_", 'error', 0x2200 ] } qw(views types indexes) ] },
		sub {
			my @frames = ask();
			is($frames[-1]{relations}, 4, 'its tables are described');
		});
	with(
		{ faults => [ [ 'system_schema', 'error', 0x2200 ] ] },
		sub {
			my @frames = ask();
			fails_with('an old one', 'query', 'query', 0, @frames);
			like($frames[-1]{hint}, qr/3\.0/, 'which version is needed is told');
		});
};

subtest 'a kept connection' => sub {
	$server->order;
	my $run = start_connector($connector);
	read_frame($run);
	my $line = request_line($base, operation => 'read', read => read_request([ 'shop', 'series' ], ['n'], limit => 1));
	for my $time (1 .. 3)
	{
		send_line($run, $line);
		is((read_answer($run))[-1]{rows}, 1, 'it reads');
	}
	is(scalar(grep { $_->[0] eq 'login' } $server->order(drop => JSON::PP::true)), 1, 'over one connection');
	send_line($run, $line);
	is((read_answer($run))[-1]{rows}, 1, 'one that the server has closed is opened again');
	end_connector($run);
};

done_testing();
