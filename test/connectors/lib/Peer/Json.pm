# A file of JSON, for the connector json.
package Peer::Json;

use strict;
use warnings;
use utf8;
use parent 'Peer::File';

sub type { return 'json' }

sub fill
{
	my ($self) = @_;
	$self->write_file(<<'END');
[{"id": 1, "größe 😀": "a;\"b\"\nc", "price": 1234.50, "day": "2024-12-31", "tags": ["a", "b\"c", null],
  "place": {"city": "Köln", "at": [1, 2.5]}},
 {"id": 2, "größe 😀": "\\N", "price": -7.5, "day": "2025-01-01", "tags": [], "place": null},
 {"id": 3, "price": 0.25, "day": null},
 {"id": 9223372036854775807, "größe 😀": "größe 😀", "day": "2025-02-28", "tags": ["{x}"], "place": {"city": "\t"}}]
END
	return;
}

sub readable
{
	return {
		relation => [ 'files', 'shop.json', 'file' ],
		columns => [ 'id', 'größe 😀', 'price', 'day', 'tags', 'place' ],
		rows => [
			[ '1', "a;\"b\"\nc", '1234.50', '2024-12-31', '{"a","b\"c",NULL}', '{"city":"Köln","at":[1,2.5]}' ],
			[ '2', '\N', '-7.5', '2025-01-01', '{}', undef ], [ '3', undef, '0.25', undef, undef, undef ],
			[ '9223372036854775807', 'größe 😀', undef, '2025-02-28', '{"{x}"}', '{"city":"\t"}' ] ],
		conditions => [
			[ { column => 'id', op => '>=', type => 'bigint', value => '2' }, sub { $_[0][0] >= 2 } ],
			[   { column => 'größe 😀', op => '=', type => 'text', value => 'größe 😀' },
				sub { ($_[0][1] // '') eq 'größe 😀' } ],
			[ { column => 'price', op => 'is null' }, sub { !defined $_[0][2] } ],
			[ { column => 'price', op => '<', type => 'numeric', value => '0.3' }, sub { ($_[0][2] // 1) < 0.3 } ],
			[ { column => 'place', op => 'is not null' }, sub { defined $_[0][5] } ] ]
	};
}

sub change
{
	my ($self) = @_;
	$self->write_file('[{"id": 1, "more": 2}]');
	return [ 'files', 'shop.json' ];
}

1;
