# Random schemas of MariaDB that use every kind of object, and random changes of them. The same seed makes the same schema.
package RandomTables;

use strict;
use warnings;
use utf8;

use Exporter 'import';

our @EXPORT = qw(random_tables random_alteration);

my $number;
my %made;    # lists of what there is, by kind

sub pick { return $_[ int rand @_ ] }
sub maybe { my ($chance) = @_; return rand() < $chance }
sub quote { my ($name) = @_; $name =~ s/`/``/g; return "`$name`" }

sub some
{
	my ($most, @left) = @_;
	return map { @left ? splice(@left, int rand @left, 1) : () } 1 .. 1 + int rand $most;
}

sub literal
{
	my ($text) = @_;
	$text =~ s/(['\\])/$1$1/g;
	return "'$text'";
}

# ---- names and texts ----

my @odd = (
	'select', 'Order', 'a`b', '``', 'a"b', "it's", 'back\\slash', "new\nline", "tab\there", 'größe', 'ключ', '名前',
	"e\x{301}", '1st', 'a.b', ' lead', '%', '_', '@a', '#1', '-- x', '/*', '*/', '*', 'NULL', "\x01", 'a,b', '(x)',
	') COMMENT', '{}', 'ß', 'İ', '$1', '/', '..', 'CHECK (', 'é', 'É');

sub name
{
	my ($kind, $longest) = @_;
	my $name = maybe(0.5) ? $kind . ++$number : pick(@odd) . ++$number;
	return maybe(0.05) ? $name . pick('x', 'ä') x (($longest // 64) - length $name) : $name;
}

sub text
{
	my ($longest) = @_;
	my $text = join pick('', ' ', "\n", '\\', '"', "'", '`'),
		map { pick(@odd, 'plain', 'words', '😀', '\\n', '\\u0041', "\x1f", "\r\n", "\x1a") } 1 .. 1 + int rand 6;
	return substr $text, 0, $longest;
}

sub comment { return maybe(0.15) ? ' COMMENT ' . literal(text(200)) : '' }

# ---- columns ----

# Type, family; a family has defaults, checks and expressions.
my @types = (
	(map { [ $_, 'number' ], [ "$_ unsigned", 'count' ] } qw(tinyint smallint mediumint int bigint)),
	[ 'tinyint(1)', 'number' ], [ 'int(7) unsigned zerofill', 'count' ], [ 'decimal', 'number' ],
	[ 'decimal(30,10)', 'number' ], [ 'decimal(12,2) unsigned', 'count' ], [ 'float', 'real' ], [ 'double', 'real' ],
	[ 'float(40)', 'real' ], [ 'double(9,3)', 'real' ], [ 'bit', 'bits' ], [ 'bit(64)', 'bits' ], [ 'year', 'year' ],
	[ 'date', 'day' ], [ 'datetime', 'moment' ], [ 'datetime(6)', 'moment' ], [ 'timestamp NULL', 'moment' ],
	[ 'timestamp(3) NULL', 'moment' ], [ 'time', 'time' ], [ 'time(6)', 'time' ], [ 'char(5)', 'text' ],
	[ 'varchar(40)', 'text' ], [ 'varchar(200)', 'text' ], [ 'tinytext', 'long' ], [ 'text', 'long' ],
	[ 'mediumtext', 'long' ], [ 'longtext', 'long' ], [ 'json', 'json' ], [ 'binary(16)', 'bytes' ],
	[ 'varbinary(9)', 'bytes' ], [ 'tinyblob', 'blob' ], [ 'blob', 'blob' ], [ 'longblob', 'blob' ],
	[ 'enum', 'enum' ], [ 'set', 'enum' ], [ 'uuid', 'uuid' ], [ 'inet4', 'address' ], [ 'inet6', 'address' ],
	map { [ $_, 'shape' ] } qw(geometry point linestring polygon multipoint geometrycollection));

my %defaults = (
	number => [ '0', '-1', '7', '(1 + 2)', "(length('x'))", '(rand() * 3)', "'5'" ], count => [ '0', '7', '(abs(-5))' ],
	real => [ '0', '1.5', '-1e5', '(pi())' ], bits => [ "b'1'", '1', '0' ], year => [ '2024', "'1999'" ],
	day => [ "'2020-02-29'", "'0000-00-00'", '(current_date())', '(curdate() - interval 1 day)' ],
	moment => [
		"'2020-06-01 12:00:00'", "'0000-00-00 00:00:00'", 'current_timestamp',
		'current_timestamp ON UPDATE current_timestamp',
		'NULL ON UPDATE current_timestamp', '(now() + interval 3 hour)' ],
	time => [ "'-12:30:00'", "'838:59:59'" ],
	text => [
		"''", "'it''s'", "'a\\\\b'", "'NULL'", "'ü'", "(concat('x', uuid()))", "(upper('q\\'x'))", "'`'", "_latin1'x'"
	],
	long => [ "'x'", "('it''s')", "(repeat('ä', 3))" ], json => [ "'{}'", "(json_object('a', 1))" ],
	bytes => [ "'ab'", "x'6162'", "''" ],
	blob => ["'x'"],
	uuid => [ '(uuid())', "'123e4567-e89b-12d3-a456-426655440000'" ],
	address => ["'10.0.0.1'"]);
$defaults{address} = [];

my %checks = (
	number => [ '%s > 0', '%s IN (1, 2, 3)', '%s BETWEEN 1 AND 10', '%s IS NOT NULL' ], count => ['%s < 100'],
	text => [ 'char_length(%s) < 9', "%s <> 'it''s'", "%s LIKE 'x%%'", "%s IN ('a', 'b\\\\')" ],
	day => ["%s > '2001-01-01'"], long => [ "%s <> ''", 'json_valid(%s)' ], json => ["json_length(%s) < 5"]);

my %expressions = (
	number => [ '%s + 1', 'abs(%s)', '%s * 2 - 1' ], count => ['%s + 1'],
	text => [ 'lower(%s)', "concat(%s, '''', '\"')" ],
	day => ['year(%s)'], json => ["json_extract(%s, '\$.a')"]);

my %indexable = map { $_ => 1 } qw(number count reference real year day moment time text bytes enum uuid);

# In an ordinary enum there are commas, quotes and backslashes.
sub values_of
{
	my ($type, $most) = @_;
	my %seen;
	return join ',', map { literal($_) } grep { !$seen{ lc $_ }++ && !($type eq 'set' && /,/) } 'x',
		map { pick('a', 'b,c', "d'e", 'x\\y', 'ü', '', "''", "','", ') (') . ++$number } 1 .. int rand $most;
}

sub full_type
{
	my ($type, $family) = @_;
	$type .= '(' . values_of($type, 5) . ')' if $family eq 'enum';
	$type .= pick(' CHARACTER SET latin1', ' COLLATE utf8mb4_bin', ' CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci')
		if $family =~ /^(?:text|long|enum)$/ && $type !~ /[^\0-\x7f]/ && maybe(0.2);
	return $type;
}

sub generated
{
	my ($table, $column) = @_;
	my ($from) =
		grep { $expressions{ $_->{family} } && !$_->{is_generated} && $_->{type} !~ /^char\(/ } @{ $table->{columns} };
	return if !$from;
	@$column{qw(family is_generated)} = ('generated', 1);
	return
		  "$column->{name} varchar(90) GENERATED ALWAYS AS ("
		. sprintf(pick(@{ $expressions{ $from->{family} } }), $from->{name}) . ')'
		. pick(' VIRTUAL', ' STORED')
		. comment();
}

# The declaration of a new column, which the table has from now on.
sub column
{
	my ($table) = @_;
	my ($type, $family) = @{ pick(grep { !$table->{is_parted} || $_->[1] ne 'shape' } @types) };
	my $column = { name => quote(name('c')), type => full_type($type, $family), family => $family };
	my $text = maybe(0.1) ? generated($table, $column) : undef;
	if (!defined $text)
	{
		my $default = $defaults{$family};
		$text = "$column->{name} $column->{type}";
		$text .= ' NOT NULL' if maybe($family eq 'shape' ? 0.7 : 0.25) && $type !~ /NULL/;
		$column->{family} = 'place' if $family eq 'shape' && $text =~ /NOT NULL/;
		$text .= ' INVISIBLE' if maybe(0.05) && $text !~ /NOT NULL/ && @{ $table->{columns} };
		$text .= ' DEFAULT ' . pick(@$default) if $default && @$default && maybe(0.4);
		$text =~ s/ NOT NULL DEFAULT NULL/ DEFAULT NULL/;
		$text .= ' DEFAULT NULL' if $text !~ /NOT NULL|DEFAULT/ && maybe(0.05);
		my ($digits) = $type =~ /\((\d)\)/;
		$text =~ s/current_timestamp/current_timestamp($digits)/g if $digits && $family eq 'moment';
		$text .= comment();
		$column->{has_check} = $checks{$family} && maybe(0.08);
		$text .= ' CHECK (' . sprintf(pick(@{ $checks{$family} }), $column->{name}) . ')' if $column->{has_check};
	}
	push @{ $table->{columns} }, $column;
	return $text;
}

sub columns_of
{
	my ($table, $families) = @_;
	return grep { $families->{ $_->{family} } } @{ $table->{columns} };
}

# ---- keys, checks, partitions ----

# A part of an index: a column, or the beginning of one.
sub part
{
	my ($column) = @_;
	my $length =
		  $column->{family} =~ /^(?:long|blob)$/ ? '(' . (1 + int rand 20) . ')'
		: $column->{type} =~ /^varchar\(/ ? pick('', '', '(2)')
		: '';
	return $column->{name} . $length . pick('', '', ' DESC');
}

sub index_of
{
	my ($table) = @_;
	my ($long) = columns_of($table, { long => 1, text => 1 });
	my ($shape) = columns_of($table, { place => 1 });
	my @parts = map { part($_) } some(3, columns_of($table, { %indexable, long => 1, blob => 1, generated => 1 }));
	my $unique = pick('', '', 'UNIQUE ');
	my $more = pick('', '', '', ' USING BTREE', $unique ? () : ' IGNORED') . comment();
	return 'FULLTEXT KEY ' . quote(name('words')) . " ($long->{name})" . comment() if $long && maybe(0.15);
	return 'SPATIAL KEY ' . quote(name('places')) . " ($shape->{name})" if $shape && maybe(0.3);
	return if !@parts;
	return $unique . 'KEY ' . quote(name('index')) . ' (' . join(', ', @parts) . ")$more";
}

sub check
{
	my ($table) = @_;
	my ($column) = some(1, grep { $checks{ $_->{family} } } @{ $table->{columns} }) or return;
	return
		  (maybe(0.6) ? 'CONSTRAINT ' . quote(name('check')) . ' ' : '')
		. 'CHECK ('
		. sprintf(pick(@{ $checks{ $column->{family} } }), $column->{name}) . ')';
}

sub foreign_key
{
	my ($table) = @_;
	my $of = pick(@{ $made{key} }) // return;
	my @columns = map { { name => quote(name('fk')), type => $_->{type}, family => 'reference' } } @{ $of->{columns} };
	push @{ $table->{columns} }, @columns;
	return (
		(map { "$_->{name} $_->{type}" } @columns),
		'CONSTRAINT '
			. quote(name('fkey'))
			. ' FOREIGN KEY ('
			. join(', ', map { $_->{name} } @columns)
			. ") REFERENCES $of->{table} ("
			. join(', ', map { $_->{name} } @{ $of->{columns} }) . ')'
			. pick('', ' ON DELETE CASCADE', ' ON DELETE SET NULL', ' ON DELETE RESTRICT')
			. pick('', ' ON UPDATE CASCADE', ' ON UPDATE NO ACTION'));
}

sub partitioning
{
	my ($column) = @_;
	my ($low, $high) = map { quote(name('p', 30)) } 1, 2;
	return pick(
		" PARTITION BY RANGE ($column + 1) (PARTITION $low VALUES LESS THAN (10), PARTITION $high VALUES LESS THAN MAXVALUE)",
		" PARTITION BY RANGE COLUMNS ($column) (PARTITION $low VALUES LESS THAN (10))",
		" PARTITION BY LIST ($column) (PARTITION $low VALUES IN (1, 2), PARTITION $high VALUES IN (3))",
		" PARTITION BY LIST COLUMNS ($column) (PARTITION $low VALUES IN (1, 2), PARTITION $high DEFAULT)",
		" PARTITION BY HASH ($column) PARTITIONS 2", " PARTITION BY LINEAR HASH (abs($column)) PARTITIONS 2",
		" PARTITION BY KEY ($column) PARTITIONS 2", " PARTITION BY LINEAR KEY ($column) PARTITIONS 2",
		" PARTITION BY RANGE ($column) SUBPARTITION BY HASH ($column) SUBPARTITIONS 2 (PARTITION $low VALUES LESS THAN (10))",
		" PARTITION BY RANGE ($column) SUBPARTITION BY KEY ($column) SUBPARTITIONS 2 (PARTITION $low VALUES LESS THAN (10))"
	);
}

# ---- relations ----

sub new_name
{
	my ($kind) = @_;
	return join '.', quote(pick(@{ $made{schema} })), quote(name($kind));
}

sub table
{
	my $is_parted = maybe(0.15);
	my $table = { name => new_name('table'), columns => [], is_parted => $is_parted };
	my @declared;
	my @key = map { { name => quote(name('key')), type => pick('int', 'bigint unsigned'), family => 'number' } }
		1 .. 1 + maybe(0.3);
	$_->{family} = 'count' for grep { $_->{type} =~ /unsigned/ } @key;
	@key = { %{ $key[0] }, type => 'int', family => 'number' } if $is_parted;
	my $has_key = $is_parted || maybe(0.7);
	if ($has_key)
	{
		my $counts = !$is_parted && maybe(0.5);
		$key[0]{family} = 'uuid' if $counts;    # no expression and no check may have it
		push @{ $table->{columns} }, @key;
		push @declared, map { "$_->{name} $_->{type} NOT NULL" } @key;
		$declared[0] .= ' AUTO_INCREMENT' if $counts;
	}
	push @declared, map { column($table) } 1 .. 1 + int rand 12;
	push @declared, foreign_key($table) if !$is_parted && maybe(0.4);
	push @declared, 'PRIMARY KEY (' . join(', ', map { $_->{name} } @key) . ')' if $has_key;
	push @declared, grep { defined } map { check($table) } 1 .. int rand 3;
	push @declared,
		grep { defined && !($is_parted && /UNIQUE|FULLTEXT|SPATIAL/) } map { index_of($table) } 1 .. int rand 4;
	my $engine =
		$is_parted || grep({ /FOREIGN/ } @declared)
		? 'InnoDB'
		: pick('InnoDB', 'InnoDB', 'InnoDB', 'MyISAM', columns_of($table, { shape => 1, place => 1 }) ? () : 'Aria');
	my $is_versioned = !$is_parted && maybe(0.07);
	push @{ $made{key} }, { table => $table->{name}, columns => \@key }
		if $has_key && $engine eq 'InnoDB' && !$is_parted && !$is_versioned;
	my $tail = " ENGINE=$engine" . pick('', '', ' DEFAULT CHARSET=latin1', ' COLLATE=utf8mb4_unicode_ci') . comment();
	push @{ $made{table} }, $table;
	return
		  "CREATE TABLE $table->{name} ("
		. join(', ', @declared) . ')'
		. $tail
		. ($is_parted ? partitioning($key[0]{name}) : $is_versioned ? ' WITH SYSTEM VERSIONING' : '');
}

sub view
{
	my $from = pick(@{ $made{table} }) // return;
	my @columns = some(4, map { $_->{name} } grep { $_->{name} ne '' } @{ $from->{columns} });
	my $name = new_name('view');
	my $body = 'SELECT ' . join(
		', ', @columns,
		pick("'lit''eral' AS `a \"b\"`", 'NULL AS n', '1 + 1 AS s', 'current_timestamp() AS now'))
		. " FROM $from->{name}"
		. pick('', ' WHERE true', ' LIMIT 5', ' GROUP BY 1');
	my $how = pick('', 'SQL SECURITY INVOKER ', 'ALGORITHM=TEMPTABLE ');
	my $check =
		$body =~ /WHERE true$/ && $how !~ /TEMP/ ? pick('', ' WITH CHECK OPTION', ' WITH LOCAL CHECK OPTION') : '';
	return "CREATE ${how}VIEW $name AS $body$check";
}

sub sequence
{
	return
		  'CREATE SEQUENCE '
		. new_name('sequence')
		. pick('', ' START WITH 5 INCREMENT BY 2', ' MINVALUE -9 MAXVALUE 99 INCREMENT BY -3 START WITH 50')
		. pick('', ' CACHE 7', ' NOCACHE')
		. pick('', ' CYCLE')
		. comment();
}

# The statements that make schemas. All but a few succeed.
sub random_tables
{
	($number, %made) = (0, schema => [], table => [], key => []);
	my @statements;
	for my $schema (map { name('schema') } 1 .. 2)
	{
		push @{ $made{schema} }, $schema;
		push @statements,
			'CREATE DATABASE '
			. quote($schema)
			. pick(' CHARACTER SET utf8mb4', ' CHARACTER SET latin1', ' COLLATE utf8mb4_bin')
			. comment();
	}
	push @statements, pick((\&table) x 6, (\&view) x 2, \&sequence)->() for 1 .. 24;
	push @statements, map { $_->() } \&table, \&view, \&sequence;
	return grep { defined } @statements;
}

# ---- changes ----

sub random_alteration
{
	my $table = pick(grep { @{ $_->{columns} } } @{ $made{table} });
	my $column = pick(@{ $table->{columns} });
	my $alter = "ALTER TABLE $table->{name}";
	my $renamed = quote(name('renamed'));
	my $index = index_of($table);
	return pick(
		sub { "$alter ADD COLUMN " . column($table) . pick('', ' FIRST') },
		sub { "$alter ADD COLUMN " . column($table) },
		sub {
			# MariaDB's catalog goes on to have the old name for the column's own check.
			return "$alter COMMENT = ''" if $column->{has_check};
			my $old = $column->{name};
			$column->{name} = $renamed;
			"$alter RENAME COLUMN $old TO $renamed";
		},
		sub { "$alter MODIFY COLUMN $column->{name} longtext" . comment() },
		sub { "$alter DROP COLUMN $column->{name}" },
		sub { "$alter ALTER COLUMN $column->{name} SET DEFAULT 1" },
		sub { "$alter ALTER COLUMN $column->{name} DROP DEFAULT" },
		sub { "$alter COMMENT = " . literal(text(300)) },
		sub { $index ? "$alter ADD $index" : "$alter COMMENT = ''" },
		sub {
			my $new = new_name('moved');
			my $old = $table->{name};
			$table->{name} = $new;
			"RENAME TABLE $old TO $new";
		},
		sub { "DROP TABLE $table->{name}" },
		sub { "$alter DROP PRIMARY KEY" },
		sub { "$alter ADD " . (check($table) // 'CHECK (1)') },
		\&table,
		\&view,
		\&sequence)->();
}

1;
