# The connector s3 against moto, which checks signatures and rights: what becomes a relation, keys that other clients have signed
# or named wrongly (with the public number of the fault), and objects that change while they are read.
use strict;
use warnings;
use utf8;

use Encode qw(decode_utf8 encode_utf8);
use File::Basename qw(dirname);
use File::Find qw(find);
use lib dirname(__FILE__) . '/lib';
use ColumnarFile;
use Connector;
use Peer::DeltaLake;
use Peer::Hudi;
use Peer::Iceberg;
use S3Server;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $s3 = S3Server->new;
my $connector = [ installed_connector('s3') ];
my $row = "a,b\n1,x\n";

sub bucket
{
	my ($name, %content) = @_;
	$s3->call('create_bucket', Bucket => $name);
	$s3->put($name, $_, $content{$_}) for sort keys %content;
	return;
}

sub ask
{
	my ($base, %change) = @_;
	return @{ ask_connector($connector, request_line($base, %change))->{frames} };
}

# The relations of a bucket, or of what is below a path, as NAME(COLUMNS); what is skipped as NAME: REASON.
sub found
{
	my ($name, $path, $user, %change) = @_;
	my @frames = ask($s3->base($name, $path, $user), %change);
	diag(explain($frames[-1])) if $frames[-1]{frame} eq 'error';
	return [
		sort(map {
				"$_->{name}("
					. join(' ', map { "$_->{name}:$_->{type}" } @{ $_->{document}{columns} }) . ')'
		} frames_of('relation', @frames)),
		sort(map { ($_->{name} // '*') . ": $_->{reason}" } frames_of('skipped', @frames)) ];
}

sub rows
{
	my ($base, $name, $columns, %read) = @_;
	my @frames =
		ask($base, operation => 'read', read => read_request([ $base->{endpoint}{database}, $name ], $columns, %read));
	return $frames[-1]{frame} eq 'error' ? "$frames[-1]{code}: $frames[-1]{message}" : [ rows_of(@frames) ];
}

subtest 'folders' => sub {
	bucket(
		'folders',
		(map { ("hive/year=$_/month=01/p.csv" => "a\n$_\n") } 2023 .. 2025),
		'hive/year=__HIVE_DEFAULT_PARTITION__/month=a%2Fb%20c/p.csv' => "a,more\n0,x\n",
		'hive/_SUCCESS' => '', 'hive/year=2023/month=01/.crc' => 'x',
		(map { (sprintf('parts/%02d.csv', $_) => "a,b\n$_," . ($_ == 7 ? '' : '1.5') . "\n") } 1 .. 20),
		'parts/readme.txt' => 'x',
		(map { (sprintf('mixed/%02d.csv', $_) => $_ == 20 ? "z\n1\n" : $row) } 1 .. 20),
		(map { ("few/$_.csv" => $row) } 1, 2),
		'empty.csv' => '',
		'later.avro' => 'Obj', 'deep/a/b/c/d.json' => '[{"n": 1}]', 'not.csv' => "PK\x03\x04 zip", 'folder/' => '');
	is_deeply(
		found('folders'),
		[   'deep/a/b/c/d.json(n:integer)', 'few/1.csv(a:integer b:text)', 'few/2.csv(a:integer b:text)',
			'hive/(a:integer more:text year:integer month:text)',
			(map { sprintf 'mixed/%02d.csv(a:integer b:text)', $_ } 1 .. 19), 'mixed/20.csv(z:integer)',
			'parts/(a:integer b:decimal)',
			'empty.csv: The object is empty.',
			'later.avro: Objects of this format cannot be read yet.',
			"not.csv: The file is a zip archive, as Excel's .xlsx files are." ],
		'each is what it is');
	my $base = $s3->base('folders');
	is_deeply(
		rows($base, 'hive/', [qw(year a month more)]),
		[   [ 2023, 2023, '01', undef ], [ 2024, 2024, '01', undef ], [ 2025, 2025, '01', undef ],
			[ undef, 0, 'a/b c', 'x' ] ],
		'a partitioned folder is read, null and escapes too');
	is_deeply(
		rows(
			$base, 'hive/', ['a'],
			conditions => [ { column => 'year', op => 'in', type => 'bigint', values => [ '2024', '7' ] } ]),
		[ [2024] ],
		'and the parts that a condition leaves');
	is(scalar @{ rows($base, 'parts/', [qw(a b)]) }, 20, 'all parts are read, also one whose column is empty');
	is_deeply(
		[ map { /^\w+/ ? $& : () } @{ found('folders', 'few/') } ], [ 'few', 'few' ],
		'a prefix bounds the source');
	is_deeply(found('folders', 'few'), found('folders', 'few/'), 'also without its slash');
	is_deeply(found('folders', 'few/1.csv'), ['few/1.csv(a:integer b:text)'], 'a key is a source of one object');
	is_deeply(
		rows($s3->base('folders', 'few/'), 'parts/', ['a']),
		'relation_changed: The relation is no longer in the data source.',
		'what is beside the prefix is not read');
	is_deeply(
		found('folders', undef, undef, known => { signature => undef, relations => [] }), found('folders'),
		'signatures change nothing');
};

subtest 'keys' => sub {
	my @keys = (
		'tilde~.csv', 'plus+.csv', 'a=b.csv', 'at@.csv', 'q?.csv', 'hash#.csv', 'semi;.csv', 'colon:.csv',
		'per%cent.csv', 'esc%20aped.csv',
		'star*.csv', "quote'\".csv", 'back\\slash.csv', 'space .csv', ' before.csv', 'größe.csv',
		'日本語/😀.csv',
		'a//b.csv', 'amp&<lt>.csv', 'bracket[]{}.csv', ('x' x 1000) . '.csv');
	bucket('keys', map { $_ => $row } @keys);
	my @frames = ask($s3->base('keys'));

	is_deeply(
		[ sort map { $_->{name} } frames_of('relation', @frames) ], [ sort @keys ],
		'all are listed and read: minio-py#798, minio-dart#115, curl#13754, envoy#35023, k6-jslib-aws#78, s3cmd#675, soto#601'
	);
	my $base = $s3->base('keys');
	is_deeply(rows($base, $_, ['b']), [ ['x'] ], "read again: $_") for 'hash#.csv', 'esc%20aped.csv';
};

subtest 'rights' => sub {
	bucket('locked', 'open.csv' => $row);
	my @frames = ask($s3->base('locked'), operation => 'test');
	fails_with('a bucket that must not be listed', 'query', 'permission', 0, @frames);
	is_deeply(
		found('locked', 'open.csv'), ['open.csv(a:integer b:text)'],
		'one of its objects is a source all the same');
	bucket('rights', 'secret/a.csv' => $row, 'b.csv' => $row);
	my $found = found('rights');
	like(
		$found->[1], qr/^secret\/a\.csv: The service denies the access\./,
		'an object that must not be read is skipped');
	is($found->[0], 'b.csv(a:integer b:text)', 'the others are not');
};

subtest 'columnar files' => sub {
	my $base = $s3->base('columnar');
	bucket(
		'columnar', map { ("t.$_" => columnar_file($_), "part/year=2024/t.$_" => columnar_file($_)) } 'orc',
		'parquet');
	is_deeply(
		found('columnar', "t.$_"), [ "t.$_(n:" . ($_ eq 'orc' ? 'bigint' : 'int64') . " word:string)" ],
		"$_: described by its footer") for 'orc', 'parquet';
	is_deeply(
		rows($base, "t.$_", [ 'word', 'n' ]),
		[ [ 'a', 1 ], [ undef, 2 ], [ 'ß', undef ] ],
		"$_: read by byte ranges") for 'orc', 'parquet';
	is_deeply(
		rows(
			$base, "t.$_", ['word'],
			conditions => [ { column => 'n', op => '>', type => 'bigint', value => '1' } ]),
		[ [undef] ],
		"$_: and the rows that a condition leaves") for 'orc', 'parquet';
	$s3->put('columnar', "cut.$_", substr(columnar_file($_), 0, 60)) for 'orc', 'parquet';
	like(found('columnar')->[-1], qr/^cut\.parquet: /, 'one that is cut is skipped');
};

# Puts all files below a directory into the bucket.
sub put_folder
{
	my ($bucket, $prefix, $directory) = @_;
	my $content = sub {
		open(my $file, '<:raw', $_[0]) or die "$_[0]: $!";
		local $/;
		return scalar readline $file;
	};
	my $put = sub { $s3->put($bucket, $prefix . substr($_, length "$directory/"), $content->($_)) if -f };
	find({ no_chdir => 1, wanted => $put }, $directory);
	return;
}

# Tables as the peers of these types write them.
subtest 'tables of lakes' => sub {
	my %lake = (delta_lake => Peer::DeltaLake->new, hudi => Peer::Hudi->new, iceberg => Peer::Iceberg->new);
	bucket('lakes', 'broken/_delta_log/00000000000000000000.json' => '{', 'beside.csv' => $row);
	put_folder('lakes', "deep/$_/", $lake{$_}->path) for sort keys %lake;
	my $base = $s3->base('lakes');
	my @frames = ask($base, known => { signature => undef, relations => [] });
	my %found = map { $_->{name} => $_ } frames_of('relation', @frames);
	is_deeply(
		[ sort keys %found ], [ 'beside.csv', 'deep/delta_lake/', 'deep/hudi/', 'deep/iceberg/' ],
		'are found by their prefixes');
	is_deeply([ map { $_->{name} } frames_of('skipped', @frames) ], ['broken/'], 'one that is broken is skipped');
	for my $type (sort keys %lake)
	{
		my $name = "deep/$type/";
		my $readable = $lake{$type}->readable;
		is($found{$name}{document}{options}{format}, $type, "$type: the format is told");
		is_deeply(rows($base, $name, $readable->{columns}), $readable->{rows}, 'its rows are read');
		is_deeply(
			rows(
				$base, $name, ['id'],
				conditions => [ { column => 'id', op => '>=', type => 'integer', value => '3' } ]),
			[ [3], [4] ],
			'those of a condition');
		my @again = ask($s3->base('lakes', $name));
		is_deeply([ map { $_->{name} } frames_of('relation', @again) ], [$name], 'it can be a source of its own');
	}
	my ($end) = frames_of('end', @frames);
	my @known = map { [ $_->{id}, $_->{signature} ] } values %found;
	my @second = ask($base, known => { signature => $end->{signature}, relations => \@known });
	is(scalar(frames_of('unchanged', @second)), 4, 'nothing has changed');
	$lake{hudi}->change;
	put_folder('lakes', 'deep/hudi/', $lake{hudi}->path);
	@second = ask($base, known => { signature => $end->{signature}, relations => \@known });
	my ($changed) = frames_of('relation', @second);
	is($changed->{name}, 'deep/hudi/', 'then one table has');
	is_deeply(
		[ map { $_->{document} } @{ $changed->{versions} } ], [ $found{'deep/hudi/'}{document} ],
		'and tells what it was');
	$lake{delta_lake}->change;
	put_folder('lakes', 'deep/delta_lake/', $lake{delta_lake}->path);
	($changed) = grep { $_->{name} eq 'deep/delta_lake/' } frames_of('relation', ask($base));
	is_deeply(
		$changed->{versions}[-1]{document}, $found{'deep/delta_lake/'}{document},
		'so does a table of Delta Lake');
};

subtest 'samples' => sub {
	bucket('samples', 'people.csv' => "id,email,kind\n1,ann\@example.com,new\n2,bob\@example.com,old\n");
	my ($sample) = frames_of(
		'sample',
		ask($s3->base('samples'), operation => 'sample',
			sample => {
				relations => [ { schema => 'samples', name => 'people.csv' } ], categories => 60,
				category_length => 50, examples => 3,
				example_length => 200, masking => JSON::PP::true, relation_timeout => 60
			}));
	is_deeply([ map { $_->{email} } @{ $sample->{examples} } ], [ '***', '***' ], 'private values are masked');
	is_deeply($sample->{categories}, { kind => [ 'new', 'old' ] }, 'few values are categories');
};

subtest 'pages' => sub {
	bucket('pages', map { (sprintf('n/%04d.txt', $_) => 'x') } 1 .. 1050);
	$s3->put('pages', 'n/last.csv', $row);
	is_deeply(found('pages'), ['n/last.csv(a:integer b:text)'], 'what is on the second page is found');
};

done_testing();
