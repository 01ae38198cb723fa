# Another server, and one of another dialect: what was restored elsewhere is found by name, whatever the oids say, and what
# a new version only spells otherwise is no change.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
install_fake($server);

sub changes_of
{
	my ($id) = @_;
	return sql(
		$server,
		"SELECT coalesce(string_agg(concat_ws(' ', object_type, concat_ws('.', table_name, object_name), change), ', ' ORDER BY change_id), '')
		FROM rivergen.schema_changes WHERE data_source_id = $id");
}

sub ids_of
{
	my ($id) = @_;
	return sql(
		$server, "SELECT string_agg(concat(relation_name, ' ', relation_id), ', ' ORDER BY relation_name)
		FROM rivergen_catalog.relation WHERE data_source_id = $id AND deprecated_at IS NULL");
}

sub oid_of { my ($node, $name) = @_; return sql($node, "SELECT '$name'::regclass::oid::bigint") }

subtest 'a dump that was restored where the oids overlap' => sub {
	# The dump makes them in the order of their names, and keys after tables.
	sql($source, "CREATE TABLE $_ (id int, gone int, one text, two int)") for qw(beta alpha);
	sql($source, "ALTER TABLE $_ DROP COLUMN gone; ALTER TABLE $_ ADD PRIMARY KEY (id)") for qw(beta alpha);
	my $id = create_source($server, source_of($source, $password));
	discover($server, $id);
	my $alpha =
		sql($server, "SELECT relation_id FROM rivergen.tables WHERE data_source_id = $id AND table_name = 'alpha'");
	call(
		$server,
		"rivergen.table_description_update($alpha, '{\"description\": \"The first\",
			\"columns\": [{\"name\": \"one\", \"description\": \"Its text\"}]}')"
	);
	my $before = ids_of($id);

	my $copy = start_source('copy', $password);
	my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
	PostgreSQL::Test::Utils::system_or_bail('pg_dump', '-f', $dump, '-d', $source->connstr('postgres'));
	PostgreSQL::Test::Utils::system_or_bail(
		'psql', '-Xqf', $dump, '-v', 'ON_ERROR_STOP=1', '-d',
		$copy->connstr('postgres'));
	is(oid_of($copy, 'alpha'), oid_of($source, 'beta'), 'one has the oid that the other had');

	call($server, "rivergen.data_source_update($id, '{\"port\": " . $copy->port . "}')");
	discover($server, $id, 'refresh => true');
	is(changes_of($id), '', 'nothing has changed');
	is(ids_of($id), $before, 'every table is the one of its name');
	is( sql($server,
			"SELECT count(*) FROM rivergen_catalog.relation r WHERE data_source_id = $id
				AND native_id::bigint = CASE relation_name WHEN 'alpha' THEN "
				. oid_of($copy, 'alpha') . " WHEN 'beta' THEN " . oid_of($copy, 'beta') . " END"),
		2,
		'with the ids that it has there');
	my $text = call($server, "rivergen.table_description_get($alpha)")->{data};
	is( "$text->{description} " . (grep { $_->{name} eq 'one' } @{ $text->{columns} })[0]{description},
		'The first Its text', 'the relation keeps its texts');

	sql($copy, 'ALTER TABLE alpha RENAME TO gamma; ALTER TABLE beta RENAME COLUMN two TO zwei');
	discover($server, $id, 'refresh => true');
	is(changes_of($id), 'column beta.zwei renamed, relation gamma renamed', 'from then on a rename is a rename');
};

# A fake source whose frames a test gives, told as a server that says so.
my $sources = 0;
my $schema = { frame => 'schema', name => 's' };
sub relation
{
	my ($name, $native_id, $document, %more) = @_;
	return {
		frame => 'relation', schema => 's', name => $name, id => "$native_id", kind => 'table', document => $document,
		columns => scalar @{ $document->{columns} // [] }, %more
	};
}
sub columns
{
	return { columns => [ map { ref $_ ? $_ : { name => $_, type => 'text' } } @_ ] };
}
sub metadata
{
	my ($connected, @frames) = @_;
	return { behaviour => 'told', connected => $connected, frames => \@frames };
}
sub fake
{
	my ($connected, @frames) = @_;
	my $id = create_source($server, fake_source('fake ' . ++$sources, metadata($connected, @frames)));
	discover($server, $id);
	return $id;
}
sub again
{
	my ($id, $connected, @frames) = @_;
	call($server, "rivergen.data_source_update($id, " . json({ metadata => metadata($connected, @frames) }) . ')');
	return discover($server, $id, 'refresh => true');
}

subtest 'identities' => sub {
	my @swapped = (
		[   $schema,
			relation(
				'a', 1, columns({ name => 'x', id => '1', type => 'int' }, { name => 'y', id => '2', type => 'int' })),
			relation('b', 2, columns('z')) ],
		[   $schema,
			relation(
				'a', 2, columns({ name => 'x', id => '2', type => 'int' }, { name => 'y', id => '1', type => 'int' })),
			relation('b', 1, columns('z')) ]);
	my $id = fake({ identity => 'one' }, @{ $swapped[0] });
	my $before = ids_of($id);
	again($id, { identity => 'two' }, @{ $swapped[1] });
	is(changes_of($id) . ids_of($id), $before, 'another identity: the same by name');
	again($id, {}, @{ $swapped[1] });
	is(changes_of($id) . ids_of($id), $before, 'an identity that is not told says nothing');
	again($id, { identity => 'two' }, @{ $swapped[0] });
	like(changes_of($id), qr/^(?=.*relation a renamed)(?=.*relation b renamed)/, 'the same one: ids say what is what');

	$id = fake({}, @{ $swapped[0] });
	again($id, { identity => 'one' }, @{ $swapped[1] });
	like(changes_of($id), qr/relation a renamed/, 'what was never told cannot differ');

	# There c is 2, a is 3 and b is 1: each number is another one's here.
	my $scoped = fake(
		{ identity => 'one' }, @{ $swapped[0] }, { frame => 'schema', name => 't' },
		{ %{ relation('c', 3, columns('v')) }, schema => 't' });
	$before = ids_of($scoped);
	call(
		$server,
		"rivergen.data_source_update($scoped, " . json({
			metadata => metadata(
				{ identity => 'two' }, { frame => 'schema', name => 't' },
				{ %{ relation('c', 2, columns('v')) }, schema => 't' })
		})
			. ')');
	discover($server, $scoped, "schema_name => 't', refresh => true");
	my @first = @{ $swapped[0] };
	again(
		$scoped, { identity => 'two' }, $schema, { %{ $first[1] }, id => '3' }, { %{ $first[2] }, id => '1' },
		{ frame => 'schema', name => 't' }, { %{ relation('c', 2, columns('v')) }, schema => 't' });
	is(changes_of($scoped) . ids_of($scoped), $before, 'schema by schema too');

	again($id, { identity => 'é' x 5000 }, @{ $swapped[0] });
	again($id, { identity => 'é' x 5000 }, @{ $swapped[0] });
	is( sql($server,
			"SELECT octet_length(server_identity) FROM rivergen_catalog.schema_history WHERE data_source_id = $id"),
		256,
		'a long one is cut');
};

# The same schema as PostgreSQL 15 and 16 spell it. The spellings are those of the fake, not of a real 16.
my %spelled = (
	15 => {
		view => ' SELECT t.a, t.b FROM t;', default => "now() AT TIME ZONE 'utc'::text",
		check => "CHECK ((b = ANY (ARRAY[1, 2])))", expression => 'lower((a)::text)',
		predicate => '(b > 0)', type => 'character varying(20)'
	},
	16 => {
		view => ' SELECT a, b FROM t;', default => "(now() AT TIME ZONE 'utc'::text)",
		check => 'CHECK (b = ANY (ARRAY[1, 2]))', expression => 'lower(a::text)',
		predicate => 'b > 0', type => 'CHARACTER  varying(20)'
	});

sub shop
{
	my ($version, %change) = @_;
	my %as = %{ $spelled{$version} };
	my @columns = (
		{ name => 'a', type => $as{type}, id => '1' },
		{   name => 'b', type => $change{type} // 'integer', id => '2',
			($change{no_default} ? () : (default => $as{default}))
		},
		($change{column} ? { name => $change{column}, type => 'text', id => '3' } : ()));
	return (
		$schema,
		relation(
			't', 1,
			{   columns => \@columns,
				checks => [ { name => 'few', definition => $as{check} } ],
				indexes => [ {
					name => 'by', method => 'btree', columns => [ $as{expression}, $change{indexed} // 'b' ],
					predicate => $as{predicate},
					definition => "CREATE INDEX by ON s.t USING btree ($as{expression}, b) WHERE $as{predicate}"
				} ]
			}),
		relation('v', 2, { columns => [ { name => 'a', type => 'text' } ], definition => $as{view} }, kind => 'view'),
		relation(
			'p', 3, { columns => [ { name => 'a', type => 'text' } ], partition_key => "RANGE ($as{expression})" },
			kind => 'partitioned_table'));
}

subtest 'another dialect' => sub {
	my ($of_15, $of_16) = (
		{ server => 'PostgreSQL 15.4', dialect => 'postgresql 15' },
		{ server => 'PostgreSQL 16.1', dialect => 'postgresql 16' });
	my $id = fake($of_15, shop(15));
	again($id, { server => 'PostgreSQL 15.5', dialect => 'postgresql 15' }, shop(16));
	isnt(changes_of($id), '', 'within a version a text that differs is a change');

	$id = fake($of_15, shop(15));
	my $moment = sql($server, 'SELECT clock_timestamp()');
	again($id, $of_16, shop(16));
	is(changes_of($id), '', 'what the new version spells otherwise is none');
	like(
		sql($server,
			"SELECT document FROM rivergen_catalog.relation WHERE data_source_id = $id AND relation_name = 'v'"),
		qr/SELECT a, b/,
		'the new spelling is shown now');
	like(
		sql($server, "SELECT rivergen.schema_as_of($id, '$moment')"), qr/SELECT t\.a, t\.b/,
		'schema_as_of shows the old spelling for earlier times');
	unlike(
		sql($server, "SELECT rivergen.schema_as_of($id, '$moment')"), qr/SELECT a, b/,
		'schema_as_of does not show the new spelling for earlier times');
	again($id, $of_16, shop(16, type => 'bigint'));
	is(changes_of($id), 'column t.b changed', 'then everything is compared again');

	$id = fake($of_15, shop(15));
	again($id, $of_16, shop(16, type => 'bigint', column => 'c', no_default => 1, indexed => 'a'));
	is( changes_of($id), 'column t.b changed, column t.c added, index t.by changed',
		'what is another one is told at once');
	is(sql($server, "SELECT before FROM rivergen.schema_changes WHERE data_source_id = $id AND object_name = 'b'") =~
			/AT TIME ZONE/ ? 'default' : '', 'default', 'a default that went');
	unlike(
		sql($server, "SELECT before FROM rivergen.schema_changes WHERE data_source_id = $id AND object_type = 'index'"),
		qr/predicate/, 'a change of dialect does not report a predicate with another spelling');

	$id = fake({}, shop(15));
	again($id, {}, shop(16));
	my $every = changes_of($id);
	isnt($every, '', 'without a dialect every difference is a change');
	again($id, { dialect => 'postgresql 16' }, shop(15));
	isnt(changes_of($id), $every, 'every difference is a change when the first dialect is reported');
	again($id, { dialect => 'x' x 64 }, shop(15));
	is( sql($server,
			"SELECT count(DISTINCT dialect) || min(dialect) FROM rivergen_catalog.relation WHERE data_source_id = $id"),
		'1' . 'x' x 64,
		'the last dialect is stored, though no document differs');

	# Nothing of the view differs under the new version; what differs later is a change of it.
	$id = fake($of_15, shop(15));
	again($id, $of_16, shop(15));
	again($id, $of_16, shop(16));
	like(
		changes_of($id), qr/relation v changed/,
		'a document that was read with both versions alike is known in the new one');
};

subtest 'a dialect that comes schema by schema' => sub {
	my @two = (
		$schema,
		relation(
			'v', 1, { columns => [ { name => 'a', type => 'text' } ], definition => 'SELECT t.a' }, kind => 'view'),
		{ frame => 'schema', name => 'u' },
		{
			%{
				relation(
					'w', 2, { columns => [ { name => 'a', type => 'text' } ], definition => 'SELECT t.a' },
					kind => 'view')
			},
			schema => 'u'
		});
	my @other =
		map { $_->{document} ? { %$_, document => { %{ $_->{document} }, definition => 'SELECT a' } } : $_ } @two;
	my $id = fake({ server => 'PostgreSQL 15.4', dialect => 'postgresql 15' }, @two);
	call(
		$server,
		"rivergen.data_source_update($id, "
			. json(
			{ metadata => metadata({ server => 'PostgreSQL 16.0', dialect => 'postgresql 16' }, @other[ 0, 1 ]) })
			. ')');
	discover($server, $id, "schema_name => 's', refresh => true");
	again($id, { server => 'PostgreSQL 16.0', dialect => 'postgresql 16' }, @other);
	is(changes_of($id), '', 'tells nothing in any of them');
};

done_testing();
