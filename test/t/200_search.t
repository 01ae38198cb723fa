# rivergen.search: what finds what, in which order, and what a discovery, a description and a scan leave to be found.
use strict;
use warnings;
use utf8;

use Rivergen;
use Test::More;

my $server = start_server('server');
my $source = start_source('source', 'Tr0ub4dor-and-3');
sql($source, <<'EOS');
CREATE SCHEMA shop;
CREATE SCHEMA archive;
COMMENT ON SCHEMA archive IS 'Ledgers of closed years';
CREATE TABLE shop."CustomerAddress" (id int, customer_id int, "zipCode2" text, note text);
CREATE TABLE shop.customer (id int PRIMARY KEY, name text, email_address text);
CREATE TABLE shop.customer_orders (id int, customer_id int, "100%" text);
CREATE TABLE archive.customer (id int, name text);
CREATE TABLE archive.trial (trail int);
CREATE TABLE archive.U&"Gross\00A0Weight" (grams int);
CREATE TABLE archive.parts (part int, partsfound int);
CREATE VIEW shop.premium_customer AS SELECT * FROM shop.customer;
COMMENT ON TABLE shop.customer_orders IS E'Purchases,\n\tincluding refunds';
COMMENT ON COLUMN shop.customer.name IS 'Surname first';
COMMENT ON TABLE shop."CustomerAddress" IS E'Where\U000E0101 parcels\u00AD\uFE0Fgo';
DO $$ BEGIN
	EXECUTE 'COMMENT ON COLUMN shop.customer_orders.id IS ' || quote_literal(repeat('on and ', 100) || 'zebra has stripes');
END $$;
INSERT INTO shop."CustomerAddress" SELECT n, n, 'x', (ARRAY['warehouse', 'office'])[n % 2 + 1] FROM generate_series(1, 50) n;
ANALYZE;
GRANT USAGE ON SCHEMA shop, archive TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA shop, archive TO PUBLIC;
EOS
my $id = create_source($server, source_of($source, 'Tr0ub4dor-and-3'));
discover($server, $id);
is( sql($server, q{SELECT count(*) FROM pg_class WHERE reltuples < 0 AND relnamespace = 'rivergen_catalog'::regnamespace
		AND relname IN ('relation', 'search_relation', 'search_name')}),
	0,
	'the planner knows from the first discovery on how large the catalog is');

sub search
{
	my ($query, $more) = @_;
	return call($server, 'rivergen.search(' . literal($query) . ($more ? ", $more" : '') . ')')->{data};
}

sub found
{
	return join ' ', map {
		join '.',
			grep { defined } @$_{qw(table_schema table_name column_name)}
	} @{ search(@_)->{items} };
}

sub first
{
	my $item = search(@_)->{items}[0] or return 'nothing';
	return "$item->{kind} $item->{name} $item->{matched_in} $item->{matched_how} $item->{matched_text}";
}

subtest 'tiers' => sub {
	is( found('customer', q(kinds => '{table}')),
		'archive.customer shop.customer shop.CustomerAddress shop.customer_orders shop.premium_customer',
		'exact names, whole words, and short ones first');
	is(first('customeraddress'), 'table CustomerAddress name case CustomerAddress', 'another case');
	is(first('shop.customer.email_address'), 'column email_address name qualified email_address', 'a dotted name');
	is( found('shop.customer', q(kinds => '{table}', row_limit => 1)), 'shop.customer',
		'the schema is a part of the name');
	is( found('shop.cust', q(kinds => '{table}')), 'shop.customer shop.CustomerAddress shop.customer_orders',
		'the beginning of a dotted name');
	is(first('customer.email_ad'), 'column email_address name prefix email_address', 'of a column');
	is( found('shop.cutsomer', q(kinds => '{table}')),
		'shop.customer shop.CustomerAddress shop.customer_orders shop.premium_customer',
		'a slip in a dotted name');
	is(first($_), 'table CustomerAddress name qualified CustomerAddress', "with the quotes of a query: $_")
		for 'shop."CustomerAddress"', ' "shop"."CustomerAddress" ', '[shop].[customeraddress]',
		'`shop`.`CustomerAddress`';
	is(first('address customer'), 'table CustomerAddress name words CustomerAddress', 'words in any order');
	is(first('customers'), 'table customer name words customer', 'the singular of a word');
	is(first('customer order'), 'table customer_orders name words customer_orders', 'and the plural');
	is(found('addresses customers', q(kinds => '{table}')), 'shop.CustomerAddress', 'of any of them');
	is(found('customeraddress'), 'shop.CustomerAddress', 'what is called so needs no similar names');
	is(found('shop.customer_orders'), 'shop.customer_orders', 'with its schema, too');
	is(first('cust addr'), 'table CustomerAddress name word_prefixes CustomerAddress', 'beginnings of words');
	is(first('zip code 2'), 'column zipCode2 name words zipCode2', 'digits are words');
	is(first('custo'), 'table customer name prefix customer', 'a beginning');
	is(first('emium'), 'table premium_customer name part premium_customer', 'a part');
	is(first('premuim'), 'table premium_customer name similar premium_customer', 'a mistyped name');
	is(first('cutsomer'), 'table customer name similar customer', 'two letters in the wrong order');
	is(found('oredr cutsomer', q(kinds => '{table}')), 'shop.customer_orders', 'in each of two words');
	is(first('cutso'), 'table customer name similar customer', 'in the beginning of a word');
	is(first('adress'), 'table CustomerAddress name similar CustomerAddress', 'one of two equal letters is missing');
	is(first('custoxmer'), 'table customer name similar customer', 'a letter too much');
	is(found('oder', q(kinds => '{table}')), 'shop.customer_orders', 'a letter is missing, also in a short word');
	is(first('custmer'), 'table customer name similar customer', 'and in one whose stem is shorter');
	is(found('cutsomer', q(kinds => '{table}', table_schema => 'archive')), 'archive.customer', 'in a schema');
	is(first('soucre'), 'source source name similar source', 'in the name of a source');
	is(first('soucre', q(kinds => '{table}')), 'nothing', 'where sources are wanted');
	is(first('customer email'), 'column email_address name words email_address', 'words in a column and in its table');
	is( found('orders id', q(kinds => '{column}')), 'shop.customer_orders.id shop.customer_orders.customer_id',
		'of all columns that have them, short ones first');
	is(first('source trial'), 'table trial name words trial', 'and in a table and its source');
	is(first('archive trials'), 'table trial name words trial', 'or its schema');
	is(first('schema:archive table:trial'), 'table trial name words trial', 'also by filters');
	unlike(first('schema:shop table:trial'), qr/ words /, 'not in another one');
	is(found('source trial', q(kinds => '{column}')), '', 'where tables are wanted');
	is(found('absent trial'), '', 'and all of them');
	call($server, "rivergen.data_source_update($id, " . json({ description => 'Ledgers and parcels in Berlin' }) . ')');
	is( first('berlin parcels'), 'source source description text Ledgers and parcels in Berlin',
		'a description of a source');
	unlike(first('in'), qr/^source/, 'of which two letters are no part');
	is(first('ur', q(kinds => '{source}')), 'nothing', 'nor of its name');
	is(first('urc', q(kinds => '{source}')), 'source source name part source', 'as three are');
	call($server, "rivergen.data_source_update($id, " . json({ description => undef }) . ')');
	is(found('trial'), 'archive.trial', 'a word that a name has is taken as it is');
	is( first('weight gross'), "table Gross\x{a0}Weight name words Gross Weight",
		'a space that does not break divides words');
	is( first("\x{feff}orders\x{3000}customer\x{200b}"), 'table customer_orders name words customer_orders',
		'and so do those that were copied into a query');
	is(first('refunds'), 'table customer_orders comment text Purchases, including refunds', 'a comment, as one line');
	is(first('parcels'), 'table CustomerAddress comment text Where parcels go', 'without invisible characters');
	like(first('stripes zebra'), qr/^column id comment text ….{143}zebra has stripes$/, 'the part with the words');
	is(first('surname'), 'column name comment text Surname first', 'a comment of a column');
	is(first('closed years'), 'schema archive comment text Ledgers of closed years', 'a comment of a schema');
	is(found('archive', q(kinds => '{schema}')), 'archive', 'a schema');
	is(search('archive customer')->{next_cursor}, undef, 'no cursor after the last page');
	is( sql($server,
			q{SELECT rivergen_catalog.name_tier(n, rivergen_catalog.searched_name(n), chr(1), chr(1), ARRAY[chr(1)])
			FROM (SELECT chr(1) || ' mark') t (n)}),
		5,
		'a control character is not a word of every name');
	isnt(
		search('parts.part', q(kinds => '{column}', row_limit => 1))->{next_cursor},
		undef, 'a hit by its dotted name and by its own is one hit of a page');
};

subtest 'the query' => sub {
	is(found('column:customer_id'), 'shop.CustomerAddress.customer_id shop.customer_orders.customer_id', 'column:');
	is(found('customer kind:table', q(table_schema => 'archive')), 'archive.customer', 'kind: and a schema');
	is_deeply(search('customer', q(kinds => '{}', tags => '{}')), search('customer'), 'empty arrays filter nothing');
	is_deeply(search('customer', q(table_schema => '')), search('customer'), 'nor does an empty schema');
	is_deeply(search('customer KIND:Table Source:sour'), search('customer kind:table source:sour'), 'in any case');
	is(found('Tag:absent customer'), '', 'also tag:');
	is_deeply(search('customer kind: table'), search('customer kind:table'), 'with a space behind the colon');
	is(ref search('customer column:')->{items}, 'ARRAY', 'and nothing at all');
	is(found('customer source:absent'), '', 'source:');
	is(found('customer tag:absent'), '', 'tag:');
	is(found('"cust addr"'), '', 'quotes are literal');
	like(
		found('"customer" ord', q(kinds => '{table}')),
		qr/^shop[.]customer_orders /, 'beside another word, one is a word');
	is(found('purchases "including refunds"'), 'shop.customer_orders', 'also in texts');
	is(found('"cust" "addr"', q(kinds => '{table}')), 'shop.CustomerAddress', 'and so are two of them');
	is(found('"customer_o"'), 'shop.customer_orders', 'and match a part');
	is(found('100%'), 'shop.customer_orders.100%', 'a percent sign is a letter');
	is(found('%'), '', 'and no wildcard');
	is(found('_'), '', 'nor is an underscore');
	is(scalar @{ search('c', 'row_limit => 100, facets => true')->{items} } > 5, 1, 'one letter begins words');
	for my $query ('%' x 1000, "\\\" ' : . .. \"", 'a.' x 8, '"', 'é' x 1000, '.')
	{
		is(eval { ref search($query)->{items} } // $@, 'ARRAY', 'hostile: ' . substr $query, 0, 10)
			if $query ne '"';
	}
	for my $case (
		[ 'NULL', qr/query: is required/ ], [ "'kind:table'", qr/a word or a tag besides other filters/ ],
		[ "repeat('a', 1001)", qr/1000 characters/ ], [ "repeat('a ', 17)", qr/16 words/ ],
		[ "'a kind:row'", qr/after kind:/ ], [ "'a', kinds => '{row}'", qr/kinds: must be of source/ ],
		[ "'a', row_limit => 0", qr/row_limit/ ], [ "'a', after => 'x'", qr/after: is not a cursor/ ],
		[ "'a', after => 'bnVsbA=='", qr/after: is not a cursor/ ],
		[ "'a', after => encode(convert_to(repeat('[', 100000), 'UTF8'), 'base64')", qr/after: is not a cursor/ ],
		[   "'a', after => encode('[null,null,null,null,null,null,null,20]', 'base64')",
			qr/after: is not a cursor/ ],
		[   "'a', after => encode(convert_to(jsonb_build_array(null, null, null, null, null, null, null,
				array_fill(1, '{101}'))::text, 'UTF8'), 'base64')",
			qr/after: is not a cursor/ ],
		[ "'a', tags => '{NULL}'", qr/tags/ ])
	{
		call_fails($server, "rivergen.search($case->[0])", $case->[0], sqlstate => 'PT400', says => $case->[1]);
	}
	call_fails(
		$server, q{rivergen.search('a', data_source_id => 99)}, 'no source', sqlstate => 'PT404',
		says => qr/99/);
};

subtest 'pages and counts' => sub {
	my $all = search('customer', 'row_limit => 100, facets => true');
	my @walked;
	my $after = '';
	for (1 .. 50)
	{
		my $page = search('customer', "row_limit => 2, after => '$after'");
		push @walked, @{ $page->{items} };
		$after = $page->{next_cursor} // last;
	}
	is_deeply(\@walked, $all->{items}, 'pages of two are the whole');
	my %kinds;
	$kinds{ $_->{kind} }++ for @{ $all->{items} };
	is_deeply($all->{facets}{kinds}, \%kinds, 'kinds are counted');
	is($all->{facets}{data_sources}[0]{hits}, scalar @{ $all->{items} }, 'sources are counted');
	ok($all->{facets}{is_complete}, 'completely');

	sql($server, qq{INSERT INTO rivergen_catalog.search_name (organization_id, name)
		SELECT organization_id, n
		FROM rivergen_catalog.data_source, generate_series(1, 10001) i CROSS JOIN LATERAL (SELECT 'many_' || i AS n) x
		WHERE data_source_id = $id});
	ok( !search('many', 'facets => true')->{facets}{is_complete},
		'names past 10,000 are not looked at, and the counts say so');
	ok(search('customer', 'facets => true')->{facets}{is_complete}, 'other counts stay exact');
	sql($server, q{DELETE FROM rivergen_catalog.search_name WHERE name ^@ 'many_'});

	# It stands behind those that begin as it does in what the index keeps of a name, and behind more than are read.
	my $add = 'INSERT INTO rivergen_catalog.search_name (organization_id, name) SELECT organization_id,';
	my $of = "FROM rivergen_catalog.data_source CROSS JOIN generate_series(1, 2500) i WHERE data_source_id = $id";
	sql($server, "$add 'premium_cua' || i $of");
	sql($server, "$add 'other_' || i $of");
	sql($server, "$add 'cu_must_premium_' || i $of");
	sql($server, qq{DELETE FROM rivergen_catalog.search_name WHERE name IN ('premium_customer', 'customer');
		$add unnest('{premium_customer,customer,customer}'::text[])
		FROM rivergen_catalog.data_source WHERE data_source_id = $id});
	is( first('premium_cust'), 'table premium_customer name prefix premium_customer',
		'a long beginning is found among many names that begin alike');
	is( first('cust prem', q(kinds => '{table}')), 'table premium_customer name word_prefixes premium_customer',
		'and beginnings of words among many names that have their letters');
	is(first('customre'), 'table customer name similar customer', 'and a mistyped name among many others');
	ok( search('customer', q(kinds => '{table}', row_limit => 2))->{next_cursor},
		'a name that two discoveries wrote is one');

	sql($server, "$add 'address_of_customer_' || i $of");
	sql($server, qq{DELETE FROM rivergen_catalog.search_name WHERE name = 'CustomerAddress';
		$add 'CustomerAddress' FROM rivergen_catalog.data_source WHERE data_source_id = $id});
	is( first('customer address'), 'table CustomerAddress name words CustomerAddress',
		'a name of the words among many that have more');

	sql($server, "$add 'premium_customer_' || i $of");
	sql($server, qq{DELETE FROM rivergen_catalog.search_name WHERE name = 'premium_customer';
		$add 'premium_customer' FROM rivergen_catalog.data_source WHERE data_source_id = $id});
	for my $query ('preimum', 'premixm')
	{
		ok(!search($query, 'facets => true')->{facets}{is_complete}, "not all names are looked at for $query");
	}
	is( found('shop.premium_cus'), 'shop.premium_customer',
		'the beginning of a dotted name among many names that begin so');
	is( first('PREMIUM_Customer'), 'table premium_customer name case premium_customer',
		'and a long name in another case');

	sql($server, qq{$add 'same_hash' FROM rivergen_catalog.data_source WHERE data_source_id = $id;
		UPDATE rivergen_catalog.search_relation SET column_name_ids = column_name_ids
			|| rivergen_catalog.short_name_id(rivergen_catalog.search_name_id(organization_id, 'same_hash'))});
	is(found('same_hash'), '', 'a column whose name has the hash of another one is not taken for it');
	sql($server,
		q{DELETE FROM rivergen_catalog.search_name WHERE name ~ '^(premium_cu.*[0-9]|other_|cu_must_|address_of_)'});
};

subtest 'sources beside other hits' => sub {
	my $other = start_source('beside', 'Tr0ub4dor-and-3');
	sql($other, <<'EOS');
CREATE SCHEMA depot;
CREATE TABLE depot.trial (id int);
CREATE TABLE depot.factory (id int, visibilities text);
CREATE TABLE depot."Supplier" (id int);
CREATE TABLE depot."SUPPLIER" (id int);
CREATE TABLE depot.supplier_parts (id int);
DO $$ BEGIN
	FOR n IN 1 .. 3 LOOP EXECUTE format('CREATE TABLE depot.a_category_of_origin_%s (id int)', n); END LOOP;
	FOR n IN 10 .. 39 LOOP EXECUTE format('CREATE TABLE depot.shelf_%s (id int)', n); END LOOP;
END $$;
GRANT USAGE ON SCHEMA depot TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA depot TO PUBLIC;
EOS
	my $beside = create_source($server, { %{ source_of($other, 'Tr0ub4dor-and-3') }, name => 'hr' });
	discover($server, $beside);
	my $named = sub {
		my $item = search($_[0], q(kinds => '{table}'))->{items}[0];
		return "$item->{data_source_name} $item->{table_name} $item->{matched_how}";
	};
	is($named->('hr trial'), 'hr trial words', 'a table and its source, whose name has two letters');
	call($server, "rivergen.data_source_update($beside, " . json({ name => 'eu marts' }) . ')');
	is($named->('eu marts trial'), 'eu marts trial words', 'or is of two words');
	is(first('factory visible'), 'column visibilities name words visibilities', 'words of one stem that differ early');
	is(first('mart'), 'source eu marts name words eu marts', 'a source by the singular of a word');
	call($server, "rivergen.data_source_update($beside, " . json({ name => 'mart' }) . ')');
	is(first('marts'), 'source mart name words mart', 'and by the plural');

	is( found('ory', q(kinds => '{table}', row_limit => 2)), 'depot.factory depot.a_category_of_origin_1',
		'short names first, also when a longer one has a word that begins like a part of it');
	my $shelves = search('depot.shelf_', 'row_limit => 100, facets => true');
	is($shelves->{facets}{kinds}{table}, 30, 'all tables of a schema that begin so');
	ok($shelves->{facets}{is_complete}, 'completely');
	is( sql($server,
			q{SELECT rivergen_catalog.name_tier(n, rivergen_catalog.searched_name(n), 'TRIAL', 'trial', '{trial}')
			FROM (SELECT E'trial\x01' AS n) n}),
		4,
		'a name with a control character is not the name without it');

	my $told = <<"EOS";
INSERT INTO rivergen_catalog.data_source (organization_id, name, description, type, use_ssh_tunnel, connection_pool_size,
		connection_timeout, query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval, metadata, tags,
		created_by_user_id)
	SELECT organization_id, 'told ' || i, 'Of supplier and supplire', type, false, 5, 30, 300, 3, false, 3600, '{}', '{}',
		created_by_user_id
	FROM rivergen_catalog.data_source, generate_series(1, 30) i WHERE data_source_id = $beside
EOS
	sql($server, $told);
	is( found('supplier', 'row_limit => 3'),
		'depot.SUPPLIER depot.Supplier depot.supplier_parts',
		'what is said of sources stands behind names');
	is(first('supplire'), 'table SUPPLIER name similar SUPPLIER', 'and behind similar ones');
	sql($server, q{DELETE FROM rivergen_catalog.data_source WHERE name ^@ 'told '});
	sql($server, qq{UPDATE rivergen_catalog.source_schema SET comment = 'Odds' WHERE data_source_id = $beside;
		INSERT INTO rivergen_catalog.source_schema (organization_id, data_source_id, schema_name, comment)
		SELECT organization_id, data_source_id, 'depot ' || i, comment
		FROM rivergen_catalog.source_schema, generate_series(1, 1100) i WHERE data_source_id = $beside AND schema_name = 'depot'}
	);
	my $schemas = sql($server, q{SELECT count(*) FROM rivergen_catalog.source_schema WHERE comment = 'Odds'});
	is(search('odds', 'facets => true')->{facets}{kinds}{schema}, $schemas, 'all comments of schemas are counted');
	call($server, "rivergen.data_source_delete($beside, force => true)");
};

# All hits of a query, page by page, or those behind a cursor.
subtest 'what was discovered once, and quotes' => sub {
	my $other = start_source('quoted', 'Tr0ub4dor-and-3');
	sql($other, <<'EOS');
CREATE TABLE "Receipts" (id int, "Total ""amt""" int);
CREATE TABLE pigeon (id int);
CREATE TABLE piegon (id int);
CREATE SCHEMA "we.ird";
CREATE TABLE "we.ird"."tag:pii" (id int);
DO $$ BEGIN
	FOR n IN 1 .. 22 LOOP
		EXECUTE format('CREATE SCHEMA twin%s; CREATE TABLE twin%s.patron (%s int)', n, n,
			CASE n WHEN 22 THEN 'qv_special' ELSE 'id' END);
	END LOOP;
	FOR n IN 1 .. 1500 LOOP EXECUTE format('CREATE TABLE gadget_%s (colour int)', n); END LOOP;
	EXECUTE format('CREATE TABLE crowd (%s)', (SELECT string_agg(format('qv%s int', i), ', ') FROM generate_series(1, 25) i));
END $$;
GRANT USAGE ON SCHEMA "we.ird" TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA public, "we.ird" TO PUBLIC;
DO $$ BEGIN FOR n IN 1 .. 22 LOOP EXECUTE format('GRANT USAGE ON SCHEMA twin%s TO PUBLIC; GRANT SELECT ON twin%s.patron TO PUBLIC', n, n);
END LOOP; END $$;
EOS
	my $quoted = create_source($server, { %{ source_of($other, 'Tr0ub4dor-and-3') }, name => 'quoted' });
	discover($server, $quoted);
	is(first($_), 'table Receipts name qualified Receipts', "a name with quotes beside filters: $_")
		for 'kind:table "public"."Receipts"', '"public"."Receipts" kind:table', 'table:"public"."Receipts"',
		'"public"."Receipts" source:quoted', 'table:[public].[Receipts]';
	is(first('"we.ird"."tag:pii"'), 'table tag:pii name qualified tag:pii', 'with a colon');
	is( first('"Receipts"."Total ""amt"""'),
		'column Total "amt" name qualified Total "amt"',
		'with quotes in it');
	is(first('column:"Total ""amt"""'), 'column Total "amt" name exact Total "amt"', 'also alone');
	is( found('twin22.patron.qv'), 'twin22.patron.qv_special',
		'the beginning behind a schema and a table of many names');
	is(found('TWIN22.PATRON.qv'), 'twin22.patron.qv_special', 'in any case');
	is( search('gadget colour', 'row_limit => 100, facets => true')->{facets}{kinds}{column},
		1500, 'all columns whose tables have the other word');
	is(first('piegon'), 'table piegon name exact piegon', 'a name');
	sql($other, 'DROP TABLE piegon');
	discover($server, $quoted, 'refresh => true');
	is(first('piegon'), 'table pigeon name similar pigeon', 'a name that is gone hides no slip');
	for my $setting ('standard_conforming_strings = off', 'gin_fuzzy_search_limit = 1')
	{
		my $asked = "rivergen.search('kind:column colour', row_limit => 100), rivergen.search('public.Receipts')";
		my $answer = sub { sql($server, "SET client_min_messages = error; $_[0]; SELECT $asked") };
		is($answer->("SET $setting"), $answer->('SELECT'), "whatever the session has set: $setting");
	}
	call($server, "rivergen.data_source_delete($quoted, force => true)");
};

sub walked
{
	my ($query, $more, $after) = (@_, '');
	my @items;
	for (1 .. 100)
	{
		my $page = search($query, "$more, after => '$after'");
		push @items, @{ $page->{items} };
		$after = $page->{next_cursor} // return @items;
	}
	return;
}

subtest 'pages of many hits' => sub {
	sql($server, "ALTER TABLE rivergen_catalog.$_ SET (autovacuum_enabled = off)") for qw(relation search_relation);
	my $many = start_source('many', 'Tr0ub4dor-and-3');
	sql($many, <<'EOS');
DO $$ BEGIN
	FOR n IN 1001 .. 1600 LOOP EXECUTE format('CREATE TABLE item_long_%s (code int)', n); END LOOP;
END $$;
CREATE TABLE item_zz (code int);
GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;
EOS
	my $other = create_source($server, { %{ source_of($many, 'Tr0ub4dor-and-3') }, name => 'many' });
	discover($server, $other);
	is( sql($server, q{SELECT sum(gin_clean_pending_list(c.oid)) FROM pg_class c JOIN pg_am a ON a.oid = c.relam
			WHERE a.amname = 'gin' AND c.relkind = 'i' AND c.relname ~ '^search_'}),
		0,
		'a discovery leaves nothing that each search would have to read');

	sql($server,
		q{UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relnamespace = 'rivergen_catalog'::regnamespace
		AND relname IN ('relation', 'search_relation')});
	my $fetched = sub {
		return sql(
			$server,
			q{SELECT idx_tup_fetch FROM pg_stat_user_tables WHERE relid = 'rivergen_catalog.relation'::regclass});
	};
	wait_for(
		'the workers to have told what they read',
		sub { sql($server, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'rivergen worker'") eq '0' });
	my $before = $fetched->();
	sql($server,
		"SELECT rivergen.search('item', data_source_id => $other, facets => true); SELECT pg_stat_force_next_flush()");
	cmp_ok($fetched->() - $before, '<', 10000, 'nor does a search read all tables for each name, without statistics');

	# Their rows are written again, so that they are not found in the order of their names.
	sql($server, qq{SELECT count(rivergen.table_description_update(relation_id, '{"description": "moved"}'))
		FROM rivergen.tables WHERE data_source_id = $other AND table_name < 'item_long_1100'});
	for my $query ('item', 'column:code')
	{
		my @items = walked($query, "data_source_id => $other, row_limit => 40");
		my %seen = map { $_->{table_name} => 1 } @items;
		is(scalar @items, 601, "$query: as many hits as there are") or next;
		is(scalar keys %seen, 601, "$query: each once");
	}
	my $first = search('item', "data_source_id => $other, row_limit => 40, facets => true");
	is($first->{facets}{kinds}{table}, 601, 'as many are counted');
	my @rest = walked('item', "data_source_id => $other, row_limit => 40, facets => true");
	is( "@{[ map { $_->{name} } @rest[ 0 .. 2 ] ]}", 'item_zz item_long_1001 item_long_1002',
		'in order where all are looked at');
	is(scalar @rest, 601, 'and complete');

	my $page = search('item', "data_source_id => $other, row_limit => 40");
	my @shown = map { $_->{name} } @{ $page->{items} };
	sql($many, "DROP TABLE $shown[0]; CREATE TABLE item (code int); GRANT SELECT ON item TO PUBLIC");
	discover($server, $other, 'refresh => true');
	my @behind =
		map { $_->{name} } walked('item', "data_source_id => $other, row_limit => 40", $page->{next_cursor});
	my %seen = map { $_ => 1 } @shown, @behind;
	is(scalar @behind, 562, 'behind a page that is no longer the first one are all that it has not shown');
	is(scalar keys %seen, 602, 'and none that it has');

	sql($server,
		qq{INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind,
			columns_count, hash, document)
		SELECT 1, $other, 'public', 'noted_' || i, 'table', 0, '', '{"comment": "Moss on stone", "columns": []}'
		FROM generate_series(1, 1100) i;
		SELECT rivergen_catalog.index_relations(1, $other, NULL)});
	%seen = map { $_->{name} => 1 } walked('moss', 'row_limit => 100');
	is(scalar keys %seen, 1100, 'texts of more than a thousand tables are found');
	is_deeply(
		[ @{ search('moss', 'facets => true')->{facets} }{qw(kinds is_complete)} ],
		[ { table => 1100 }, JSON::PP::true ], 'and counted');
	call($server, "rivergen.data_source_delete($other, force => true)");
};

sub mark
{
	my ($schema, $table, $changes) = @_;
	my ($relation) = sql(
		$server,
		"SELECT relation_id FROM rivergen.tables WHERE (table_schema, table_name) = ('$schema', '$table')");
	call($server, "rivergen.table_description_update($relation, " . json($changes) . ')');
	return;
}

subtest 'tags' => sub {
	mark(
		'shop', 'customer',
		{ tags => [ 'sales', 'gold' ], columns => [ { name => 'email_address', tags => ['pii'] } ] });
	mark('shop', 'CustomerAddress', { columns => [ { name => $_, tags => ['pii'] } ] }) for qw(zipCode2 note);
	is(found('customer tag:sales', q(kinds => '{table}')), 'shop.customer', 'a table that has the tag');
	is(found('id tag:sales'), 'shop.customer.id', 'a tag of a table covers its columns');
	is( found('tag:pii'), 'shop.CustomerAddress.note shop.CustomerAddress.zipCode2 shop.customer.email_address',
		'a tag alone finds what has it');
	is(first('tag:pii'), 'column note tag exact pii', 'and says so');
	is(found('tag:pii tag:sales'), 'shop.customer.email_address', 'all tags must cover a hit');
	is(first('tag:pii tag:sales'), 'column email_address tag exact pii', 'and one must be its own');
	is(found('', q(tags => '{sales,gold}')), 'shop.customer', 'tags as an argument, without a query');
	is(first('', q(tags => '{gold,sales}')), 'table customer tag exact sales, gold', 'in the order that users gave');
	is(found('kind:column', q(tags => '{sales}')), '', 'no column has it itself');
	is(found('tag:Pii'), '', 'a tag is meant as it is spelled');
	is(found('tag:pii', q(table_schema => 'archive')), '', 'in a schema');
	my $all = search('', q(tags => '{pii}', facets => true));
	is_deeply(
		$all->{facets}{tags},
		[ { tag => 'pii', hits => 3 }, { tag => 'gold', hits => 1 }, { tag => 'sales', hits => 1 } ],
		'tags are counted with those that cover a hit');
	my $page = search('', q(tags => '{pii}', row_limit => 1));
	is( search('', qq(tags => '{pii}', row_limit => 2, after => '$page->{next_cursor}'))->{items}[1]{name},
		'email_address', 'pages');
	call($server, "rivergen.data_source_update($id, " . json({ tags => ['prod'] }) . ')');
	is(found('tag:prod tag:pii zip'), 'shop.CustomerAddress.zipCode2', 'a tag of the source covers everything');
	is(found('surname tag:sales tag:prod'), 'shop.customer.name', 'texts are filtered, too');
	is(found('surname tag:pii'), '', 'a text of what is not covered');
	is(search('tag:prod')->{items}[0]{kind}, 'source', 'the source itself');
	sql($source, 'ALTER TABLE shop.customer RENAME COLUMN email_address TO email');
	discover($server, $id, 'refresh => true');
	is(found('tag:pii kind:column tag:sales'), 'shop.customer.email', 'a tag follows the name of a column');
	sql($source, 'ALTER TABLE shop."CustomerAddress" DROP COLUMN note');
	discover($server, $id, 'refresh => true');
	is(found('note tag:pii'), '', 'a column that has gone is not found');
	is( found('tag:pii', q(kinds => '{column}')), 'shop.customer.email shop.CustomerAddress.zipCode2',
		'by its tag alone');
	sql($source, q(ALTER TABLE shop."CustomerAddress" ADD COLUMN note text; UPDATE shop."CustomerAddress"
		SET note = (ARRAY['warehouse', 'office'])[id % 2 + 1]));
	discover($server, $id, 'refresh => true');
	is(found('note tag:pii'), 'shop.CustomerAddress.note', 'it returns with its tag');
	call_fails($server, q(rivergen.search('', tags => '{}')), 'nothing to look for', sqlstate => 'PT400');
	mark('shop', $_, { tags => [ 'hot', 'new' ] }) for qw(customer CustomerAddress);
	is( join(' ', map { $_->{name} } walked('', q(tags => '{hot,new,hot}', row_limit => 1))),
		'customer CustomerAddress', 'what has several of the tags is one hit of a page');
};

subtest 'what is kept' => sub {
	my $rows = sub {
		return sql(
			$server,
			q{SELECT array_agg(xmin::text || ctid::text ORDER BY name) FROM rivergen_catalog.search_name})
			. sql(
			$server,
			q{SELECT array_agg(xmin::text || ctid::text ORDER BY relation_id) FROM rivergen_catalog.search_relation});
	};
	my $before = $rows->();
	discover($server, $id, 'refresh => true');
	is($rows->(), $before, 'an unchanged refresh writes nothing');
	discover($server, $id, 'refresh => true, "full" => true');
	is($rows->(), $before, 'nor does a full one');

	my $table = search('customer_orders')->{items}[0]{table_description_id};
	call(
		$server,
		"rivergen.table_description_update($table, "
			. json({
			description => 'Baskets that were paid', columns => [ { name => 'id', description => 'Basket number' } ]
			})
			. ')');
	is(first('baskets paid'), 'table customer_orders description text Baskets that were paid', 'a description');
	is(first('basket number'), 'column id description text Basket number', 'of a column');
	my $scan = call($server, "rivergen.table_description_scan(db_connection_id => $id)")->{data}{jobs}[0]{job_id};
	wait_job($server, $scan, 'succeeded');
	is(first('warehouse'), 'column note category text warehouse', 'a category');
	call(
		$server,
		"rivergen.data_source_update($id, " . json({ metadata => { scan => { categories => JSON::PP::false } } }) . ')'
	);
	is(first('warehouse'), 'nothing', 'none when categories are switched off');

	sql($source,
		'ALTER TABLE shop.customer_orders RENAME TO invoices; ALTER TABLE shop.invoices ADD COLUMN discount numeric');
	discover($server, $id, 'refresh => true');
	is(first('invoices'), 'table invoices name exact invoices', 'a new name');
	is(first('discount'), 'column discount name exact discount', 'a new column');
	is(found('"customer_orders"'), '', 'the old name is gone');
	is(first('baskets paid'), 'table invoices description text Baskets that were paid', 'the description stays');
	sql($source, 'DROP TABLE shop.invoices');
	discover($server, $id, 'refresh => true');
	is(found('discount'), '', 'a dropped table');
	call($server, "rivergen.data_source_delete($id)");
	is(found('customer'), '', 'a deleted source');
	call($server, "rivergen.data_source_restore($id)");
	isnt(found('customer'), '', 'a restored one');
	call($server, "rivergen.data_source_delete($id, force => true)");
	is(sql($server, 'SELECT count(*) FROM rivergen_catalog.search_relation'), 0, 'a removed one');
};

done_testing;
