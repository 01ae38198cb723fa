# The operator's setting rivergen.odbc_drivers: what it may say, which drivers sources may name, and what these may read.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/../lib';
use Rivergen;
use Test::More;

my $server = start_server('odbc');
my ($library) = grep { -e } glob '/usr/lib/*/odbc/libsqlite3odbc.so';
my $storage = $server->basedir . '/storage';
my $shop = 'organizations/1/shop.db';

sub make_database
{
	my ($path) = @_;
	my ($directory) = dirname("$storage/$path");
	system('mkdir', '-p', $directory) == 0 or die;
	system(
		'sqlite3', "$storage/$path",
		'CREATE TABLE orders (id INTEGER PRIMARY KEY, "odd ""name" TEXT); INSERT INTO orders VALUES (7, 1)') == 0
		or die;
}

sub tables
{
	my ($id) = @_;
	discover($server, $id, 'refresh => true');
	return sql($server, "SELECT string_agg(table_name, ' ') FROM rivergen.tables WHERE data_source_id = $id");
}

subtest 'the setting' => sub {
	my %refused = (
		'nonsense' => qr/equals sign/, 'a =' => qr/a name, and the absolute path/,
		'a = b.so' => qr/absolute path of the driver/,
		'a = /b.so c' => qr/further paths, the word braces/, 'a = /b.so DRIVER=/c.so' => qr/no keywords/,
		'a = /b.so dsn=x' => qr/no keywords/, 'a = /b.so; a = /c.so' => qr/listed twice/,
		'a = /b.so "x=y' => qr/not closed/);
	for my $value (sort keys %refused)
	{
		my ($code, undef, $message) = $server->psql('postgres', "ALTER SYSTEM SET rivergen.odbc_drivers = '$value'");
		isnt($code, 0, "refused: $value");
		like($message, $refused{$value}, 'and why');
	}
	change_settings($server, 'rivergen.odbc_drivers' => 'a = /b.so /c braces Keyword=x; "b c"=/d.so "Other=y; z"');
	my ($code) = $server->psql('postgres', "SET ROLE pg_monitor; SHOW rivergen.odbc_drivers");
	is($code, 0, 'monitors see it');
	sql($server, 'CREATE ROLE tenant');
	($code) = $server->psql('postgres', "SET ROLE tenant; SHOW rivergen.odbc_drivers");
	isnt($code, 0, 'others do not');
};

make_database($shop);
make_database('organizations/2/shop.db');

my $id = create_source(
	$server,
	{   name => 'shop', type => 'other', file_path => $shop, credentials => {},
		metadata => { driver => 'sqlite', query => { enabled => JSON::PP::true } }
	});

subtest 'which drivers may be named' => sub {
	change_settings($server, 'rivergen.odbc_drivers' => 'postgresql = /gone.so');
	discover_fails(
		$server, $id, 'one that is not listed', sqlstate => 'PT502', code => 'configuration',
		says => qr/the ODBC driver "sqlite" is not allowed/);
	change_settings($server, 'rivergen.odbc_drivers' => 'sqlite = /gone.so');
	discover_fails(
		$server, $id, 'one that is not there', sqlstate => 'PT502', code => 'configuration',
		says => qr/The ODBC driver "sqlite" could not be loaded/);
};

subtest 'what a driver may read' => sub {
	change_settings($server, 'rivergen.odbc_drivers' => "sqlite = $library $storage Database=$storage/{path}");
	is(tables($id), 'orders', 'what is listed');
	sql($server, "SELECT rivergen.attach($id, local_schema => 'here')");
	is( sql($server, 'SELECT "odd ""name" FROM here.orders WHERE id IS NOT NULL'), '1',
		'and its rows are read in place');
	change_settings($server, 'rivergen.odbc_drivers' => "sqlite = $library Database=$storage/{path}");
	discover_fails($server, $id, 'nothing else', sqlstate => 'PT502', code => qr/\w/, says => qr/\w/);
	call_fails(
		$server, "rivergen.data_source_update($id, '{\"file_path\": \"organizations/2/shop.db\"}')",
		"another organization's file", sqlstate => 'PT400', says => qr/must begin with organizations/);
};

clean_server($server);
done_testing();
