# FerretDB, a server that speaks MongoDB's protocol, for the connector mongodb.
package Peer::Mongodb;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use IO::Socket::INET;
use MongoServer;
use Ports qw(free_port);

sub new
{
	my ($class) = @_;
	my $self = bless { server => MongoServer->new('ferretdb') }, $class;
	my $server = $self->{server};
	$server->insert('shop', 'orders', '{"_id": 1, "status": "new"}', '{"_id": 2, "status": "paid"}');
	$server->insert('shop', 'customers', '{"name": "x", "address": {"city": "y", "a.b": 1}, "tags": ["a", "b"]}');
	$server->insert('shop', 'größe system.', '{"größe 😀": 1}');
	$server->insert('shop', 'wide', '{' . join(', ', map { "\"column_$_\": $_" } 1 .. 300) . '}');
	$server->insert(
		'shop', 'notes',
		'{"_id": 1, "name": "x", "price": {"$numberDouble": "2.5"}, "at": {"$date": "2020-01-02T03:04:05.678Z"}}',
		'{"_id": 2, "name": "a\tb\\\\c\\n", "note": ""}',
		'{"_id": 3, "name": "größe 😀", "note": "\\\\N", "price": -1.25}',
		'{"_id": 4, "name": "X", "note": "x", "price": 1e300}',
		'{"_id": 5, "name": "\\\\.", "note": null, "price": 1e100}');
	return $self;
}

sub base { return $_[0]{server}->base('shop') }

sub relations
{
	return map { [ 'shop', $_, 'collection' ] } 'customers', 'größe system.', 'notes', 'orders', 'wide';
}

sub patterns
{
	return ({ include => ['shop.*o*'], exclude => ['shop.n*'] }, [ 'shop', 'customers' ], [ 'shop', 'orders' ]);
}

sub failures
{
	my ($self) = @_;
	my $server = $self->{server};
	my $tls = sub {
		my ($host, $mode, $authority) = @_;
		return {
			endpoint => { host => $host, port => $server->{tls_port} + 0, tls => { mode => $mode, ca => $authority } }
		};
	};
	return (
		[ 'a wrong password', { credentials => { password => 'battery' } }, 'authenticate', 'authentication', 0 ],
		[ 'an unknown user', { credentials => { username => 'stranger' } }, 'authenticate', 'authentication', 0 ],
		[ 'a port where nothing listens', { endpoint => { port => free_port() } }, 'connect', 'refused', 1 ],
		[ 'no host', { endpoint => { host => undef } }, 'configure', 'configuration', 0 ],
		[ 'no database', { endpoint => { database => undef } }, 'configure', 'configuration', 0 ],
		[ 'no password', { credentials => { password => undef } }, 'configure', 'configuration', 0 ],
		[   'another name in the certificate', $tls->('other.test', 'verify-full', $self->file('authority.pem')),
			'tls', 'tls', 0 ],
		[ 'another authority', $tls->('source.test', 'verify-full', $self->file('other.pem')), 'tls', 'tls', 0 ],
		[ 'an authority that is none', $tls->('source.test', 'verify-ca', 'nonsense'), 'tls', 'tls', 0 ],
		[   'no TLS', { endpoint => { tls => { mode => 'require' } }, limits => { connection_timeout => 3 } },
			'tls', 'timeout', 1 ]);
}

sub file
{
	my ($self, $name) = @_;
	open(my $file, '<', "$self->{server}{home}/$name") or die "$name: $!";
	local $/;
	return scalar <$file>;
}

# It accepts, and says nothing.
sub silence
{
	my $socket = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	return (
		{ endpoint => { port => $socket->sockport }, limits => { connection_timeout => 1 } }, 'connect', 'timeout',
		sub { close $socket });
}

sub sampled { return [ 'shop', 'orders' ] }

sub readable
{
	my $condition = sub {
		my ($column, $op, $type, $value, $holds) = @_;
		return [ { column => $column, op => $op, type => $type, (ref $value ? 'values' : 'value') => $value }, $holds ];
	};
	return {
		relation => [ 'shop', 'notes' ], columns => [qw(_id name note price at)],
		rows => [
			[ '1', 'x', undef, '2.5', '2020-01-02 03:04:05.678+00' ],
			[ '2', "a\tb\\c\n", '', undef, undef ],
			[ '3', 'größe 😀', '\N', '-1.25', undef ],
			[ '4', 'X', 'x', '1e+300', undef ],
			[ '5', '\.', undef, '1e+100', undef ] ],
		conditions => [
			$condition->('_id', '>=', 'integer', '3', sub { $_[0][0] >= 3 }),
			$condition->('_id', 'in', 'integer', [ '1', '9' ], sub { $_[0][0] == 1 }),
			$condition->('_id', '<>', 'integer', '1', sub { $_[0][0] != 1 }),
			$condition->('name', '=', 'text', 'größe 😀', sub { $_[0][1] eq 'größe 😀' }),
			$condition->('name', '=', 'text', 'x', sub { $_[0][1] eq 'x' }),
			$condition->('name', '<>', 'text', 'x', sub { $_[0][1] ne 'x' }),
			$condition->('note', 'in', 'text', [ '', '\N', "'; DROP" ], sub { ($_[0][2] // 'no') =~ /^(?:\\N)?$/ }),
			$condition->('price', '<', 'double precision', '2.5', sub { ($_[0][3] // 9) < 2.5 }),
			$condition->('price', '>=', 'double precision', '2.5', sub { ($_[0][3] // 0) >= 2.5 }),
			$condition->('price', '=', 'double precision', '1e100', sub { ($_[0][3] // 0) == 1e100 }),
			$condition->('at', '=', 'timestamp with time zone', '2020-01-02 04:04:05.678+01', sub { defined $_[0][4] }),
			$condition->('at', '<', 'timestamp with time zone', '2020-01-02 03:04:05.678+00', sub { 0 }),
			[ { column => 'note', op => 'is null' }, sub { !defined $_[0][2] } ],
			[ { column => 'note', op => 'is not null' }, sub { defined $_[0][2] } ] ]
	};
}

sub queries
{
	my $out = '{"aggregate": "notes", "pipeline": [%s]}';
	return {
		text => '{"find": "notes", "filter": {"_id": {"$in": [2, 5]}}, "projection": {"note": 1}, "sort": {"_id": -1}}',
		rows => [ ['{"_id":5,"note":null}'], ['{"_id":2,"note":""}'] ],
		broken => [
			'', '{', '[]', '{}', 'SELECT 1', '{"find": "notes"} {"find": "notes"}', '{"find": 1}', '{"find": ""}',
			'{"insert": "notes", "documents": [{}]}', '{"drop": "notes"}', '{"aggregate": "notes"}',
			'{"aggregate": 1, "pipeline": []}', '{"find": "notes", "filter": {"$where": "true"}}',
			'{"find": "notes", "filter": {"$nothing": 1}}', '{"find": "notes", "tailable": true}',
			(   map { sprintf $out, $_ } '{"$out": "x"}', '{"$merge": {"into": "x"}}', '{"$nothing": {}}',
				'{"$currentOp": {}}',
				'{"$facet": {"a": [{"$out": "x"}]}}',
				'{"$lookup": {"from": "a", "as": "b", "pipeline": [{"$merge": "x"}]}}',
				'{"$unionWith": {"coll": "a", "pipeline": [{"$changeStream": {}}]}}',
				'{"$match": {"$expr": {"$function": {}}}}',
				'{"$group": {"_id": 1, "a": {"$accumulator": {}}}}', '{"$match": {"a": {"$code": "f"}}}') ]
	};
}

sub sessions { return $_[0]{server}->connections }

1;
