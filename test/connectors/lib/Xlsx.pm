# Writes workbooks of Office Open XML, as their parts say: what a test wants to be odd is odd.
package Xlsx;

use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use Exporter 'import';
use IO::Compress::Zip qw(zip $ZipError :constants);

our @EXPORT = qw(zipped workbook sheet table cell_name);

my $main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
my $types = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
my $head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';

# A zip archive: names and contents. It is written as streams are, with sizes behind the data.
sub zipped
{
	my (@parts) = @_;
	my $archive = '';
	my $zip;
	while (my ($name, $content) = splice @parts, 0, 2)
	{
		$content = encode_utf8($content) if utf8::is_utf8($content);
		if ($zip) { $zip->newStream(Name => $name) }
		else { $zip = IO::Compress::Zip->new(\$archive, Name => $name, Stream => 1) or die $ZipError }
		$zip->print($content);
	}
	$zip->close;
	return $archive;
}

sub escaped { return $_[0] =~ s/&/&amp;/gr =~ s/</&lt;/gr =~ s/"/&quot;/gr =~ s/\n/&#10;/gr }

sub cell_name
{
	my ($row, $column) = @_;
	my $letters = '';
	for (my $left = $column + 1; $left > 0; $left = int(($left - 1) / 26))
	{
		$letters = chr(65 + ($left - 1) % 26) . $letters;
	}
	return $letters . ($row + 1);
}

# A value is a text, a number, undef, a reference to the XML of a cell's inside with its attributes: [' t="b"', '<v>1</v>'].
sub cell
{
	my ($place, $value) = @_;
	return '' if !defined $value;
	return qq(<c r="$place"$value->[0]>$value->[1]</c>) if ref $value;
	return qq(<c r="$place"><v>$value</v></c>) if $value =~ /^-?\d+(?:\.\d+)?(?:[eE]-?\d+)?$/;
	return qq(<c r="$place" t="inlineStr"><is><t xml:space="preserve">) . escaped($value) . '</t></is></c>';
}

# A worksheet of these rows; more: XML behind them, such as merged cells.
sub sheet
{
	my ($rows, $more) = @_;
	my $xml = qq($head<worksheet xmlns="$main"><sheetData>);
	for my $number (0 .. $#$rows)
	{
		my $cells = $rows->[$number] or next;
		$xml .=
			  sprintf('<row r="%d">', $number + 1)
			. join('', map { cell(cell_name($number, $_), $cells->[$_]) } 0 .. $#$cells)
			. '</row>';
	}
	return "$xml</sheetData>" . ($more // '') . '</worksheet>';
}

sub table
{
	my ($name, $area, $columns, $attributes) = @_;
	my $id = 0;
	my $named = join '', map { sprintf '<tableColumn id="%d" name="%s"/>', ++$id, escaped($_) } @$columns;
	$attributes //= '';
	return qq($head<table xmlns="$main" id="1" name="$name" displayName="$name" ref="$area" $attributes>)
		. "<tableColumns>$named</tableColumns></table>";
}

sub relations
{
	my (@relations) = @_;
	return
		  qq($head<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">)
		. join('', map { qq(<Relationship Id="$_->[0]" Type="$types/$_->[1]" Target="$_->[2]"/>) } @relations)
		. '</Relationships>';
}

# A workbook of sheets: { name, xml or rows, merged, tables, state }. strings: shared ones; formats: codes of number formats,
# which are the styles 1, 2 …; properties: attributes of the workbook; parts: further parts, or other contents of them.
sub workbook
{
	my ($sheets, %more) = @_;
	my (@parts, @related);
	my $listed = '';
	for my $number (1 .. @$sheets)
	{
		my $sheet = $sheets->[ $number - 1 ];
		my $merged = join '', map { qq(<mergeCell ref="$_"/>) } @{ $sheet->{merged} // [] };
		my @tables = @{ $sheet->{tables} // [] };
		push @parts, "xl/worksheets/sheet$number.xml",
			$sheet->{xml} // sheet($sheet->{rows}, $merged && "<mergeCells>$merged</mergeCells>");
		push @parts, "xl/tables/table$number$_.xml", table(@{ $tables[$_] }) for 0 .. $#tables;
		push @parts, "xl/worksheets/_rels/sheet$number.xml.rels",
			relations(map { [ "rId$_", 'table', "../tables/table$number$_.xml" ] } 0 .. $#tables)
			if @tables;
		push @related, [ "rId$number", 'worksheet', "worksheets/sheet$number.xml" ];
		my $state = $sheet->{state} ? qq( state="$sheet->{state}") : '';
		my $name = escaped($sheet->{name});
		$listed .= qq(<sheet name="$name" sheetId="$number"$state r:id="rId$number"/>);
	}
	my $number = 164;
	my @formats = map { [ $number++, $_ ] } @{ $more{formats} // [] };
	my $styles =
		  qq($head<styleSheet xmlns="$main"><numFmts>)
		. join('', map { sprintf '<numFmt numFmtId="%d" formatCode="%s"/>', $_->[0], escaped($_->[1]) } @formats)
		. '</numFmts><cellXfs><xf numFmtId="0"/>'
		. join('', map { qq(<xf numFmtId="$_->[0]"/>) } @formats)
		. '</cellXfs></styleSheet>';
	my $strings = qq($head<sst xmlns="$main">) . join('', map { "<si>$_</si>" } @{ $more{strings} // [] }) . '</sst>';
	my %own = @{ $more{parts} // [] };
	my $properties = $more{properties} // '';
	my @all = (
		'[Content_Types].xml', qq($head<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>),
		'_rels/.rels', relations([ 'rId1', 'officeDocument', 'xl/workbook.xml' ]),
		'xl/workbook.xml',
		qq($head<workbook xmlns="$main" xmlns:r="$types"><workbookPr $properties/><sheets>$listed</sheets></workbook>),
		'xl/_rels/workbook.xml.rels',
		relations(@related, [ 'rId8001', 'styles', 'styles.xml' ], [ 'rId8002', 'sharedStrings', 'sharedStrings.xml' ]),
		'xl/styles.xml', $styles, 'xl/sharedStrings.xml', $strings, @parts);
	my @kept;
	while (my ($name, $content) = splice @all, 0, 2)
	{
		push @kept, $name, $content if !exists $own{$name};
	}
	return zipped(@kept, map { defined $own{$_} ? ($_, $own{$_}) : () } sort keys %own);
}

1;
