# The connector hudi by itself: which instants count, where the schema is found, what is described, and tables that are broken
# or hostile.
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

my $directory = tempdir('rivergen-hudi-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $json = JSON::PP->new->canonical->utf8;

# The frames of an answer about a folder.
sub ask
{
	my ($folder, %change) = @_;
	my $name = $folder =~ s{.*/}{}r;
	my $run = start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector('hudi'), $folder ]);
	local $SIG{PIPE} = 'IGNORE';
	send_line(
		$run,
		request_line({ type => 'hudi', endpoint => { path => "organizations/1/$name" }, credentials => {} }, %change));
	return @{ end_connector($run)->{frames} };
}

# A table of these files in its folder .hoodie: texts, or documents.
my $tables = 0;

sub table
{
	my ($properties, %files) = @_;
	my $folder = "$directory/table_" . ++$tables;
	$files{'hoodie.properties'} =
		ref $properties ? join('', map { "$_=$properties->{$_}\n" } sort keys %$properties) : $properties;
	for my $name (keys %files)
	{
		my $path = "$folder/.hoodie/$name";
		make_path(dirname($path));
		open(my $file, '>:raw', $path) or die $!;
		print $file ref $files{$name} ? $json->encode($files{$name}) : $files{$name};
		close $file;
	}
	return $folder;
}

# The properties of a table of version 6, with these changes.
sub properties
{
	my (%change) = @_;
	my %all = (
		'table.name' => 'shop', 'table.version' => 6, 'table.type' => 'COPY_ON_WRITE',
		'populate.meta.fields' => 'false',
		%change);
	return { map { ("hoodie.$_" => $all{$_}) } grep { defined $all{$_} } keys %all };
}

sub field { my ($name, $type, %more) = @_; return { name => $name, type => [ 'null', $type ], %more } }

# The schema of these fields, of the type long if they are names, as a text.
sub schema
{
	my (@fields) = @_;
	return JSON::PP->new->canonical->encode(
		{ type => 'record', name => 'shop', fields => [ map { ref $_ ? $_ : field($_, 'long') } @fields ] });
}

# What an instant with that schema says.
sub commit { return { extraMetadata => { schema => $_[0] }, operationType => 'UPSERT' } }

sub relation { return (frames_of('relation', ask(@_)))[0] }

sub columns
{
	my $relation = relation(@_) or return (ask(@_))[-1]{message};
	return join ', ', map { "$_->{name} $_->{type}" } @{ $relation->{document}{columns} };
}

sub fails
{
	my ($name, $folder, $says) = @_;
	my $error = (ask($folder))[-1];
	is($error->{frame}, 'error', "$name: an error");
	like(join(' ', grep { defined } @$error{qw(message detail)}), $says, "$name: it is told");
	return;
}

subtest 'where the schema is found' => sub {
	my $created = properties('table.create.schema' => schema('created'));
	my $old = commit(schema('old'));
	is(columns(table($created)), 'created long', 'a table without an instant (hudi#10069)');
	is(columns(table($created, '001.commit' => $old)), 'old long', 'one instant');
	is( columns(table($created, '001.commit' => $old, '002.deltacommit' => commit(schema('new')))),
		'new long', 'the newest instant');
	is( columns(table($created, '001.commit' => $old, '002.commit' => commit(''))),
		'old long', 'the newest schema is empty (hudi#18030)');
	is( columns(table($created, '001.commit' => $old, '002.commit' => commit('{"type": "record", "name": '))),
		'old long', 'the newest schema is none (hudi#18576)');
	is( columns(table($created, '001.commit' => $old, '002.commit' => commit(undef), '003.commit' => commit('null'))),
		'old long', 'the newest schema is null (hudi#19388)');
	is( columns(table($created, '001.commit' => $old, '002.commit' => '', '003.commit' => '{"extra')),
		'old long', 'instants that cannot be read');
	is( columns(table($created, '001.commit' => $old, '002.replacecommit' => { partitionToReplaceFileIds => {} })),
		'old long', 'files that were only rewritten');
	is(columns(table(properties())), '', 'nothing names a schema');
	is( (frames_of('log', ask(table(properties()))))[0]{message},
		'neither an instant nor the properties of the table have its schema', 'that is told');
};

subtest 'which instants count' => sub {
	my $created = properties();
	my $old = commit(schema('old'));
	my $new = commit(schema('new'));
	is( columns(table($created, '001.commit' => $old, '002.commit.requested' => $new, '002.inflight' => $new)),
		'old long', 'one that is not completed');
	is( columns(table($created, '001.commit' => $old, '002.deltacommit.inflight' => $new, '002.rollback' => $new)),
		'old long', 'one that was rolled back');
	is( columns(table(
			$created, '001.commit' => $old, map { ($_ => $new) } '._002.commit', '.002.commit.crc', 'x.commit',
			'002_003.commit', '002.commit.tmp', 'archived/002.commit', 'metadata/.hoodie/002.commit')),
		'old long',
		'foreign files, archived instants, and those of the metadata table');
	is( columns(table($created, '20240101000000.commit' => $old, '20240101000000001.commit' => $new)),
		'new long', 'times with and without milliseconds');
};

subtest 'properties' => sub {
	my $schema = schema('größe 😀', 'b=c') =~ s/([:=])/\\$1/gr;
	my $escaped = $schema =~ s/([^\x00-\x7E])/join '', map { sprintf '\\u%04x', $_ } ord $1 < 0x10000 ? ord $1
		: (0xD800 + (ord($1) - 0x10000 >> 10), 0xDC00 + (ord $1 & 0x3FF))/egr;
	my $text =
		  "#Properties saved on 2024-04-18T23:13:55.600Z\n! another comment \\\n"
		. "hoodie.table.create.schema : \\\n   $escaped\r\nhoodie.populate.meta.fields false\r\n"
		. "  hoodie.table.\\\n  name=s\\u0068op\\ 1\nhoodie.table.version=6\nhoodie.table.checksum=2070650842\nlast\\";
	my $relation = relation(table($text));
	is_deeply([ map { $_->{name} } @{ $relation->{document}{columns} } ], [ 'größe 😀', 'b=c' ], 'escapes');
	is($relation->{name}, 'shop 1', 'lines that go on');
	is(columns(table('', 'hoodie.properties.backup' => 'x=y')), '', 'an empty file');
	my $folder = table(properties('table.create.schema' => schema('kept')));
	rename "$folder/.hoodie/hoodie.properties", "$folder/.hoodie/hoodie.properties.backup" or die $!;
	is(columns($folder), 'kept long', 'the copy, while a writer changes them');
};

subtest 'what is described' => sub {
	my @types = (
		'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string', { type => 'int', logicalType => 'date' },
		{ type => 'fixed', name => 'f', size => 5, logicalType => 'decimal', precision => 10, scale => 2 },
		{ type => 'bytes', logicalType => 'decimal', precision => 4 }, { type => 'fixed', name => 'g', size => 12 },
		{ type => 'int', logicalType => 'time-millis' }, { type => 'long', logicalType => 'time-micros' },
		{ type => 'long', logicalType => 'timestamp-millis' }, { type => 'long', logicalType => 'timestamp-micros' },
		{ type => 'long', logicalType => 'local-timestamp-micros' }, { type => 'string', logicalType => 'uuid' },
		{ type => 'enum', name => 'e', symbols => [ 'new', 'paid' ] }, { type => 'string', logicalType => 'date' },
		{ type => 'bytes', logicalType => 'decimal', precision => 0 }, { type => 'long', logicalType => 'of-mine' });
	my $number = 0;
	my $relation =
		relation(table(properties('table.create.schema' => schema(map { field('c' . ++$number, $_) } @types))));
	is( join(', ', map { "$_->{type}: " . ($_->{pg_type} // 'text') } @{ $relation->{document}{columns} }),
		'boolean: boolean, int: integer, long: bigint, float: real, double: double precision, bytes: bytea, string: text, '
			. 'date: date, decimal(10,2): numeric, decimal(4,0): numeric, fixed(12): bytea, '
			. 'time-millis: time without time zone, time-micros: time without time zone, '
			. 'timestamp-millis: timestamp with time zone, timestamp-micros: timestamp with time zone, '
			. 'local-timestamp-micros: timestamp without time zone, uuid: uuid, enum: text, string: text, bytes: bytea, '
			. 'long: bigint',
		'types');
	is_deeply($relation->{document}{columns}[17]{enum}, [ 'new', 'paid' ], 'the values of an enum');

	my $line = {
		type => 'record', name => 'line', namespace => 'of.shop',
		fields => [
			{ name => 'sku', type => 'string', doc => 'what it is', default => 'none' },
			field('tags', { type => 'array', items => [ 'null', 'string' ] }), field('again', 'unit'),
		]
	};
	my $unit = { type => 'enum', name => 'of.shop.unit', symbols => ['kg'] };
	$relation = relation(table(properties(
		'table.create.schema' => schema(
			{ name => 'id', type => 'long' }, field('unit', $unit), field('lines', { type => 'array', items => $line }),
			field('first', 'of.shop.line'), field('prices', { type => 'map', values => 'double' }),
			{ name => 'either', type => [ 'null', 'int', 'string' ] }),
		'table.recordkey.fields' => 'id,unit', 'table.partition.fields' => 'region, ts:timestamp',
		'table.precombine.field' => 'ts')));
	my ($id, $units, $lines, $first, $prices, $either) = @{ $relation->{document}{columns} };
	is_deeply($id, { name => 'id', type => 'long', pg_type => 'bigint', not_null => JSON::PP::true }, 'not null');
	is_deeply(
		$lines,
		{   name => 'lines', type => 'record', pg_type => 'jsonb', repeated => JSON::PP::true,
			fields => [
				{   name => 'sku', type => 'string', not_null => JSON::PP::true, comment => 'what it is',
					default => 'none'
				},
				{ name => 'tags', type => 'string', pg_type => 'jsonb', repeated => JSON::PP::true },
				{ name => 'again', type => 'enum', enum => ['kg'] } ]
		},
		'an array of records');
	is_deeply($first->{fields}, $lines->{fields}, 'a type that is named again');
	is_deeply(
		$prices,
		{   name => 'prices', type => 'map<double>', pg_type => 'jsonb', map => JSON::PP::true,
			fields => [ { name => '{}', type => 'double', pg_type => 'double precision', not_null => JSON::PP::true } ]
		},
		'a map');
	is("$either->{type} $either->{pg_type}", 'union<null,int,string> jsonb', 'a union');
	is_deeply(
		$relation->{document}{primary_key},
		{ columns => [ 'id', 'unit' ], not_enforced => JSON::PP::true },
		'the key of records');
	is("$relation->{kind} $relation->{document}{partition_key}", 'partitioned_table region, ts', 'partitions');
	is($relation->{document}{options}{'hoodie.table.precombine.field'}, 'ts', 'options');
};

subtest 'columns that Hudi fills' => sub {
	my %created = ('table.create.schema' => schema('a'), 'populate.meta.fields' => undef);
	my $own = '_hoodie_commit_time string, _hoodie_commit_seqno string, _hoodie_record_key string, '
		. '_hoodie_partition_path string, _hoodie_file_name string';
	is(columns(table(properties(%created))), "$own, a long", 'they come first');
	is( columns(table(properties(%created, 'allow.operation.metadata.field' => 'true'))),
		"$own, _hoodie_operation string, a long", 'with the operation');
	is( columns(table(properties(%created, 'table.create.schema' => schema(field('_hoodie_record_key', 'string'))))),
		($own =~ s/_hoodie_record_key string, //r) . ', _hoodie_record_key string',
		'those of the schema are not repeated');
	is( columns(table(properties(
			%created, 'populate.meta.fields' => 'false', 'table.partition.fields' => 'a,b',
			'datasource.write.drop.partition.columns' => 'true'))),
		'a long, b string',
		'columns of partitions that the files lack');
};

# The answer to a request for the rows of a table, beside whose folder .hoodie are these files.
sub rows
{
	my ($folder, %files) = @_;
	for my $name (keys %files)
	{
		make_path(dirname("$folder/$name"));
		open(my $file, '>:raw', "$folder/$name") or die $!;
		print $file $files{$name};
		close $file;
	}
	return ask($folder, operation => 'read', read => read_request([ 'files', 'shop', 'table' ], ['a']));
}

sub has_no_rows
{
	my ($name, @frames) = @_;
	is("$frames[-1]{frame} " . ($frames[-1]{rows} // $frames[-1]{message}), 'end 0', $name);
	return;
}

sub refuses
{
	my ($name, $code, $says, @frames) = @_;
	is("$frames[-1]{frame} $frames[-1]{code}", "error $code", "$name: an error");
	like(join(' ', grep { defined } @{ $frames[-1] }{qw(message detail)}), $says, "$name: it is told");
	return;
}

subtest 'which files are read' => sub {
	my %mark = ('.hoodie_partition_metadata' => '');
	my $commit = commit(schema('a'));
	my @one = (properties(), '001.commit' => $commit);
	has_no_rows('a table without files', rows(table(@one), %mark));
	has_no_rows('a folder that is no partition', rows(table(@one), 'x/g_0_001.parquet' => 'broken'));
	has_no_rows(
		'files of no instant',
		rows(
			table(@one, '002.commit.requested' => ''),
			%mark,
			'g_0_002.parquet' => 'broken',
			'g_0_003.parquet' => 'broken',
			'g.parquet' => 'broken',
			'._g_0_001.parquet' => 'broken'));
	has_no_rows(
		'a file that is older than an instant which was begun and is not completed',
		rows(table(@one, '000.commit.requested' => ''), %mark, 'g_0_000.parquet' => 'broken'));
	has_no_rows(
		'a file group that was replaced',
		rows(
			table(@one, '002.replacecommit' => { partitionToReplaceFileIds => { '' => ['g'] } }),
			%mark, 'g_0_001.parquet' => 'broken'));
	my @logs = rows(
		table(properties('table.type' => 'MERGE_ON_READ'), '001.deltacommit' => $commit),
		%mark,
		'.g_001.log.1_0-1-2' => '',
		'.g_001.log.2_0-1-2' => '');
	has_no_rows('log files alone', @logs);
	is_deeply(
		[ map { $_->{message} } frames_of('log', @logs) ],
		[   'the table is merged on read: its rows are those of its base files, as of the last compaction',
			'changes that are newer than the base files are in log files, which are not read: 2' ],
		'it is told');
	refuses(
		'a file that is broken', 'configuration', qr/none of Parquet/,
		rows(table(@one), %mark, 'g_0_001.parquet' => 'broken'));
	refuses(
		'an archived instant', 'configuration', qr/g_0_000\.parquet/,
		rows(table(@one), %mark, 'g_0_000.parquet' => 'broken'));
	refuses(
		'another kind of base files', 'unsupported', qr/is no Parquet file.* g_0_001\.orc/,
		rows(table(@one), %mark, 'g_0_001.orc' => 'ORC'));
	refuses(
		'a table that was bootstrapped', 'unsupported', qr/bootstrapped/,
		rows(table(properties('bootstrap.base.path' => '/x'), '001.commit' => $commit), %mark));
	refuses(
		'an instant that does not say what it replaced', 'protocol', qr/002\.replacecommit/,
		rows(table(@one, '002.replacecommit' => '{'), %mark));
	refuses(
		'a history of columns that is none', 'protocol', qr/history .*001\.schemacommit: it has no schemas/,
		rows(table(@one, '.schema/001.schemacommit' => '{}'), %mark));
	refuses('folders without end', 'too_large', qr/more than 16 levels/, rows(table(@one), ('x/' x 20) . 'y' => ''));

	my $linked = table(@one);
	symlink '/etc/passwd', "$linked/g_0_001.parquet" or die $!;
	my @frames = rows($linked, %mark);
	is($frames[-1]{frame}, 'error', 'a link is not followed');
	unlike(join(' ', map { $_ // '' } values %{ $frames[-1] }), qr/root:/, 'nothing of its file is told');
};

subtest 'the history of columns' => sub {
	my $history = {
		schemas => [
			{ version_id => 0, fields => [ { id => 7, name => 'old' } ] },
			{ version_id => 2, fields => [ { id => 7, name => 'a' }, { id => 9, name => 'b' } ] } ]
	};
	my %ids = (
		'002.commit' => commit(schema('a', 'b', 'c')), '.schema/002.schemacommit' => $history,
		'.schema/003.schemacommit' => { schemas => [] });
	is( join(
			' ', map { "$_->{name}:" . ($_->{id} // '') } @{ relation(table(properties(), %ids))->{document}{columns} }
		),
		'a:7 b:9 c:',
		'it gives the ids of columns, and what was not completed does not count');
};

subtest 'documents stay the same' => sub {
	my $folder = table(properties('table.create.schema' => schema('a')));
	is_deeply([ relation($folder) ], [ relation($folder) ], 'two discoveries give the same');
};

subtest 'what is broken' => sub {
	my $deep = 'long';
	$deep = { type => 'record', name => "r$_", fields => [ field('a', $deep) ] } for 1 .. 30;
	make_path("$directory/empty");
	fails('another folder', "$directory/empty", qr/no Hudi table: it has no file \.hoodie\/hoodie\.properties/);
	fails('a version to come', table(properties('table.version' => 10)), qr/version .* is not known/);
	fails('a version that is none', table(properties('table.version' => '6x')), qr/version .* is not known/);
	my %never = (
		'too deep' => schema(field('a', $deep)), 'types without end' => '[' x 100_000, 'no record' => '"long"',
		'a type that holds itself' => schema(field('a', 'shop')), 'an unknown type' => schema(field('a', 'nothing')),
		'no columns' => schema(), 'two columns of one name' => schema('a', 'b', 'a'));
	is( columns(table(properties('table.create.schema' => schema('a')), '001.commit' => commit($never{$_}))),
		'a long', "$_: no schema") for sort keys %never;
	my $outer = { type => 'record', name => 'r0', fields => [ field('a', 'long') ] };
	for my $level (1 .. 17)
	{
		$outer = {
			type => 'record', name => "r$level",
			fields => [ field('a', $outer), map { field("b$_", 'r' . ($level - 1)) } 1 .. 9 ]
		};
	}
	is( columns(
			table(properties('table.create.schema' => schema('a')), '001.commit' => commit(schema(field('a', $outer))))
		),
		'a long',
		'a short schema with more fields than memory can hold');
};

done_testing();
