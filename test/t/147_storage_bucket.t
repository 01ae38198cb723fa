# A bucket of S3 as rivergen.storage_root, against moto: files of sources are found and read as below a directory, by connectors
# that have neither keys nor a network; and what the operator has set wrongly is told.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use Canary;
use ColumnarFile;
use Encode qw(decode_utf8);
use File::Find qw(find);
use IO::Socket::INET;
use Peer::Hudi;
use Rivergen;
use PostgreSQL::Test::Utils;
use S3Server;
use Test::More;
use Xlsx;

# The service is on this machine, which no source may dial.
my $server = start_server('bucket', loopback => 0);
my $s3 = S3Server->new;
my $secrets = PostgreSQL::Test::Utils::tempdir();
my $own = 'pre fix/organizations/1';

sub set
{
	my (%settings) = @_;
	change_settings($server, map { ("rivergen.$_" => $settings{$_}) } keys %settings);
	return;
}

sub write_keys
{
	my ($name, $content, $mode) = @_;
	open(my $file, '>', "$secrets/$name") or die $!;
	print $file $content;
	close $file;
	chmod $mode // 0600, "$secrets/$name";
	return "$secrets/$name";
}

sub keys_of
{
	my ($id, $secret) = @_;
	return qq({"access_key_id": "$id",\n "secret_access_key": "$secret"}\n);
}

sub source
{
	my ($type, $path, %metadata) = @_;
	return create_quiet_source(
		$server,
		{   name => substr("$type $path", 0, 50), type => $type, file_path => "organizations/1/$path",
			credentials => {},
			metadata => { query => { enabled => JSON::PP::true }, %metadata }
		});
}

sub columns
{
	my ($id) = @_;
	discover($server, $id, 'refresh => true');
	return sql(
		$server, "SELECT string_agg(table_schema || '.' || table_name || ' ' || column_name || ' ' || data_type, ', '
			ORDER BY table_name, ordinal_position) FROM rivergen.columns WHERE data_source_id = $id");
}

sub attached
{
	my ($id) = @_;
	call($server, "rivergen.attach($id, 'here_$id')");
	return "here_$id";
}

$s3->call('create_bucket', Bucket => 'store');
$s3->put('store', "$own/orders.csv", "id,day\n1,2024-12-31\n2,\n");
set(storage_root => 's3://store/pre fix/', storage_endpoint => "http://127.0.0.1:$s3->{port}");
my $orders = source('csv', 'orders.csv');

sub check_row
{
	return sql($server, q{SELECT level || ': ' || detail FROM rivergen.check() WHERE name = 'storage'});
}

subtest 'what is set wrongly' => sub {
	my $reader = keys_of(@{ $s3->{reader} });
	my $wrong_key = keys_of($s3->{reader}[0], 'wJalrXUtnFEMIwrong');
	my @here = (
		[ 'a file that is missing', { storage_credentials_file => "$secrets/none" }, qr/it does not exist/ ],
		[   'a file for others to read', { storage_credentials_file => write_keys('open', $reader, 0640) },
			qr/it may be read by others; its mode must be 0600/ ],
		[   'a file in the data directory',
			{ storage_credentials_file => $server->data_dir . '/postgresql.conf' },
			qr/it lies inside the data directory/ ],
		[   'an endpoint that is none',
			{ storage_credentials_file => write_keys('right', $reader), storage_endpoint => '127.0.0.1:1' },
			qr/rivergen\.storage_endpoint must be https:/ ],
		[   'no bucket', { storage_root => 's3://', storage_endpoint => "http://127.0.0.1:$s3->{port}/" },
			qr/rivergen\.storage_root names no bucket/ ]);
	for my $case (@here)
	{
		my ($name, $settings, $fault) = @$case;
		set(%$settings);
		like(check_row(), qr/^error: .*$fault/, "check() says it: $name");
		discover_fails(
			$server, $orders, $name, sqlstate => 'PT503', code => 'unavailable',
			says => qr/the storage for files could not be opened/);
		like(slurp_file($server->logfile), $fault, 'the log says it, too');
	}
	set(storage_root => 's3://store/pre fix/');
	is(check_row(), 'ok: Files of sources lie below s3://store/pre fix/.', 'nothing is wrong');
	my @there = (
		[ 'no keys in it', { content => '{}' }, 'configuration', qr/storage_credentials_file has no keys/ ],
		[ 'no JSON', { content => 'AKIA' }, 'configuration', qr/storage_credentials_file is not JSON/ ],
		[ 'something else', { content => '{"a": "b"}' }, 'configuration', qr/a member that is none of the keys/ ],
		[ 'a wrong key', { content => $wrong_key }, 'permission', qr/SignatureDoesNotMatch/ ],
		[   'an unknown key', { content => keys_of('AKIANONE', 'x') }, 'permission',
			qr/does not know the access_key_id/ ],
		[ 'an unknown bucket', { storage_root => 's3://nowhere' }, 'configuration', qr/no bucket of that name/ ]);
	for my $case (@there)
	{
		my ($name, $settings, $code, $says) = @$case;
		my %settings = %$settings;
		my $content = delete $settings{content};
		set(storage_credentials_file => write_keys('right', $content // $reader),
			storage_root => 's3://store/pre fix', storage_endpoint => "http://127.0.0.1:$s3->{port}", %settings);
		discover_fails(
			$server, $orders, $name, sqlstate => 'PT502', code => $code, says => $says,
			secret => qr/wrong\w*FEMI|FEMIwrong|\Q$s3->{reader}[1]\E/);
	}
	set(storage_root => 's3://store/pre fix', storage_endpoint => "http://127.0.0.1:$s3->{port}");
	write_keys('right', $reader);
};

subtest 'files' => sub {
	is(columns($orders), 'files.orders.csv id integer, files.orders.csv day date', 'csv');
	my $answer = call($server, "rivergen.data_source_test($orders)");
	ok($answer->{data}{success}, 'and tested') or diag(explain($answer));
	my $schema = attached($orders);
	is(sql($server, qq{SELECT id FROM $schema."orders.csv" WHERE day > '2024-01-01'}), '1', 'and read');
	$s3->put('store', "$own/orders.csv", "id,day\n1,2024-12-31\nx,\n");
	is(columns($orders), 'files.orders.csv id text, files.orders.csv day date', 'a change is seen');

	$s3->put('store', "$own/größe 😀+%20.json", '[{"a": 1, "b": [{"c": 2}]}, {"a": 3}]');
	my $id = source('json', 'größe 😀+%20.json');
	is( decode_utf8(columns($id)),
		'files.größe 😀+%20.json a integer, files.größe 😀+%20.json b object',
		'json, by a key that is escaped');
	$schema = attached($id);
	is(sql($server, qq{SELECT sum(a) FROM $schema."größe 😀+%20.json"}), '4', 'and read');

	$s3->put('store', "$own/t.$_", columnar_file($_)) for 'parquet', 'orc';
	for my $type ('parquet', 'orc')
	{
		my $source = source($type, "t.$type");
		discover($server, $source);
		my $here = attached($source);
		is(sql($server, qq{SELECT n, word FROM $here."t.$type" WHERE n >= 1 ORDER BY n}), "1|a\n2|", $type);
	}
	$s3->put('store', "$own/shop.xlsx", workbook([ { name => 'orders', rows => [ [ 'id', 'name' ], [ 1, 'a' ] ] } ]));
	my $book = source('excel', 'shop.xlsx');
	is(columns($book), 'files.orders id integer, files.orders name text', 'a workbook');
	$schema = attached($book);
	is(sql($server, "SELECT * FROM $schema.orders"), '1|a', 'and read');
};

subtest 'folders' => sub {
	$s3->put('store', "$own/sales/year=$_/part.csv", "id,price\n${_}1,1.5\n${_}2,\n") for 2023 .. 2025;
	$s3->put('store', "$own/sales/$_", 'x') for '_SUCCESS', 'year=2023/.part.crc';
	$s3->put('store', "$own/sales/", '');
	$s3->put('store', "$own/sales2/other.csv", "z\n1\n");
	my $id = source('csv', 'sales');
	is( columns($id), 'files.sales id integer, files.sales price decimal, files.sales year integer',
		'a folder of parts is one relation');
	my $schema = attached($id);
	is( sql($server, "SELECT year, sum(price), count(*) FROM $schema.sales GROUP BY year ORDER BY year"),
		"2023|1.5|2\n2024|1.5|2\n2025|1.5|2", 'its rows');
	is( sql($server, "SELECT string_agg(id::text, ' ') FROM $schema.sales WHERE year = 2024"), '20241 20242',
		'of a partition');
	$s3->put('store', "$own/sales/year=2026/part.csv", "id,price\n20261,2\n");
	is(sql($server, "SELECT count(*) FROM $schema.sales"), '7', 'a new part is read');
	$s3->put('store', "$own/twisted/a.csv", "a\n1\n");
	$s3->put('store', "$own/twisted//b.csv", "a\n2\n");
	my $twisted = source('csv', 'twisted');
	is(columns($twisted), 'files.twisted a integer', 'a key that no path can have is passed over');
	like(
		slurp_file($server->logfile), qr/Objects are passed over whose keys have a part that is empty/,
		'and that is logged');
};

sub put_folder
{
	my ($folder, $name) = @_;
	find(
		{   no_chdir => 1,
			wanted => sub {
				$s3->put('store', "$own/$name/" . substr($_, length "$folder/"), slurp_bytes($_)) if -f;
			}
		},
		$folder);
	return;
}

# Tables of lakes, which are folders that say themselves which files they have.
subtest 'tables of Iceberg' => sub {
	my $directory = PostgreSQL::Test::Utils::tempdir();
	local $ENV{PYTHONPATH} = S3Server::python_peers();
	my @steps = map { JSON::PP->new->decode($_) }
		qx(/usr/bin/python3 "$FindBin::Bin/../connectors/lib/iceberg_tables.py" "$directory");
	put_folder($steps[-1]{folder}, 'lake');
	my $id = source('iceberg', 'lake');
	columns($id);
	is( sql($server,
			"SELECT string_agg(column_name, ' ' ORDER BY column_name) FROM rivergen.columns WHERE data_source_id = $id"
		),
		join(' ', sort map { $_->[0] } @{ $steps[-1]{columns} }),
		'are discovered');
	my $schema = attached($id);
	is(sql($server, "SELECT string_agg(id::text, ' ' ORDER BY id) FROM $schema.lake WHERE id > 3"), '4 5', 'and read');
};

subtest 'tables of Delta Lake' => sub {
	my $folder = PostgreSQL::Test::Utils::tempdir() . '/delta';
	local $ENV{PYTHONPATH} = S3Server::python_peers();
	my $program =
		  'import sys, pyarrow as pa; from deltalake import DeltaTable, write_deltalake; '
		. "write_deltalake(sys.argv[1], pa.table({'n': [1, 2, 3], 'town': ['a b', 'c', 'c']}), partition_by=['town']); "
		. "DeltaTable(sys.argv[1]).create_checkpoint(); DeltaTable(sys.argv[1]).delete('n = 2')";
	system('/usr/bin/python3', '-c', $program, $folder) == 0 or die 'the table could not be written';
	put_folder($folder, 'delta');
	my $id = source('delta_lake', 'delta');
	is(columns($id), 'files.delta n long, files.delta town string', 'are discovered');
	my $schema = attached($id);
	is(sql($server, "SELECT n, town FROM $schema.delta ORDER BY n"), "1|a b\n3|c", 'and read');
};

subtest 'tables of Hudi' => sub {
	my $peer = Peer::Hudi->new;
	put_folder($peer->path, 'hudi');
	my $id = source('hudi', 'hudi');
	like(columns($id), qr/^files\.shop id int, .* files\.shop tags string$/, 'are discovered');
	my $schema = attached($id);
	is( sql($server, "SELECT id, day FROM $schema.shop WHERE id > 1 ORDER BY id"), "2|2025-01-01\n3|\n4|2025-02-28",
		'and read');
};

sub slurp_bytes
{
	my ($path) = @_;
	open(my $file, '<:raw', $path) or die "$path: $!";
	local $/;
	return scalar readline $file;
}

subtest 'what is not there' => sub {
	$s3->put('store', 'pre fix/organizations/2/x.csv', "a,b\n1,2\n");
	$s3->put('store', "$own/empty.csv", '');
	$s3->put('store', "$own/other.csv", 'PAR1 and more');
	my @cases = (
		[ 'gone.csv', 'database_not_found', qr/The file does not exist/ ],
		[ 'sale', 'database_not_found', qr/The file does not exist/ ],
		[ 'orders.csv/x.csv', 'database_not_found', qr/The file does not exist/ ],
		[ 'empty.csv', 'protocol', qr/The file is empty/ ],
		[ 'other.csv', 'configuration', qr/The file is a Parquet file/ ]);
	for my $case (@cases)
	{
		my ($name, $code, $says) = @$case;
		discover_fails($server, source('csv', $name), $name, sqlstate => 'PT502', code => $code, says => $says);
	}
	my $id = source('csv', 'moved.csv');
	for my $path ('organizations/2/x.csv', 'organizations/1/../2/x.csv')
	{
		sql($server, "UPDATE rivergen_catalog.data_source SET file_path = '$path' WHERE data_source_id = $id");
		discover_fails($server, $id, $path, sqlstate => 'PT502', code => 'configuration', says => qr/file_path must/);
	}
};

# A service that never answers: meanwhile the connector and its broker can be looked at.
subtest 'the keys are in the broker, and nowhere else' => sub {
	my $service = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	my $secret = $s3->{reader}[1];
	set(storage_endpoint => 'http://127.0.0.1:' . $service->sockport);
	my $session = session_start($server, 'SELECT ' . discovery($orders, 'refresh => true'));
	my $connection = $service->accept;
	my %process = map { /^(\d+) \S (.*)/ ? ($2 => $1) : () } connectors($server);
	my @words = map { content("/proc/$process{csv}/$_") } qw(cmdline environ);
	is( scalar(grep { /\Q$secret\E|\Q$s3->{reader}[0]\E/ } @words), 0,
		'not in the connector\'s arguments and environment');
	is(descriptors($process{csv}), 'pipe pipe pipe socket', 'which has one socket');
	my $listed = join ' ', map { content("/proc/$_/cmdline") // '' } map { m{(\d+)} } glob '/proc/[0-9]*';
	unlike($listed, qr/\Q$secret\E/, 'in no process\'s arguments');
SKIP:
	{
		my $broker = memory($process{storage_broker}) // skip('this user may not read memory', 2);
		like($broker, qr/\Q$secret\E/, 'the broker has them in memory');
		unlike(memory($process{csv}), qr/\Q$secret\E/, 'and the connector has not');
	}
	sql($server, "SELECT rivergen.job_cancel((SELECT max(job_id) FROM rivergen.jobs))");
	close $connection;
	session_end($session);
};

# All that a process may write to, where it may be read.
sub memory
{
	my ($pid) = @_;
	my $content = '';
	open(my $memory, '<:raw', "/proc/$pid/mem") or return;
	for my $line (split /\n/, content("/proc/$pid/maps"))
	{
		my ($from, $to) = $line =~ /^(\w+)-(\w+) rw/ or next;
		sysseek($memory, hex $from, 0) or next;
		sysread($memory, $content, hex($to) - hex($from), length $content);
	}
	return $content;
}

unlike(slurp_file($server->logfile), qr/\Q$s3->{reader}[1]\E/, 'no key is logged');
unlike(slurp_file($server->logfile), qr/storage broker has ended/, 'no broker has died');
clean_server($server);
done_testing();
