# What a connector may send as a document: everything else is refused before it is stored, so that whatever reads
# documents works on each of those that are. Names that no index can hold cost their relation, not the discovery.
use strict;
use warnings;
use utf8;

use Rivergen;
use Test::More;

my $server = start_server('server');
install_fake($server);
my $sources = 0;

# A source whose discovery sends each document given, as a relation of its own.
sub source_with
{
	my (@documents) = @_;
	return source_that(metadata(@documents));
}

sub source_that
{
	my ($metadata) = @_;
	my $id = create_source($server, fake_source('fake ' . ++$sources, {}));
	becomes($id, $metadata);
	return $id;
}

# Of any length, which metadata that people set have not.
sub becomes
{
	my ($id, $metadata) = @_;
	sql($server,
		'UPDATE rivergen_catalog.data_source SET metadata = '
			. literal(JSON::PP->new->utf8->canonical->encode($metadata))
			. " WHERE data_source_id = $id");
}

sub metadata
{
	my $number = 0;
	return {
		behaviour => 'told',
		frames => [
			{ frame => 'schema', name => 's' },
			map {
				+{  frame => 'relation', schema => 's', name => 'r' . ++$number, id => "$number", kind => 'table',
					columns => columns($_), document => $_
				}
			} @_ ]
	};
}

sub columns { my ($columns) = $_[0]->{columns}; return ref $columns eq 'ARRAY' ? scalar @$columns : 0 }

# Everything that reads documents, for one source.
sub read_everything
{
	my ($id) = @_;
	return join ', ', grep { $_ ne 'ok' } map {
		my ($status, undef, $err) = $server->psql('postgres', $_);
		$status == 0 ? 'ok' : "$_: $err";
	} ( map { "SELECT * FROM rivergen.$_ WHERE data_source_id = $id" } split /\n/,
		sql($server,
			"SELECT table_name FROM information_schema.columns WHERE table_schema = 'rivergen' AND column_name = 'data_source_id' ORDER BY 1"
		)),
		"SELECT rivergen.data_source_schemas($id)", "SELECT rivergen.table_description_list($id)",
		"SELECT * FROM rivergen.schema_as_of($id, now())";
}

# A column with fields in columns of that many levels.
sub nested { my ($levels) = @_; return { name => 'a', $levels > 1 ? (fields => [ nested($levels - 1) ]) : () } }

my %plain = (columns => [ { name => 'a', type => 'int', id => '1' }, { name => 'b', type => 'text' } ]);
my ($true, $false, $null) = (JSON::PP::true, JSON::PP::false, undef);

subtest 'documents that are refused' => sub {
	my @refused = (
		{ columns => 'x' }, { columns => {} }, { columns => ['x'] }, { columns => [$null] }, { columns => [ [] ] },
		{ columns => [ {} ] },
		{ columns => [ { name => $null } ] }, { columns => [ { name => 1 } ] }, { columns => [ { name => ['a'] } ] },
		{ columns => [ { name => 'a' }, { name => 'b' }, { name => 'a' } ] },
		{ columns => [ map { +{ name => "c$_" } } 1 .. 70, 3 ] },
		(   map { my $member = $_; +{ columns => [ { name => 'a', $member => 1 } ] } }
				qw(type not_null default identity generated expression collation comment enum domain_base)),
		(map { +{ columns => [ { name => 'a', pg_type => $_ } ] } } 'money', 'int8', 'bigint[][]', '', 1, ['bigint']),
		(map { +{ columns => [ { name => 'a', repeated => $_ } ] } } 1, 'yes', []),
		{ columns => [ { name => 'a', map => 1 } ] },
		(   map { +{ columns => [ { name => 'a', fields => $_ } ] } } 'x', {}, ['x'], [ {} ], [ { name => 1 } ],
			[ { name => 'b' }, { name => 'b' } ],
			[ { name => 'b', id => 1 } ], [ { name => 'b', fields => [ { name => 'c', pg_type => 'x' } ] } ]),
		{ columns => [ nested(21) ] },
		{ columns => [ { name => 'x' x 20_000, fields => [ map { +{ name => "c$_" } } 1 .. 500 ] } ] },
		{ %plain, shards => [] },
		{ %plain, shards => { count => '1' } },
		{ %plain, shards => { first => 1 } },
		{ columns => [ { name => 'a', id => 1 } ] },
		(   map {
				my $member = $_;
				map { +{ columns => [ { name => 'a', $member => $_ } ] } } 'sometimes', 'ALWAYS', ''
			} qw(identity generated)),
		(   map {
				my $member = $_;
				map { +{ %plain, foreign_keys => [ { name => 'k', $member => $_ } ] } } 'explode', 'CASCADE', ''
			} qw(on_update on_delete match)),
		{ columns => [ { name => 'a', id => '1' }, { name => 'b', id => '1' } ] },
		{ columns => [ { name => 'a', id => '1', fields => [ { name => 'b', id => '1' } ] } ] },
		{ columns => [ { name => 'a', id => '' } ] },
		{ columns => [ { name => 'a', id => 'x' x 257 } ] },
		{ columns => [ { name => 'a', enum => [ 'x', 1 ] } ] },
		{ columns => [ { name => 'a', enum => { a => 1 } } ] },
		(   map { (
				{ %plain, $_ => 'x' }, { %plain, $_ => {} }, { %plain, $_ => ['x'] }, { %plain, $_ => [$null] },
				{ %plain, $_ => [ { name => 1 } ] },
				{ %plain, $_ => [ { name => 'k', columns => 'a' } ] },
				{ %plain, $_ => [ { name => 'k', columns => [ 'a', 1 ] } ] },
				{ %plain, $_ => [ { name => 'k', definition => {} } ] }
			) } qw(unique foreign_keys checks exclusions indexes)),
		(map { ({ %plain, primary_key => $_ }) } 'x', [], { columns => 'a' }, { columns => [ {} ] }, { name => {} }),
		(   map { my $member = $_; +{ %plain, foreign_keys => [ { name => 'k', $member => ['x'] } ] } }
				qw(schema table on_update on_delete match deferrable deferred not_valid)),
		{ %plain, foreign_keys => [ { name => 'k', referenced_columns => 'x' } ] },
		{ %plain, foreign_keys => [ { name => 'k', deferrable => 'maybe' } ] },
		(   map { my $member = $_; +{ %plain, indexes => [ { name => 'i', $member => 'yes' } ] } }
				qw(unique primary invalid include)),
		(
			map { ({ %plain, $_ => 1 }, { %plain, $_ => {} }) }
				qw(comment owner definition partition_key partition_bound server)),
		{ %plain, partition_of => [] },
		{ %plain, partition_of => { table => 1 } },
		{ %plain, inherits => { schema => 's' } },
		{ %plain, inherits => ['x'] },
		{ %plain, options => 'x' },
		{ %plain, options => { a => 1 } },
		{ %plain, options => { a => {} } },
		(map { +{ %plain, sequence => { $_ => 'x' } } } qw(start increment minimum maximum cache cycle owned_by)),
		{ %plain, sequence => [] },
		{ %plain, sequence => { owned_by => { column => 1 } } });
	my $id = source_with({%plain});
	discover($server, $id);
	my $before = fingerprint($server, $id);
	my @wrong;
	for my $document (@refused)
	{
		becomes($id, metadata({%plain}, $document));
		my (undef, undef, $err) = $server->psql(
			'postgres', "SELECT rivergen.discover_schema($id, refresh => true)",
			extra_params => [ '-v', 'VERBOSITY=verbose' ]);
		push @wrong, json_text($document) . ": $err" if $err !~ /does not follow the protocol.*document/s;
	}
	is(join("\n", @wrong), '', 'each, and it is said why');
	is(fingerprint($server, $id), $before, 'nothing of them was stored');
	discover_fails(
		$server, source_with({ columns => [ {} ] }), 'a column without a name', sqlstate => 'PT502',
		code => 'protocol', says => qr/column of a document has no name/);
	my $counted = metadata({%plain});
	$counted->{frames}[1]{columns} = 5;
	discover_fails(
		$server, source_that($counted), 'another number of columns', sqlstate => 'PT502',
		code => 'protocol', says => qr/does not count the columns/);
	becomes($id, $counted);
	discover_fails(
		$server, $id, 'of a document that is there already', sqlstate => 'PT502', code => 'protocol',
		says => qr/does not count the columns/);
};

subtest 'documents that are odd' => sub {
	my $nulls =
		{ map { $_ => $null }
			qw(comment owner primary_key unique foreign_keys checks exclusions indexes definition partition_key partition_of partition_bound inherits server options sequence)
		};
	my @odd = (
		{}, { columns => $null }, { columns => [] }, { %$nulls, columns => [] },
		{
			columns => [
				{ name => '' },
				{ name => "\x{2028}" },
				{   name => 'a',
					map { $_ => $null }
						qw(type id not_null default identity generated expression collation comment enum domain_base)
				} ]
		},
		{
			columns => [
				{ name => 'a', id => 'urn:x/1', enum => [], surprise => [ { a => $null } ] },
				{ name => 'A', id => '-1' }, { name => 'b', id => '-2' } ],
			surprise => { columns => 'x' }
		},
		{   %plain, primary_key => {}, unique => [ {}, {} ],
			foreign_keys => [ {}, { table => 't', columns => [ 'a', 'b' ], referenced_columns => ['x'] } ],
			checks => [ {} ], exclusions => [ {} ], indexes => [ {}, {} ]
		},
		{   %plain, primary_key => { name => $null, columns => $null },
			unique => [ { columns => ['missing'], deferrable => $null } ],
			indexes => [ { columns => [], unique => $false } ],
			partition_of => {}, inherits => [ {} ], options => {}, sequence => { start => 1_500_000, owned_by => {} }
		},
		{ columns => [ map { +{ name => "c$_", type => 'x' x 3000 } } 1 .. 1600 ] },
		{ columns => [ nested(20) ], shards => { count => 3, first => '20250101', last => $null } },
		{ columns => [ nested(20) ], shards => {} },
		{
			columns => [
				{   name => 'a', type => 'R', pg_type => 'jsonb', repeated => $true,
					fields => [ { name => 'a', pg_type => 'text[]', repeated => $true }, { name => 'b' } ]
				},
				{   name => 'b',
					fields => [
						{ name => 'a', fields => $null },
						{ name => 'b', fields => [], pg_type => $null, repeated => $null } ]
				} ],
			primary_key => { columns => ['a'], not_enforced => $true },
			unique => [ { columns => ['b'], not_enforced => $true } ]
		});
	my $id = source_with(@odd);
	discover($server, $id);
	is(read_everything($id), '', 'can be read in every way');
	for my $documents ([ reverse @odd ], [ map { +{ %plain, %$_ } } @odd ], [ @odd[ 1 .. $#odd ] ], \@odd)
	{
		becomes($id, metadata(@$documents));
		discover($server, $id, 'refresh => true');
		is(read_everything($id), '', 'all changed documents are compared and readable');
	}
	cmp_ok(
		sql($server, "SELECT count(*) FROM rivergen.schema_changes WHERE data_source_id = $id"), '>', 20,
		'what changed was told');
	is( sql($server,
			"SELECT count(*) FROM rivergen_catalog.relation WHERE data_source_id = $id AND jsonb_path_exists(document, '\$.keyvalue() ? (\@.value == null)')"
		),
		0,
		'null is as if it were not there');
};

subtest 'members of a connector of its own' => sub {
	my $id = source_with({
		%plain, engine => 'InnoDB', triggers => [ { name => 't', timing => 'before' } ],
		checks => [ { name => 'c', definition => 'a > 1' } ]
	});
	my $changes = sub {
		return sql(
			$server,
			"SELECT coalesce(string_agg(concat_ws(' ', object_type, object_name, change, classification, before, '->', after), ', ' ORDER BY change_id), '')
			FROM rivergen.schema_changes WHERE data_source_id = $id");
	};
	discover($server, $id);
	my $other = {
		columns =>
			[ { name => 'a', type => 'int', id => $plain{columns}[0]{id}, codec => 'zstd' }, $plain{columns}[1] ],
		engine => 'Aria',
		triggers => [ { name => 't', timing => 'after' } ], clustering => { columns => ['a'] },
		checks => [ { name => 'c', definition => 'a > 1', level => 2 } ]
	};
	becomes($id, metadata($other));
	discover($server, $id, 'refresh => true');
	is( $changes->(),
		'relation changed compatible {"engine": "InnoDB", "triggers": [{"name": "t", "timing": "before"}]} -> {"engine": "Aria", "triggers": [{"name": "t", "timing": "after"}], "clustering": {"columns": ["a"]}}, '
			. 'column a changed compatible {} -> {"codec": "zstd"}, check c changed compatible {} -> {"level": 2}',
		'are compared as all others are');
	is(read_everything($id), '', 'the documents can be read');
};

subtest 'nested columns' => sub {
	my $document = sub {
		return {
			columns => [ { name => 'lines', type => 'ARRAY<STRUCT<sku STRING>>', repeated => $true, fields => [@_] } ]
		};
	};
	my $id = source_with($document->({ name => 'sku', type => 'STRING' }, { name => 'at', type => 'DATE' }));
	discover($server, $id);
	is( sql($server,
			"SELECT string_agg(concat_ws(' ', field_path, data_type, pg_type, is_repeated), ', ' ORDER BY ordinal_position) FROM rivergen.column_field_paths WHERE data_source_id = $id"
		),
		'lines ARRAY<STRUCT<sku STRING>> text t, lines[].sku STRING text f, lines[].at DATE text f',
		'are shown by path');
	becomes($id, metadata($document->({ name => 'sku', type => 'INT64' }, { name => 'of.it', type => 'DATE' })));
	discover($server, $id, 'refresh => true');
	is( sql($server,
			"SELECT string_agg(concat_ws(' ', object_type, object_name, change, classification), ', ' ORDER BY object_name COLLATE \"C\") FROM rivergen.schema_changes WHERE data_source_id = $id"
		),
		'column lines[]."of.it" added compatible, column lines[].at removed breaking, column lines[].sku changed breaking',
		'fields are reported by their path');
	is(read_everything($id), '', 'documents with fields can be read');
	my $prices = { name => 'prices', map => $true, fields => [ { name => '{}', fields => [ { name => 'net' } ] } ] };
	becomes($id, metadata($document->($prices)));
	discover($server, $id, 'refresh => true');
	is( sql($server,
			"SELECT string_agg(field_path, ' ' ORDER BY ordinal_position) FROM rivergen.column_field_paths WHERE data_source_id = $id"
		),
		'lines lines[].prices lines[].prices{} lines[].prices{}.net',
		'the values of a map have a path');
};

subtest 'a kind that is not known' => sub {
	my $metadata = metadata({%plain});
	$metadata->{frames}[1]{kind} = 'time_series';
	my $id = source_that($metadata);
	my $told = discover($server, $id);
	is( sql($server, "SELECT concat_ws(' ', table_type, kind) FROM rivergen.tables WHERE data_source_id = $id"),
		'BASE TABLE time_series', 'is a table with its own word');
	is($told->{data}{total_tables}, 1, 'a relation of an unknown kind counts as a table');
	my $description = sql($server, "SELECT relation_id FROM rivergen.tables WHERE data_source_id = $id");
	is( call($server, "rivergen.table_description_scan(ids => '{$description}')")->{data}{jobs}[0]{data_source_id}, $id,
		'a relation of an unknown kind is scanned');
};

# Of many different characters, so that nothing makes it short.
sub long
{
	my ($bytes) = @_;
	return substr join('', map { sprintf '%08x', ($_ * 2654435761) % 4294967296 } 1 .. $bytes / 8 + 1), 0, $bytes;
}

subtest 'names that are too long' => sub {
	my $relation = sub {
		my ($schema, $name, $native_id, @columns) = @_;
		return {
			frame => 'relation', schema => $schema, name => $name, id => "$native_id", kind => 'table',
			columns => scalar @columns, document => { columns => \@columns }
		};
	};
	my $schema = sub { return { frame => 'schema', name => $_[0] } };
	my $told = sub { return { behaviour => 'told', frames => [@_] } };
	my $names = sub {
		sql($server,
			"SELECT string_agg(table_schema || '.' || left(table_name, 3), ' ' ORDER BY table_schema, table_name) FROM rivergen.tables WHERE data_source_id = $_[0]"
		);
	};
	my @good = ($schema->('s'), $relation->('s', 'a', 1), $relation->('s', 'b', 2));
	my $id = source_that($told->(@good));
	discover($server, $id);
	my $again = sub {
		becomes($id, $told->(@_));
		discover($server, $id, 'refresh => true');
		return sql(
			$server,
			"SELECT jsonb_array_length(coalesce(result -> 'skipped', '[]')) || ' ' || length(result::text) / 10000 FROM rivergen.jobs WHERE data_source_id = $id ORDER BY job_id DESC LIMIT 1"
		);
	};
	is( $again->(
			@good, $relation->('s', long(9000), 3), $relation->('s', long(2499), 4), $relation->('s', 'é' x 1500, 5)),
		'2 0',
		'a relation is skipped, and told briefly');
	is($names->($id), 's.9e3 s.a s.b', 'the others are there, one that just fits among them');
	like(
		sql($server,
			"SELECT result -> 'skipped' -> 0 ->> 'reason' FROM rivergen.jobs WHERE data_source_id = $id ORDER BY job_id DESC LIMIT 1"
		),
		qr/^its name has 9001 bytes/,
		'with the reason');
	$again->(@good[ 0, 1 ], $relation->('s', long(9000), 2));
	is($names->($id), 's.a s.b', 'one that is renamed to such a name stays as it was');
	is( $again->(@good, $schema->(long(9000)), $relation->(long(9000), 'x', 8)), '1 0',
		'a schema is skipped with what is in it');
	is($names->($id), 's.a s.b', 'only the broken schema is skipped');
	$again->(
		@good, { frame => 'skipped', schema => 's', name => long(9000), id => '1', reason => 'locked' },
		{ frame => 'skipped', schema => long(20000), reason => 'locked' });
	is($names->($id), 's.a s.b', 'likewise when it cannot be read');
	my ($one, $other) = map { long(100_000) . $_ } qw(x y);
	my $wide = sub {
		my ($name) = @_;
		return +{ %{ $relation->('s', 'wide', 9, { name => $name, id => '1', type => 'int', comment => 'c' }) } };
	};
	my $keyed = sub {
		my ($name, $key) = @_;
		my $frame = $wide->($name);
		$frame->{document}{unique} = [ { name => $key, columns => [$name] } ];
		$frame->{document}{checks} = [ { name => $key, definition => "CHECK ($name > 0)" } ];
		return $frame;
	};
	$again->(@good, $keyed->($one, $other));
	$again->(@good, $keyed->($other, $one));
	is( sql($server, "SELECT count(*) FROM rivergen.columns WHERE data_source_id = $id AND length(column_name) > 90000"
		),
		1,
		'columns and keys have names of any length');
	is(read_everything($id), '', 'documents with long names can be read');
	survives($server);
};

sub json_text { return JSON::PP->new->canonical->encode($_[0]) }

clean_server($server);
done_testing();
