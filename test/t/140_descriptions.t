# Table descriptions of a real source: the page's body, what people write, and what becomes of it when tables are
# renamed, dropped and made again.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
sql($source, <<'EOS');
CREATE SCHEMA shop;
CREATE SCHEMA crm;
CREATE TABLE crm.person (id int PRIMARY KEY, email text);
CREATE TABLE shop.item (id int, part int, label text, PRIMARY KEY (id, part));
CREATE TABLE shop.orders (
	id bigint PRIMARY KEY, item int, part int, person int,
	CONSTRAINT b_item FOREIGN KEY (item, part) REFERENCES shop.item,
	CONSTRAINT c_person FOREIGN KEY (person) REFERENCES crm.person,
	CONSTRAINT d_other FOREIGN KEY (part) REFERENCES crm.person);
CREATE SEQUENCE shop.counter;
CREATE VIEW shop.recent AS SELECT * FROM shop.orders;
COMMENT ON TABLE shop.orders IS 'From the source';
COMMENT ON COLUMN shop.orders.person IS 'Who bought';
EOS
my $id = create_source($server, source_of($source, $password));

sub refresh { return call($server, "rivergen.table_description_refresh($id)") }
sub get { return call($server, "rivergen.table_description_get($_[0])")->{data} }
sub list { return call($server, "rivergen.table_description_list($id" . ($_[0] ? ", $_[0]" : '') . ")")->{data} }
sub update { return call($server, "rivergen.table_description_update($_[0], " . json($_[1]) . ')') }
sub named
{
	my ($name, @all) = @_;
	return grep { $_->{table_name} eq $name } @all;
}
sub column
{
	my ($body, $name) = @_;
	return (grep { $_->{name} eq $name } @{ $body->{columns} })[0];
}

my $all = refresh();
my ($orders) = named('orders', @$all);
my ($table) = $orders->{id};

subtest 'the body of the page' => sub {
	is( join(' ', map { "$_->{table_schema}.$_->{table_name}" } @$all), 'crm.person shop.item shop.orders shop.recent',
		'an array of the tables and views, without the sequence');
	my %rest = %$orders;
	like(delete $rest{version}, qr/^[0-9a-f]{32}$/, 'a version');
	delete $rest{columns};
	is_deeply(
		\%rest,
		{   id => "$table", db_connection_id => "$id", table_name => 'orders', table_schema => 'shop',
			comment => 'From the source',
			description => 'From the source', description_source => 'source', status => 'NOT_SCANNED',
			error_message => undef,
			scanned_at => undef, examples => [], tags => []
		},
		'the table');
	like(
		sql($server, "SELECT d ->> 'id', jsonb_typeof(d -> 'id'), jsonb_typeof(d -> 'db_connection_id')
		FROM jsonb_extract_path(rivergen.table_description_get($table), 'data') d"),
		qr/^$table\|string\|string$/,
		'ids are texts');
	is(join(' ', map { $_->{name} } @{ $orders->{columns} }), 'id item part person', 'columns in their order');
	is_deeply(
		column($orders, 'id'),
		{   name => 'id', is_primary_key => JSON::PP::true, data_type => 'bigint', description => undef,
			description_source => undef, comment => undef, tags => [], low_cardinality => JSON::PP::false,
			categories => [],
			foreign_key => undef
		},
		'a key');
	is_deeply(
		column($orders, 'person')->{foreign_key}, { field_name => 'id', reference_table => 'crm.person' },
		'a key to another schema');
	is_deeply(
		column($orders, 'part')->{foreign_key}, { field_name => 'part', reference_table => 'item' },
		'the first of two keys');
	is(column($orders, 'person')->{description}, 'Who bought', 'the comment of a column');
};

subtest 'people write' => sub {
	my $body = update(
		$table,
		{   description => 'Ours', tags => [ 'finance', 'owner:ada' ],
			columns => [
				{ name => 'person', description => 'The buyer', tags => ['pii'] },
				{ name => 'item', description => 'What' } ]
		});
	is($body->{message}, 'Table description updated successfully', 'message');
	is_deeply($body->{data}, get($table), 'the answer is what get shows');
	is( "$body->{data}{description} $body->{data}{description_source} $body->{data}{comment}",
		'Ours people From the source', 'both texts are there');
	my $column = column($body->{data}, 'person');
	is( "$column->{description} $column->{description_source} $column->{comment}", 'The buyer people Who bought',
		'a column has the text, its source and the comment');
	update($table, { columns => [ { name => 'item', description => undef } ] });
	$body = get($table);
	is(column($body, 'item')->{description}, undef, 'null takes away');
	is("$body->{description} " . column($body, 'person')->{description}, 'Ours The buyer', 'other texts stay');
	is("@{ $body->{tags} } @{ column($body, 'person')->{tags} }", 'finance owner:ada pii', 'tags stay');
	is(update($table, {})->{data}{description}, 'Ours', 'nothing given, nothing changed');
	like(
		sql($server,
			"SELECT detail FROM rivergen.audit WHERE action = 'table_description.updated' ORDER BY audit_id LIMIT 1"),
		qr/"after": .*Ours.*"before": .*null/,
		'the trail has both');
	is( sql($server, "SELECT count(*) FROM rivergen.audit WHERE action = 'table_description.updated'"), 2,
		'one entry for each change');
};

# What people wrote about orders and how they marked it, whatever it is called.
sub texts_are_there
{
	my ($name, $status) = @_;
	my $body = get($table);
	my $column = column($body, 'person');
	is( "$body->{table_name} $body->{status} $body->{description} @{ $body->{tags} } $column->{description} @{ $column->{tags} }",
		"$name $status Ours finance owner:ada The buyer pii",
		"$name, $status, with its texts and tags");
}

subtest 'texts survive' => sub {
	sql($source, "COMMENT ON TABLE shop.orders IS 'Changed there'; ALTER TABLE shop.orders ADD note text");
	is((named('orders', @{ refresh() }))[0]{comment}, 'Changed there', 'the comment is new');
	texts_are_there('orders', 'NOT_SCANNED');
	sql($source, 'ALTER TABLE shop.orders RENAME TO purchase');
	is(scalar(@{ refresh() }), 4, 'a rename adds nothing');
	texts_are_there('purchase', 'NOT_SCANNED');
	sql($source, 'DROP VIEW shop.recent; DROP TABLE shop.purchase');
	is( join(' ', map { "$_->{table_name}/$_->{status}" } @{ refresh() }),
		'person/NOT_SCANNED item/NOT_SCANNED purchase/DEPRECATED recent/DEPRECATED', 'what has gone is told');
	texts_are_there('purchase', 'DEPRECATED');
	is( sql($server, "SELECT count(*) FROM rivergen.tables WHERE data_source_id = $id"), 2,
		'a deprecated relation is not in the views');
	sql($server,
		"UPDATE rivergen_catalog.relation SET scan_status = 'FAILED', error_message = 'no' WHERE relation_id = $table");
	texts_are_there('purchase', 'DEPRECATED');
	sql($source, 'CREATE TABLE shop.purchase (id bigint, person int)');
	my ($again) = named('purchase', @{ refresh() });
	is("$again->{id} $again->{status} $again->{error_message}", "$table FAILED no", 'it returns as what it was');
	texts_are_there('purchase', 'FAILED');
	sql($source, 'ALTER TABLE shop.purchase DROP person');
	refresh();
	is(column(get($table), 'person'), undef, 'a column has gone');
	sql($source, 'ALTER TABLE shop.purchase ADD person int');
	refresh();
	texts_are_there('purchase', 'FAILED');
};

subtest 'a table that is replaced by renaming' => sub {
	my $shop = create_source($server, source_of($source, $password, name => 'replaced'));
	my $refresh = sub { sql($source, $_[0]); discover($server, $shop, 'refresh => true') };
	my $current = sub {
		return (named(
			$_[0],
			grep { $_->{status} ne 'DEPRECATED' }
				@{ call($server, "rivergen.table_description_list($shop)")->{data}{items} }))[0];
	};
	my $texts = sub {
		my $body = $current->($_[0]);
		return join ' ', map { join '/', $_->{description} // 'none', @{ $_->{tags} } } $body, @{ $body->{columns} };
	};
	my $swap = 'BEGIN; ALTER TABLE shop.bill RENAME TO bill_old; ALTER TABLE shop.bill_new RENAME TO bill; COMMIT';
	my $begin = sub {
		my ($new) = @_;
		$refresh->(
			'DROP TABLE IF EXISTS shop.bill, shop.bill_old, shop.bill_new; CREATE TABLE shop.bill (id int, state text)'
		);
		update(
			$current->('bill')->{id},
			{   description => 'One row per bill', tags => ['money'],
				columns => [ { name => 'state', description => 'Paid?', tags => ['pii'] } ]
			});
		$refresh->($new) if $new;
	};
	my $new = 'CREATE TABLE shop.bill_new (state text, id int, more text)';
	for my $way (
		[ 'that is new', "$new; $swap" ], [ 'that was discovered before', $new, $swap ],
		[   'whose name is free for a while', $new, 'ALTER TABLE shop.bill RENAME TO bill_old',
			'ALTER TABLE shop.bill_new RENAME TO bill' ],
		[ 'where the first one has gone', $new, 'DROP TABLE shop.bill', 'ALTER TABLE shop.bill_new RENAME TO bill' ],
		[ 'with columns that get other names', "$new; ALTER TABLE shop.bill RENAME state TO state_old; $swap" ])
	{
		my ($name, @steps) = @$way;
		$begin->();
		$refresh->($_) for @steps;
		is($texts->('bill'), 'One row per bill/money Paid?/pii none none', "one $name inherits the texts");
		is($texts->('bill_old'), 'One row per bill/money none Paid?/pii', 'the renamed one keeps them')
			if $name !~ /gone/;
	}
	$begin->($new);
	is( $texts->('bill_new'), 'none none none none',
		'a name that was free again has no texts, whatever its owner is called now');
	update($current->('bill_new')->{id}, { columns => [ { name => 'more', description => 'Its own' } ] });
	$refresh->($swap);
	is($texts->('bill'), 'none none none Its own', 'one that has texts keeps its own');
	call($server, "rivergen.data_source_delete($shop)");
	sql($source, 'DROP TABLE shop.bill, shop.bill_old');
};

subtest 'synchronizing' => sub {
	sql($server,
		"INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, schema_name, run_after)
			VALUES (1, $id, 'discover', 'shop', 'infinity')"
	);
	is(list()->{items}[1]{status}, 'NOT_SCANNED', 'a job for later is none');
	sql($server, "UPDATE rivergen_catalog.job SET attempts = 1 WHERE run_after = 'infinity'");
	is( join(' ', map { "$_->{table_name}/$_->{status}" } @{ list()->{items} }),
		'person/NOT_SCANNED item/SYNCHRONIZING purchase/SYNCHRONIZING recent/DEPRECATED', 'what the job will read');
	sql($server, "UPDATE rivergen_catalog.job SET schema_name = NULL WHERE run_after = 'infinity'");
	is(list("status => 'SYNCHRONIZING'")->{pagination}{total_items}, 3, 'a job for the whole source');
	sql($server, "DELETE FROM rivergen_catalog.job WHERE run_after = 'infinity'");
};

subtest 'list' => sub {
	my $names = sub {
		join ' ', map { $_->{table_name} } @{ list($_[0])->{items} };
	};
	is($names->(), 'person item purchase recent', 'all, in order');
	is($names->("status => 'DEPRECATED'"), 'recent', 'the list is filtered by status');
	is($names->("table_schema => 'crm'"), 'person', 'the list is filtered by schema');
	is($names->("search => 'oUrS'"), 'purchase', 'search finds descriptions');
	is($names->("tags => '{finance,pii}'"), 'purchase', 'the list is filtered by tags of the table and its columns');
	is($names->("search => 'ITEM'"), 'item', 'search finds names');
	is($names->("search => '%'"), '', 'a percent sign is a percent sign');
	is($names->('page => 2, page_size => 3'), 'recent', 'the list has pages');
	is_deeply(
		list('page => 2, page_size => 3')->{pagination},
		{   page => 2, page_size => 3, total_items => 4, total_pages => 2,
			has_next => JSON::PP::false, has_previous => JSON::PP::true
		},
		'pagination');
	is($names->('page => 2147483647'), '', 'beyond the end');
};

subtest 'refused' => sub {
	call_fails($server, "rivergen.table_description_refresh(999)", 'no such source', sqlstate => 'PT404');
	call_fails($server, "rivergen.table_description_list(999)", 'nor here', sqlstate => 'PT404');
	my ($status, $out, $err) = $server->psql(
		'postgres', "BEGIN; SELECT rivergen.table_description_update($table, '{\"description\": \"x\"}');
		SELECT rivergen.table_description_refresh($id)");
	like(
		$err, qr/descriptions of the data source were changed by this transaction/,
		'a caller does not wait for itself');
	call($server, "rivergen.data_source_set_status($id, 'maintenance')");
	call_fails($server, "rivergen.table_description_refresh($id)", 'maintenance', sqlstate => 'PT409');
	call($server, "rivergen.data_source_set_status($id, 'inactive')");

	my $wide = sql(
		$server, "INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name,
			relation_name, kind, columns_count, hash, document)
		SELECT 1, $id, 'shop', 'wide', 'table', 1600, '', jsonb_build_object('columns',
			(SELECT jsonb_agg(jsonb_build_object('name', 'a_column_of_many_' || i)) FROM generate_series(1, 1600) i))
		RETURNING relation_id");
	call_fails(
		$server, "rivergen.table_description_update($wide, jsonb_build_object('columns',
			(SELECT jsonb_agg(jsonb_build_object('name', 'a_colunm_of_many_' || i, 'description', 'x')) FROM generate_series(1, 100000) i)))",
		'names of columns are suggested for those faults alone that are told',
		sqlstate => 'PT400', says => qr/columns\[0\]\.name: is not a column of this table; did you mean/);
	sql($server, "DELETE FROM rivergen_catalog.relation WHERE relation_id = $wide");
};

subtest 'other organizations' => sub {
	sql($server, "CREATE ROLE other LOGIN; SELECT rivergen.membership_add(rivergen.organization_create('Other'),
		rivergen.user_create(role_name => 'other'), 'admin'); SELECT rivergen.grant_access('other')");
	my $says = sub { ($server->psql('postgres', "SELECT $_[0]", extra_params => [ '-U', 'other' ]))[2] };
	for my $call ('table_description_get(%s)', "table_description_update(%s, '{}')")
	{
		(my $foreign = $says->('rivergen.' . sprintf($call, $table))) =~ s/\b$table\b/#/g;
		(my $missing = $says->('rivergen.' . sprintf($call, 999))) =~ s/\b999\b/#/g;
		like($foreign, qr/table description # not found/, 'another\'s');
		is($foreign, $missing, 'is as one that is not there');
	}
	like(
		$says->("rivergen.table_description_refresh($id)"), qr/data source $id not found/,
		'a deleted source cannot be refreshed');
	like(
		$says->("rivergen.table_description_list($id)"), qr/data source $id not found/,
		'descriptions of a deleted source cannot be listed');
	call($server, "rivergen.data_source_delete($id)");
	call_fails($server, "rivergen.table_description_get($table)", 'a deleted source has none', sqlstate => 'PT404');
};

subtest 'a refresh that fails' => sub {
	$id = create_source($server, source_of($source, $password));
	refresh();
	my ($port) = sql($server, "SELECT port FROM rivergen.data_sources WHERE id = $id");
	my ($refused, $held) = refused_port();
	my $status = sub {
		join ' ',
			sort keys %{ {
			map { ("$_->{status}" . ($_->{error_message} ? ' with the reason' : '')) => 1 } @{ list($_[0])->{items} }
			} };
	};
	is($status->("table_schema => 'crm'"), 'NOT_SCANNED', 'before');
	call($server, "rivergen.data_source_update($id, '{\"port\": $refused}')");
	call_fails($server, "rivergen.table_description_refresh($id)", 'is told', sqlstate => 'PT502');
	is($status->("table_schema => 'crm'"), 'FAILED with the reason', 'what was not scanned is FAILED');
	cmp_ok(scalar(@{ list("status => 'FAILED'")->{items} }), '>=', 1, 'the list finds descriptions that are FAILED');
	is(get((named('person', @{ list()->{items} }))[0]{id})->{status}, 'FAILED', 'one by one, too');
	call($server, "rivergen.data_source_update($id, '{\"port\": $port}')");
	refresh();
	is($status->("table_schema => 'crm'"), 'NOT_SCANNED', 'a successful refresh ends FAILED');
};

clean_server($server);
survives($server);
done_testing();
