# The connector delta_lake by itself: which files of the log count, what is described, and logs that are broken or hostile.
# (delta_lake_written.t has tables that an independent library writes and changes.)
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use lib dirname(__FILE__) . '/lib';
use Connector;
use JSON::PP;
use Test::More;

my $directory = tempdir('rivergen-delta-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $json = JSON::PP->new->canonical->utf8;

# The frames of an answer about a folder.
sub ask
{
	my ($folder, %change) = @_;
	my $name = $folder =~ s{.*/}{}r;
	my $run = start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector('delta_lake'), $folder ]);
	local $SIG{PIPE} = 'IGNORE';
	send_line(
		$run,
		request_line(
			{ type => 'delta_lake', endpoint => { path => "organizations/1/$name" }, credentials => {} }, %change));
	return @{ end_connector($run)->{frames} };
}

# A table of these files in its log: texts, or arrays of actions.
my $tables = 0;

sub table
{
	my (%files) = @_;
	my $folder = "$directory/table_" . ++$tables;
	make_path("$folder/_delta_log");
	for my $name (keys %files)
	{
		my $path = "$folder/_delta_log/" . ($name =~ /^\d+$/ ? sprintf('%020d.json', $name) : $name);
		make_path(dirname($path));
		open(my $file, '>:raw', $path) or die $!;
		print $file ref $files{$name} ? map { $json->encode($_) . "\n" } @{ $files{$name} } : $files{$name};
		close $file;
	}
	return $folder;
}

sub protocol { return { protocol => { minReaderVersion => 1, minWriterVersion => 2, @_ } } }

sub field
{
	my ($name, $type, %metadata) = @_;
	return { name => $name, type => $type, nullable => JSON::PP::true, metadata => \%metadata };
}

sub schema { return JSON::PP->new->canonical->encode({ type => 'struct', fields => \@_ }) }

# The action that gives the table these columns, of the type long if they are names.
sub metadata
{
	my ($columns, %change) = @_;
	my @fields = map { ref $_ ? $_ : field($_, 'long') } @$columns;
	return {
		metaData => {
			id => '9c12d441-03fe-4693-9a96-a0705ddf69c1', format => { provider => 'parquet', options => {} },
			schemaString => schema(@fields), partitionColumns => [], configuration => {}, %change
		}
	};
}

sub begins { return [ protocol(), metadata(@_) ] }

# The action add of a file of so many rows.
sub add
{
	my ($path, $rows, %change) = @_;
	return {
		add => {
			path => $path, partitionValues => {}, size => 10, modificationTime => 1, dataChange => JSON::PP::true,
			stats => "{\"numRecords\":$rows}", %change
		}
	};
}

sub remove
{
	return { remove => { path => $_[0], dataChange => JSON::PP::true, deletionTimestamp => 1, @_[ 1 .. $#_ ] } };
}

sub relation { return (frames_of('relation', ask(@_)))[0] }

sub columns
{
	my $relation = relation(@_) or return (ask(@_))[-1]{message};
	return join ', ', map { "$_->{name} $_->{type}" } @{ $relation->{document}{columns} };
}

sub rows { return relation(@_)->{row_estimate} }

sub fails
{
	my ($name, $folder, $says) = @_;
	my $error = (ask($folder))[-1];
	is($error->{frame}, 'error', "$name: an error");
	like(join(' ', grep { defined } @$error{qw(message detail)}), $says, "$name: it is told");
	return;
}

subtest 'which commits count' => sub {
	is(columns(table(0 => begins(['a']))), 'a long', 'one commit');
	is(columns(table(0 => begins(['a']), 1 => [ metadata(['b']) ])), 'b long', 'the newest description');
	is(columns(table(0 => begins(['a']), map { $_ => [ add("f$_", 1) ] } 1 .. 12)), 'a long', 'an old one');
	is( columns(table(
			0 => begins(['a']), '.00000000000000000001.json.crc' => 'x', '00000000000000000000.crc' => '{',
			_last_checkpoint => '{"version": 77}', '00000000000000000001.json.tmp' => 'x')),
		'a long',
		'other files, and a hint that is wrong');
	is( columns(table(
			0 => begins(['a']), '00000000000000000003.checkpoint.0000000001.0000000002.parquet' => 'x',
			1 => [ metadata(['b']) ])),
		'b long',
		'a checkpoint that is not complete');
	is( columns(table(
			0 => begins(['a']),
			'_staged_commits/00000000000000000001.fa6506c3-7681-40c8-86dc-e36561f83385.json' => [ metadata(['b']) ])),
		'a long',
		'a commit that is not committed');
	my $compacted = table(
		0 => begins(['a']), map({ $_ => '{' } 1 .. 3),
		'00000000000000000001.00000000000000000002.compacted.json' => '{',
		'00000000000000000001.00000000000000000003.compacted.json' => [ metadata(['c']), add('x', 5) ]);
	is(columns($compacted), 'c long', 'the widest compaction is read in place of its commits');
	is(rows($compacted), 5, 'and its files');
	is( columns(table(0 => "\n" . join("\r\n", map { $json->encode($_) } @{ begins(['a']) }))), 'a long',
		'other line ends');
};

subtest 'rows and bytes' => sub {
	is(rows(table(0 => [ @{ begins(['a']) }, add('x', 3), add('y', 4) ])), 7, 'the sum of files');
	is( rows(table(0 => [ @{ begins(['a']) }, add('x', 3), add('y', 4) ], 1 => [ remove('x') ])), 4,
		'without removed ones');
	is( rows(table(0 => [ @{ begins(['a']) }, add('a%20b', 3) ], 1 => [ remove('a b') ], 2 => [ add('a%20b', 5) ])),
		5, 'a file that comes again, under another spelling of its path');
	my $vector = { storageType => 'u', pathOrInlineDv => 'ab^-aqEH.-t@S}K{vb[*k^', offset => 4, sizeInBytes => 40 };
	is( rows(table(
			0 => [ @{ begins(['a']) }, add('x', 9) ],
			1 => [ remove('x'), add('x', 9, deletionVector => { %$vector, cardinality => 2 }) ])),
		7,
		'deleted rows do not count');
	is( rows(table(
			0 => [ @{ begins(['a']) }, add('x', 9, deletionVector => { %$vector, cardinality => 2 }) ],
			1 => [
				remove('x', deletionVector => { %$vector, cardinality => 2 }),
				add('x', 9, deletionVector => { %$vector, offset => 60, cardinality => 4 }) ])),
		5,
		'other deleted rows make another file');
	is( rows(table(0 => [ @{ begins(['a']) }, add('x', 9), add('y', 1, stats => undef) ])), undef,
		'a file that does not say');
	is(rows(table(0 => begins(['a']))), 0, 'no file at all');
	is(relation(table(0 => [ @{ begins(['a']) }, add('x', 3), add('y', 4) ]))->{size_bytes}, 20, 'bytes');
};

subtest 'what is described' => sub {
	my $relation = relation(table(
		0 => [
			protocol(minReaderVersion => 2, minWriterVersion => 5),
			metadata(
				[   field(
						'id', 'long', 'delta.identity.start' => 1,
						'delta.identity.allowExplicitInsert' => JSON::PP::false),
					field('name', 'string', comment => 'a name', __CHAR_VARCHAR_TYPE_STRING => 'varchar(10)'),
					field(
						'price', 'decimal(10,2)',
						'delta.invariants' => '{"expression":{"expression":"price > 0"}}', CURRENT_DEFAULT => '1.5'),
					field('day', 'date', 'delta.generationExpression' => 'CAST(at AS DATE)'),
					field('at', 'timestamp_ntz'),
					field('text', 'string', __COLLATIONS => { text => 'icu.DE' }),
					field('tags', { type => 'array', elementType => 'string', containsNull => JSON::PP::true }),
					field(
						'item',
						{   type => 'struct',
							fields => [
								field('sku', 'string', 'delta.columnMapping.id' => 9),
								field('sizes', { type => 'map', keyType => 'string', valueType => 'float' }) ]
						}) ],
				partitionColumns => [ 'day', 'name' ], description => 'all orders',
				configuration => { 'delta.constraints.dear' => 'price < 100', 'delta.appendOnly' => 'true' }),
			{
				domainMetadata => {
					domain => 'delta.clustering', configuration => '{"clusteringColumns":[["item","sku"],["at"]]}',
					removed => JSON::PP::false
				}
			} ]));
	my $document = $relation->{document};
	my %columns = map { $_->{name} => $_ } @{ $document->{columns} };
	is($relation->{kind}, 'partitioned_table', 'its kind');
	is($relation->{id}, '9c12d441-03fe-4693-9a96-a0705ddf69c1', 'its id');
	is($document->{partition_key}, 'day, name', 'its key');
	is($document->{comment}, 'all orders', 'its comment');
	is_deeply(
		$document->{checks},
		[   { name => 'dear', definition => 'CHECK (price < 100)' },
			{ name => 'price', definition => 'CHECK (price > 0)' } ],
		'checks');
	is_deeply(
		$document->{options},
		{   minReaderVersion => '2', minWriterVersion => '5', 'delta.appendOnly' => 'true', clustering => 'item.sku, at'
		},
		'options');
	is($columns{id}{identity}, 'always', 'an identity');
	is("@{$columns{name}}{qw(type comment)}", 'varchar(10) a name', 'a text of a length, with a comment');
	is($columns{price}{default}, '1.5', 'a default');
	is("@{$columns{day}}{qw(generated expression)}", 'stored CAST(at AS DATE)', 'a generated column');
	is($columns{at}{pg_type}, 'timestamp without time zone', 'a time');
	is($columns{text}{collation}, 'icu.DE', 'a collation');
	is("@{$columns{tags}}{qw(type repeated pg_type)}", 'string 1 jsonb', 'an array');
	is($columns{item}{type}, 'struct<sku:string,sizes:map<string,float>>', 'a struct');
	is($columns{item}{fields}[0]{id}, 9, 'the id of a field');
	is( join(' ', map { "$_->{name}:$_->{type}" } @{ $columns{item}{fields}[1]{fields} }), 'key:string value:float',
		'a map');
};

subtest 'column mapping' => sub {
	my %mapped = ('delta.columnMapping.physicalName' => 'col-1', 'delta.columnMapping.id' => 4);
	my $folder = table(
		0 => [
			protocol(minReaderVersion => 2, minWriterVersion => 7, writerFeatures => ['columnMapping']),
			metadata([ field('name', 'string', %mapped) ], configuration => { 'delta.columnMapping.mode' => 'name' }) ]
	);
	is_deeply(
		relation($folder)->{document}{columns}, [ { name => 'name', type => 'string', id => '4' } ],
		'a column has its own name, also where only writers know the feature (trino#12592, #22106)');
};

subtest 'what a reader must know' => sub {
	my $folder = table(
		0 => [
			protocol(minReaderVersion => 3, minWriterVersion => 7, readerFeatures => [ 'deletionVectors', 'future' ]),
			metadata(['a']) ]);
	my @logs = frames_of('log', ask($folder));
	like($logs[0]{message}, qr/not known: future$/, 'an unknown feature is named');
	is(columns($folder), 'a long', 'and the columns are described');
};

subtest 'a wide table' => sub {
	my $relation = relation(table(0 => begins([ map { "column $_" } 1 .. 5000 ])));
	is($relation->{columns}, 5000, 'all columns are described');
	is($relation->{document}{columns}[-1]{name}, 'column 5000', 'to the last one');
	is( columns(table(0 => begins([ 'x', field('day', 'date') ], partitionColumns => ['day']))), 'x long, day date',
		'a key');
	is(
		relation(table(0 => begins([ 'x', field('a b%c', 'date') ], partitionColumns => ['a b%c'])))
			->{document}{partition_key},
		'a b%c', 'a key of an odd name');
};

subtest 'what is no file of the log' => sub {
	my $folder = table(0 => begins(['a']));
	make_path("$folder/_delta_log/00000000000000000001.json");
	is(columns($folder), 'a long', 'a folder of its name is passed over');
	my $linked = table(0 => begins(['a']));
	symlink "$folder/_delta_log/00000000000000000000.json", "$linked/_delta_log/00000000000000000001.json" or die $!;
	fails('a link', $linked, qr/no longer there.*00001\.json/s);
	my $piped = table(0 => begins(['a']));
	system('mkfifo', "$piped/_delta_log/00000000000000000001.json") == 0 or die;
	fails('a pipe', $piped, qr/no longer there.*00001\.json/s);
};

subtest 'documents stay the same' => sub {
	my $folder = table(0 => [ protocol(), metadata(['a'], configuration => { map { $_ => $_ } 'a' .. 'k' }) ]);
	is_deeply([ relation($folder) ], [ relation($folder) ], 'two discoveries give the same');
};

sub info { return { commitInfo => { operation => 'WRITE', timestamp => $_[0], @_[ 1 .. $#_ ] } } }

# What is told of the table's history: times and columns, from the oldest version on.
sub history
{
	my $relation = relation(@_);
	return join '; ', map {
		join ' ', $_->{changed_at} // 'no time',
			map { $_->{name} } @{ $_->{document}{columns} }
	} @{ $relation->{versions} // [] }, $relation;
}

subtest 'what it was before' => sub {
	my $checkpoint = '00000000000000000002.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json';
	my @first = (0 => [ @{ begins(['a']) }, info(1000) ]);
	my @two = (@first, 1 => [ info(2000), metadata([ 'a', 'b' ]) ]);
	is(history(table(@two)), '1000 a; 2000 a b', 'two versions');
	is(history(table(@two, 2 => [ add('x', 1), info(3000) ])), '1000 a; 2000 a b', 'a commit of rows makes none');
	is( history(table(@two, 2 => [ metadata([ 'a', 'b' ]), info(3000) ])), '1000 a; 2000 a b',
		'nor does one that changes nothing');
	is( history(table(@two, 2 => [ metadata(['a']), info(3000) ])), '1000 a; 2000 a b; 3000 a',
		'one that is back again is one');
	my ($protocol) =
		map { $_->{versions} } relation(table(@first, 1 => [ protocol(minWriterVersion => 7), info(2000) ]));
	is($protocol->[0]{document}{options}{minWriterVersion}, '2', 'another protocol makes one');
	is(history(table(@first, 1 => [ metadata(['b']), info(400) ])), '1000 a; 1001 b', 'a clock that is late');
	is( history(table(@first, 1 => [ metadata(['b']), info(400, inCommitTimestamp => 7000) ])), '1000 a; 7000 b',
		'the time that is in order counts');
	is( history(table(@first, 1 => [ metadata(['b']) ], 2 => [ metadata(['c']), info(3000) ])), '1000 a; 3000 c',
		'one without a time is left out');
	is(history(table(@two, 2 => [ metadata(['c']) ])), 'no time c', 'if that is the present one, nothing is told');
	is( history(table(@two), known => { signature => undef, relations => [], as_of => 1500 }), '2000 a b',
		'what is known is not told');
	my @kept = ($checkpoint => begins([ 'a', 'b' ]), 2 => [ info(3000) ], 3 => [ metadata(['c']), info(4000) ]);
	is(history(table(@kept)), '3000 a b; 4000 c', 'a log whose beginning was removed');
	is(history(table(@kept, 1 => [ info(2000) ])), '3000 a b; 4000 c', 'or some of it');
	is( history(table(@kept, @two)), '1000 a; 2000 a b; 4000 c',
		'a log that is all there is read beyond its checkpoint');
	is(history(table(@kept, @first, 1 => '{"metaData": nan}')), '4000 c', 'a commit that is broken ends it');
	is( history(table(@kept, @first, 1 => [ metadata([], schemaString => '{'), info(2000) ])), '1000 a; 4000 c',
		'a description that is broken is left out');
	my @many = map { $_ => [ metadata(["a$_"]), info(1000 + $_) ] } 1 .. 300;
	my @told = split /; /, history(table(@first, @many));
	is(join(' ', scalar @told, $told[0], $told[-1]), '200 1101 a101 1300 a300', 'of many the newest');
};

subtest 'what is broken' => sub {
	my $deep = 'long';
	$deep = { type => 'array', elementType => $deep } for 1 .. 30;
	make_path("$directory/empty", "$directory/bare/_delta_log");
	fails('another folder', "$directory/empty", qr/no Delta table: it has no folder _delta_log/);
	fails('no commit', "$directory/bare", qr/has neither a commit nor/);
	fails('a gap', table(0 => begins(['a']), 2 => []), qr/has a gap.*version 1 is missing/s);
	fails('no beginning', table(1 => begins(['a'])), qr/version 0 is missing/);
	fails('no protocol', table(0 => [ metadata(['a']) ]), qr/action protocol/);
	fails('no metadata', table(0 => [ protocol() ]), qr/action metaData/);
	fails('no JSON', table(0 => '{"metaData": nan}'), qr/00\.json: it is no JSON/);
	fails('no object', table(0 => '["metaData"]'), qr/a line is no object/);
	fails('no action', table(0 => '{"metaData": 1}'), qr/an action is no object/);
	fails('too deep', table(0 => '{"metaData":' . '[' x 100_000), qr/nested in more than 100 levels/);
	fails('no schema', table(0 => [ protocol(), metadata([], schemaString => '{') ]), qr/schemaString: /);
	fails('no fields', table(0 => [ protocol(), metadata([], schemaString => '{}') ]), qr/no fields/);
	fails('no name', table(0 => [ protocol(), metadata([ field(undef, 'long') ]) ]), qr/has no name/);
	fails('types without end', table(0 => begins([ field('a', $deep) ])), qr/more than 20 levels/);
	fails('a type that is none', table(0 => begins([ field('a', 7) ])), qr/type that is not known/);
	fails('a file without a path', table(0 => [ @{ begins(['a']) }, { add => { size => 1 } } ]), qr/no path/);
	fails('a checkpoint that is none', table('00000000000000000003.checkpoint.parquet' => 'PAR1x'), qr/Parquet/);
};

done_testing();
