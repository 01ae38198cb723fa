# Tables of moto, a server that checks signatures and rights, for the connector dynamodb. Amazon's own client fills them.
package Peer::Dynamodb;

use strict;
use warnings;
use utf8;
use parent 'Peer';

use S3Server;

our $region = 'us-east-1';

# new(SCRIPT): another server than moto (s3/).
sub new
{
	my ($class, $script) = @_;
	my $self = bless { server => S3Server->new($script) }, $class;
	$self->create('notes', 'id:S');
	$self->put(
		'notes',
		{   id => { S => '1' }, 'größe 😀' => { S => 'x' }, price => { N => '2.5' }, open => { BOOL => 1 },
			tags => { SS => [ 'a', 'b"c' ] }
		});
	$self->put(
		'notes',
		{   id => { S => '2' }, 'größe 😀' => { S => "a\tb\n" }, data => { B => { base64 => 'AAH/' } },
			open => { NULL => 1 }
		});
	$self->put(
		'notes',
		{   id => { S => '3' }, 'größe 😀' => { S => 'größe 😀' },
			price => { N => '-12345678901234567890123456789012345678' },
			lines => { L => [ { M => { sku => { S => 'x' }, n => { N => '1' } } } ] },
			address => { M => { city => { S => 'Köln' } } }
		});
	$self->put('notes', { id => { S => '4' }, 'größe 😀' => { S => '\N' }, price => { N => '0' } });
	$self->create('sold.by-day_2', 'shop:S', 'day:N');
	$self->put('sold.by-day_2', { shop => { S => 'a' }, day => { N => "$_" }, n => { N => $_ * 10 . q() } }) for 1 .. 5;
	$self->create('wide', 'id:N');
	$self->put('wide', { id => { N => '1' }, map { ("attribute_$_" => { S => 'x' }) } 1 .. 100 });
	$self->create('empty', 'id:B');
	return $self;
}

sub call
{
	my ($self, $function, %with) = @_;
	return $self->{server}->call_service('dynamodb', $function, %with);
}

# create(NAME, 'KEY:TYPE' …): the partition key, then the sort key.
sub create
{
	my ($self, $name, @keys) = @_;
	my @roles = qw(HASH RANGE);
	$self->call(
		'create_table',
		TableName => $name,
		BillingMode => 'PAY_PER_REQUEST',
		KeySchema => [ map { { AttributeName => (split /:/, $_)[0], KeyType => shift @roles } } @keys ],
		AttributeDefinitions =>
			[ map { { AttributeName => (split /:/, $_)[0], AttributeType => (split /:/, $_)[1] } } @keys ]);
	1 until $self->call('describe_table', TableName => $name)->{Table}{TableStatus} eq 'ACTIVE';
	return;
}

sub put
{
	my ($self, $table, $item) = @_;
	for my $value (values %$item)
	{
		$_ = $_ ? JSON::PP::true : JSON::PP::false
			for grep { defined } @$value{ grep { exists $value->{$_} } qw(BOOL NULL) };
	}
	return $self->call('put_item', TableName => $table, Item => $item);
}

sub base
{
	my ($self, $user) = @_;
	my $keys = $self->{server}{ $user // 'reader' };
	return {
		type => 'dynamodb',
		endpoint =>
			{ host => '127.0.0.1', port => $self->{server}{port}, addresses => ['127.0.0.1'], database => $region },
		credentials => { access_key_id => $keys->[0], secret_access_key => $keys->[1] }
	};
}

sub relations
{
	return map { [ $region, $_, 'table' ] } qw(notes sold.by-day_2 wide empty);
}

sub patterns
{
	return ({ exclude => ["$region.w*"] }, grep { $_->[1] !~ /^w/ } $_[0]->relations);
}

sub declares_columns { return 0 }

sub failures
{
	my ($self) = @_;
	my $stranger = $self->{server}{stranger};
	return (
		[ 'no region', { endpoint => { database => undef } }, 'configure', 'configuration', 0 ],
		[ 'a region that is none', { endpoint => { database => 'a/b' } }, 'configure', 'configuration', 0 ],
		[ 'one key of two', { credentials => { secret_access_key => undef } }, 'configure', 'configuration', 0 ],
		[ 'a wrong secret', { credentials => { secret_access_key => 'wrong' } }, 'authenticate', 'authentication', 0 ],
		[   'an unknown key id', { credentials => { access_key_id => 'AKIANONE' } }, 'authenticate', 'authentication', 0
		],
		[   'a user without rights',
			{ credentials => { access_key_id => $stranger->[0], secret_access_key => $stranger->[1] } },
			'query', 'permission', 0 ],
		[ 'a closed port', { endpoint => { port => Peer::free_port() } }, 'connect', 'refused', 1 ],
		[ 'no TLS', { endpoint => { tls => { mode => 'require' } } }, 'tls', 'tls', 0 ]);
}

sub silence { return Peer::silent_port() }

sub sampled { return [ $region, 'notes' ], [ $region, 'sold.by-day_2' ] }

sub readable
{
	return {
		relation => [ $region, 'sold.by-day_2' ],
		columns => [ 'shop', 'day', 'n', 'none' ],
		rows => [ map { [ 'a', "$_", $_ * 10 . '', undef ] } 1 .. 5 ],
		conditions => [
			[ { column => 'shop', op => '=', type => 'text', value => 'a' }, sub { 1 } ],
			[ { column => 'shop', op => '=', type => 'text', value => 'b' }, sub { 0 } ],
			[ { column => 'day', op => '>=', type => 'numeric', value => '3.0' }, sub { $_[0][1] >= 3 } ],
			[ { column => 'n', op => '<', type => 'numeric', value => '30' }, sub { $_[0][2] < 30 } ],
			[ { column => 'none', op => 'is null' }, sub { 1 } ],
			[ { column => 'n', op => 'is not null' }, sub { 1 } ] ]
	};
}

sub change
{
	my ($self) = @_;
	$self->put('notes', { id => { S => '5' }, more => { N => '1' } });
	return [ $region, 'notes' ];
}

1;
