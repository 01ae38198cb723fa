# A source of type s3 from its registration to its rows, in the connector's confinement, against moto: what the connector says is
# what the server takes.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use Rivergen;
use S3Server;
use Test::More;

my $server = start_server('server');
my $s3 = S3Server->new;
$s3->call('create_bucket', Bucket => 'shop');
$s3->put('shop', "sales/year=$_/part.csv", "item,price,day\nchair,$_.5,$_-02-28\n") for 2022 .. 2024;
$s3->put('shop', 'notes.json', '[{"a": 1}, {"a": 2}]');
$s3->put('shop', 'lake/_delta_log/00000000000000000000.json', '{}');
my %source = (
	type => 's3', host => 'localhost', port => $s3->{port}, database_name => 'shop', file_path => '/',
	credentials => { access_key_id => $s3->{reader}[0], secret_access_key => $s3->{reader}[1] });
my $id =
	create_quiet_source($server, { %source, name => 'Bucket', metadata => { query => { enabled => JSON::PP::true } } });
discover($server, $id);
is( sql($server,
		q{SELECT string_agg(format('%s %s', table_name, kind), ', ' ORDER BY table_name) FROM rivergen.tables}),
	'notes.json file, sales/ file',
	'it is discovered');
call($server, "rivergen.attach($id, 'bucket')");
is( sql($server, q{SELECT year, price, day FROM bucket."sales/" WHERE year IN (2023, 2024) ORDER BY year}),
	"2023|2023.5|2023-02-28\n2024|2024.5|2024-02-28",
	'a partitioned folder is read in place');
is(sql($server, q{SELECT sum(a) FROM bucket."notes.json"}), '3', 'and so is an object');
call_fails(
	$server,
	'rivergen.data_source_create(' . json({ %source, name => 'None', file_path => '' }) . ')',
	'no path at all', sqlstate => 'PT400');
is( call($server, 'rivergen.data_source_create(' . json({ %source, name => 'Prefix', file_path => 'sales/' }) . ')')
		->{data}{file_path},
	'sales/',
	'a prefix is no path of the storage');
done_testing();
