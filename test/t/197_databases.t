# The databases of a server: what data_source_databases lists of real servers, whom it lists for, and what it leaves behind.
use strict;
use warnings;
use utf8;

use Rivergen;
use Test::More;

my $server = start_server('server');
my $source = start_source('source', 'river-secret');
install_fake($server);
sql($source, qq{CREATE DATABASE $_}) for 'shop', '"Zürich"', '"a ""quoted"" name"', 'closed', 'refused', '"an.other"';
sql($source, 'REVOKE CONNECT ON DATABASE refused FROM PUBLIC; ALTER DATABASE closed ALLOW_CONNECTIONS false');
my @visible = ('Zürich', 'a "quoted" name', 'an.other', 'postgres', 'shop');

my $databases = sub { return call($server, "rivergen.data_source_databases($_[0])")->{data} };

my $definition = source_of($source, 'river-secret');
delete @$definition{qw(name database_name)};
is_deeply($databases->(json($definition))->{databases}, \@visible, 'of a server: those to which the user may connect');
is_deeply(
	$databases->(json({ %$definition, database_name => 'shop', name => 'x' }))->{databases},
	\@visible, 'from any database');

my $id = create_source($server, source_of($source, 'river-secret'));
my $before = fingerprint($server, $id);
my $answer = $databases->($id);
is_deeply($answer->{databases}, \@visible, 'of the server of a source');
like($answer->{server_version}, qr/^PostgreSQL 1/, 'with what a test says');
is(fingerprint($server, $id), $before, 'the source is as it was');
is( sql($server, "SELECT count(*) FROM rivergen_catalog.connection_check WHERE data_source_id = $id"), '0',
	'it has no test');
is( sql($server,
		"SELECT count(*), count(data_source_id) FROM rivergen_catalog.audit WHERE action = 'data_source.databases_listed'"
	),
	'3|1',
	'the audit trail has each list');

$answer = $databases->(json({ %$definition, credentials => { username => 'reader', password => 'wrong-secret' } }));
is_deeply(
	[ @$answer{qw(success databases error_code)} ], [ JSON::PP::false, undef, 'authentication' ],
	'a failure is an answer');
call_fails(
	$server, 'rivergen.data_source_databases(' . json(fake_source('x', {})) . ')',
	'a connector that lists none', sqlstate => 'PT501', says => qr/cannot list databases/);
call_fails(
	$server, 'rivergen.data_source_databases(987654)', 'no source',
	sqlstate => 'PT404', says => qr/not found/);

# All databases of a server become sources in one statement, as docs/guide.md shows it.
sub register_all
{
	my ($dry_run) = @_;
	my %server = %$definition;
	my $credentials = json(delete $server{credentials});
	my $given = json({ %server, schema_auto_refresh => JSON::PP::true });
	return JSON::PP->new->utf8->decode(sql($server, <<~"EOT"))->{data};
		WITH server (definition, credentials) AS (
			VALUES ($given, $credentials)
		), listed AS (
			SELECT 'crm ' || d AS name, server.definition || jsonb_build_object('name', 'crm ' || d, 'database_name', d) AS source,
				server.credentials
			FROM server, jsonb_array_elements_text(rivergen.data_source_databases(
				server.definition || jsonb_build_object('credentials', server.credentials)) #> '{data,databases}') AS d
		)
		SELECT rivergen.catalog_apply(jsonb_build_object('sources', jsonb_agg(source)), dry_run => $dry_run,
			credentials => jsonb_object_agg(name, credentials))
		FROM listed;
		EOT
}

my @names = sort map { "crm $_" } @visible;
my $plan = register_all('true');
is_deeply([ sort map { $_->{name} } @{ $plan->{created} } ], \@names, 'the plan of one statement for all of them');
is_deeply([ sort @{ $plan->{tests} } ], \@names, 'says that all of them are connected to');
is_deeply([ sort map { $_->{name} } @{ register_all('false')->{created} } ], \@names, 'they are created');
wait_for(
	'their discoveries',
	sub {
		return sql(
			$server, q{SELECT count(*) FROM rivergen.jobs j JOIN rivergen.data_sources d ON d.id = j.data_source_id
			WHERE d.name LIKE 'crm %' AND j.status = 'succeeded'}) == @names;
	});
is_deeply(register_all('false')->{created}, [], 'the second time there is nothing to create');

# A connector that names so many databases, each of 200 characters.
sub install_naming
{
	my ($count) = @_;
	my $path = connector_path($server, 'other');
	open my $file, '>', "$path.new" or die $!;
	print $file <<~"EOT";
		#!/usr/bin/perl
		\$| = 1;
		print '{"frame": "hello", "protocol": 2, "connector": "n", "version": "1", "capabilities": ["databases"]}', "\\n";
		my \$request = <STDIN>;
		print '{"frame": "connected", "server": "n"}', "\\n";
		printf qq({"frame": "database", "name": "%0200d"}\\n), \$_ for 1 .. $count;
		print '{"frame": "end", "schemas": 0, "relations": 0, "columns": 0}', "\\n";
		EOT
	close $file;
	chmod 0755, "$path.new";
	rename "$path.new", $path or die $!;
	return;
}

install_naming(4000);
$answer = $databases->(json(fake_source('x', {})));
is_deeply($answer->{databases}, [ map { sprintf '%0200d', $_ } 1 .. 4000 ], 'more than a slot of shared memory holds');
install_naming(6000);
$answer = $databases->(json(fake_source('x', {})));
is_deeply(
	[ @$answer{qw(success databases error_code)} ], [ JSON::PP::false, undef, 'too_large' ],
	'more than can be listed');

# The same limit as that of tests, of which there were none.
change_settings($server, 'rivergen.max_tests_per_minute' => 1);
call_fails(
	$server, "rivergen.data_source_databases($id)", 'a list counts as a test',
	sqlstate => 'PT429', says => qr/too many connections/);
clean_server($server);

done_testing();
