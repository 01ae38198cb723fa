# What the page "Refresh a table description" of the API promises, sentence by sentence: each test's name quotes.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
install_fake($server);
sql($source, <<'EOS');
CREATE SCHEMA crm;
CREATE TABLE crm.person (id int PRIMARY KEY);
CREATE TABLE orders (id int PRIMARY KEY, person int REFERENCES crm.person, item int, state text);
CREATE TABLE item (id int PRIMARY KEY);
ALTER TABLE orders ADD FOREIGN KEY (item) REFERENCES item;
CREATE TABLE parts (day date, state text) PARTITION BY RANGE (day);
CREATE TABLE parts_all PARTITION OF parts DEFAULT;
CREATE VIEW seen AS SELECT state FROM orders;
CREATE TABLE hidden (a int);
INSERT INTO crm.person VALUES (1);
INSERT INTO orders SELECT i, 1, NULL, (ARRAY['new', 'paid'])[1 + i % 2] FROM generate_series(1, 20) i;
GRANT USAGE ON SCHEMA crm TO reader;
GRANT SELECT ON orders, crm.person, item, parts, parts_all, seen TO reader;
EOS
my $id = create_source($server, source_of($source, $password));

sub by_name
{
	return map { $_->{table_name} => $_ } @_;
}
sub refresh { return by_name(@{ call($server, "rivergen.table_description_refresh($id)") }) }
sub listed { return by_name(@{ call($server, "rivergen.table_description_list($_[0])")->{data}{items} }) }
sub column
{
	my ($body, $name) = @_;
	return (grep { $_->{name} eq $name } @{ $body->{columns} })[0];
}
sub type_of
{
	my ($value) = @_;
	return ref $value eq 'JSON::PP::Boolean' ? 'boolean' : ref $value
		|| (JSON::PP->new->allow_nonref->encode($value) =~ /^"/ ? 'string' : 'other');
}
sub scan { return call($server, "rivergen.table_description_scan($_[0])")->{data}{jobs}[0]{job_id} }
sub statuses
{
	my %all = @_;
	return join ' ', map { "$_/$all{$_}{status}" } sort keys %all;
}

subtest 'the request and the answer' => sub {
	my $answer = call($server, "rivergen.table_description_refresh('$id')");
	is(ref $answer, 'ARRAY', 'HTTP 201 code response: [{');
	my %all = by_name(@$answer);
	is( join(' ', sort keys %all), 'hidden item orders parts parts_all person seen',
		'This endpoint establishes a database connection, retrieves the table names');
	my %shape =
		map { $_ => type_of($all{orders}{$_}) } qw(id db_connection_id table_name table_schema status columns examples);
	is_deeply(
		\%shape,
		{   (map { $_ => 'string' } qw(id db_connection_id table_name table_schema status)), columns => 'ARRAY',
			examples => 'ARRAY'
		},
		'"id": "string", "db_connection_id": "string", "table_name": "string", "table_schema": "string", "columns": [, "examples": []'
	);
	is($all{orders}{db_connection_id}, "$id", '"db_connection_id": "string"');
	ok( (grep { exists $all{orders}{$_} } qw(description error_message)) == 2,
		'"description": "string", "error_message": "string"');
	my $column = column($all{orders}, 'id');
	is_deeply(
		[ map { type_of($column->{$_}) } qw(name is_primary_key data_type low_cardinality categories) ],
		[qw(string boolean string boolean ARRAY)],
		'"name", "is_primary_key": false, "data_type": "str", "low_cardinality": false, "categories": [');
	is_deeply(
		[ map { column($all{orders}, $_)->{is_primary_key} ? 1 : 0 } qw(id state) ], [ 1, 0 ],
		'"is_primary_key"');
	is_deeply(
		column($all{orders}, 'item')->{foreign_key}, { field_name => 'id', reference_table => 'item' },
		'"foreign_key": {"field_name": "string", "reference_table": "string"}');
	is( column($all{orders}, 'person')->{foreign_key}{reference_table}, 'crm.person',
		'reference_table is schema-qualified when it lies in another schema');
	is( statuses(%all),
		'hidden/NOT_SCANNED item/NOT_SCANNED orders/NOT_SCANNED parts/NOT_SCANNED parts_all/NOT_SCANNED person/NOT_SCANNED seen/NOT_SCANNED',
		'if it is not in the collection, it is inserted with a status of NOT_SCANNED');
};

subtest 'merges these records with the existing table-descriptions' => sub {
	my %before = refresh();
	call($server, "rivergen.table_description_update($before{item}{id}, '{\"description\": \"What is sold\"}')");
	sql($source, 'CREATE TABLE more (a int); GRANT SELECT ON more TO reader');
	my %after = refresh();
	is($after{more}{status}, 'NOT_SCANNED', 'what is new');
	is( "$after{item}{id} $after{item}{description}", "$before{item}{id} What is sold",
		'what is there keeps its id and text');
};

subtest 'statuses' => sub {
	wait_job($server, scan("db_connection_id => $id"), 'succeeded');
	my %all = listed($id);
	is( statuses(%all),
		'hidden/FAILED item/SCANNED more/SCANNED orders/SCANNED parts/SCANNED parts_all/SCANNED person/SCANNED seen/SCANNED',
		'SCANNED when we have scanned the table; FAILED if anything failed');
	like($all{hidden}{error_message}, qr/may (not )?read/, 'the error_message field stores the error');
	is_deeply(
		[ grep { $_ ne 'hidden' && defined $all{$_}{error_message} } keys %all ], [],
		'This field is set only if the async schema process fails');
	my $state = column($all{orders}, 'state');
	is_deeply(
		[ $state->{low_cardinality} ? 1 : 0, $state->{categories} ], [ 1, [ 'new', 'paid' ] ],
		'"low_cardinality", "categories"');
	is(scalar @{ $all{orders}{examples} }, 3, '"examples"');
	is_deeply(column($all{seen}, 'state')->{categories}, [ 'new', 'paid' ], 'a view has categories');

	sql($source, 'DROP VIEW seen; DROP TABLE more; ALTER TABLE hidden RENAME TO veiled');
	my %now = refresh();
	is( "$now{seen}{status} $now{more}{status}", 'DEPRECATED DEPRECATED',
		'if the table no longer exists, it changes the status to DEPRECATED; the table/view was deleted');
	is( "$now{veiled}{id} $now{veiled}{status}", "$all{hidden}{id} FAILED",
		'a renamed table keeps its description, where the source has ids');
	is($now{seen}{error_message}, undef, 'no error without a failure');
	sql($source, 'CREATE TABLE more (a int); CREATE VIEW seen AS SELECT state FROM orders');
	%now = refresh();
	is( "$now{seen}{status} $now{seen}{id}", "SCANNED $all{seen}{id}",
		'A relation that returns gets its previous status back');
	is_deeply(column($now{seen}, 'state')->{categories}, [ 'new', 'paid' ], 'with what was found');
	sql($source, 'DROP TABLE veiled');
	%now = refresh();
	is_deeply(
		[ @{ $now{veiled} }{qw(status error_message)} ], [ 'DEPRECATED', undef ],
		'error_message is of FAILED only');
	sql($source, 'CREATE TABLE veiled (a int)');
	%now = refresh();
	like(
		"$now{veiled}{status} $now{veiled}{error_message}", qr/^FAILED .*read/,
		'the description returns with the table');
};

subtest 'without ids of the source' => sub {
	my $fake = create_source($server, fake_source('fake', { relations => 2, schemas => 1 }));
	call($server, "rivergen.table_description_refresh($fake)");
	call($server, "rivergen.data_source_update($fake, " . json({ metadata => { relations => 1, schemas => 1 } }) . ')');
	is( statuses(by_name(@{ call($server, "rivergen.table_description_refresh($fake)") })),
		'collection_1/NOT_SCANNED collection_2/DEPRECATED',
		'it changes the status to DEPRECATED');
	my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
	call(
		$server,
		"rivergen.data_source_update($fake, "
			. json({ metadata => { relations => 1, schemas => 1, behaviour => 'slow', gate => $gate } }) . ')');
	my $discovery = call($server, "rivergen.discover_schema($fake, refresh => true, wait => false)")->{data}{job_id};
	wait_for('the discovery to read', sub { (job($server, $discovery)->{phase} // '') eq 'read' });
	is( statuses(listed($fake)), 'collection_1/SYNCHRONIZING collection_2/DEPRECATED',
		'SYNCHRONIZING while the sync schema process is running');
	open my $file, '>', $gate or die $!;
	wait_job($server, $discovery, 'succeeded');
	is( statuses(listed($fake)), 'collection_1/NOT_SCANNED collection_2/DEPRECATED',
		'SYNCHRONIZING ends with the discovery');
	call($server, "rivergen.data_source_update($fake, " . json({ metadata => { behaviour => 'error' } }) . ')');
	my $job = scan("db_connection_id => $fake");
	wait_job($server, $job, 'failed');
	my %now = listed($fake);
	is( "$now{collection_1}{status} $now{collection_1}{error_message}", 'FAILED the fake source refused',
		'FAILED if anything failed during the sync schema process');
	call_fails(
		$server, "rivergen.table_description_refresh($fake)", 'a source that cannot be read',
		sqlstate => 'PT502', detail => qr/job \d+/);
	is(statuses(listed($fake)), 'collection_1/FAILED collection_2/DEPRECATED', 'changes nothing');
};

subtest 'one of them' => sub {
	my %all = listed($id);
	my $one = call($server, "rivergen.table_description_get($all{orders}{id})")->{data};
	is_deeply($one, $all{orders}, 'curl -X GET /api/v1/table-descriptions/64fa09446cec0b4ff60d3ae3');
	call_fails($server, 'rivergen.table_description_get(987654321)', 'one that is not there', sqlstate => 'PT404');
	call_fails(
		$server, 'rivergen.table_description_refresh(987654321)', 'a source that is not there',
		sqlstate => 'PT404');
	call_fails(
		$server, "rivergen.table_description_refresh(NULL)", 'no db_connection_id', sqlstate => 'PT400',
		says => qr/db_connection_id/);
};

clean_server($server);
survives($server);
done_testing();
