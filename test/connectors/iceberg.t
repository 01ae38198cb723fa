# The connector iceberg by itself: a table that pyiceberg makes and changes, compared after each step with what pyiceberg
# reads; which metadata file counts; and metadata that is broken or hostile.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Compress::Gzip qw(gzip);
use lib dirname(__FILE__) . '/lib';
use Connector;
use JSON::PP;
use Test::More;

my $here = dirname(__FILE__);
my $directory = tempdir('rivergen-iceberg-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# The frames of an answer about a folder.
sub ask
{
	my ($folder, %change) = @_;
	my $name = $folder =~ s{.*/}{}r;
	my $run = start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector('iceberg'), $folder ]);
	local $SIG{PIPE} = 'IGNORE';
	send_line(
		$run,
		request_line(
			{ type => 'iceberg', endpoint => { path => "organizations/1/$name" }, credentials => {} }, %change));
	return @{ end_connector($run)->{frames} };
}

# A table of these files in its folder metadata, whose contents are texts or documents.
my $tables = 0;

sub table
{
	my (%files) = @_;
	my $folder = "$directory/table_" . ++$tables;
	make_path("$folder/metadata");
	for my $name (keys %files)
	{
		open(my $file, '>:raw', "$folder/metadata/$name") or die $!;
		print $file ref $files{$name} ? encode_json($files{$name}) : $files{$name};
		close $file;
	}
	return $folder;
}

# A document of metadata with one column of that name.
sub metadata
{
	my ($column, %change) = @_;
	my $schema = {
		type => 'struct', 'schema-id' => 0,
		fields => [ { id => 1, name => $column, required => JSON::PP::false, type => 'long' } ]
	};
	return {
		'format-version' => 2, 'table-uuid' => '9c12d441-03fe-4693-9a96-a0705ddf69c1', location => 's3://elsewhere/t',
		'last-updated-ms' => 1, 'last-partition-id' => 999, 'current-schema-id' => 0, schemas => [$schema],
		'partition-specs' => [ { 'spec-id' => 0, fields => [] } ], 'default-spec-id' => 0, %change
	};
}

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

subtest 'a table that is changed by pyiceberg' => sub {
	chomp($ENV{PYTHON_PEERS} = `$here/../lib/pip.sh $here/../peers/python`) if !$ENV{PYTHON_PEERS};
	local $ENV{PYTHONPATH} = $ENV{PYTHON_PEERS};
	open(my $steps, '-|', '/usr/bin/python3', "$here/lib/iceberg_tables.py", $directory) or die $!;
	my %relations;
	while (my $line = <$steps>)
	{
		my $truth = decode_json($line);
		my $relation = $relations{ $truth->{step} } = relation($truth->{folder});
		my $document = $relation->{document};
		is_deeply(
			[ map { [ @$_{qw(name type)}, $_->{not_null} ? 1 : 0, $_->{id} ] } @{ $document->{columns} } ],
			[ map { [ @$_[ 0, 1 ], $_->[2] ? 1 : 0, $_->[3] ] } @{ $truth->{columns} } ],
			"$truth->{step}: columns");
		is($document->{partition_key}, $truth->{partition}, "$truth->{step}: partitions");
		is($relation->{row_estimate}, $truth->{rows}, "$truth->{step}: rows");
		is($document->{primary_key}{columns}[0], 'id', "$truth->{step}: the key");
	}
	close $steps;
	is($?, 0, 'pyiceberg made all steps') or return;
	is(scalar keys %relations, 7, 'seven of them');
	is($relations{created}{document}{comment}, 'all orders', 'the comment');
	is($relations{created}{kind}, 'partitioned_table', 'its kind');
	my %by_name = map { $_->{name} => $_ } @{ $relations{columns_added}{document}{columns} };
	is($by_name{note}{comment}, 'free text', 'the comment of a column');
	is( join(' ', map { "$_->{name}:$_->{id}" } @{ $by_name{item}{fields} }), 'sku:6 tags:7 weight:12',
		'fields and their ids');
	ok($by_name{item}{fields}[1]{repeated}, 'a list is repeated');
	is(join(' ', map { $_->{name} } @{ $by_name{labels}{fields} }), 'key value', 'a map');
	is($relations{created}{id}, $relations{rows_deleted}{id}, 'the table keeps its id');
};

subtest 'which metadata counts' => sub {
	my $old = metadata('old');
	my $new = metadata('new', 'last-updated-ms' => 5);
	is( columns(table('v1.metadata.json' => $old, 'v2.metadata.json' => $new, 'version-hint.text' => "1\n")),
		'old long', 'the one that is named');
	is( columns(table('v1.metadata.json' => $new, 'v2.metadata.json' => $old, 'version-hint.text' => '9')),
		'new long', 'a name that leads to nothing: the newest');
	is( columns(table('v9.metadata.json' => $old, 'v10.metadata.json' => metadata('new'))),
		'new long', 'numbers are no texts (duckdb-iceberg#79)');
	is( columns(table('00000-b.metadata.json' => $new, '00007-a.metadata.json' => $old)),
		'new long', 'a table that was made again');
	is( columns(table('.v9.metadata.json.crc' => 'x', 'v1.metadata.json' => $old, 'x.stats' => 'y')), 'old long',
		'other files');
	gzip(\encode_json($new), \my $packed);
	is(columns(table($_ => $packed)), 'new long', $_) for qw(v1.gz.metadata.json v1.metadata.json.gz v1.metadata.json);
	is( columns(table('v1.metadata.json' => '{', 'v2.metadata.json' => $old)), 'old long',
		'a broken one beside another');
	is(columns(table('v1.metadata.json' => $old, 'version-hint.text' => '../../../etc/passwd')), 'old long', 'a path');
	my $log =
		[ map { { 'metadata-file' => "s3://elsewhere/t/metadata/$_", 'timestamp-ms' => 1 } } '00008-a.metadata.json' ];
	is( columns(table(
			'00009-b.metadata.json' => metadata('new', 'last-updated-ms' => 5, 'metadata-log' => $log),
			'00008-a.metadata.json' => metadata('old', 'last-updated-ms' => 9))),
		'new long',
		'one that another one lists as older is not looked at');
	is( columns(table(
			'00009-b.metadata.json' => metadata('old', 'last-updated-ms' => 5, 'metadata-log' => $log),
			'00002-c.metadata.json' => metadata('new', 'last-updated-ms' => 9))),
		'new long',
		'one that it does not list is');
};

subtest 'what can be in it' => sub {
	my $types = [
		map { { id => $_->[0], name => "c$_->[0]", required => JSON::PP::false, type => $_->[1] } }
			[ 1, 'decimal(9, 2)' ], [ 2, 'fixed[16]' ], [ 3, 'geometry(OGC:CRS84)' ], [ 4, 'unknown' ],
		[ 5, 'timestamp_ns' ] ];
	my $relation = relation(table(
		'v1.metadata.json' => metadata(
			'x', 'format-version' => 3, schemas => [ { type => 'struct', 'schema-id' => 0, fields => $types } ],
			'partition-specs' => [ {
				'spec-id' => 0, fields => [ { 'source-ids' => [1], transform => 'truncate[100]', name => 'p' } ] } ],
			'current-snapshot-id' => 7,
			snapshots => [ { 'snapshot-id' => 7, summary => { 'total-records' => '12', 'total-files-size' => '99' } } ])
	));
	is( join(' ', map { $_->{pg_type} // 'text' } @{ $relation->{document}{columns} }),
		'numeric bytea bytea text timestamp without time zone', 'types');
	is($relation->{document}{partition_key}, 'truncate(100, c1)', 'a source among several (version 3)');
	is("$relation->{row_estimate} $relation->{size_bytes}", '12 99', 'rows and bytes of the snapshot');
	my $view = relation(table(
		'v1.metadata.json' => {
			'view-uuid' => 'fa6506c3-7681-40c8-86dc-e36561f83385', 'format-version' => 1, 'current-version-id' => 2,
			versions => [ {
				'version-id' => 2, 'schema-id' => 0, 'timestamp-ms' => 1,
				representations => [ { type => 'sql', sql => 'SELECT 1', dialect => 'spark' } ]
			} ],
			schemas => metadata('a')->{schemas}
		}));
	is("$view->{kind} $view->{document}{definition}", 'view SELECT 1', 'a view');
	my $read =
		(ask("$directory/$view->{name}", operation => 'read', read => read_request([ 'files', $view->{name} ], [])))
		[-1];
	is( "$read->{code} $read->{message}", 'unsupported The relation is a view of Iceberg: it has no rows of its own.',
		'whose rows are not read');
	my %quoted = (
		fields => [ {
			id => 1, name => 'a.b',
			type => { type => 'struct', fields => [ { id => 2, name => 'c"d', type => 'int' } ] }
		} ],
		type => 'struct',
		'schema-id' => 0,
		'identifier-field-ids' => [2]);
	is(
		relation(table('v1.metadata.json' => metadata('x', schemas => [ \%quoted ])))
			->{document}{primary_key}{columns}[0],
		'"a.b"."c""d"', 'a path of odd names');
};

subtest 'documents stay the same' => sub {
	my $folder = table('v1.metadata.json' => metadata('x'));
	is_deeply([ relation($folder) ], [ relation($folder) ], 'two discoveries give the same');
};

subtest 'what is broken' => sub {
	my $deep = 'long';
	$deep = { type => 'list', 'element-id' => $_, element => $deep, 'element-required' => JSON::PP::false } for 2 .. 30;
	make_path("$directory/empty", "$directory/bare/metadata");
	fails('another folder', "$directory/empty", qr/no Iceberg table: it has no folder metadata/);
	fails('no metadata', "$directory/bare", qr/has no file \*\.metadata\.json/);
	fails(
		'no JSON', table('v1.metadata.json' => '{"a": nan}'),
		qr/v1\.metadata\.json: it is no JSON in line 1, byte \d+/);
	fails('no object', table('v1.metadata.json' => '[]'), qr/no JSON object/);
	fails('too deep', table('v1.metadata.json' => '[' x 100_000), qr/nested in more than 100 levels/);
	fails(
		'a version to come', table('v1.metadata.json' => metadata('x', 'format-version' => 4)),
		qr/version .* is not known/);
	fails('no version', table('v1.metadata.json' => metadata('x', 'format-version' => undef)), qr/no format-version/);
	fails(
		'no schema', table('v1.metadata.json' => metadata('x', 'current-schema-id' => 3)),
		qr/present schema is not there/);
	fails(
		'no snapshot', table('v1.metadata.json' => metadata('x', 'current-snapshot-id' => 3)),
		qr/present snapshot is not there/);
	fails(
		'a snapshot of more than 64 bits',
		table(
			'v1.metadata.json' => metadata(
				'x', 'current-snapshot-id' => JSON::PP->new->allow_bignum->decode('[9876543210123456789]')->[0])),
		qr/present snapshot is none of 64 bits/);
	fails('no schemas', table('v1.metadata.json' => metadata('x', schemas => undef)), qr/lacks what the version/);
	fails(
		'types without end',
		table(
			'v1.metadata.json' => metadata(
				'x', schemas => [ { 'schema-id' => 0, fields => [ { id => 1, name => 'a', type => $deep } ] } ])),
		qr/nested in more than 20 levels/);
	fails(
		'a type that is none',
		table(
			'v1.metadata.json' =>
				metadata('x', schemas => [ { 'schema-id' => 0, fields => [ { id => 1, name => 'a', type => [] } ] } ])),
		qr/type that is not known/);
	gzip(\('{"a": "' . 'x' x 300_000_000 . '"}'), \my $bomb);
	fails('a bomb', table('v1.metadata.json' => $bomb), qr/unpacks|larger than/);
};

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
	my $hint = sub { return ('version-hint.text' => '3', @_) };
	my $log = sub {
		return (
			'metadata-log' => [
				map { {
					'timestamp-ms' => $_ * 1000, 'metadata-file' => "s3://elsewhere/t/metadata/v$_.metadata.json" } }
					@_ ]);
	};
	my $at = sub { return ('last-updated-ms' => $_[0] * 1000) };
	my $present = metadata('c', $at->(3), $log->(1, 2));
	my %earlier = ('v1.metadata.json' => metadata('a', $at->(1)), 'v2.metadata.json' => metadata('b', $at->(2)));
	is(history(table($hint->(%earlier, 'v3.metadata.json' => $present))), '1000 a; 2000 b; 3000 c', 'as its log says');
	is( history(
			table($hint->(%earlier, 'v3.metadata.json' => $present)),
			known => { signature => undef, relations => [], as_of => 1500 }),
		'2000 b; 3000 c',
		'what is known is not told');
	is( history(table($hint->('v2.metadata.json' => $earlier{'v2.metadata.json'}, 'v3.metadata.json' => $present))),
		'2000 b; 3000 c', 'a file that is gone');
	for my $broken ('{"a": nan}', '[]', encode_json({ %{ metadata('x', $at->(2)) }, schemas => [] }))
	{
		is( history(table($hint->(%earlier, 'v2.metadata.json' => $broken, 'v3.metadata.json' => $present))),
			'1000 a; 3000 c', 'one that is broken is left out');
	}
	is( history(table($hint->(
			%earlier, 'v2.metadata.json' => metadata('b', $at->(2), 'table-uuid' => 'another'),
			'v3.metadata.json' => $present))),
		'1000 a; 3000 c',
		'one of another table, too');
	is( history(table($hint->(%earlier, 'v3.metadata.json' => metadata('b', $at->(3), $log->(1, 2))))),
		'1000 a; 2000 b', 'the time is that of the change, not of the last commit');
	is( history(table($hint->(%earlier, 'v3.metadata.json' => metadata('c', $at->(3), $log->(2, 1))))),
		'2000 b; 2001 a; 3000 c', 'a log that is out of order');
	is( history(table($hint->(
			%earlier,
			'v3.metadata.json' => metadata(
				'c', $at->(3),
				'metadata-log' =>
					[ { 'metadata-file' => '../../v1.metadata.json' }, { 'metadata-file' => '/etc/passwd' }, {} ])))),
		'1000 a; 3000 c',
		'files are looked for in its own folder alone');
	my @schemas = map { {
		type => 'struct', 'schema-id' => $_,
		fields => [ { id => 1, name => "n$_", required => JSON::PP::false, type => 'long' } ]
	} } 0 .. 2;
	my @snapshots = map { { 'snapshot-id' => $_->[0], 'timestamp-ms' => $_->[0], 'schema-id' => $_->[1] } } [ 100, 0 ],
		[ 200, 1 ], [ 300, 1 ], [ 250, 0 ], [ 400, 7 ], [ 500, 2 ];
	is( history(table(
			'v1.metadata.json' =>
				metadata('x', $at->(3), schemas => \@schemas, 'current-schema-id' => 2, snapshots => \@snapshots))),
		'100 n0; 200 n1; 500 n2',
		'before that, as its snapshots say');
};

done_testing();
