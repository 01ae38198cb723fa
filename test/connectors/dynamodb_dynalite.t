# The connector dynamodb against two independent servers, moto and dynalite, which Amazon's own client fills with the same tables:
# it says the same of both, and reads what that client reads.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use JSON::PP;
use lib dirname(__FILE__) . '/lib';
use Connector;
use Peer::Dynamodb;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $connector = [ installed_connector('dynamodb') ];
my $region = $Peer::Dynamodb::region;
my $json = JSON::PP->new->canonical->allow_nonref;
my %peer = (moto => Peer::Dynamodb->new, dynalite => Peer::Dynamodb->new('dynalite_peer.py'));
srand 7;

# A value of any type, nested at most so deep.
sub value
{
	my ($depth) = @_;
	my @flat = (
		sub { { S => join '', map { ('a' .. 'e', 'ü', '"', "\t", '😀')[ rand 9 ] } 1 .. rand 8 } },
		sub { { N => join '', ('', '-')[ rand 2 ], int rand 10**9, '.', int rand 10**6, 1 } },
		sub { { BOOL => rand 2 < 1 ? JSON::PP::true : JSON::PP::false } },
		sub { { NULL => JSON::PP::true } },
		sub { { B => { base64 => 'AAH/' } } },
		sub { { SS => ['b,"c"'] } },
		sub { { NS => ['2.5'] } });
	my @deep = (
		sub { { L => [ map { value($depth - 1) } 1 .. rand 4 ] } },
		sub { { M => { map { ("m$_" => value($depth - 1)) } 1 .. rand 4 } } });
	my @all = $depth > 0 ? (@flat, @deep) : @flat;
	return $all[ rand @all ]->();
}

sub both
{
	my ($what) = @_;
	return map { ($_ => $what->($peer{$_})) } sort keys %peer;
}

sub create
{
	my ($name, @keys) = @_;
	return both(sub { $_[0]->create($name, @keys) });
}

# put() changes an item for boto3, so each server gets its own.
sub put
{
	my ($table, $item) = @_;
	my $text = $json->encode($item);
	return both(sub { $_[0]->call('put_item', TableName => $table, Item => $json->decode($text)) });
}

create('random', 'shop:S', 'day:N');
put('random',
	{   shop => { S => 'shop ' . $_ % 7 }, day => { N => "$_.5" },
		map { ("a$_" => value(2)) } grep { rand 2 < 1 } 1 .. 9
	}) for 1 .. 80;
create('kinds', 'id:S');
put('kinds', { id => { S => "$_" }, map { ("a$_" => value(2)) } grep { rand 2 < 1 } 1 .. 9 }) for 1 .. 20;
# moto cannot scan a table of which the key is binary.
$peer{dynalite}->create('by_bytes', 'k:B');
$peer{dynalite}->put('by_bytes', { k => { B => { base64 => $_ } }, n => { N => '1' } }) for 'AA==', 'AAE=', '/w==';
create('long', 'id:S');
put('long', { id => { S => "item $_" }, text => { S => 'x' x 50_000 } }) for 1 .. 60;
create('many', 'id:N');
put('many', { id => { N => "$_" }, "b" . $_ % 3 => { S => 'y' } }) for 1 .. 210;

sub ask
{
	my ($peer, %change) = @_;
	return @{ ask_connector($connector, request_line($peer->base, %change))->{frames} };
}

# What the two servers tell otherwise is no fault of the connector: dynalite has no billing mode.
sub told
{
	my ($peer) = @_;
	my @frames = ask($peer, operation => 'discover');
	is($frames[-1]{frame}, 'end', 'a discovery') or diag(explain($frames[-1]));
	my %relation = map { ($_->{name} => $_) } frames_of('relation', @frames);
	for my $relation (values %relation)
	{
		delete $relation->{document}{options}{billing_mode};
		delete @$relation{qw(size_bytes)};
	}
	return \%relation;
}
my %told = both(\&told);
is_deeply(
	[ grep { $_ ne 'by_bytes' } sort keys %{ $told{dynalite} } ],
	[ sort keys %{ $told{moto} } ],
	'both have the same tables');
for my $name (sort keys %{ $told{moto} })
{
	my ($one, $other) = map { $told{$_}{$name} } qw(dynalite moto);
	my @columns = map { [
		map {
			join ' ',
				map { $_ // '-' } @$_{qw(name type pg_type not_null)}
		} @{ $_->{document}{columns} } ] } $one, $other;
	# Which items a sample has is the server's affair where the table is larger than that.
	next if $name eq 'many' || $name eq 'random';
	is_deeply($columns[0], $columns[1], "columns of $name");
	is_deeply(
		[ map { $_->{document}{primary_key} } $one ],
		[ map { $_->{document}{primary_key} } $other ],
		"its key");
}

# The members of an object come in the server's order.
sub ordered
{
	my ($cell) = @_;
	my $tree = defined $cell && $cell =~ /\A[\[{]/ ? eval { $json->decode($cell) } : undef;
	return defined $tree ? $json->encode($tree) : $cell;
}

sub rows
{
	my ($peer, $table, $columns, %read) = @_;
	my @frames = ask($peer, operation => 'read', read => read_request([ $region, $table ], $columns, %read));
	return $frames[-1]{frame} eq 'error'
		? "$frames[-1]{code}: $frames[-1]{message}"
		: [
		sort map {
			$json->encode([ map { ordered($_) } @$_ ])
		} rows_of(@frames) ];
}

my @random = ('shop', 'day', map { "a$_" } 1 .. 9);
my $shop = { column => 'shop', op => '=', type => 'text', value => 'shop 3' };
my @reads = (
	[ 'all items', 'random', \@random ],
	[ 'a partition', 'random', \@random, conditions => [$shop] ],
	map({ [ "a partition, day $_ 52.5", 'random', \@random,
			conditions => [ $shop, { column => 'day', op => $_, type => 'numeric', value => '52.5' } ]
	] } qw(= < <= > >=)),
	[ 'a condition on an attribute', 'random', ['day'], conditions => [ { column => 'a3', op => 'is not null' } ] ],
	[ 'pages', 'long', [ 'id', 'text' ] ],
	[ 'items of the sample\'s size', 'many', [ 'id', 'b0', 'b1', 'b2' ] ],
	[ 'nothing', 'empty', ['id'] ]);
for my $case (@reads)
{
	my ($name, $table, $columns, %read) = @$case;
	my %rows = both(sub { rows($_[0], $table, $columns, %read) });
	is_deeply($rows{dynalite}, $rows{moto}, "$name: both have the same rows");
	ok(ref $rows{moto} && (@{ $rows{moto} } || $table eq 'empty'), 'and some');
}
my %limited = both(sub { rows($_[0], 'many', ['id'], limit => 17) });
is_deeply([ map { scalar @{ $limited{$_} } } sort keys %limited ], [ 17, 17 ], 'a limit');
is_deeply(
	rows($peer{dynalite}, 'by_bytes', [ 'k', 'n' ]), [ map { qq(["\\\\x$_","1"]) } '00', '0001', 'ff' ],
	'bytes as a key');
my $counted = $peer{dynalite}->call('scan', TableName => 'many', Select => 'COUNT');
is(scalar @{ rows($peer{dynalite}, 'many', ['id']) }, $counted->{Count}, 'as many as Amazon\'s client counts');

done_testing;
