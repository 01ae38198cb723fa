# What MariaDB's SHOW statements say of relations, as the documents of a discovery. The connector reads information_schema
# instead, so the two have nothing in common.
package ShownTables;

use strict;
use warnings;
use utf8;

use Exporter 'import';
use JSON::PP;
use MariadbServer qw(sql sql_all);

our @EXPORT = qw(shown_relations schemas);

my $name = qr/`(?:[^`]|``)*`/;
my $literal = qr/'(?:[^'\\]|''|\\.)*'/s;
my $token = qr/$name|$literal|[^`'(),]+|./s;
my $word = qr/$name|$literal|\w+|./s;

sub unquoted { my ($text) = @_; return substr($text, 1, -1) =~ s/``/`/gr }
sub without_empty
{
	my (%member) = @_;
	delete @member{ grep { !defined $member{$_} } keys %member };
	return \%member;
}

# What a literal means.
sub meant
{
	my ($text) = @_;
	my %special = (n => "\n", r => "\r", t => "\t", 0 => "\0", Z => "\x1a");
	return substr($text, 1, -1) =~ s/''|\\(.)/defined $1 ? $special{$1} \/\/ $1 : "'"/gesr;
}

# The fields of a line that the client wrote.
sub fields
{
	my ($line) = @_;
	my %meant = (n => "\n", t => "\t", 0 => "\0", '\\' => '\\');
	return map { $_ eq 'NULL' ? undef : s/\\([nt0\\])/$meant{$1}/gr } split /\t/, $line, -1;
}

sub rows
{
	return map { [ fields($_) ] } split /\n/, sql($_[0]);
}

# ---- the text of CREATE TABLE ----

# The text up to the bracket that closes the one before, and what follows that bracket.
sub inside
{
	my ($text) = @_;
	my $depth = 1;
	while ($text =~ /\G($token)/gc)
	{
		$depth += $1 eq '(' ? 1 : $1 eq ')' ? -1 : 0;
		return (substr($text, 0, pos($text) - 1), substr $text, pos $text) if !$depth;
	}
	die "no end: $text";
}

# The parts between commas that stand in no brackets.
sub parts
{
	my ($text) = @_;
	my ($depth, @parts) = (0, '');
	while ($text =~ /\G($token)/gc)
	{
		$depth += $1 eq '(' ? 1 : $1 eq ')' ? -1 : 0;
		if ($1 eq ',' && !$depth) { push @parts, '' }
		else { $parts[-1] .= $1 }
	}
	return map { s/^\s+|\s+$//gr } @parts;
}

# Takes the text in brackets off the beginning.
sub take_brackets
{
	my ($text) = @_;
	$$text =~ s/^\s*\(// or die "no bracket: $$text";
	(my $inner, $$text) = inside($$text);
	return $inner;
}

my %in_postgresql = (
	tinyint => 'smallint', smallint => 'smallint', mediumint => 'integer', int => 'integer', bigint => 'bigint',
	'smallint unsigned' => 'integer', 'int unsigned' => 'bigint', 'bigint unsigned' => 'numeric', decimal => 'numeric',
	float => 'real', double => 'double precision', bit => 'bit varying', year => 'smallint', date => 'date',
	datetime => 'timestamp without time zone', timestamp => 'timestamp with time zone', time => 'interval',
	json => 'json',
	uuid => 'uuid', inet4 => 'inet', inet6 => 'inet',
	map { $_ => 'bytea' } qw(binary varbinary tinyblob blob mediumblob longblob));

# The type's own members: the text, what PostgreSQL has, the values of an enum.
sub of_type
{
	my ($type, $default) = @_;
	$type =~ s{ /\* mariadb-5\.3 \*/$}{};
	my ($word) = $type =~ /^(\w+)/;
	my $holds = $in_postgresql{ $type =~ /unsigned/ ? "$word unsigned" : $word } // $in_postgresql{$word};
	undef $holds if ($default // '') =~ /^'0000-00-00/;
	my @values = $word eq 'enum' ? map { meant($_) } $type =~ /($literal)/g : ();
	return (type => $type, pg_type => $holds, enum => @values ? \@values : undef);
}

# What stands behind the type, each thing at its place.
sub column
{
	my ($text, $table) = @_;
	$text =~ s/^($name) //;
	my %column = (name => unquoted($1));
	$text =~ s/^(\w+)//;
	my $type = $1;
	$type .= '(' . take_brackets(\$text) . ')' if $text =~ /^\(/;
	$type .= $1 if $text =~ s/^((?: unsigned| zerofill)+)//;
	my $is_text = $type =~ /^(?:char|varchar|\w*text|enum|set)\b/;
	my $set = $text =~ s/^ CHARACTER SET (\w+)// ? $1 : undef;
	$column{collation} = $text =~ s/^ COLLATE (\w+)// ? $1 : $is_text ? $table->{collation} : undef;
	die "the character set $set has no collation" if $set && !$column{collation};
	if ($text =~ s/^ GENERATED ALWAYS AS (?=\()//)
	{
		$column{expression} = take_brackets(\$text);
		$column{generated} = lc $1 if $text =~ s/^ (VIRTUAL|STORED)//;
	}
	$column{not_null} = JSON::PP::true if $text =~ s/^ NOT NULL//;
	$text =~ s/^ NULL//;
	$column{invisible} = JSON::PP::true if $text =~ s/^ INVISIBLE//;
	if ($text =~ s/^ DEFAULT //)
	{
		$column{default} = '';
		while ($text !~ /^(?:$| ON UPDATE| COMMENT| CHECK| AUTO_INCREMENT)/)
		{
			my $next = $text =~ /^\(/ ? '(' . take_brackets(\$text) . ')' : $text =~ s/^($word)// ? $1 : die $text;
			$column{default} .= $next;
		}
	}
	my $default = delete $column{default};
	$column{default} = $default if defined $default && $default ne 'NULL';
	$column{default} = ($column{default} // 'NULL') . " on update $1" if $text =~ s/^ ON UPDATE ([\w()]+)//;
	$column{identity} = 'by default' if $text =~ s/^ AUTO_INCREMENT//;
	$column{comment} = meant($1) if $text =~ s/^ COMMENT ($literal)//;
	my $check = $text =~ s/^ CHECK (?=\()// ? take_brackets(\$text) : undef;
	die "left of a column: $text" if $text ne '';
	my $quoted = '`' . $column{name} =~ s/`/``/gr . '`';
	my $is_json = defined $check && $type eq 'longtext' && $check eq "json_valid($quoted)";
	($type, $column{collation}) = ('json') if $is_json;
	push @{ $table->{checks} }, { name => $column{name}, definition => "CHECK ($check)" }
		if defined $check && !$is_json;
	return without_empty(%column, of_type($type, $default));
}

# The columns of an index, as a document has them.
sub index_parts
{
	my ($text) = @_;
	return map {
		my ($column, $length, $order) = /^($name)(?:\((\d+)\))?( DESC)?/ or die "part: $_";
		$length || $order ? $column . ($length ? "($length)" : '') . ($order // '') : unquoted($column)
	} parts($text);
}

sub add_index
{
	my ($table, $kind, $text) = @_;
	my $key = $kind eq 'PRIMARY' ? 'PRIMARY' : $text =~ s/^($name) // ? unquoted($1) : die "index: $text";
	my @parts = index_parts(take_brackets(\$text));
	my $method = $kind =~ /FULLTEXT|SPATIAL/ ? lc $kind : $text =~ s/^ USING (\w+)// ? lc $1 : 'btree';
	my $comment = $text =~ s/^ COMMENT ($literal)// ? meant($1) : undef;
	my $is_unique = $kind =~ /PRIMARY|UNIQUE/ ? JSON::PP::true : undef;
	push @{ $table->{indexes} }, without_empty(
		name => $key, method => $method, unique => $is_unique, columns => \@parts, comment => $comment,
		primary => $kind eq 'PRIMARY' ? JSON::PP::true : undef,
		invisible => $text =~ s/^ IGNORED// ? JSON::PP::true : undef);
	my @columns = map { s/^($name) DESC$/unquoted($1)/er } @parts;
	return if !$is_unique || grep { /^$name\(\d+\)/ } @parts;
	my $enforced = { name => $key, columns => \@columns };
	if ($kind eq 'PRIMARY') { $table->{primary_key} = $enforced }
	else { push @{ $table->{unique} }, $enforced }
}

sub add_foreign_key
{
	my ($table, $key, $text, $schema) = @_;
	my @columns = index_parts(take_brackets(\$text));
	$text =~ s/^ REFERENCES ($name)(?:\.($name))? // or die "reference: $text";
	my ($in, $of) = defined $2 ? (unquoted($1), unquoted($2)) : ($schema, unquoted($1));
	my @referenced = index_parts(take_brackets(\$text));
	my ($delete) = $text =~ / ON DELETE (CASCADE|SET NULL)/;
	my ($update) = $text =~ / ON UPDATE (CASCADE|SET NULL)/;
	push @{ $table->{foreign_keys} }, without_empty(
		name => $key, columns => \@columns, schema => $in, table => $of, referenced_columns => \@referenced,
		on_delete => $delete && lc $delete, on_update => $update && lc $update);
}

sub add_constraint
{
	my ($table, $text, $schema) = @_;
	$text =~ s/^CONSTRAINT ($name) // or die "constraint: $text";
	my $key = unquoted($1);
	return add_foreign_key($table, $key, $text, $schema) if $text =~ s/^FOREIGN KEY //;
	$text =~ s/^CHECK // or die "constraint: $text";
	push @{ $table->{checks} }, { name => $key, definition => 'CHECK (' . take_brackets(\$text) . ')' };
}

sub add_options
{
	my ($table, $text) = @_;
	$text =~ s/ENGINE=(\w+)//;
	$table->{options} = { engine => $1 };
	$table->{comment} = meant($1) if $text =~ s/ COMMENT=($literal)//;
	$text =~ s/ COLLATE=(\w+)//;
	$table->{options}{collation} = $table->{collation} = $1;
	$table->{options}{system_versioned} = 'true' if $text =~ /WITH SYSTEM VERSIONING/;
	return if $text !~ s/^.*?PARTITION BY //s;
	my @methods;
	do
	{
		$text =~ s/^([A-Z ]+?)\s*(?=\()// or die "partitions: $text";
		my $method = $1 =~ s/\s+/ /gr;
		push @methods, "$method (" . take_brackets(\$text) . ')';
	} while ($text =~ s/^\s*SUBPARTITION BY //);
	$table->{partition_key} = join ' SUBPARTITION BY ', @methods;
}

sub table_of
{
	my ($schema, $text) = @_;
	my %table;
	$text =~ s/^CREATE TABLE $name \(// or die $text;
	my ($body, $tail) = inside($text);
	add_options(\%table, $tail);
	for my $part (parts($body))
	{
		if ($part =~ /^`/) { push @{ $table{columns} }, column($part, \%table) }
		elsif ($part =~ s/^(?:(PRIMARY|UNIQUE|FULLTEXT|SPATIAL) )?KEY //) { add_index(\%table, $1 // '', $part) }
		elsif ($part !~ /^PERIOD/) { add_constraint(\%table, $part, $schema) }
	}
	delete $table{collation};
	return \%table;
}

# ---- views and sequences ----

sub view_of
{
	my ($text, $columns) = @_;
	my ($security, $body) = $text =~ /^CREATE .*? SQL SECURITY (\w+) VIEW $name(?:\.$name)? AS (.*)\z/s or die $text;
	my %options = (security => $security);
	$options{check_option} = $1 if $body =~ s/ WITH (CASCADED|LOCAL) CHECK OPTION\z//;
	my @columns = map {
		my ($column, $type, $collation, $null, $default, $comment) = @$_[ 0 .. 3, 5, 8 ];
		without_empty(
			name => $column, of_type($type, "'" . ($default // '')), collation => $collation,
			not_null => $null eq 'NO' ? JSON::PP::true : undef,
			comment => $comment eq '' ? undef : $comment)
	} @$columns;
	return { columns => \@columns, definition => $body, options => \%options };
}

sub sequence_of
{
	my ($text, $shown) = @_;
	my ($start, $minimum, $maximum, $increment, $cache, $no_cycle) =
		$text =~ /start with (\S+) minvalue (\S+) maxvalue (\S+) increment by (\S+) (?:cache (\d+)|nocache) (no)?cycle/
		or die $text;
	my %numbers =
		(start => $start, minimum => $minimum, maximum => $maximum, increment => $increment, cache => $cache // 0);
	$_ += 0 for values %numbers;
	return without_empty(
		sequence => without_empty(%numbers, cycle => $no_cycle ? undef : JSON::PP::true),
		comment => $shown =~ /COMMENT=($literal)/ ? meant($1) : undef);
}

# ---- all of it ----

sub quoted { my ($text) = @_; return '`' . $text =~ s/`/``/gr . '`' }

# The rows of each of these statements; of one that fails, none.
sub rows_of_each
{
	my $mark = 'the next';
	my ($said) = sql_all(join '', map { "SELECT '$mark'; $_;\n" } @_);
	my (undef, @answers) = split /^$mark\n/m, $said, -1;
	return map { [ map { [ fields($_) ] } split /\n/, $_ ] } @answers;
}

sub document
{
	my ($schema, $type, $shown, $details) = @_;
	return if !@$shown || !@$details;    # a view that is broken has a text, and no columns
	my $text = $shown->[0][1];
	return { kind => 'view', document => view_of($text, $details) } if $type eq 'VIEW';
	return { kind => 'sequence', document => sequence_of($details->[0][1], $text) } if $type eq 'SEQUENCE';
	return {
		kind => $text =~ /\n? PARTITION BY/ ? 'partitioned_table' : 'table',
		document => table_of($schema, $text)
	};
}

# By "schema.name": kind and document.
sub shown_relations
{
	my %found;
	for my $schema (schemas())
	{
		my @relations = rows('SHOW FULL TABLES FROM ' . quoted($schema));
		my @answers = rows_of_each(
			map {
				my ($name, $type) = (quoted($schema) . '.' . quoted($_->[0]), $_->[1]);
				my $details =
					$type eq 'VIEW' ? 'FULL COLUMNS FROM' : $type eq 'SEQUENCE' ? 'CREATE SEQUENCE' : 'CREATE TABLE';
				("SHOW CREATE TABLE $name", "SHOW $details $name")
			} @relations);
		for my $relation (@relations)
		{
			my $document = document($schema, $relation->[1], splice @answers, 0, 2);
			$found{"$schema.$relation->[0]"} = $document if $document;
		}
	}
	return %found;
}

# Those that are not the server's own.
sub schemas
{
	return grep { !/^(?:information_schema|mysql|performance_schema|sys)$/ } map { $_->[0] } rows('SHOW DATABASES');
}

1;
