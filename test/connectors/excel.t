# The connector excel by itself: relations, headers and types as they are told from content, and workbooks that are broken,
# hostile or none. Known faults of other readers have their public number.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use lib dirname(__FILE__) . '/lib';
use Connector;
use Test::More;
use Xlsx;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $directory = tempdir('rivergen-excel-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# The frames of an answer about a file of these bytes.
sub ask
{
	my ($bytes, %change) = @_;
	my %endpoint = (path => 'organizations/1/book.xlsx', options => delete $change{options} // {});
	open(my $file, '>:raw', "$directory/book.xlsx") or die $!;
	print $file $bytes;
	close $file;
	my $run =
		start_connector([ '/bin/sh', '-c', 'exec "$0" 3<"$1"', installed_connector('excel'), "$directory/book.xlsx" ]);
	local $SIG{PIPE} = 'IGNORE';
	send_line($run, request_line({ type => 'excel', endpoint => \%endpoint, credentials => {} }, %change));
	return @{ end_connector($run)->{frames} };
}

sub relations { return frames_of('relation', ask(@_)) }

# The columns of the first relation as one text.
sub columns
{
	my @frames = ask(@_);
	my ($relation) = frames_of('relation', @frames) or return $frames[-1]{message};
	return join ', ', map { "$_->{name} $_->{type}" } @{ $relation->{document}{columns} };
}

# Those of a workbook of one sheet.
sub sheet_columns
{
	my ($rows, %more) = @_;
	my $merged = delete $more{merged};
	return columns(workbook([ { name => 'Sheet1', rows => $rows, merged => $merged } ], %more));
}

sub rows
{
	my ($bytes, $name, @columns) = @_;
	my $id = $name =~ s/^(table|sheet) // ? "$1 $name" : undef;
	return [ rows_of(ask($bytes, operation => 'read', read => read_request([ 'files', $name, $id ], \@columns))) ];
}

sub fails
{
	my ($name, $bytes, $code, $says, %change) = @_;
	my $error = (ask($bytes, %change))[-1];
	is($error->{code}, $code, $name) or diag(explain($error));
	like(join(' ', grep { defined } @$error{qw(message detail)}), $says, "$name: it is told");
	return;
}

sub styled { my ($style, $value) = @_; return [ qq( s="$style"), "<v>$value</v>" ] }
sub failed { return [ ' t="e"', "<v>$_[0]</v>" ] }

subtest 'types' => sub {
	my %formats = (
		'yyyy-mm-dd' => [ 45292 => 'date', '2024-01-01' ], 'd.m.yy' => [ 45292.5 => 'datetime', '2024-01-01 12:00:00' ],
		'h:mm AM/PM' => [ 0.75 => 'time', '18:00:00' ], 'h:mm' => [ 45292.75 => 'datetime', '2024-01-01 18:00:00' ],
		'mm:ss.0' => [ 0.5 + 1.5 / 86400 => 'time', '12:00:01.500' ], '[h]:mm:ss' => [ 1.5 => 'duration', '36:00:00' ],
		'yyyy\-mm\-dd\ hh:mm' => [ 45292 => 'datetime', '2024-01-01 00:00:00' ],
		'[$-409]mmmm\ d' => [ 61 => 'date', '1900-03-01' ], 'm/d/yyyy;@' => [ 59 => 'date', '1900-02-28' ],
		'0.00" days"' => [ 3 => 'integer', 3 ], '[Red]#,##0.00' => [ 0.1 => 'number', '0.1' ],
		'\d0' => [ 7 => 'integer', 7 ], 'General' => [ 1e20 => 'number', '1e+20' ]);
	for my $format (sort keys %formats)
	{
		my ($number, $type, $value) = @{ $formats{$format} };
		my $book = workbook(
			[ { name => 'S', rows => [ [ 'a', 'b' ], [ 'x', styled(1, $number) ] ] } ],
			formats => [$format]);
		is(columns($book), "a text, b $type", "the format $format: $type");
		is_deeply(rows($book, 'S', 'b'), [ [$value] ], "the format $format: $value");
	}
	is(sheet_columns([ [ 'a', 'b' ], [ 'x', 1 ], [ 'y', 2.5 ] ]), 'a text, b number', 'numbers include integers');
	is(sheet_columns([ [ 'a', 'b' ], [ 'x', 1 ], [ 'y', 'z' ] ]), 'a text, b text | integer', 'several');
	my $book = workbook([ {
		name => 'S',
		rows => [ [ 'a', 'b' ], [ 'x', 1 ], [ 'y', failed('#N/A') ], [ 'z', [ '', '<f>A1</f>' ] ] ]
	} ]);
	is(columns($book), 'a text, b integer | error | formula', 'errors, and formulas without a value');
	is_deeply(rows($book, 'S', 'b'), [ [1], [undef], [undef] ], 'are null beside numbers');
	is( sheet_columns([ [ 'a', 'b' ], [ 'x', [ ' t="b"', '<v>1</v>' ] ], [ 'y', [ ' t="b"', '<v>0</v>' ] ] ]),
		'a text, b boolean',
		'booleans');
	is( sheet_columns([ [ 'a', 'b' ], [ 'x', [ ' t="d"', '<v>2024-02-29T10:00:00Z</v>' ] ] ]),
		'a text, b datetime',
		'ISO 8601');
	is( sheet_columns(
			[ [ 'a', 'b' ], [ 'x', [ ' t="str"', '<f>A2</f><v>y</v>' ] ], [ 'z', [ '', '<f>1</f><v>2</v>' ] ] ]),
		'a text, b text | integer',
		'values of formulas');
};

subtest 'days from 1904' => sub {
	my $book = workbook(
		[ { name => 'S', rows => [ [ 'a', 'b' ], [ 'x', styled(1, 1) ] ] } ],
		formats => ['yyyy-mm-dd'], properties => 'date1904="1"/><x:workbookPr xmlns:x="urn:x"');
	is_deeply(rows($book, 'S', 'b'), [ ['1904-01-02'] ], 'a later element of that name says nothing');
};

subtest 'known faults of types' => sub {
	my @late = ([ 'a', 'b' ], map { [ $_, undef ] } 1 .. 3000);
	is(sheet_columns([ @late, [ 1, 'text' ] ]), 'a integer, b text', 'the first value comes late (polars#15748)');
	is( sheet_columns([ [ 'a', 'b' ], [ 'x', 1 ], [ 'x', '2024' ], [ 'x', 'text' ] ]),
		'a text, b text | integer',
		'not by the first cell (duckdb-excel#14, pandas#59186)');
};

subtest 'headers' => sub {
	is(sheet_columns([ [ 1, 'x' ], [ 2, 'y' ] ]), 'column_1 integer, column_2 text', 'none');
	is( sheet_columns([ [ 'name', 'city' ], [ 'ann', 'rome' ], [ 'bob', 'oslo' ] ]), 'name text, city text',
		'all is text');
	is( sheet_columns([ [ 'a', 'a', '', 'a' ], [ 1, 2, 3, 4 ] ]),
		'a integer, a_2 integer, column_3 integer, a_3 integer', 'names that are none');
	is( sheet_columns([ ['Report'], [], undef, [ 'id', 'name' ], [ 1, 'x' ] ]), 'id integer, name text',
		'rows before it');
	is( sheet_columns([ [ undef, 'id', undef, 'name' ], [ undef, 1, undef, 'x' ] ]),
		'id integer, name text', 'empty columns');
	is(sheet_columns([ [ "first\nline ", 'b' ], [ 1, 2 ] ]), 'first line integer, b integer', 'names of several lines');
	is( sheet_columns(
			[ [ 'Region', 'Calories', 'Change' ], [ undef, undef, 'last', 'base' ], [ 'A', 'B', 'C', 'D' ] ],
			merged => [qw(A1:A2 B1:B2 C1:D1)]),
		'Region text, Calories text, Change last text, Change base text',
		'merged ones (tabulator-py#320)');
	is( sheet_columns([ [ 'Title', undef ], [ 'id', 'n' ], [ 1, 2 ] ], merged => ['A1:B1']),
		'id integer, n integer',
		'a title over all columns is none');
	is( sheet_columns([ [ 'id', 'n' ], [ 1, 2 ] ], merged => ['A1:A1']), 'id integer, n integer',
		'an area of one cell (xlrd#89)');
	is(sheet_columns([ [ 'a', 'b' ], [ 1, 2 ] ], options => {}), 'a integer, b integer', 'the usual');
	my $book = workbook([ { name => 'S', rows => [ [ 'a', 'b' ], [ 1, 2 ] ] } ]);
	is( columns($book, options => { header => JSON::PP::false }), 'column_1 text | integer, column_2 text | integer',
		'none, as metadata says');
	is_deeply(rows($book, 'S', 'b', 'a'), [ [ 2, 1 ] ], 'columns in any order');
};

subtest 'sheets' => sub {
	my @sheets = (
		{ name => 'one', rows => [ [ 'a', 'b' ], [ 1, 2 ] ] },
		{ name => 'hid <&>', rows => [ ['x'] ], state => 'hidden' },
		{ name => 'very', rows => [], state => 'veryHidden' });
	my @relations = relations(workbook(\@sheets));
	is_deeply(
		[ map { [ $_->{name}, $_->{columns}, $_->{row_estimate}, $_->{document}{options}{hidden} // '' ] } @relations ],
		[ [ 'one', 2, 1, '' ], [ 'hid <&>', 1, 0, 'true' ], [ 'very', 0, 0, 'true' ] ],
		'hidden and empty ones') or diag(explain(\@relations));
	is(columns(workbook(\@sheets), options => { sheet => 'hid <&>' }), 'x text', 'the only one, as metadata says');
	fails(
		'a sheet that is not there', workbook(\@sheets), 'configuration', qr/has no sheet/,
		options => { sheet => 'x' });
	my $main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
	my $bare =
		  qq(<worksheet $main><dimension ref="A1"/><sheetData><row><c t="inlineStr"><is><t>a</t></is></c>)
		. '<c t="inlineStr"><is><t>b</t></is></c></row><row><c><v>1</v></c><c/></row><row r="9"><c r="B9"><v>2</v></c></row>'
		. '</sheetData></worksheet>';
	is_deeply(
		rows(workbook([ { name => 'S', xml => $bare } ]), 'S', 'a', 'b'), [ [ 1, undef ], [ undef, 2 ] ],
		'without places, and with a wrong dimension (pandas#38956, pandas#39486)');
	(my $strict = $bare) =~
		s{http://schemas.openxmlformats.org/spreadsheetml/2006/main}{http://purl.oclc.org/ooxml/spreadsheetml/main};
	$strict =~ s/<(\/?)(?=[a-z])/<$1q:/g;
	$strict =~ s/xmlns=/xmlns:q=/;
	is(columns(workbook([ { name => 'S', xml => $strict } ])), 'a integer, b integer', 'strict, with a prefix');
};

subtest 'a large sheet' => sub {
	my $rows = join '',
		map { "<row><c><v>$_</v></c><c t=\"str\"><v>the text of $_ is not short</v></c></row>" } 1 .. 250_000;
	my $book = workbook([ { name => 'S', xml => "<worksheet><sheetData>$rows</sheetData></worksheet>" } ]);
	my ($relation) = relations($book);
	is($relation->{row_estimate}, 250_000, 'past 16 MiB of XML');
	my $tag =
		  '<worksheet><sheetData><row><c r="'
		. join('', map { $_ * 12347 } 1 .. 2_500_000)
		. '"/></row></sheetData></worksheet>';
	fails('a long tag', workbook([ { name => 'S', xml => $tag } ]), 'protocol', qr/more than 16 MiB/);
};

subtest 'texts' => sub {
	my $book = workbook(
		[ { name => 'S',
			rows => [
				[ 'a', 'b' ],
				map { [ $_ + 1, [ ' t="s"', "<v>$_</v>" ] ] } 0 .. 4 ]
		} ],
		strings => [
			'<r><t>rich </t></r><r><rPr><b/></rPr><t>text</t></r>', '<t>漢字</t><rPh sb="0" eb="2"><t>カンジ</t></rPh>',
			'<t xml:space="preserve"> x </t>', '<t>a_x000D_b_x005F_x000D_</t>' ]);
	is_deeply(
		rows($book, 'S', 'b'), [ ['rich text'], ['漢字'], [' x '], ["a\rb_x000D_"], ['#REF!'] ],
		'rich, spoken, with spaces, escaped, missing');
};

subtest 'tables' => sub {
	my $sheet = {
		name => 'Sales',
		rows => [
			[ 'note', undef, undef, undef, 'k', 'v' ], [ undef, 'id', "net\nsum", undef, 'x', 1 ],
			[ undef, 1, 2.5, undef, 'y', 2 ], [ undef, 2, 3 ], [ undef, 'Total', 5.5 ] ],
		tables => [
			[ 'Sales', 'B2:C5', [ 'id', 'net_x000a_sum' ], 'totalsRowCount="1"' ],
			[ 'Plain', 'E2:F3', [ 'Column1', 'Column2' ], 'headerRowCount="0"' ] ]
	};
	my $book = workbook([$sheet]);
	my @relations = relations($book);
	is_deeply(
		[   map {
				my $relation = $_;
				[   $relation->{name}, $relation->{row_estimate},
					map { "$_->{name} $_->{type}" } @{ $relation->{document}{columns} } ]
			} @relations ],
		[   [ 'Sales', 2, 'id integer', 'net sum number' ], [ 'Plain', 2, 'Column1 text', 'Column2 integer' ],
			[ 'Sales_2', 0, 'note text', 'k text', 'v text' ] ],
		'with totals, without a header, and what is outside') or diag(explain(\@relations));
	is_deeply(rows($book, 'table Sales', 'net sum', 'id'), [ [ '2.5', 1 ], [ 3, 2 ] ], 'rows of a table');
	is_deeply(rows($book, 'Plain', 'Column1'), [ ['x'], ['y'] ], 'of one without a header');
};

subtest 'hostile workbooks' => sub {
	my $sheet = { name => 'S', rows => [ [ 'a', 'b' ], [ 1, 2 ] ] };
	my $place = 'xl/worksheets/sheet1.xml';
	my $with = sub { my (%parts) = @_; return workbook([$sheet], parts => [%parts]) };
	my $laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet><sheetData/></worksheet>';
	fails('a document type', $with->($place => $laughs), 'protocol', qr/a document type/);
	fails('deep XML', $with->($place => '<a>' x 100 . '</a>' x 100), 'protocol', qr/more than 64 elements/);
	fails('XML that is cut', $with->($place => '<worksheet><sheetData><row>'), 'protocol', qr/no element found/);
	fails('a part that is missing', $with->($place => undef), 'protocol', qr/lacks a part.*sheet1/);
	fails('a name that leads out', $with->('../x' => 'x'), 'protocol', qr/leads out of it/);
	fails('a name twice', zipped('_rels/.rels' => 'x', '_rels/.RELS' => 'y'), 'protocol', qr/two parts of one name/);
	fails('a bomb', $with->($place => '<a>' . ' ' x 20_000_000 . '</a>'), 'too_large', qr/too many bytes/);
	fails('many parts', zipped(map { ("p$_" => '') } 1 .. 10001), 'too_large', qr/more than 10,000 parts/);
	fails(
		'a far row', $with->($place => '<worksheet><sheetData><row r="1048577"/></sheetData></worksheet>'),
		'protocol', qr/more than 1,048,576 rows/);
	fails(
		'rows in disorder', $with->($place => '<worksheet><sheetData><row r="2"/><row r="2"/></sheetData></worksheet>'),
		'protocol', qr/not in the order/);
	fails(
		'many cells',
		$with->($place => '<worksheet><sheetData><row>' . '<c/>' x 16385 . '</row></sheetData></worksheet>'),
		'protocol', qr/more than 16,384 cells/);
	fails(
		'a long text',
		$with->(
				  $place => '<worksheet><sheetData><row><c t="str"><v>'
				. join('', map { $_ x 4 } 1 .. 300_000)
				. '</v></c></row></sheetData></worksheet>'),
		'too_large',
		qr/more than 1 MiB/);
	my $whole = workbook([$sheet]);
	fails('an archive that is cut', substr($whole, 0, -30), 'protocol', qr/no whole zip archive/);
	(my $broken = $whole) =~ s/\A(.{60}).{20}/$1xxxxxxxxxxxxxxxxxxxx/s;
	isnt((ask($broken))[-1]{frame}, undef, 'broken bytes end in an answer');
};

# An OpenDocument of this body, whose prefixes are declared.
sub opendocument
{
	my ($body, @parts) = @_;
	my $names = join ' ', map { qq(xmlns:$_="urn:$_") } qw(office style table text calcext);
	return zipped(
		'mimetype' => 'application/vnd.oasis.opendocument.spreadsheet',
		'content.xml' => "<office:document-content $names>$body</office:document-content>", @parts);
}

sub ods_cell
{
	my ($type, $value, $text) = @_;
	return qq(<table:table-cell office:value-type="$type" $value><text:p>$text</text:p></table:table-cell>);
}

subtest 'OpenDocument' => sub {
	my $string = sub { ods_cell('string', '', $_[0]) };
	my $many = 'table:number-columns-repeated="16380"';
	my $body =
		'<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
		. '<office:body><office:spreadsheet><table:table table:name="one"><table:table-row>'
		. join('', map { $string->($_) } qw(id day at ok took))
		. '</table:table-row><table:table-row table:number-rows-repeated="2">'
		. ods_cell('float', 'office:value="1.5"', '1,5')
		. ods_cell('date', 'office:date-value="2024-02-29"', 'x')
		. ods_cell('date', 'office:date-value="2024-02-29T10:00:00"', 'x')
		. ods_cell('boolean', 'office:boolean-value="true"', 'TRUE')
		. ods_cell('time', 'office:time-value="PT26H30M00S"', 'x')
		. "<table:table-cell $many/></table:table-row>"
		. "<table:table-row table:number-rows-repeated='1048000'><table:table-cell $many/></table:table-row></table:table>"
		. '<table:table table:name="two" table:style-name="ta2"><table:table-row><table:table-cell table:number-columns-spanned="2">'
		. '<text:p>a <text:s text:c="2"/><text:span>b</text:span></text:p><text:p>c</text:p><office:annotation><text:p>note</text:p>'
		. '</office:annotation></table:table-cell><table:covered-table-cell/>'
		. ods_cell('string', 'calcext:value-type="error"', '#N/A')
		. '</table:table-row></table:table></office:spreadsheet></office:body>';
	my $book = opendocument($body);
	my @relations = relations($book);
	is_deeply(
		[   map {
				my $relation = $_;
				[   @$relation{qw(name row_estimate)},
					map { "$_->{name} $_->{type}" } @{ $relation->{document}{columns} } ]
			} @relations ],
		[   [ 'one', 2, 'id number', 'day date', 'at datetime', 'ok boolean', 'took duration' ],
			[ 'two', 1, 'column_1 text', 'column_2 error' ] ],
		'sheets and types') or diag(explain(\@relations));
	is($relations[1]{document}{options}{hidden}, 'true', 'a hidden one');
	my $row = [ '1.5', '2024-02-29', '2024-02-29T10:00:00', 'true', '26:30:00' ];
	is_deeply(rows($book, 'one', qw(id day at ok took)), [ $row, $row ], 'rows that are written once for many');
	is_deeply(rows($book, 'two', 'column_1'), [ ["a   b\nc"] ], 'texts without notes');
	fails(
		'an encrypted one',
		opendocument($body, 'META-INF/manifest.xml' => '<m:manifest xmlns:m="m"><m:encryption-data/></m:manifest>'),
		'unsupported', qr/encrypted/);
	fails(
		'many cells',
		opendocument(
				  '<table:table table:name="x"><table:table-row>'
				. ods_cell('float', 'office:value="1" table:number-columns-repeated="999999"', 1)
				. '</table:table-row></table:table>'),
		'protocol',
		qr/more than 16,384 cells/);
	fails(
		'many rows',
		opendocument(
				  '<table:table table:name="x"><table:table-row table:number-rows-repeated="1048577">'
				. ods_cell('float', 'office:value="1"', 1)
				. '</table:table-row></table:table>'),
		'protocol',
		qr/more than 1,048,576 rows/);
	fails(
		'a text of OpenDocument',
		zipped('mimetype' => 'application/vnd.oasis.opendocument.text', 'content.xml' => '<x/>'),
		'configuration', qr/no workbook/);
};

subtest 'what is no workbook' => sub {
	fails('a page', '<html><table><tr><td>1</td></tr></table></html>', 'configuration', qr/a page in HTML/);
	fails('a text', "a,b\n1,2\n", 'configuration', qr/a text, perhaps.*csv/);
	fails('Parquet', 'PAR1 and more', 'configuration', qr/a Parquet file/);
	fails(
		'XML of Excel 2003', '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
		'configuration', qr/XML of Excel 2003/);
	fails('an OLE2 file that is cut', "\xD0\xCF\x11\xE0" . "\0" x 100, 'protocol', qr/header is not whole/);
	my $header = "\xD0\xCF\x11\xE0" . "\0" x 26 . "\x09\0\x06\0" . "\0" x 10 . "\xFF" x 468;
	fails('an OLE2 file without a workbook', $header . "\xFF" x 1024, 'protocol', qr/no workbook in it/);
	fails('.xlsb', zipped('xl/workbook.bin' => 'x'), 'configuration', qr/\.xlsb/);
	fails('.docx', zipped('word/document.xml' => 'x'), 'configuration', qr/a document of Word/);
	fails('a zip archive', zipped('x' => 'x'), 'configuration', qr/no workbook/);
	fails('Excel 4', "\x09\x04\x06\x00 and more", 'configuration', qr/BIFF4/);
};

done_testing();
