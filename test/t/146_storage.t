# Files below rivergen.storage_root: the worker opens them and hands them over, nothing leads out of the organization's own
# directory, and what cannot be opened is told by name.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/../lib', dirname(__FILE__) . '/../connectors/lib';
use Rivergen;
use PostgreSQL::Test::Utils;
use POSIX qw(mkfifo);
use Test::More;
use Xlsx;

my $server = start_server('storage');
my $storage = $server->basedir . '/storage';
my $own = "$storage/organizations/1";
system('mkdir', '-p', "$own/folder", "$storage/organizations/2", $server->basedir . '/elsewhere') == 0 or die;

sub source
{
	my ($name, %metadata) = @_;
	my $type = $name =~ /\.json$/ ? 'json' : $name =~ /\.xls/ ? 'excel' : 'csv';
	return create_source(
		$server,
		{   name => substr($name, 0, 50), type => $type, file_path => "organizations/1/$name",
			credentials => {},
			schema_auto_refresh => JSON::PP::false, metadata => {%metadata}
		});
}

sub columns
{
	my ($id) = @_;
	discover($server, $id, 'refresh => true');
	return sql(
		$server, "SELECT string_agg(table_schema || '.' || table_name || ' ' || column_name || ' ' || data_type, ', '
			ORDER BY ordinal_position) FROM rivergen.columns WHERE data_source_id = $id");
}

append_to_file("$own/orders.csv", "id,day\n1,2024-12-31\n2,\n");
my $orders = source('orders.csv');

subtest 'without a storage' => sub {
	discover_fails(
		$server, $orders, 'no root', sqlstate => 'PT503', code => 'unavailable',
		says => qr/the operator has not set rivergen\.storage_root/);
	change_settings($server, 'rivergen.storage_root' => 'relative');
	discover_fails(
		$server, $orders, 'a relative root', sqlstate => 'PT503', code => 'unavailable',
		says => qr/the storage for files could not be opened/);
	change_settings($server, 'rivergen.storage_root' => "$storage/gone");
	discover_fails(
		$server, $orders, 'a root that is gone', sqlstate => 'PT503', code => 'unavailable',
		says => qr/the storage for files could not be opened/);
	like(
		slurp_file($server->logfile), qr{could not open rivergen\.storage_root "\Q$storage\E/gone": No such file},
		'the log has its path');
};

change_settings($server, 'rivergen.storage_root' => $storage);

subtest 'a file' => sub {
	is(columns($orders), 'files.orders.csv id integer, files.orders.csv day date', 'is described');
	my $answer = call($server, "rivergen.data_source_test($orders)");
	ok($answer->{data}{success}, 'and tested') or diag(explain($answer));
	my $job = discovery($server, $orders, 'refresh => true');
	is( sql($server, "SELECT count(*) FROM rivergen.schema_changes WHERE data_source_id = $orders AND change <> 'added'"
		),
		'0',
		'nothing has changed');
	append_to_file("$own/orders.csv", "x,\n");
	is(columns($orders), 'files.orders.csv id text, files.orders.csv day date', 'a change is seen');
};

subtest 'reading in place' => sub {
	append_to_file(
		"$own/prices.csv",
		"id;price;day;note\n1;1.234,50;31.12.2024;\"a;b\"\n2;NA;01.01.2025;\n3;-0,5;;x\n");
	my $id = source('prices.csv', query => { enabled => JSON::PP::true });
	is( columns($id),
		'files.prices.csv id integer, files.prices.csv price decimal, files.prices.csv day date, files.prices.csv note text',
		'types');
	sql($server, "SELECT rivergen.attach($id, local_schema => 'here')");
	is( sql($server, 'SELECT id, price, day, note FROM here."prices.csv" ORDER BY id'),
		"1|1234.50|2024-12-31|a;b\n2||2025-01-01|\n3|-0.5||x", 'rows');
	is( sql($server, q{SELECT string_agg(id::text, ' ') FROM here."prices.csv" WHERE day < '2025-01-01'}), '1',
		'conditions');
	is(sql($server, 'SELECT count(*) FROM here."prices.csv"'), '3', 'a count');
	rename("$own/prices.csv", "$own/away.csv") or die;
	my ($code, undef, $error) = $server->psql('postgres', 'SELECT * FROM here."prices.csv"');
	like($error, qr/the file does not exist/, 'a file that is gone is told');
};

subtest 'a file of JSON' => sub {
	my $days = join ', ', map { sprintf '"2024-01-%02d": %d', $_, $_ } 1 .. 20;
	append_to_file(
		"$own/shop.json",
		qq({"total": 2, "data": [{"id": 9007199254740993, "": 1, "a.b": 2.50, "days": {$days}, "tags": ["x", null]},\n)
			. ' {"id": 2, "lines": [{"sku": "y", "on": "2024-12-31"}]}]}');
	my $id = source('shop.json', query => { enabled => JSON::PP::true });
	columns($id);
	is( sql($server,
			"SELECT string_agg(field_path || ' ' || data_type, ', ' ORDER BY ordinal_position)
			FROM rivergen.column_field_paths WHERE data_source_id = $id"
		),
		'id integer,  integer, a.b number, days object, days{} integer, tags text, '
			. 'lines object, lines[].sku text, lines[].on date',
		'has paths');
	sql($server, "SELECT rivergen.attach($id, local_schema => 'json_here')");
	is( sql($server,
			q{SELECT id, "a.b", days ->> '2024-01-20', tags, lines #>> '{0,on}' FROM json_here."shop.json.data" ORDER BY id}
		),
		"2||||2024-12-31\n9007199254740993|2.50|20|{x,NULL}|",
		'is read in place');
	is(sql($server, q{SELECT id FROM json_here."shop.json.data" WHERE "a.b" = 2.5}), '9007199254740993', 'conditions');
};

subtest 'a workbook' => sub {
	my @rows = ([ 'id', 'day', 'name' ], [ 1, [ ' s="1"', '<v>45657</v>' ], 'a' ], [ 2, undef, 'b' ]);
	my $bytes =
		workbook([ { name => 'orders', rows => \@rows }, { name => 'more', rows => [] } ], formats => ['d.m.yyyy']);
	open(my $file, '>:raw', "$own/shop.xlsx") or die;
	print $file $bytes;
	close $file;
	my $id = source('shop.xlsx', query => { enabled => JSON::PP::true });
	is(columns($id), 'files.orders id integer, files.orders day date, files.orders name text', 'is described');
	sql($server, "SELECT rivergen.attach($id, local_schema => 'excel_here')");
	is(sql($server, 'SELECT * FROM excel_here.orders ORDER BY id'), "1|2024-12-31|a\n2||b", 'is read in place');
	is(sql($server, q{SELECT id FROM excel_here.orders WHERE day > '2024-01-01'}), '1', 'conditions');
};

# What the connector leaves out, PostgreSQL would have left out.
subtest 'conditions hold as in PostgreSQL' => sub {
	append_to_file("$own/all.csv", <<'END');
b;i;n;f;u;d;t;z;w
true;1;0.50;1e3;3F2504E0-4F89-11D3-9A0C-0305E82C3301;2024-02-29;2024-02-29 10:00:00.1234565;2024-02-29T10:00:00+02:00;a
no;-9223372036854775808;.5;1;3f2504e0-4f89-11d3-9a0c-0305e82c3302;0001-01-01;2024-02-29T10:00;2024-02-29T08:00:00Z;b
YES;9223372036854775807;-0.0;-2.5e-3;00000000-0000-0000-0000-000000000000;9999-12-31;1999-12-31;2024-02-28 23:30:00-0830;é
;;;;;;;;
f;0;12345678901234567890.000;0;ffffffff-ffff-ffff-ffff-ffffffffffff;2000-01-01;2000-01-01T00:00:00.9999999;2000-01-01T00:00:00+05;A
END
	my $id = source('all.csv', query => { enabled => JSON::PP::true });
	is( columns($id) =~ s/files\.all\.csv //gr,
		'b boolean, i integer, n decimal, f number, u uuid, d date, t timestamp, z timestamptz, w text', 'types');
	sql($server, "SELECT rivergen.attach($id, local_schema => 'all_here')");
	sql($server, 'CREATE TABLE here.copy AS SELECT * FROM all_here."all.csv"');
	my %values = (
		b => [qw(true false)], i => [qw(0 1 9223372036854775807)], n => [qw(0.5 0 12345678901234567890 -1)],
		f => [qw(1000 0 -0.0025 Infinity NaN)], u => ['3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
		d => [qw(2024-02-29 infinity 2000-01-01)],
		t => [ '2024-02-29 10:00:00.123457', '2000-01-01 00:00:01', '2024-02-29 10:00:00', 'infinity' ],
		z => [ '2024-02-29 08:00:00+00', '2024-02-29 08:00:00.5+00', '1999-12-31 19:00:00+00' ], w => [qw(a é A)]);
	my @conditions = map { ("$_ IS NULL", "$_ IS NOT NULL") } sort keys %values;
	for my $column (sort keys %values)
	{
		my $all = join ', ', map { "'$_'" } @{ $values{$column} };
		push @conditions, "$column IN ($all)", map {
			my $op = $_;
			map { "$column $op '$_'" } @{ $values{$column} }
		} qw(= <> < <= > >=);
	}
	my @differ = grep {
		my $where = $_;
		my @answers =
			map { sql($server, "SELECT string_agg(x::text, ' ' ORDER BY i) FROM $_ x WHERE $where") } 'here.copy',
			'all_here."all.csv"';
		$answers[0] ne $answers[1];
	} @conditions;
	is("@differ", '', scalar @conditions . ' conditions');
	like(
		sql($server, q{EXPLAIN (VERBOSE, COSTS OFF) SELECT i FROM all_here."all.csv" WHERE n > 0 LIMIT 1}),
		qr/n > 0|limit/i, 'which the source applies');
	is( sql($server, q{SELECT count(*) FROM (SELECT 1 FROM all_here."all.csv" WHERE i < 5 LIMIT 2) x}), '2',
		'and a limit');
};

subtest 'a folder of parts' => sub {
	for my $year (2023 .. 2025)
	{
		system('mkdir', '-p', "$own/sales/year=$year") == 0 or die;
		append_to_file("$own/sales/year=$year/part.csv", "id,price\n${year}1,1.5\n${year}2,\n");
	}
	my $id = source('sales', query => { enabled => JSON::PP::true });
	is( columns($id), 'files.sales id integer, files.sales price decimal, files.sales year integer',
		'is one relation');
	sql($server, "SELECT rivergen.attach($id, local_schema => 'sales_here')");
	is( sql($server, 'SELECT year, sum(price), count(*) FROM sales_here.sales GROUP BY year ORDER BY year'),
		"2023|1.5|2\n2024|1.5|2\n2025|1.5|2", 'its rows');
	is( sql($server, q{SELECT string_agg(id::text, ' ') FROM sales_here.sales WHERE year = 2024}), '20241 20242',
		'those of one partition');
};

# What a connector can open that does not keep to names below the folder.
my $probe = <<'END';
#!/usr/bin/perl
use strict;
use warnings;
use Errno;
use Fcntl;

$| = 1;
print qq({"frame":"hello","protocol":2,"connector":"probe","version":"1","capabilities":["discover"]}\n);
my ($root) = <STDIN> =~ /"root": *"([^"]*)"/ or die "no root";
print qq({"frame":"progress","phase":"connect"}\n{"frame":"connected","server":"probe"}\n{"frame":"schema","name":"s"}\n);
my @cases = (
	[ 'a part', '/proc/self/fd/3/a.csv' ], [ 'the folder', '/proc/self/fd/3', O_DIRECTORY ],
	[ 'the folder above', '/proc/self/fd/3/..', O_DIRECTORY ], [ 'a file beside it', '/proc/self/fd/3/../orders.csv' ],
	[ 'a file beside it by a link', '/proc/self/fd/3/link.csv' ],
	[ 'another organization', '/proc/self/fd/3/../../2/x.csv' ], [ 'the root', $root, O_DIRECTORY ],
	[ 'a file by its path', "$root/organizations/1/orders.csv" ],
	[ 'a part for writing', '/proc/self/fd/3/a.csv', O_RDWR ], [ 'a new part', '/proc/self/fd/3/new.csv', O_CREAT | O_WRONLY ]);
for my $case (@cases)
{
	my ($name, $path, $flags) = @$case;
	my $outcome = sysopen(my $file, $path, $flags // O_RDONLY) ? 'opened' : (grep { $!{$_} } qw(EACCES ENOSYS))[0] // $!;
	print qq({"frame":"relation","schema":"s","name":"$name: $outcome","kind":"file","columns":0,"document":{}}\n);
}
printf qq({"frame":"end","schemas":1,"relations":%d,"columns":0}\n), scalar @cases;
END

subtest 'nothing beside the folder can be opened' => sub {
	mkdir "$own/probed" or die;
	append_to_file("$own/probed/a.csv", "a\n1\n");
	symlink('../orders.csv', "$own/probed/link.csv") or die;
	append_to_file("$storage/organizations/2/x.csv", "a,b\n1,2\n");
	my $connector = connector_path($server, 'csv');
	rename($connector, "$connector.kept") or die;
	append_to_file($connector, $probe);
	chmod 0755, $connector;
	my $id = source('probed', root => $storage);
	discover($server, $id, 'refresh => true');
	my %outcome = map { /(.*): (.*)/ } split /\n/,
		sql($server, "SELECT table_name FROM rivergen.tables WHERE data_source_id = $id");
	is($outcome{$_}, 'opened', $_) for 'a part', 'the folder';
	delete @outcome{ 'a part', 'the folder' };
	is(scalar keys %outcome, 8, 'attempts');
	like($outcome{$_}, qr/^(?:EACCES|ENOSYS)$/, $_) for sort keys %outcome;
	ok(!-e "$own/probed/new.csv", 'nothing was made');
	unlink $connector;
	rename("$connector.kept", $connector) or die;
};

subtest 'what cannot be opened' => sub {
	symlink("$own/orders.csv", "$own/link.csv") or die;
	symlink($server->basedir . '/elsewhere', "$own/out") or die;
	append_to_file($server->basedir . '/elsewhere/secret.csv', "a,b\n1,2\n");
	append_to_file("$own/hidden.csv", "a,b\n");
	append_to_file("$own/empty.csv", '');
	append_to_file("$own/other.csv", "PAR1 and more");
	chmod 0, "$own/hidden.csv";
	mkdir "$own/parts" or die;
	append_to_file("$own/parts/a.csv", "a,b\n1,2\n");
	symlink("$own/orders.csv", "$own/parts/link.csv") or die;
	mkfifo("$own/pipe.csv", 0600) or die;
	my @cases = (
		[ 'gone.csv', 'database_not_found', qr/the file does not exist/ ],
		[ 'orders.csv/x.csv', 'database_not_found', qr/a part of file_path is a file where a directory is needed/ ],
		[ 'link.csv', 'permission', qr/over a symbolic link/ ],
		[ 'out/secret.csv', 'permission', qr/over a symbolic link/ ],
		[ 'hidden.csv', 'permission', qr/the server may not read the file/ ],
		[ 'pipe.csv', 'configuration', qr/neither a file nor a directory/ ],
		[ 'x' x 300, 'configuration', qr/longer than a file name can be/ ],
		[ 'folder', 'configuration', qr/The folder has no file with content/ ],
		[ 'parts', 'permission', qr/a symbolic link.*link\.csv/s ],
		[ 'empty.csv', 'protocol', qr/The file is empty/ ],
		[ 'other.csv', 'configuration', qr/The file is a Parquet file/ ]);
	for my $case (@cases)
	{
		my ($name, $code, $says) = @$case;
		discover_fails($server, source($name), $name, sqlstate => 'PT502', code => $code, says => $says);
	}
	for my $path ('organizations/2/x.csv', 'organizations/1/../2/x.csv', 'organizations/11/x.csv', '/etc/passwd')
	{
		call_fails(
			$server, "rivergen.data_source_update($orders, '{\"file_path\": \"$path\"}')", "refused: $path",
			sqlstate => 'PT400', says => qr/must begin with organizations|must not contain/);
	}
};

subtest 'the path is checked again when it is opened' => sub {
	my $id = source('moved.csv');
	for my $path ('organizations/2/x.csv', 'organizations/1/../2/x.csv')
	{
		sql($server, "UPDATE rivergen_catalog.data_source SET file_path = '$path' WHERE data_source_id = $id");
		discover_fails($server, $id, $path, sqlstate => 'PT502', code => 'configuration', says => qr/file_path must/);
	}
};

clean_server($server);
done_testing();
