# The connector csv by itself: dialects, headers, encodings and types as they are told from content, and files that are
# damaged, hostile or no text. Known faults of other readers have their public number.
use strict;
use warnings;
use utf8;

use Encode qw(encode);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Compress::Gzip qw(gzip);
use lib dirname(__FILE__) . '/lib';
use Connector;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $directory = tempdir('rivergen-csv-XXXXXX', TMPDIR => 1, CLEANUP => 1);

sub write_file
{
	my ($bytes, $name) = @_;
	open(my $file, '>:raw', "$directory/$name") or die $!;
	print $file $bytes;
	close $file;
}

# The frames of an answer about a file of these bytes.
sub ask
{
	my ($bytes, %change) = @_;
	my $name = delete $change{name} // 'file.csv';
	my %endpoint = (path => "organizations/1/$name", options => delete $change{options} // {});
	write_file($bytes, $name);
	my $run = start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector('csv'), "$directory/$name" ]);
	local $SIG{PIPE} = 'IGNORE';
	send_line($run, request_line({ type => 'csv', endpoint => \%endpoint, credentials => {} }, %change));
	return @{ end_connector($run)->{frames} };
}

# The columns of a file as one text.
sub columns
{
	my @frames = ask(@_);
	my ($relation) = frames_of('relation', @frames) or return $frames[-1]{message};
	return join ', ', map { "$_->{name} $_->{type}" } @{ $relation->{document}{columns} };
}

sub options
{
	my ($relation) = frames_of('relation', ask(@_));
	return join ' ', map { "$_=$relation->{document}{options}{$_}" } sort keys %{ $relation->{document}{options} };
}

sub fails
{
	my ($name, $bytes, $code, $says, %change) = @_;
	my $error = (ask($bytes, %change))[-1];
	is($error->{code}, $code, $name) or diag(explain($error));
	like(join(' ', grep { defined } @$error{qw(message detail)}), $says, "$name: it is told");
	return;
}

subtest 'types' => sub {
	my @cases = (
		[ 'true f YES no' => 'boolean' ], [ '0 1 -9223372036854775808' => 'integer' ],
		[ '9223372036854775808 1' => 'decimal' ], [ '1.5 -2 .5' => 'decimal' ], [ '1e5 2' => 'number' ],
		[ '1e400 1' => 'text' ], [ '007 8' => 'text' ], [ '+1 2' => 'text' ],
		[ '12345678901234567890 1' => 'text' ], [ '2024-02-29 2023-12-31' => 'date' ],
		[ '2023-02-29 2023-12-31' => 'text' ], [ '31/12/2024 1/2/2024' => 'date' ],
		[ '12/31/2024 1/2/2024' => 'date' ], [ '31/12/2024 12/31/2024' => 'text' ], [ '31.12.2024' => 'date' ],
		[ '31-Dec-2024 1-jan-2025' => 'date' ], [ '2024/1/31' => 'date' ], [ '12:30 23:59:59.5' => 'time' ],
		[ '24:00' => 'text' ], [ '9/30/2024 12/1/2024' => 'date' ], [ '1/2/24 12/31/69' => 'date' ],
		[ '31.12.24 1.2.2024' => 'date' ], [ '1.2.34 31.12.24' => 'text' ], [ '31-Dec-24 1-Jan-1999' => 'date' ],
		[ '31-12-24' => 'text' ], [ '1/2/024' => 'text' ], [ '9:05PM 12:30:15.5am' => 'time' ],
		[ '13:00PM 9:05PM' => 'text' ], [ '0:30AM' => 'text' ], [ '2024-01-01T9:05PM 2024-01-01' => 'timestamp' ],
		[ '12/31/24T12:00:00AM' => 'timestamp' ], [ '2024-01-01T10:00:00 2024-01-01' => 'timestamp' ],
		[ '2024-01-01T10:00:00Z 2024-01-01T10:00:00+02:00' => 'timestamptz' ],
		[ '2024-01-01T10:00:00Z 2024-01-01T10:00:00' => 'text' ],
		[ '3f2504e0-4f89-11d3-9a0c-0305e82c3301' => 'uuid' ], [ 'NA N/A null NULL \N -' => 'text' ],
		[ '1 NA N/A null NULL \N -' => 'integer' ]);
	for my $case (@cases)
	{
		my ($values, $type) = @$case;
		is(columns(join '', "v|w\n", map { "$_|x\n" } split ' ', $values), "v $type, w text", "$values: $type");
	}
	is(columns("v\n9:05 PM\n10:00 pm\n"), 'v time', 'a space before AM and PM');
	is(columns("v\tw\n{\"a\": [1]}\tx\n[1, {}]\ty\n"), 'v json, w text', 'JSON');
	is(columns("v\tw\n{\"a\": [1]}\tx\n[1, {]\ty\n"), 'v text, w text', 'what is none');
	is(columns("a;b\n1.234,56;1\n-7,5;2\n"), 'a decimal, b integer', 'a decimal comma');
	is(columns("a;b\n1.234,56;1\n1.5;2\n"), 'a text, b integer', 'not beside a decimal point');
	is(columns("a,b\n,x\n1,y\n"), 'a integer, b text', 'empty cells have no type');
};

subtest 'known faults of types' => sub {
	is( columns("d,n\n2024-01-01,1\n" . "2024-01-01,1\n" x 9 . "1,1\n"), 'd text, n integer',
		'a number among dates (duckdb#15473)');
	my $late = 'a,b' . "\n" . ",x\n" x 30000;
	is(columns($late . "2024-01-01,x\n"), 'a date, b text', 'the first value comes late (polars#11496)');
	is(columns($late . "word,x\n"), 'a text, b text', 'wherever it stands');
	my @rows = ("1,x\n", "2.5,y\n", "word,z\n");
	is( columns("a,b\n" . join '', @rows), columns("a,b\n" . join '', reverse @rows),
		'the order of rows does not matter (duckdb#11840)');
};

subtest 'dialects' => sub {
	my $flights = "FlightDate|UniqueCarrier|OriginCityName|DestCityName\n"
		. "1988-01-01|AA|New York, NY|Los Angeles, CA\n1988-01-02|AA|New York, NY|Los Angeles, CA\n";
	is( columns($flights), 'FlightDate date, UniqueCarrier text, OriginCityName text, DestCityName text',
		'commas in texts (duckdb#14115)');
	is(columns("a;b;c\n1;x|y;2\n3;z|w;4\n"), 'a integer, b text, c integer', 'bars in texts (duckdb#15576)');
	is( columns("point;value\n\"35.8;104.1\";1,5\n\"36.0;103.2\";2,5\n"), 'point text, value decimal',
		'a delimiter in quotes (duckdb#19578)');
	is( columns("1,2,3\n1,2,3,4\n1,2,3,4,5\n"),
		'column_1 integer, column_2 integer, column_3 integer, column_4 integer, column_5 integer',
		'rows of several lengths (duckdb#9343)');
	is(columns("a\tb\n1\t2\n"), 'a integer, b integer', 'tabs');
	is(columns("sep=;\na,x;b\n1;2\n"), 'a,x integer, b integer', 'the line sep=');
	is(columns("a,b\n'x,y',1\n'z',2\n"), 'a text, b integer', 'single quotes');
	is(columns("a,b\n\"x\\\",y\",1\n\"z\",2\n"), 'a text, b integer', 'escaped quotes');
	is(columns("a,b\n\"x\"\"y\",1\n\"z\nw\",2\n"), 'a text, b integer', 'doubled quotes and line ends');
	is(columns("a,b\nx 5\" y,1\nz,2\n"), 'a text, b integer', 'a quote within a field (duckdb#14883)');
	is(columns("only\nx\ny\nx\n"), 'only text', 'one column');
	is(columns("a,b\r\n1,2\r\n"), 'a integer, b integer', 'CRLF');
	is(columns("a,b\r1,2\r3,4\r"), 'a integer, b integer', 'CR');
	is(columns("a,b\r\n1,2\n3,4\r5,6"), 'a integer, b integer', 'mixed, and no last end');
	is(columns("# made by hand\n# twice\na,b\n1,2\n# in between\n3,4\n"), 'a integer, b integer', 'comments');
	is(columns("Report of sales\n\na,b,c\n1,2,3\n4,5,6\n7,8,9\n"), 'a integer, b integer, c integer', 'a preamble');
};

subtest 'headers' => sub {
	is(columns("1,x\n2,y\n"), 'column_1 integer, column_2 text', 'none');
	is(columns("name,city\nann,rome\nbob,oslo\n"), 'name text, city text', 'all is text');
	is(columns("a,a,,a\n1,2,3,4\n"), 'a integer, a_2 integer, column_3 integer, a_3 integer', 'names that are none');
	like(
		columns('a,' x 9999 . "a\n", options => { header => JSON::PP::true }),
		qr/^a text, a_2 text.*, a_10000 text$/, 'ten thousand that are the same');
	is(columns("a,a_2,a,a\n1,2,3,4\n"), 'a integer, a_2 integer, a_3 integer, a_4 integer', 'a number that is taken');
	is(columns(" a , b\n1,2\n"), 'a integer, b integer', 'spaces around');
	is(columns("a,b\n", options => { header => JSON::PP::false }), 'column_1 text, column_2 text', 'as metadata says');
	is(columns("c1,c2\n1,2,\n3,4,\n"), 'c1 integer, c2 integer', 'a delimiter at the end of each row');
	is( columns("Musei,2011,2010\nRoma,23.824,1\nOslo,in restauro,x\n"), 'Musei text, 2011 text, 2010 text',
		'years as names');
	is(columns("a,b,c\n1,2\n3\n"), 'a integer, b integer, c text', 'short rows');
};

subtest 'encodings' => sub {
	my $text = "größe,€\n1,ä\n2,ö\n";
	for my $encoding (qw(UTF-8 UTF-16LE UTF-16BE UTF-32LE UTF-32BE))
	{
		is( columns(encode($encoding, "\x{FEFF}$text")), 'größe integer, € text',
			"$encoding with its mark (rdf-parser-csvw#24)");
		like(options(encode($encoding, "\x{FEFF}$text")), qr/encoding=$encoding /, 'is told');
	}
	is(columns(encode('UTF-16LE', $text)), 'größe integer, € text', 'UTF-16 without a mark (node-csv-parse#299)');
	is(columns(encode('cp1252', $text)), 'größe integer, € text', 'Windows-1252');
	is(columns("a,b\n" . "1,x\n" x 100000 . "2,\xE4\n"), 'a integer, b text', 'seen late');
	like(options("a,b\n" . "1,x\n" x 100000 . "2,\xE4\n"), qr/encoding=Windows-1252/, 'it counts');
	is( columns(encode('UTF-16LE', $text), options => { encoding => 'utf-16le' }), 'größe integer, € text',
		'as metadata says');
	is(columns("a,b\n1\0,2\n"), 'a integer, b integer', 'a zero is left out');
};

subtest 'packed files' => sub {
	my ($text, $more) = ("a,b\n" . "1,2\n" x 100, "3,4\n" x 101);
	gzip(\$text => \my $packed) or die;
	gzip(\$more => \my $second) or die;
	my @frames = ask($packed . $second, name => 'x.csv.gz');
	my ($relation) = frames_of('relation', @frames);
	is_deeply([ @$relation{qw(name row_estimate)} ], [ 'x.csv', 201 ], 'two members of gzip')
		or diag(explain($frames[-1]));
	gzip(\'' => \my $nothing) or die;
	is(columns($nothing . $packed), 'a integer, b integer', 'an empty member before');
	write_file($text, 'plain');
	system('zstd', '-q', '-f', "$directory/plain", '-o', "$directory/packed.zst") == 0 or die;
	open(my $in, '<:raw', "$directory/packed.zst") or die;
	my $zstd = join '', <$in>;
	is(columns($zstd, name => 'x.csv.zst'), 'a integer, b integer', 'zstd');
	fails('gzip that is cut', substr($packed, 0, -20), 'protocol', qr/gzip file is cut off/);
	fails('zstd that is cut', substr($zstd, 0, -3), 'protocol', qr/zstd file is cut off/);
	fails('gzip that is damaged', substr($packed, 0, 20) . 'x' x 20, 'protocol', qr/gzip file is (?:damaged|cut off)/);
	my $zeros = '1,' x 20_000_000;
	gzip(\$zeros => \my $bomb) or die;
	fails('a bomb', $bomb, 'too_large', qr/200 times its size/);
};

sub started
{
	my (%change) = @_;
	my $run =
		start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector('csv'), "$directory/file.csv" ]);
	send_line(
		$run,
		request_line({ type => 'csv', endpoint => { path => 'organizations/1/file.csv' }, credentials => {} }, %change)
	);
	return $run;
}

sub read_columns
{
	return (operation => 'read', read => read_request([ 'files', 'file.csv' ], [@_]));
}

subtest 'reading' => sub {
	my @rows = rows_of(ask("a,b\n1,\"x\ny\"\n2\n,\"\"\n4,z,more\n", read_columns('b', 'a')));
	is_deeply(\@rows, [ [ "x\ny", 1 ], [ undef, 2 ], [ '', undef ], [ 'z', 4 ] ], 'ragged rows, empty texts')
		or diag(explain(\@rows));
	@rows = rows_of(ask("d\tt\n31/12/2024\t31/12/2024 10:00\n01/02/2024\t01/02/2024\n", read_columns('d', 't')));
	is_deeply(\@rows, [ [ '2024-12-31', '2024-12-31 10:00' ], [ '2024-02-01', '2024-02-01' ] ], 'dates in ISO form');
	@rows = rows_of(
		ask("d|t|s\n1/12/24|9:05 PM|9/30/99 12:30 AM\n12/31/69|12:00am|1/31/2024 12:00:01.5PM\n",
			read_columns('d', 't', 's')));
	is_deeply(
		\@rows,
		[ [ '2024-01-12', '21:05', '1999-09-30 00:30' ], [ '2069-12-31', '00:00', '2024-01-31 12:00:01.5' ] ],
		'short years, and the hours of half a day') or diag(explain(\@rows));
	@rows = rows_of(ask(encode('UTF-16LE', "\x{FEFF}a,b\r\n1,\x{1F600}\r\n"), read_columns('a', 'b')));
	is_deeply(\@rows, [ [ 1, "\x{1F600}" ] ], 'UTF-16');
	@rows = rows_of(ask("a,b\n" . "1,x\n" x 100000 . "2,\xE4\n", read_columns('b')));
	is_deeply($rows[-1], ["\x{E4}"], 'an encoding that is seen late');
	is(scalar @rows, 100001, 'every row');
};

subtest 'a file that changes' => sub {
	write_file("a,b\n" . "1,a text that is long\n" x 100000, 'file.csv');
	my $run = started(read_columns('b'));
	1 while (read_frame($run)->{frame} ne 'rows');
	open(my $file, '>>:raw', "$directory/file.csv") or die;
	print $file "2,y\n";
	close $file;
	my $last = end_connector($run)->{frames}[-1];
	is_deeply([ @$last{qw(frame code transient)} ], [ 'error', 'relation_changed', JSON::PP::true ], 'is an error')
		or diag(explain($last));
	like($last->{message}, qr/changed while it was read/, 'that says so');
};

subtest 'what is no table' => sub {
	fails('an empty file', '', 'protocol', qr/The file is empty/);
	fails('nothing but zeros', "\0" x 1000, 'configuration', qr/no text/);
	fails('another kind of file', "PK\3\4 and more", 'configuration', qr/a zip archive, as Excel/);
	fails(
		'a quote that is not closed', "a,b\n1,2\n" x 50000 . '3,"x' . ",y\n" x 10, 'query',
		qr/quote.*not closed.*Row/);
	fails('a long row', "a,b\n" . 'x' x 17_000_000 . "\n", 'too_large', qr/longer than 16 MiB/);
	fails('many fields', 'a,' x 10001 . "\n", 'too_large', qr/more than 10,000 fields/);
	my ($skipped) =
		frames_of('skipped', ask(join(',', map { "column_$_" } 1 .. 500) . "\n", limits => { document_bytes => 1500 }));
	is($skipped->{name}, 'file.csv', 'a document that is too long is skipped');
	is(columns("\n\n\n"), 'column_1 text', 'blank lines');
};

done_testing();
