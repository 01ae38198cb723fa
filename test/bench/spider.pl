# Spider's databases as sources, and its questions: SQL for psql. The last line that it prints says how many of the tables
# that a question needs are among the first five over all sources, with the question's text alone.
use strict;
use warnings;

use JSON::PP;

my ($directory) = @ARGV;
my $json = JSON::PP->new->canonical;
binmode STDOUT, ':encoding(UTF-8)';

sub slurp
{
	my ($name) = @_;
	open my $file, '<:raw', "$directory/$name" or die "$directory/$name: $!\n";
	local $/;
	return decode_json(<$file>);
}

sub literal { return "'" . $_[0] =~ s/'/''/gr . "'" }

# The document of each table of a database.
sub documents
{
	my ($database) = @_;
	my @columns = @{ $database->{column_names_original} };
	my @documents = map { { columns => [] } } @{ $database->{table_names_original} };
	for my $i (0 .. $#columns)
	{
		my ($table, $name) = @{ $columns[$i] };
		push @{ $documents[$table]{columns} }, { name => $name, type => $database->{column_types}[$i] } if $table >= 0;
	}
	for my $key (@{ $database->{foreign_keys} })
	{
		my ($from, $to) = map { $columns[$_] } @$key;
		push @{ $documents[ $from->[0] ]{foreign_keys} },
			{
			columns => [ $from->[1] ], table => $database->{table_names_original}[ $to->[0] ],
			referenced_columns => [ $to->[1] ]
			};
	}
	return @documents;
}

# The numbers of the tables in the FROM of a query and of the queries in it.
sub tables_of
{
	my ($part) = @_;
	return map { tables_of($_) } @$part if ref $part eq 'ARRAY' && !(@$part == 2 && ($part->[0] // '') eq 'table_unit');
	return $part->[1] if ref $part eq 'ARRAY';
	return map { tables_of($_) } values %$part if ref $part eq 'HASH';
	return ();
}

my %names;
print "CREATE TEMP TABLE need (number int, source text, name text, question text);\n";
for my $database (@{ slurp('tables.json') })
{
	my $id = $database->{db_id};
	$names{$id} = $database->{table_names_original};
	my @documents = documents($database);
	my $request =
		$json->encode({ name => $id, type => 'other', schema_auto_refresh => JSON::PP::false, credentials => {} });
	print "SELECT rivergen.data_source_create(", literal($request), ") #>> '{data,id}' AS id \\gset\n";
	my $total = 0;
	for my $i (0 .. $#documents)
	{
		my $count = @{ $documents[$i]{columns} };
		$total += $count;
		print
			"INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind, columns_count, hash, document)
			VALUES (1, :id, 'main', ", literal($names{$id}[$i]), ", 'table', $count, '\\x00', ",
			literal($json->encode($documents[$i])), ");\n";
	}
	print "INSERT INTO rivergen_catalog.schema_content VALUES (1, :id, 'main', ", scalar @documents, ', ',
		scalar @documents, ", 0, $total);\nSELECT rivergen_catalog.index_relations(1, :id, NULL);\n";
}
my $number = 0;
for my $question (@{ slurp('dev.json') })
{
	my %needed = map { $_ => 1 } tables_of($question->{sql});
	$number++;
	print "INSERT INTO need VALUES ($number, ", join(
		', ', map { literal($_) } $question->{db_id}, $names{ $question->{db_id} }[$_],
		$question->{question}),
		");\n" for sort keys %needed;
}
print <<'EOS';
ANALYZE;
SELECT 'tables found ' || round(100 * avg(share), 1) || ' %, bar 89.5; questions with all of them '
	|| round(100 * avg((share = 1)::int), 1) || ' %, bar 87.2'
FROM (SELECT n.number, avg(EXISTS (SELECT FROM jsonb_array_elements(c.tables) t
		JOIN rivergen_catalog.data_source d ON d.data_source_id = (t ->> 'data_source_id')::bigint
		WHERE d.name = n.source AND t ->> 'table_name' = n.name)::int) AS share
	FROM (SELECT number, rivergen.schema_context(min(question), max_tables => 5) #> '{data,tables}' AS tables
		FROM need GROUP BY number OFFSET 0) c
	JOIN need n USING (number)
	GROUP BY n.number) s;
EOS
