# Random schemas of PostgreSQL that use every kind of object, and random changes of them. The same seed makes the same
# schema. What a discovery has to say about them is in SchemaDerivation.pm.
package RandomSchema;

use strict;
use warnings;
use utf8;

use Exporter 'import';
use RandomChoice qw(pick maybe some quote literal name forget_names text);

our @EXPORT = qw(random_schema random_step);

my %made;    # lists of what there is, by kind

sub new_name
{
	my ($kind, $schema) = @_;
	return join '.', quote($schema // pick(@{ $made{schema} })), quote(name($kind));
}

# ---- types, their defaults, what can be done with them ----

# Type, family; a family has defaults and conditions.
my @types = (
	[ 'smallint', 'number' ], [ 'integer', 'number' ], [ 'bigint', 'number' ], [ 'numeric', 'number' ],
	[ 'numeric(12,2)', 'number' ],
	[ 'real', 'number' ], [ 'double precision', 'number' ], [ 'text', 'text' ], [ 'varchar', 'text' ],
	[ 'varchar(40)', 'text' ],
	[ 'char(3)', 'text' ], [ 'name', 'text' ], [ '"char"', 'other' ], [ 'bytea', 'bytes' ], [ 'boolean', 'truth' ],
	[ 'date', 'day' ],
	[ 'time(2)', 'other' ], [ 'time with time zone', 'other' ], [ 'timestamp', 'moment' ],
	[ 'timestamptz(3)', 'moment' ],
	[ 'timestamptz', 'moment' ], [ 'interval', 'span' ], [ 'interval day to second(3)', 'span' ], [ 'uuid', 'uuid' ],
	[ 'json', 'json' ],
	[ 'jsonb', 'document' ], [ 'inet', 'address' ], [ 'macaddr', 'other' ], [ 'bit(5)', 'other' ],
	[ 'bit varying(7)', 'other' ],
	[ 'int4range', 'range' ], [ 'int4multirange', 'other' ], [ 'tsvector', 'vector' ], [ 'point', 'shape' ],
	[ 'money', 'money' ],
	[ 'oid', 'other' ], [ 'regclass', 'class' ], [ 'xid', 'other' ], [ 'pg_lsn', 'other' ], [ 'integer[]', 'numbers' ],
	[ 'text[]', 'texts' ], [ 'integer[][]', 'numbers' ], [ 'numeric(6,1)[]', 'other' ],
	[ 'pg_catalog.int8', 'number' ], [ 'xml', 'other' ]);

my %defaults = (
	number => [ '0', '-1', '(1 + 2) * 3', "length('x')", 'abs(-5)', '7::smallint', 'random()' ],
	text => [
		"''", "'it''s'", "E'a\\\\b\\n'", 'current_user', "upper('x')", "'{VAR '", "'x' || 'y'",
		"CASE WHEN true THEN 'a' ELSE 'b' END" ],
	bytes => [ "'\\x00ff'", "'\\x'" ], truth => [ 'true', '(NOT true)', '1 > 2' ],
	day => [ 'CURRENT_DATE', "'2020-02-29'", "'infinity'" ],
	moment => [ 'now()', "'2020-06-01 12:00:00+02'", "CURRENT_TIMESTAMP - interval '1 day'", 'LOCALTIMESTAMP' ],
	span => [ "'1 day 02:03:04.5'", "'-1 year 3 days'" ], uuid => ['gen_random_uuid()'],
	json => ["'{\"{VAR \": 1}'"], document => [ "'{\"{VAR \": \"\\\\\"}'", "jsonb_build_object('a', 1)", "'null'" ],
	address => [ "'::1/128'", "'10.0.0.0/8'" ], range => [ "'[1,5)'", "int4range(1, 2, '[]')" ], vector => ["'a b'"],
	shape => [ "'(1,2)'", 'point(0.1, 1e300)' ], money => ['12.5::money'], class => ["'pg_class'"],
	numbers => [ 'ARRAY[1, 2]', "'{}'", "'{{1,2},{3,4}}'" ],
	texts => [ "'{a,\"b c\",NULL}'", 'ARRAY[]::text[]' ]);

my %conditions = (
	number => [ '%s > 0', '%s IN (1, 2, 3)', '%s BETWEEN 1 AND 10', '%s IS NOT NULL', 'NOT %s = 5' ],
	text => [ 'length(%s) < 9', "%s ~ '\\d\"'", "%s <> E'a\\\\''b'", "%s LIKE 'x%%'", "%s IN ('a', 'b')" ],
	truth => [ '%s', '%s IS NOT TRUE' ], day => ["%s > '2001-01-01'"], moment => ["%s < '2100-01-01 00:00:00'"],
	document => [ "%s ? 'a'", "%s ->> 'x' = 'y'" ], range => ['NOT isempty(%s)'],
	numbers => [ '%s[1] = 1', '1 = ANY (%s)' ]);

my %expressions = (
	number => [ '%s + 1', 'abs(%s)', '(%s)::text' ], text => [ 'lower(%s)', "coalesce(%s, '')", '(%s || \'x\')' ],
	document => [ "(%s -> 'a')", "(%s #>> '{a,b}')" ]);

my %indexable = map { $_ => 1 } qw(number text bytes truth day uuid address money);

sub some_type
{
	my @own = map { ([ $_->[0], $_->[1] ]) x 3 } @{ $made{type} };
	my ($type, $family) = @{ pick(@types, @own) };
	return maybe(0.05) && $type !~ /\]$|^oid|^regclass/ ? ("$type\[]", 'other') : ($type, $family);
}

sub make_types
{
	my @statements;
	my $add = sub {
		my ($family, $kind, $body) = @_;
		my $name = new_name($kind);
		push @statements, $body =~ s/%s/$name/r;
		push @{ $made{type} }, [ $name, $family ];
	};
	my @labels = map { literal(substr(name('label'), 0, 15)) } 1 .. 1 + int rand 5;
	$made{collation} = [ '"C"', '"POSIX"', '"default"' ];
	if (maybe(0.7))
	{
		my $name = new_name('collation');
		push @statements, "CREATE COLLATION $name (provider = icu, locale = 'de')";
		push @{ $made{collation} }, $name;
	}
	$add->('enum', 'enum', 'CREATE TYPE %s AS ENUM (' . join(', ', @labels) . ')');
	$defaults{enum} = [];
	my $enum = $made{type}[-1][0];
	$add->('other', 'empty enum', 'CREATE TYPE %s AS ENUM ()') if maybe(0.5);
	$add->(
		'other', 'pair',
		'CREATE TYPE %s AS (' . join(
			', ',
			map { quote(name('part')) . ' ' . pick('integer', 'text COLLATE "C"', 'numeric(5,2)') } 1 .. 1 + int rand 4)
			. ')');
	$made{composite} = $made{type}[-1][0];
	$add->('other', 'span', 'CREATE TYPE %s AS RANGE (subtype = ' . pick('float8', 'text', 'time') . ')');
	$add->('number', 'domain', 'CREATE DOMAIN %s AS numeric(10,2) DEFAULT 1 CHECK (VALUE > 0)');
	my $domain = $made{type}[-1][0];
	$add->('number', 'sure', "CREATE DOMAIN %s AS $domain NOT NULL");
	$add->('number', 'over sure', "CREATE DOMAIN %s AS $made{type}[-1][0]");
	$add->('text', 'bytewise', 'CREATE DOMAIN %s AS varchar(20) COLLATE ' . pick(@{ $made{collation} }));
	$add->('other', 'felt', "CREATE DOMAIN %s AS $enum");
	$add->('other', 'feelings', "CREATE DOMAIN %s AS $enum\[]");
	push @{ $made{type} }, [ "$enum\[]", 'other' ], [ "$domain\[]", 'other' ], [ "$made{type}[-2][0]\[]", 'other' ];
	return @statements;
}

# ---- tables ----

# A column as {name, type, family} and its declaration. Options: plain: one that anything can be done with.
sub column
{
	my ($table, %option) = @_;
	my ($type, $family) =
		$option{plain} ? @{ pick(grep { $indexable{ $_->[1] } && $_->[0] !~ /name|money/ } @types) } : some_type();
	my $column = { name => quote(name('c')), type => $type, family => $family };
	my $text = "$column->{name} $type";
	$text .= ' COLLATE ' . pick(@{ $made{collation} }) if $type =~ /^(text|varchar|char\()/ && maybe(0.2);
	$text .= ' NOT NULL' if maybe(0.2);
	if ($option{no_default}) { }
	elsif ($type =~ /^(smallint|integer|bigint)$/ && maybe(0.1) && !$option{foreign})
	{
		$text .=
			  ' GENERATED '
			. pick('ALWAYS', 'BY DEFAULT')
			. ' AS IDENTITY'
			. pick('', ' (START 5 INCREMENT 5 CACHE 7 CYCLE)', ' (MINVALUE -9 MAXVALUE 99)');
		$text =~ s/ NOT NULL//;
	}
	elsif (maybe(0.12)
		&& (my ($from) = grep { $expressions{ $_->{family} } && !$_->{generated} } @{ $table->{columns} }))
	{
		$text =~ s/ COLLATE \S+//;
		$text =~
			s/^.*\z/"$column->{name} text GENERATED ALWAYS AS (" . sprintf(pick("(%s)::text || 'x'", "length((%s)::text)::text"), $from->{name})
				. ') STORED'/se;
		@$column{qw(type family generated)} = ('text', 'generated', 1);
	}
	elsif ($defaults{$family} && @{ $defaults{$family} } && maybe(0.3))
	{
		$text .= ' DEFAULT ' . pick(@{ $defaults{$family} });
	}
	elsif (maybe(0.02)) { $text .= ' DEFAULT NULL' }
	push @{ $table->{columns} }, $column;
	return $text;
}

sub columns_of
{
	my ($table, $families) = @_;
	return grep { $families->{ $_->{family} } } @{ $table->{columns} };
}

sub check
{
	my ($table) = @_;
	my ($column) = some(1, grep { $conditions{ $_->{family} } } @{ $table->{columns} }) or return;
	my $condition = sprintf(pick(@{ $conditions{ $column->{family} } }), $column->{name});
	return
		  (maybe(0.6) ? 'CONSTRAINT ' . quote(name('check')) . ' ' : '')
		. "CHECK ($condition)"
		. (maybe(0.1) ? ' NO INHERIT' : '');
}

sub column_list
{
	return join ', ', map { $_->{name} } @_;
}

# Keys within CREATE TABLE; remembers those that something can refer to.
sub keys_of
{
	my ($table, @needed) = @_;
	my @usable = grep { !$_->{generated} } columns_of($table, \%indexable) or return;
	my @keys;
	for my $kind (map { maybe($_->[1]) ? $_->[0] : () } [ 'PRIMARY KEY', 0.6 ], [ 'UNIQUE', 0.3 ], [ 'UNIQUE', 0.2 ])
	{
		my @columns = (
			@needed,
			some(
				3,
				grep {
					my $c = $_;
					!grep { $_ == $c } @needed
				} @usable));
		my $more = pick('', '', $kind eq 'UNIQUE' ? ' NULLS NOT DISTINCT' : '');
		my $deferrable = @needed ? '' : pick('', '', '', ' DEFERRABLE', ' DEFERRABLE INITIALLY DEFERRED');
		my $include = maybe(0.15) ? ' INCLUDE (' . column_list(some(1, @usable)) . ')' : '';
		$include = '' if grep { $include =~ /\Q($_->{name})\E/ } @columns;
		push @keys,
			'CONSTRAINT ' . quote(name('key')) . " $kind$more (" . column_list(@columns) . ")$include$deferrable";
		push @{ $made{key} }, { table => $table->{name}, columns => \@columns } unless $deferrable;
	}
	return @keys;
}

sub foreign_key
{
	my ($table) = @_;
	my $key = pick(@{ $made{key} }) // return;
	my @columns = map { my $c = $_; { name => quote(name('fk')), type => $c->{type}, family => $c->{family} } }
		@{ $key->{columns} };
	push @{ $table->{columns} }, @columns;
	my @actions = ('', '', 'CASCADE', 'SET NULL', 'SET DEFAULT', 'RESTRICT', 'NO ACTION');
	my ($update, $delete) = (pick(@actions), pick(@actions));
	$delete .= ' (' . column_list(some(2, @columns)) . ')' if $delete =~ /SET/ && maybe(0.5);
	return (
		map("ALTER TABLE $table->{name} ADD COLUMN $_->{name} $_->{type}", @columns),
		"ALTER TABLE $table->{name} ADD CONSTRAINT "
			. quote(name('fkey'))
			. ' FOREIGN KEY ('
			. column_list(@columns)
			. ") REFERENCES $key->{table} ("
			. column_list(@{ $key->{columns} }) . ')'
			. pick('', ' MATCH FULL')
			. ($update && " ON UPDATE $update")
			. ($delete && " ON DELETE $delete")
			. pick('', ' DEFERRABLE', ' DEFERRABLE INITIALLY DEFERRED', $table->{partitioned} ? '' : ' NOT VALID'));
}

sub create_index
{
	my ($table) = @_;
	my @usable = columns_of($table, { %indexable, generated => 1 });
	my @elements = map {
		$_->{name}
			. (
			$_->{family} eq 'text' ? pick('', '', ' COLLATE "C"', $_->{type} eq 'text' ? ' text_pattern_ops' : '') : '')
			. pick('', '', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST')
	} some(3, @usable);
	push @elements,
		map { '(' . sprintf(pick(@{ $expressions{ $_->{family} } }), $_->{name}) . ')' }
		some(1, columns_of($table, { number => 1, text => 1 }))
		if maybe(0.3);
	my ($method, $tail) = ('btree', '');
	my ($json) = columns_of($table, { document => 1, vector => 1, numbers => 1, texts => 1 });
	my ($range) = columns_of($table, { range => 1, shape => 1 });
	if ($json && maybe(0.5))
	{
		($method, @elements) = ('gin', $json->{name});
		$tail = pick('', ' WITH (fastupdate = off)');
	}
	elsif ($range && maybe(0.7)) { ($method, @elements) = ('gist', $range->{name}) }
	elsif (@usable && maybe(0.1)) { ($method, @elements) = ('hash', pick(@usable)->{name}) }
	elsif (@usable && maybe(0.1)) { ($method, @elements) = ('brin', pick(@usable)->{name}) }
	elsif (@usable)
	{
		$tail .= ' INCLUDE (' . column_list(some(2, @usable)) . ')' if maybe(0.15);
		$tail .= pick('', ' NULLS NOT DISTINCT') . pick('', '', ' WITH (fillfactor = 70)');
	}
	return unless @elements;
	my ($condition) = map { sprintf(pick(@{ $conditions{ $_->{family} } }), $_->{name}) }
		some(1, grep { $conditions{ $_->{family} } } @{ $table->{columns} });
	$tail .= " WHERE $condition" if $condition && maybe(0.25);
	my $only = $table->{partitioned} && maybe(0.3) ? 'ONLY ' : '';
	return
		  'CREATE '
		. ($method eq 'btree' && !$table->{partitioned} && maybe(0.3) ? 'UNIQUE ' : '')
		. 'INDEX '
		. quote(name('index'))
		. " ON $only$table->{name} USING $method ("
		. join(', ', @elements)
		. ")$tail";
}

sub exclusion
{
	my ($table) = @_;
	my ($range) = columns_of($table, { range => 1 });
	my ($number) = columns_of($table, { number => 1 });
	my $body =
		  $range ? "USING gist ($range->{name} WITH &&)" . ($number ? " WHERE ($number->{name} > 0)" : '')
		: $number ? "USING btree ($number->{name} WITH =)" . pick('', ' DEFERRABLE')
		: return;
	return "ALTER TABLE $table->{name} ADD CONSTRAINT " . quote(name('exclusion')) . " EXCLUDE $body";
}

sub comments
{
	my ($kind, $table) = @_;
	my @statements = maybe(0.4) ? "COMMENT ON $kind $table->{name} IS " . literal(text()) : ();
	push @statements,
		map { maybe(0.12) ? "COMMENT ON COLUMN $table->{name}.$_->{name} IS " . literal(text()) : () }
		@{ $table->{columns} };
	return @statements;
}

# What a table gets once it is there.
sub additions
{
	my ($table) = @_;
	my @statements = comments($table->{foreign} ? 'FOREIGN TABLE' : 'TABLE', $table);
	unless ($table->{foreign})
	{
		push @statements, map { create_index($table) } 1 .. int rand 4;
		push @statements, foreign_key($table) if maybe(0.4);
		push @statements, exclusion($table) if maybe(0.3) && !$table->{partitioned};
	}
	my $check = check($table);
	push @statements, "ALTER TABLE $table->{name} ADD $check NOT VALID" if $check && maybe(0.2);
	push @statements, "ALTER TABLE $table->{name} OWNER TO keeper" if maybe(0.1);
	return @statements;
}

sub table
{
	my $table = { name => new_name('table') };
	my @declared = map { column($table) } 1 .. int rand 12;
	push @declared, column($table, plain => 1) if maybe(0.8);
	push @declared, grep { defined } map { check($table) } 1 .. int rand 3;
	push @declared, keys_of($table);
	my $tail = '';
	if (@{ $made{table} } && maybe(0.12))
	{
		$tail = ' INHERITS (' . join(', ', map { $_->{name} } some(2, @{ $made{table} })) . ')';
	}
	push @{ $made{table} }, $table;
	my @statements =
		'CREATE ' . (maybe(0.1) ? 'UNLOGGED ' : '') . "TABLE $table->{name} (" . join(', ', @declared) . ")$tail";
	push @statements, additions($table);
	if (maybe(0.3) && @{ $table->{columns} // [] })
	{
		my ($gone) = splice @{ $table->{columns} }, int rand @{ $table->{columns} }, 1;
		push @statements, "ALTER TABLE $table->{name} DROP COLUMN $gone->{name} CASCADE",
			"ALTER TABLE $table->{name} ADD COLUMN " . column($table);
		@{ $made{key} } = grep {
			my $key = $_;
			!grep { $_ == $gone } @{ $key->{columns} }
		} @{ $made{key} };
	}
	return @statements;
}

# Partitions of one that has this strategy and key; some of them partitioned again.
sub partitions
{
	my ($parent, $level) = @_;
	my %bounds = (
		RANGE => [
			'FOR VALUES FROM (MINVALUE) TO (0)', 'FOR VALUES FROM (0) TO (10)', 'FOR VALUES FROM (10) TO (MAXVALUE)' ],
		LIST => [ "FOR VALUES IN (1, 2)", 'FOR VALUES IN (NULL)', 'DEFAULT' ],
		HASH => [ map { "FOR VALUES WITH (MODULUS 3, REMAINDER $_)" } 0 .. 2 ]);
	my @statements;
	for my $bound (some(3, @{ $bounds{ $parent->{strategy} } }))
	{
		my $child = { %$parent, name => new_name('partition'), partitioned => 0 };
		my $below = '';
		if ($level < 3 && maybe(0.35))
		{
			$child->{strategy} = pick(qw(RANGE LIST HASH));
			$child->{partitioned} = 1;
			$below = " PARTITION BY $child->{strategy} ($child->{key})";
		}
		push @statements,
			$below eq ''
			&& maybe(0.15)
			&& !$parent->{has_key}
			? "CREATE FOREIGN TABLE $child->{name} PARTITION OF $parent->{name} $bound SERVER elsewhere"
			: "CREATE TABLE $child->{name} PARTITION OF $parent->{name} $bound$below";
		push @statements, comments('TABLE', $child) if maybe(0.3);
		push @statements, create_index($child) if maybe(0.3);
		push @statements, partitions($child, $level + 1) if $below ne '';
	}
	return @statements;
}

sub partitioned
{
	my $table =
		{ name => new_name('partitioned'), partitioned => 1, strategy => pick(qw(RANGE LIST HASH)), columns => [] };
	my $key = { name => quote(name('key')), type => 'integer', family => 'number' };
	my @declared = ("$key->{name} integer", map { column($table, no_default => maybe(0.5)) } 1 .. int rand 6);
	@declared = grep { !/AS IDENTITY/ } @declared;
	@{ $table->{columns} } = (
		$key,
		grep {
			my $c = $_;
			grep { /^\Q$c->{name}\E / } @declared
		} @{ $table->{columns} });
	$table->{key} = $key->{name};
	my $expression = maybe(0.2) && $table->{strategy} ne 'HASH';
	unless ($expression || maybe(0.4)) { push @declared, keys_of($table, $key); $table->{has_key} = 1 }
	my $by = $expression ? "($key->{name} + 0)" : $key->{name};
	return (
		"CREATE TABLE $table->{name} (" . join(', ', @declared) . ") PARTITION BY $table->{strategy} ($by)",
		partitions($table, 1), additions($table));
}

sub foreign_table
{
	my $table = { name => new_name('foreign'), foreign => 1 };
	my @declared = map { column($table, foreign => 1) . (maybe(0.1) ? '' : '') } 1 .. 1 + int rand 4;
	my $options = join ', ', map { quote(name('option')) . ' ' . literal(text()) } 1 .. int rand 3;
	$options .= ($options && ', ') . quote(pick('password', 'API_Key', 'my token')) . " 'hidden'" if maybe(0.4);
	return (  "CREATE FOREIGN TABLE $table->{name} ("
			. join(', ', @declared)
			. ') SERVER elsewhere'
			. ($options && " OPTIONS ($options)"), additions($table));
}

sub view
{
	my $from = pick(@{ $made{table} }) // return;
	my @columns = grep { !/^\s*$/ } map { $_->{name} } @{ $from->{columns} };
	my $is_stored = maybe(0.4);
	my $view = {
		name => new_name($is_stored ? 'matview' : 'view'),
		columns => [ { name => '"the first"', type => 'integer', family => 'number' } ], foreign => 1
	};
	my $list = join ', ', '1 AS "the first"', some(3, @columns),
		pick(q(row_number() OVER () AS n), q('x'::text AS "lit""eral"), 'NULL::timestamptz AS z', '0.1::float8 AS f');
	my $body = "SELECT $list FROM $from->{name} t"
		. pick('', ' WHERE true', ' LIMIT 5', " CROSS JOIN (VALUES (1, E'a\\\\')) v (p, q)");
	my $options =
		$is_stored
		? pick('', ' WITH (fillfactor = 70)')
		: pick('', ' WITH (security_barrier)', ' WITH (security_invoker = on, security_barrier = false)');
	my $tail =
		  !$is_stored
		&& $body =~ / (?:t|true)\z/
		&& $body !~ /OVER/ ? pick('', ' WITH CHECK OPTION', ' WITH LOCAL CHECK OPTION') : '';
	my @statements = 'CREATE ' . ($is_stored ? 'MATERIALIZED VIEW ' : 'VIEW ') . "$view->{name}$options AS $body$tail";
	push @statements, comments($is_stored ? 'MATERIALIZED VIEW' : 'VIEW', $view);
	push @statements, $is_stored
		? 'CREATE UNIQUE INDEX ' . quote(name('index')) . " ON $view->{name} (\"the first\")"
		: "ALTER VIEW $view->{name} ALTER COLUMN \"the first\" SET DEFAULT 7"
		if maybe(0.4);
	return @statements;
}

sub sequence
{
	my $name = new_name('sequence');
	my ($owner) = some(
		1,
		grep { $_->{name} =~ /^\Q@{[ $name =~ m{^("(?:[^"]|"")*"\.)} ]}\E/ && @{ $_->{columns} // [] } }
			@{ $made{table} });
	return (
			  "CREATE SEQUENCE $name"
			. pick('', ' AS smallint', ' AS integer')
			. pick('', ' INCREMENT -2 MAXVALUE 100 MINVALUE -50 START 7', ' CACHE 30 CYCLE')
			. ($owner && maybe(0.5) ? " OWNED BY $owner->{name}.$owner->{columns}[0]{name}" : ''),
		maybe(0.3) ? "COMMENT ON SEQUENCE $name IS " . literal(text()) : ());
}

# The statements that make a schema. All but a few succeed; which ones do depends on the seed alone.
sub random_schema
{
	forget_names();
	%made = (schema => ['public'], type => [], table => [], key => []);
	my @statements = ('CREATE FOREIGN DATA WRAPPER anything', 'CREATE SERVER elsewhere FOREIGN DATA WRAPPER anything');
	for my $schema (map { name('schema') } 1 .. 1 + int rand 3)
	{
		push @{ $made{schema} }, $schema;
		push @statements, 'CREATE SCHEMA ' . quote($schema),
			maybe(0.5) ? 'COMMENT ON SCHEMA ' . quote($schema) . ' IS ' . literal(text()) : ();
	}
	push @statements, make_types();
	push @statements, pick(\&table, \&table, \&table, \&partitioned, \&foreign_table, \&view, \&sequence)->()
		for 1 .. 30 + int rand 20;
	push @statements, map { $_->() } \&table, \&partitioned, \&foreign_table, \&view, \&sequence;
	push @statements, 'CREATE TABLE ' . new_name('typed') . " OF $made{composite}",
		'CREATE TABLE ' . new_name('none') . ' ()';
	push @statements,
		'CREATE TABLE '
		. new_name('wide') . ' ('
		. join(', ', map { "c$_ " . pick('integer', 'text') } 1 .. 1600) . ')'
		if maybe(0.1);
	push @statements,
		map { (
		"DO \$\$ BEGIN INSERT INTO $_->{name} DEFAULT VALUES; EXCEPTION WHEN OTHERS THEN NULL; END \$\$",
		"ANALYZE $_->{name}") } some(9, @{ $made{table} });
	push @statements, "CREATE TEMP TABLE temporary (a integer)";
	return @statements;
}

# ---- changes ----

# One random change of what there is now: rows(SQL) gives the rows of a query as hashes.
sub random_step
{
	my ($rows) = @_;
	my ($table) = some(1, $rows->(<<~'END'));
		SELECT format('%I.%I', nspname, relname) AS name, format('%I', nspname) AS schema, c.oid::bigint AS oid
			FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
		WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname !~ '^pg_|^information_schema$'
		ORDER BY nspname COLLATE "C", relname COLLATE "C"
		END
	my ($column) = map { $_->{name} } some(
		1,
		$rows->(
			"SELECT quote_ident(attname) AS name FROM pg_attribute
		WHERE attrelid = $table->{oid} AND attnum > 0 AND NOT attisdropped ORDER BY attnum"));
	my ($constraint) = map { $_->{name} } some(
		1,
		$rows->(
			"SELECT quote_ident(conname) AS name FROM pg_constraint
		WHERE conrelid = $table->{oid} AND contype <> 'n' ORDER BY conname COLLATE \"C\""));
	my ($index) = map { $_->{name} } some(
		1,
		$rows->(
			"SELECT quote_ident(relname) AS name FROM pg_index JOIN pg_class ON oid = indexrelid
		WHERE indrelid = $table->{oid} ORDER BY relname COLLATE \"C\""));
	my ($enum) = some(
		1,
		$rows->(
			"SELECT format('%I.%I', nspname, typname) AS name, (SELECT quote_literal(min(enumlabel COLLATE \"C\")) FROM pg_enum
		WHERE enumtypid = t.oid) AS label FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace
		WHERE typtype = 'e' ORDER BY typname COLLATE \"C\""
		));
	my ($other) = some(
		1,
		$rows->(
			"SELECT format('%I.%I', nspname, relname) AS name, CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
		WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE (relkind IN ('v', 'm')
		OR relkind = 'S' AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'i') OR relkind IN ('r', 'p') AND relispartition)
		AND nspname !~ '^pg_|^information_schema\$' ORDER BY nspname COLLATE \"C\", relname COLLATE \"C\""));
	my $change = {
		name => $table->{name},
		columns => [ map { { name => $_, type => 'integer', family => 'number' } } grep { defined } $column ]
	};
	my $alter = "ALTER TABLE $table->{name}";
	my @ways = (
		sub { "$alter ADD COLUMN " . column($change) }, sub { "$alter ADD COLUMN " . column($change) },
		sub { "$alter RENAME TO " . quote(name('renamed')) },
		sub { "$alter SET SCHEMA " . quote(pick(@{ $made{schema} })) },
		sub { "COMMENT ON TABLE $table->{name} IS " . (maybe(0.3) ? 'NULL' : literal(text())) },
		sub { "DROP TABLE $table->{name} CASCADE" },
		sub { table() }, sub { partitioned() }, sub { view() }, sub { sequence() }, sub { foreign_table() },
		sub { "$alter OWNER TO keeper" }, sub { "ANALYZE $table->{name}" }, sub { "VACUUM FULL $table->{name}" });
	push @ways, (
		sub { "$alter DROP COLUMN $column CASCADE" },
		sub { "$alter RENAME COLUMN $column TO " . quote(name('renamed')) },
		sub { "$alter RENAME COLUMN $column TO " . quote(name('renamed')), "$alter ADD COLUMN $column integer" },
		sub { "$alter ALTER COLUMN $column TYPE text USING NULL" }, sub { "$alter ALTER COLUMN $column DROP DEFAULT" },
		sub { "$alter ALTER COLUMN $column SET NOT NULL" }, sub { "$alter ALTER COLUMN $column DROP NOT NULL" },
		sub { "COMMENT ON COLUMN $table->{name}.$column IS " . literal(text()) }, sub { create_index($change) }
	) if defined $column;
	push @ways, sub { "$alter DROP CONSTRAINT $constraint CASCADE" },
		sub { "$alter RENAME CONSTRAINT $constraint TO " . quote(name('renamed')) },
		sub { "$alter VALIDATE CONSTRAINT $constraint" }, sub {
		"$alter ALTER CONSTRAINT $constraint " . pick('DEFERRABLE', 'NOT DEFERRABLE', 'DEFERRABLE INITIALLY DEFERRED');
		}
		if defined $constraint;
	push @ways, sub { "ALTER INDEX $table->{schema}.$index RENAME TO " . quote(name('renamed')) },
		sub { "DROP INDEX $table->{schema}.$index" }
		if defined $index;
	push @ways, sub { "ALTER TYPE $enum->{name} ADD VALUE " . literal(substr name('label'), 0, 15) },
		sub { "ALTER TYPE $enum->{name} RENAME TO " . quote(name('renamed')) },
		sub {
		$enum->{label}
			? "ALTER TYPE $enum->{name} RENAME VALUE $enum->{label} TO " . literal(substr name('label'), 0, 15)
			: ();
		}
		if $enum;
	push @ways, sub { "DROP $other->{kind} $other->{name} CASCADE" },
		sub { "ALTER $other->{kind} $other->{name} RENAME TO " . quote(name('renamed')) },
		sub {
		$other->{kind} eq 'VIEW'
			? "ALTER VIEW $other->{name} "
			. pick('SET (security_barrier = yes)', 'RESET (security_barrier)', 'SET (security_invoker)')
			: ();
		}
		if $other;
	# A name gets another owner: two tables change names, or a new one stands where another stood.
	my $bare = $table->{name} =~ s/^\Q$table->{schema}\E\.//r;
	push @ways, sub {
		my $away = quote(name('away'));
		"$alter RENAME TO $away", maybe(0.5) ? "CREATE TABLE $table->{name} (LIKE $table->{schema}.$away)" : ();
	};
	my ($second) = some(
		1,
		$rows->(
			"SELECT format('%I', relname) AS name FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
		AND oid <> $table->{oid} AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = $table->{oid}) ORDER BY relname COLLATE \"C\""
		));
	push @ways, sub {
		my $away = quote(name('away'));
		"$alter RENAME TO $away", "ALTER TABLE $table->{schema}.$second->{name} RENAME TO $bare",
			"ALTER TABLE $table->{schema}.$away RENAME TO $second->{name}";
		}
		if $second;
	push @ways,
		sub { my $schema = quote(pick(@{ $made{schema} })); "ALTER SCHEMA $schema RENAME TO " . quote(name('renamed')) }
		if maybe(0.1);
	return pick(@ways)->();
}

1;
