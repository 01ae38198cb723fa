# The connector mysql and a server of other origin, with the catalog of an old one: mysql-mimic speaks the protocol, the
# catalog has the columns that MySQL 5.6 has (lib/mimic/server.py). Simulated.
use strict;
use warnings;
use utf8;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use IPC::Open2;
use Test::More;

my $connector = installed_connector('mysql');
plan(skip_all => "$connector is not built") unless -x $connector;
my $here = dirname(abs_path(__FILE__));
local $ENV{PYTHON_PEERS} = $ENV{PYTHON_PEERS};
chomp($ENV{PYTHON_PEERS} = `$here/../lib/pip.sh $here/../peers/python`) if !$ENV{PYTHON_PEERS};
local $ENV{PYTHONDONTWRITEBYTECODE} = 1;

my $server = open2(my $out, my $in, '/usr/bin/python3', "$here/lib/mimic/server.py");
print $in $json->allow_nonref->encode(<<'EOT'), "\n";
INSERT INTO information_schema.schemata VALUES ('mysql'), ('shop'), ('SHOP');
INSERT INTO information_schema.tables VALUES
	('shop', 'items', 'BASE TABLE', 'InnoDB', 7, 100, 20, 'partitioned', 'what is there', 'utf8_bin'),
	('shop', 'Items', 'BASE TABLE', 'InnoDB', 0, 0, 0, '', '', 'utf8_bin'),
	('shop', 'words', 'VIEW', NULL, NULL, NULL, NULL, NULL, 'VIEW', NULL);
INSERT INTO information_schema.columns VALUES
	('shop', 'items', 'id', 1, NULL, 'NO', NULL, 'int(10) unsigned', 'auto_increment', 'select', ''),
	('shop', 'items', 'word', 2, 'it''s', 'YES', 'utf8_bin', 'varchar(20)', '', 'select', 'in full'),
	('shop', 'items', 'at', 3, 'CURRENT_TIMESTAMP', 'NO', NULL, 'timestamp', 'on update CURRENT_TIMESTAMP', 'select', ''),
	('shop', 'items', 'of', 4, NULL, 'YES', NULL, 'int(10) unsigned', '', 'select', ''),
	('shop', 'items', 'x', 5, NULL, 'YES', NULL, 'hyperlattice(3)', '', 'select', ''),
	('shop', 'Items', 'id', 1, '0', 'NO', NULL, 'int(11)', '', 'select', ''),
	('shop', 'words', 'word', 1, NULL, 'YES', 'utf8_bin', 'varchar(20)', '', 'select', '');
INSERT INTO information_schema.statistics VALUES
	('shop', 'items', 0, 'PRIMARY', 1, 'id', 'A', NULL, 'BTREE', ''),
	('shop', 'items', 1, 'beginning', 1, 'word', 'A', 3, 'BTREE', 'short');
INSERT INTO information_schema.key_column_usage VALUES
	('shop', 'PRIMARY', 'shop', 'items', 'id', 1, NULL, NULL, NULL), ('shop', 'up', 'shop', 'items', 'of', 1, 'shop', 'items', 'id');
INSERT INTO information_schema.referential_constraints VALUES ('shop', 'up', 'RESTRICT', 'SET NULL', 'items');
INSERT INTO information_schema.views VALUES ('shop', 'words', 'select word from shop.items', 'NONE', 'DEFINER');
INSERT INTO information_schema.partitions VALUES ('shop', 'items', 'p0', 'HASH', 'id', NULL, NULL), ('shop', 'Items', NULL, NULL, NULL, NULL, NULL);
EOT
$in->flush;
chomp(my $port = <$out> // '');
cmp_ok($port, '>', 0, 'the server listens') or BAIL_OUT('no server');

sub ask
{
	my $base = {
		type => 'mysql', credentials => { username => 'reader', password => 'pass-word' },
		endpoint => {
			host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'shop',
			tls => { mode => 'prefer' }
		}
	};
	my $answer = ask_connector([$connector], request_line($base, @_));
	is(join("\n", faults_of_frames(@{ $answer->{frames} })), '', 'the frames are as they must be');
	return @{ $answer->{frames} };
}

fails_with(
	'a wrong password', 'authenticate', 'authentication', 0,
	ask(operation => 'test', credentials => { password => 'wrong' }));
my @frames = ask();
my ($connected) = frames_of('connected', @frames);
is($connected->{dialect}, 'mysql 5.6', 'the server is taken for what it says that it is');
my %documents = map { ("$_->{schema}.$_->{name}" => $_->{document}) } frames_of('relation', @frames);
is_deeply([ sort keys %documents ], [qw(shop.Items shop.items shop.words)], 'every relation comes')
	or diag(explain($frames[-1]));
is_deeply(
	$documents{'shop.items'},
	{   comment => 'what is there',
		columns => [
			{   name => 'id', type => 'int(10) unsigned', pg_type => 'bigint', not_null => JSON::PP::true,
				identity => 'by default'
			},
			{   name => 'word', type => 'varchar(20)', default => q('it''s'), collation => 'utf8_bin',
				comment => 'in full'
			},
			{   name => 'at', type => 'timestamp', pg_type => 'timestamp with time zone', not_null => JSON::PP::true,
				default => 'CURRENT_TIMESTAMP on update CURRENT_TIMESTAMP'
			},
			{ name => 'of', type => 'int(10) unsigned', pg_type => 'bigint' },
			{ name => 'x', type => 'hyperlattice(3)' } ],
		primary_key => { name => 'PRIMARY', columns => ['id'] },
		foreign_keys => [ {
			name => 'up', columns => ['of'], schema => 'shop', table => 'items', referenced_columns => ['id'],
			on_delete => 'set null'
		} ],
		indexes => [
			{   name => 'PRIMARY', method => 'btree', unique => JSON::PP::true, primary => JSON::PP::true,
				columns => ['id']
			},
			{ name => 'beginning', method => 'btree', columns => ['`word`(3)'], comment => 'short' } ],
		partition_key => 'HASH (id)',
		options => { engine => 'InnoDB', collation => 'utf8_bin' }
	},
	'a table, though the catalog has no expressions, no checks and no invisible indexes');
is($documents{'shop.words'}{definition}, 'select word from shop.items', 'a view');
is_deeply(
	[ map { "$_->{schema}.$_->{name}" } frames_of('relation', ask(schema => 'SHOP')) ],
	[], 'a schema with another spelling is another one');

close $in;
waitpid($server, 0);
done_testing();
