# Include and exclude patterns: what is discovered, what becomes of what is not any more, and what is told of it.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
sql($source, <<'EOT');
CREATE SCHEMA sales;
CREATE SCHEMA audit;
CREATE SCHEMA "odd.name";
CREATE SCHEMA empty;
CREATE TABLE public.tmp_load (a int);
CREATE TABLE public.person (id int PRIMARY KEY);
CREATE TABLE sales.orders (id int PRIMARY KEY, total numeric);
CREATE TABLE sales.tmp_orders (id int);
CREATE TABLE sales."100%_sure\" (a int);
CREATE TABLE sales."100xysure" (a int);
CREATE TABLE audit.log (at timestamptz);
CREATE TABLE "odd.name"."Größe" (a int);
EOT
my $id = create_source($server, source_of($source, $password));

sub set_patterns
{
	my ($discovery) = @_;
	call($server, "rivergen.data_source_update($id, " . json({ metadata => { discovery => $discovery } }) . ')');
}

sub found
{
	return sql(
		$server, "SELECT string_agg(concat(table_schema, '.', table_name), ' ' ORDER BY table_schema, table_name)
		FROM rivergen.tables WHERE data_source_id = $id");
}

sub schemas_found
{
	return sql(
		$server,
		"SELECT string_agg(schema_name, ' ' ORDER BY schema_name) FROM rivergen.schemas WHERE data_source_id = $id");
}

sub changes
{
	return sql(
		$server,
		"SELECT string_agg(concat_ws(' ', change, concat_ws('.', table_schema, table_name, object_name)), ', ' ORDER BY change_id)
		FROM rivergen.schema_changes WHERE data_source_id = $id");
}

# A test: with these patterns, and without asking for a refresh, these relations are found.
sub selects
{
	my ($discovery, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	set_patterns($discovery);
	discover($server, $id);
	is(found(), $expected, $name);
}

my $all =
	'audit.log odd.name.Größe public.person public.tmp_load sales.100%_sure\ sales.100xysure sales.orders sales.tmp_orders';
discover($server, $id);
is(found(), $all, 'everything, without patterns');
my $description =
	sql($server, "SELECT relation_id FROM rivergen.tables WHERE data_source_id = $id AND table_name = 'log'");
call($server, "rivergen.table_description_update($description, '{\"description\": \"What happened\"}')");

subtest 'what is selected' => sub {
	selects({ include => ['sales.*'] }, 'sales.100%_sure\ sales.100xysure sales.orders sales.tmp_orders', 'one schema');
	is(schemas_found(), 'sales', 'no other schema is listed');
	selects(
		{ include => ['sales'], exclude => ['*.tmp_*'] }, 'sales.100%_sure\ sales.100xysure sales.orders',
		'exclude wins');
	selects(
		{ exclude => [ 'audit', 'public.tmp_*', 'sales.?mp*' ] },
		'odd.name.Größe public.person sales.100%_sure\ sales.100xysure sales.orders', 'all but some');
	is(schemas_found(), 'empty odd.name public sales', 'an excluded schema is not listed, an empty one is');
	selects({ include => ['"odd.name".Gr??e'] }, 'odd.name.Größe', 'quotes, and characters of more than a byte');
	selects({ include => ['sales.100%*'] }, 'sales.100%_sure\\', 'what LIKE gives a meaning has none');
	selects({ include => ['sales.*_sure\\'] }, 'sales.100%_sure\\', 'a backslash in a pattern has no meaning');
	selects({ include => ['Sales.*'] }, '', 'case is as the source spells it');
	selects({ include => [ 'empty', 'audit.nothing*' ] }, '', 'nothing');
	is( schemas_found(), 'empty',
		'a schema that is included itself is listed although it is empty; one that is included in part is not');
	is(changes(), '', 'none of this was a change of the source');
};

subtest 'coming back' => sub {
	is( sql($server,
			"SELECT count(*) FROM rivergen.table_description_list($id) l, jsonb_array_elements(l #> '{data,items}') i
		WHERE i ->> 'status' = 'DEPRECATED' AND i ->> 'description' = 'What happened'"),
		1,
		'its text is kept while it is out of sight'
	) or diag(sql($server, "SELECT rivergen.table_description_list($id)"));
	selects({}, $all, 'everything is there again');
	is( call($server, "rivergen.table_description_get($description)")->{data}{description}, 'What happened',
		'with its text');
	is(changes(), '', 'neither exclusion nor inclusion is a change');
};

subtest 'changes beside it' => sub {
	set_patterns({ exclude => ['audit'] });
	sql($source, 'CREATE TABLE sales.fresh (a int); CREATE TABLE audit.fresh (a int); DROP TABLE sales."100xysure"');
	discover($server, $id);
	is(changes(), 'removed sales.100xysure, added sales.fresh', 'what really changed is told');
	set_patterns({});
	discover($server, $id);
	is(changes(), 'removed sales.100xysure, added sales.fresh', 'what was new out of sight is not');
	is( sql($server, "SELECT count(*) FROM rivergen.tables WHERE data_source_id = $id AND table_name = 'fresh'"), 2,
		'a relation created while it was excluded is there');
};

subtest 'freshness' => sub {
	my $jobs = sub { sql($server, "SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $id") };
	my $before = $jobs->();
	discover($server, $id);
	is($jobs->(), $before, 'what is cached answers');
	call($server, "rivergen.data_source_update($id, '{\"description\": \"x\"}')");
	discover($server, $id, "schema_name => 'sales'");
	is($jobs->(), $before, 'after another change too');
	set_patterns({ exclude => ['public.x*'] });
	discover($server, $id);
	is($jobs->(), $before + 1, 'not after other patterns');
	my $print = fingerprint($server, $id);
	discover($server, $id, 'refresh => true');
	is(fingerprint($server, $id), $print, 'the same patterns write nothing');
	my $due = create_source(
		$server,
		source_of(
			$source, $password, name => 'due', schema_auto_refresh => JSON::PP::true,
			schema_refresh_interval => 86400));
	wait_for(
		'its first discovery',
		sub {
			sql($server,
				"SELECT full_discovered_at IS NOT NULL FROM rivergen_catalog.data_source_state WHERE data_source_id = $due"
			) eq 't';
		});
	call(
		$server,
		"rivergen.data_source_update($due, " . json({ metadata => { discovery => { exclude => ['audit'] } } }) . ')');
	ok( eval {
			wait_for(
				'audit to go',
				sub {
					sql($server,
						"SELECT count(*) FROM rivergen.tables WHERE data_source_id = $due AND table_schema = 'audit'"
					) == 0;
				});
		},
		'the schedule does not wait for the interval');
};

subtest 'scope' => sub {
	set_patterns({ include => [ 'sales', 'audit.l*' ], exclude => ['"audit"'] });
	call_fails(
		$server, "rivergen.discover_schema($id, 'audit')", 'an excluded schema', sqlstate => 'PT404',
		message => 'schema "audit" is excluded from discovery',
		detail => qr/pattern "\\"audit\\"" of metadata\.discovery\.exclude/);
	call_fails(
		$server, "rivergen.discover_schema($id, 'public')", 'one that is not included', sqlstate => 'PT404',
		detail => qr/No pattern of metadata\.discovery\.include names it: "sales", "audit\.l\*"/);
	discover($server, $id, "schema_name => 'sales', refresh => true");
	like(found(), qr/sales\.orders/, 'one that is');
};

subtest 'what a pattern may be' => sub {
	my $fails = sub {
		my ($discovery, $says, $name) = @_;
		call_fails(
			$server, "rivergen.data_source_update($id, " . json({ metadata => { discovery => $discovery } }) . ')',
			$name,
			sqlstate => 'PT400', says => $says);
	};
	$fails->(
		{ includes => [] }, qr/metadata\.discovery\.includes: is not known; did you mean include\?/,
		'an unknown member');
	$fails->([], qr/metadata\.discovery: must be an object/, 'an array');
	$fails->(
		{ include => 'sales' }, qr/metadata\.discovery\.include: must be an array of patterns/,
		'a string for a list');
	$fails->({ include => [ map { "s$_" } 1 .. 101 ] }, qr/at most 100 patterns, not 101/, 'too many');
	$fails->({ include => [ 'x' x 301 ] }, qr/position 1 has more than 300 characters/, 'one that is too long');
	$fails->({ exclude => [ 'a.b', 7 ] }, qr/exclude: the pattern at position 2 is not a string/, 'a number');
	$fails->({ exclude => ['a.b.c'] }, qr/more than one dot outside quotes/, 'two dots');
	$fails->({ exclude => ['"a'] }, qr/quote that is not closed/, 'an open quote');
	$fails->({ exclude => [' a'] }, qr/white space around it/, 'white space');
	$fails->({ exclude => [''] }, qr/lacks the name/, 'nothing');
	my ($status, $out, $err) = $server->psql(
		'postgres',
		"SELECT rivergen.data_source_update($id, "
			. json({ metadata => { discovery => { include => ['a.'], exclude => ['.b'], other => 1 } } }) . ')');
	is(() = $err =~ /^(?:DETAIL:  )?metadata\.discovery\.\w+: /mg, 3, 'all faults at once') or diag($err);
	call(
		$server,
		"rivergen.data_source_update($id, "
			. json({ metadata => { discovery => { include => [ map { 'x' x 300 } 1 .. 100 ], exclude => undef } } })
			. ')');
	is( sql($server,
			"SELECT rivergen_catalog.discovery_patterns('{\"discovery\": 7}'),
				rivergen_catalog.discovery_patterns('{\"discovery\": {\"include\": 7, \"exclude\": []}}')"
		),
		'|',
		'what an earlier version let in is nothing');
};

subtest 'a connector that knows nothing of patterns' => sub {
	install_fake($server);
	my $fake = create_source(
		$server,
		fake_source(
			'fake',
			{ discovery => { include => ['schema_*.collection_?'], exclude => [ 'schema_1', '*.*_2' ] }, schemas => 3 })
	);
	discover($server, $fake);
	is( sql($server,
			"SELECT string_agg(concat(table_schema, '.', table_name), ' ' ORDER BY table_schema, table_name)
				FROM rivergen.tables WHERE data_source_id = $fake"
		),
		'schema_2.collection_1 schema_2.collection_3 schema_3.collection_1 schema_3.collection_3',
		'what it sends beyond is dropped');
	is( sql($server,
			"SELECT string_agg(schema_name, ' ' ORDER BY schema_name) FROM rivergen.schemas WHERE data_source_id = $fake"
		),
		'schema_2 schema_3',
		'schemas too');
};

clean_server($server);
survives($server);
subtest 'a source that is discovered schema by schema' => sub {
	my $one = create_source($server, source_of($source, $password, name => 'schema by schema'));
	my $jobs = sub { return sql($server, "SELECT count(*) FROM rivergen.jobs WHERE data_source_id = $one") };
	my $look = sub { discover($server, $one, "schema_name => 'sales'" . ($_[0] // '')); return $jobs->() };
	my $set = sub {
		call($server, "rivergen.data_source_update($one, " . json({ metadata => { discovery => $_[0] } }) . ')');
	};
	my $added = sub {
		return sql(
			$server,
			"SELECT coalesce(string_agg(table_name, ' ' ORDER BY change_id), '') FROM rivergen.schema_changes
				WHERE data_source_id = $one AND change = 'added'"
		);
	};
	is($look->(), 1, 'a job');
	is($look->(), 1, 'then the cache');
	$set->({ exclude => ['*.tmp_*'] });
	is($look->(), 2, 'other patterns: a job');
	is($look->(), 2, 'then the cache again');
	$set->({});
	is($look->(), 3, 'the first ones again: a job');
	is($added->(), '', 'that what was excluded returns is nothing new');
	$set->({ include => [ 'sales.o*', 'audit' ] });
	$look->();
	sql($source, 'CREATE TABLE sales.offers (id int); CREATE TABLE sales.parts (id int)');
	is($look->(', refresh => true'), 5, 'a refresh');
	is($added->(), 'offers', 'what is new is told');
	$set->({ include => ['sales'] });
	$look->();
	is($added->(), 'offers', 'a relation that was excluded until now is not reported as added');
	discover($server, $one);
	is($look->(), 7, 'a discovery of the whole answers for each schema');
	$set->({});
	is($look->(), 8, 'the cache is used until the patterns change');
	sql($source, 'DROP TABLE sales.offers, sales.parts');
};

done_testing();
