# What frames and documents look like (src/wire/README.md), strictly: a member that the protocol does not name is a fault.
package Frames;

use strict;
use warnings;

use B;
use Encode qw(decode FB_CROAK LEAVE_SRC);
use Exporter 'import';
use JSON::PP;

our @EXPORT = qw(faults_of_frames);

# After each member its type; ! where it may not be absent.
my %members = (
	hello => 'protocol integer! connector text! version text! capabilities array!',
	log => 'level text! message text!',
	progress => 'phase text! relations_total integer',
	connected => 'server text! dialect text identity text',
	schema => 'name text! id text comment text',
	relation => 'schema text! name text! kind text! id text columns integer!
		row_estimate integer size_bytes integer document object! signature text changed_at integer versions array',
	unchanged => 'schema text! name text! id text! row_estimate integer size_bytes integer',
	skipped => 'schema text! name text id text reason text!',
	referenced => 'schema text! name text! id text!',
	database => 'name text!',
	sample => 'relation integer! categories object examples array error text',
	reading => 'applied array limited boolean columns array',
	rows => 'rows integer! bytes integer!',
	error => 'step text! code text! message text! detail text hint text transient boolean position integer',
	end => 'schemas integer! relations integer! columns integer! unchanged integer signature text rows integer
		truncated boolean');
my @steps = qw(configure resolve connect tls authenticate query);
my @codes =
	qw(unknown_host refused unreachable timeout tls authentication database_not_found schema_not_found permission configuration
	unsupported query relation_changed too_large protocol internal unavailable);

# What pg_type may be, perhaps with [] behind it.
my %pg_types = map { $_ => 1 } split /\s*,\s*/,
	'boolean, smallint, integer, bigint, numeric, real, double precision, oid,
	text, bpchar, bytea, bit, bit varying, uuid, json, jsonb, xml, tsvector, tsquery, date, time without time zone, time with time zone,
	timestamp without time zone, timestamp with time zone, interval, inet, cidr, macaddr, macaddr8, point, line, lseg, box, path,
	polygon, circle, int4range, int8range, numrange, tsrange, tstzrange, daterange, int4multirange, int8multirange, nummultirange,
	tsmultirange, tstzmultirange, datemultirange';

sub type_of
{
	my ($value) = @_;
	return { HASH => 'object', ARRAY => 'array', 'JSON::PP::Boolean' => 'boolean' }->{ ref $value } if ref $value;
	my $flags = B::svref_2object(\$value)->FLAGS;
	return $flags & B::SVp_POK ? 'text' : $flags & B::SVp_IOK ? 'integer' : 'number';
}

sub member_faults
{
	my ($frame) = @_;
	my $kind = $frame->{frame} // '';
	my %known = map { /^(\S+) (\w+)(!?)$/ ? ($1 => [ $2, $3 ]) : () }
		($members{$kind} // return "no frame: $kind") =~ /(\S+ \S+)/g;
	my @faults = map { "$kind lacks $_" } grep { $known{$_}[1] && !defined $frame->{$_} } sort keys %known;
	for my $name (grep { !/^(?:frame|-data)$/ && defined $frame->{$_} } sort keys %$frame)
	{
		my $type = type_of($frame->{$name});
		push @faults,
			!$known{$name} ? "$kind has a member $name" : $known{$name}[0] ne $type ? "$name of $kind is $type" : ();
	}
	return @faults;
}

# Members that are null, false or empty are left out; options are the source's own.
sub empty_members
{
	my ($value, $path) = @_;
	return map { empty_members($value->[$_], "${path}[$_]") } 0 .. $#$value if ref $value eq 'ARRAY' && @$value;
	return map { empty_members($value->{$_}, "$path.$_") } grep { $_ ne 'options' } sort keys %$value
		if ref $value eq 'HASH' && (%$value || $path eq '');
	return !defined $value
		|| ref $value && !(ref $value eq 'JSON::PP::Boolean' && $value) ? "$path is null, false or empty" : ();
}

sub pg_type_faults
{
	my (@columns) = @_;
	my @named = grep { defined $_->{pg_type} } @columns;
	return map { "pg_type of $_->{name} is $_->{pg_type}" } grep { !$pg_types{ $_->{pg_type} =~ s/\[\]\z//r } } @named;
}

# Of one list of columns, and of those that they consist of.
sub column_faults
{
	my (@columns) = @_;
	my (%names, %ids);
	return (
		pg_type_faults(@columns),
		(map { "two columns are called $_" } grep { $names{$_}++ } map { $_->{name} // '' } @columns),
		(map { "two columns have the id $_" } grep { $ids{$_}++ } map { $_->{id} // () } @columns),
		(   map { "the id of column $_->{name} is no text" }
			grep { defined $_->{id} && type_of($_->{id}) ne 'text' } @columns),
		(grep { !defined $_->{name} } @columns) ? 'a column has no name' : (),
		map { column_faults(@{ $_->{fields} // [] }) } @columns);
}

sub document_faults
{
	my ($frame) = @_;
	my @columns = @{ $frame->{document}{columns} // [] };
	return (
		column_faults(@columns),
		@columns != $frame->{columns} ? "columns says $frame->{columns}, and there are " . @columns : (),
		empty_members($frame->{document}, ''));
}

# What a relation was before: documents whose times rise to that of the relation.
sub version_faults
{
	my ($frame) = @_;
	my @versions = @{ $frame->{versions} // [] };
	my @times = map { $_->{changed_at} // -1 } @versions, $frame;
	return (
		(   map { /^(?:changed_at|kind|columns|document)$/ ? () : "a version has a member $_" }
			map { keys %$_ } @versions),
		@versions > 200 ? 'more than 200 versions' : (),
		(map { $times[ $_ - 1 ] < $times[$_] ? () : "version $_ is not later than the one before" } 1 .. $#times),
		(map { document_faults($_) } @versions));
}

sub word_faults
{
	my ($frame) = @_;
	return (
		(grep { $_ eq $frame->{step} } @steps) ? () : "step $frame->{step}",
		(grep { $_ eq $frame->{code} } @codes) ? () : "code $frame->{code}") if $frame->{frame} eq 'error';
	return pg_type_faults(@{ $frame->{columns} // [] }) if $frame->{frame} eq 'reading';
	return $frame->{kind} =~ /^[a-z_]{1,32}$/
		? (document_faults($frame), version_faults($frame))
		: "kind $frame->{kind}"
		if $frame->{frame} eq 'relation';
	return (grep { defined $frame->{$_} && (length $frame->{$_} == 0 || length $frame->{$_} > 256) } 'id')
		? 'an id is too long, or empty'
		: ();
}

# Which frames may come, in what order.
sub order_faults
{
	my (@frames) = @_;
	my (@faults, %schema, %relation, $connected);
	push @faults, 'the first frame is not hello' if ($frames[0]{frame} // '') ne 'hello';
	push @faults, 'a second hello' if grep { $_->{frame} eq 'hello' } @frames[ 1 .. $#frames ];
	push @faults, 'the last frame is neither end nor error' if ($frames[-1]{frame} // '') !~ /^(end|error)$/;
	push @faults, 'a frame after the last' if grep { $_->{frame} =~ /^(end|error)$/ } @frames[ 0 .. $#frames - 1 ];
	for my $frame (@frames)
	{
		my $kind = $frame->{frame};
		$connected ||= $kind eq 'connected';
		push @faults, "$kind before connected" if !$connected && $kind !~ /^(hello|log|progress|error)$/;
		push @faults, "schema $frame->{name} twice" if $kind eq 'schema' && $schema{ $frame->{name} }++;
		next if $kind !~ /^(relation|unchanged|skipped)$/;
		push @faults, "$kind before schema $frame->{schema}" if !$schema{ $frame->{schema} };
		push @faults, "$frame->{schema}.$frame->{name} twice"
			if defined $frame->{name} && $relation{"$frame->{schema}\0$frame->{name}"}++;
	}
	return @faults;
}

sub count_faults
{
	my (@frames) = @_;
	my $end = $frames[-1];
	my %count = (schemas => 0, relations => 0, columns => 0, unchanged => 0);
	return () if $end->{frame} ne 'end';
	for my $frame (@frames)
	{
		$count{ { schema => 'schemas', unchanged => 'unchanged', sample => 'relations', relation => 'relations' }
			->{ $frame->{frame} } // 'others' }++;
		$count{columns} += $frame->{columns} if $frame->{frame} eq 'relation';
	}
	return map { "end counts " . ($end->{$_} // 0) . " $_ of $count{$_}" }
		grep { ($end->{$_} // 0) != $count{$_} } qw(schemas relations columns unchanged);
}

# Of a frame rows: whole rows, as many as it says, in a size that fits.
sub rows_faults
{
	my ($frame) = @_;
	my ($rows, $bytes) = @$frame{qw(rows bytes)};
	my @faults;
	push @faults, "a frame has $rows rows" if $rows < 1 || $rows > 2_147_483_647;
	push @faults, "$rows rows have $bytes bytes" if $rows > 1 && $bytes > 65536;
	return @faults if $bytes == 0;
	my $lines = $frame->{-data} =~ tr/\n//;
	push @faults, "$lines lines are called $rows rows" if $lines != $rows;
	push @faults, 'a row is not whole' if $frame->{-data} !~ /\n\z/;
	push @faults, 'a row is no UTF-8' if !eval { decode('UTF-8', $frame->{-data}, FB_CROAK | LEAVE_SRC) };
	push @faults, 'a row has an escape that COPY has not' if $frame->{-data} =~ /(?<!\\)(?:\\\\)*\\[^bfnrtvN\\]/;
	return @faults;
}

# Of an answer that has rows: one `reading` before them, and their number in `end`.
sub reading_faults
{
	my (@frames) = @_;
	my @kinds = map { $_->{frame} } grep { $_->{frame} =~ /^(?:reading|rows)$/ } @frames;
	my %columns = map { $_->{-data} =~ /\A([^\n]*)/ ? (($1 =~ tr/\t//) => 1) : () }
		grep { $_->{bytes} > 0 } grep { $_->{frame} eq 'rows' } @frames;
	my $end = $frames[-1];
	my @faults = map { rows_faults($_) } grep { $_->{frame} eq 'rows' } @frames;
	push @faults, 'the rows do not follow one frame reading' if "@kinds" !~ /^(?:reading(?: rows)*)?$/;
	push @faults, 'the rows have different numbers of columns' if keys %columns > 1;
	return @faults if $end->{frame} ne 'end';
	my $sum = 0;
	$sum += $_->{rows} for grep { $_->{frame} eq 'rows' } @frames;
	push @faults, 'end has no rows' if @kinds && !defined $end->{rows};
	push @faults, "end counts $end->{rows} rows of $sum" if defined $end->{rows} && $end->{rows} != $sum;
	return @faults;
}

# All that is wrong with an answer.
sub faults_of_frames
{
	my (@frames) = @_;
	return 'there are no frames' if !@frames;
	my @faults = map { my $frame = $_; my @f = member_faults($frame); @f ? @f : word_faults($frame) } @frames;
	return @faults ? @faults : (order_faults(@frames), count_faults(@frames), reading_faults(@frames));
}

1;
