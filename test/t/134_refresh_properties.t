# Random changes of random schemas: after each, a refresh stores what a first discovery of the same source finds, the
# changes that are told lead from what was to what is, schema_as_of knows both, and a second refresh writes nothing.
# And random renames among relations of which some cannot be read: each is found under the name that it has.
# SEED= repeats a run, STEPS= makes more changes.
use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP;
use RandomChoice;
use RandomSchema;
use Rivergen;
use SchemaDerivation;
use Test::More;

my $steps = $ENV{STEPS} // 6;
my $password = 'Tr0ub4dor-and-3';
my $json = JSON::PP->new->utf8->canonical;

my $server = start_server('server', conf => 'log_min_messages = error');
my $source = start_source('source', $password, conf => "autovacuum = off\nlog_min_messages = error");
my $seed = seed();
note("SEED=$seed");
my @psql = ('psql', '-Xq', '-d', $source->connstr('postgres'), '-f', '-');

sub rows
{
	return map { $json->decode($_) } split /\n/, sql($source, "SELECT to_jsonb(q) FROM (" . encode_utf8($_[0]) . ') q');
}

sub change { return load_statements(\@psql, @_) }

sql($source, 'CREATE ROLE keeper SUPERUSER');
my @failed = change(my @statements = random_schema());
cmp_ok(@failed / @statements, '<', 0.1, @statements . ' statements, of which ' . @failed . ' failed')
	or diag(join "\n", "SEED=$seed", @failed);

my $id = create_source($server, source_of($source, $password));
discover($server, $id);

# What is stored of a source, but for its own ids: by relation, what a comparison needs.
sub stored
{
	my ($source_id) = @_;
	return sql($server, <<~"EOT");
		SELECT jsonb_build_array(r.schema_name, r.relation_name, r.kind, r.native_id, r.columns_count,
			r.row_estimate, r.size_bytes, encode(r.hash, 'hex'), r.document)
		FROM rivergen_catalog.relation r WHERE data_source_id = $source_id AND deprecated_at IS NULL
		UNION ALL SELECT jsonb_build_array(s.schema_name, s.native_id, s.comment)
			FROM rivergen_catalog.source_schema s WHERE data_source_id = $source_id
		ORDER BY 1
		EOT
}

# A test: two texts are the same; of those that are not, the first lines that differ.
sub same
{
	my ($found, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my %lines;
	$lines{$_}++ for split /\n/, $found;
	$lines{$_}-- for split /\n/, $expected;
	my @different =
		map { ($lines{$_} > 0 ? 'found    ' : 'expected ') . substr($_, 0, 3000) } grep { $lines{$_} } sort keys %lines;
	ok($found eq $expected, $name) or diag("SEED=$seed\n" . join "\n", splice(@different, 0, 6));
}

# Names of everything that changes are told of: of each relation its own, and its columns, keys and indexes.
sub names
{
	my %names;
	for my $row (map { $json->decode($_) } split /\n/, sql($server, <<~"EOT"))
		SELECT jsonb_build_object('id', relation_id, 'schema', schema_name, 'name', relation_name, 'document', document)
		FROM rivergen_catalog.relation WHERE data_source_id = $id AND deprecated_at IS NULL
		EOT
	{
		my $document = $row->{document};
		my %objects = (relation => [ join "\0", $row->{schema}, $row->{name} ]);
		my %list = (
			column => 'columns', unique => 'unique', foreign_key => 'foreign_keys', check => 'checks',
			exclusion => 'exclusions', index => 'indexes');
		$objects{$_} = [ map { $_->{name} } @{ $document->{ $list{$_} } // [] } ] for keys %list;
		$objects{primary_key} = [ map { $_->{name} } grep { defined } $document->{primary_key} ];
		my %of_key = map { $_ => 1 } map { @{ $objects{$_} } } qw(primary_key unique exclusion);
		$objects{index} = [ grep { !$of_key{$_} } @{ $objects{index} } ];
		$names{ $row->{id} } = {
			map {
				my $type = $_;
				map { ("$type\0$_" => 1) } @{ $objects{$type} }
			} keys %objects
		};
	}
	return \%names;
}

# The names as the changes say they are now. Columns and keys of a relation that was added are not told one by one.
sub replayed
{
	my ($names, $after, @changes) = @_;
	my %now = map { $_ => { %{ $names->{$_} } } } keys %$names;
	my %pass = (removed => [], renamed => [], added => []);
	push @{ $pass{ $_->{change} } }, $_ for @changes;
	my $key = sub {
		my ($change, $of) = @_;
		my $own = $change->{object_type} ne 'relation';
		join "\0", $change->{object_type}, $own ? $of->{name} // $change->{object_name} : @$of{qw(schema name)};
	};
	for my $change (@{ $pass{removed} })
	{
		my $relation = $now{ $change->{relation_id} };
		if ($change->{object_type} eq 'relation') { delete $now{ $change->{relation_id} } }
		else
		{
			delete $relation->{ $key->($change, {}) }
				or $relation->{ 'removed, was not there: ' . $key->($change, {}) } = 1;
		}
	}
	# Two may have changed names with each other: all go before any comes.
	delete $now{ $_->{relation_id} }{ $key->($_, $_->{before}) }
		or $now{ $_->{relation_id} }{ 'renamed, was not there: ' . $key->($_, $_->{before}) } = 1
		for @{ $pass{renamed} };
	$now{ $_->{relation_id} }{ $key->($_, $_->{after}) } = 1 for @{ $pass{renamed} };
	for my $change (@{ $pass{added} })
	{
		my $id = $change->{relation_id};
		$change->{object_type} eq 'relation'
			? ($now{$id} = { %{ $after->{$id} // {} } })
			: ($now{$id}{ $key->($change, {}) } = 1);
	}
	return \%now;
}

# One line for each name, readable.
sub listed
{
	my ($names) = @_;
	return join "\n", map {
		my $id = $_;
		map { (my $line = "$id $_") =~ s/([^ -~])/sprintf '<%x>', ord $1/ge; $line } sort keys %{ $names->{$id} }
	} sort { $a <=> $b } keys %$names;
}

sub as_of
{
	my ($time) = @_;
	return sql($server, "SELECT to_jsonb(s) FROM rivergen.schema_as_of($id, '$time') s ORDER BY 1");
}

sub last_change
{
	return sql($server, "SELECT coalesce(max(change_id), 0) FROM rivergen.schema_changes WHERE data_source_id = $id");
}

my $now = sub { return sql($server, 'SELECT clock_timestamp()') };

for my $step (1 .. $steps)
{
	my @statements = map { random_step(\&rows) } 1 .. 1 + int rand 8;
	my ($names, $was, $at, $told) = (names(), as_of($now->()), $now->(), last_change());
	my @refused = change(@statements);
	note(@statements . ' statements, of which ' . @refused . ' failed');

	subtest "step $step" => sub {
		discover($server, $id, 'refresh => true');
		my $second = create_source($server, source_of($source, $password, name => "step $step"));
		discover($server, $second);
		same(stored($id), stored($second), 'a refresh stores what a first discovery finds');
		call($server, "rivergen.data_source_delete($second)");

		my @changes = map { $json->decode($_) } split /\n/, sql(
			$server, "SELECT to_jsonb(c) FROM rivergen.schema_changes c
			WHERE data_source_id = $id AND change_id > $told ORDER BY change_id");
		my $after = names();
		same(listed(replayed($names, $after, @changes)), listed($after), 'the changes lead from what was to what is');
		my $is = as_of($now->());
		same(as_of($at), $was, 'schema_as_of knows what was');
		ok($is ne $was || !@changes, 'nothing is told when nothing changed');
		ok($is eq $was || @changes, 'something is told when something changed') or diag("SEED=$seed");

		my ($print, $last) = (fingerprint($server, $id), last_change());
		discover($server, $id, 'refresh => true, "full" => true');
		same(fingerprint($server, $id), $print, 'a second refresh writes nothing');
		is(last_change(), $last, 'a second refresh reports nothing');
	} or diag("SEED=$seed; ", join "\n", @statements);
}

# Relations by native id, as schema and name; some of them are skipped, others go or come, and names change owners.
subtest 'renamed while they cannot be read' => sub {
	install_fake($server);
	my @names = map {
		my $schema = $_;
		map { [ $schema, $_ ] } 'a' .. 'f'
	} 's', 't';
	my ($next, $fake, %present, %known) = (1, create_source($server, fake_source('fake', {})));
	for my $round (1 .. 5 * $steps)
	{
		my @free = sort { rand() <=> 0.5 } @names;
		delete $present{$_} for grep { rand() < 0.1 } sort keys %present;
		$present{$_} = undef for keys %present ? () : 1 .. 6;
		$present{ 10 + $next++ } = undef if keys %present < 9;
		my %was = %known;
		my @frames = map { { frame => 'schema', name => $_, id => $_ eq 's' ? '1' : '2' } } 's', 't';
		%known = ();
		for my $native_id (sort { rand() <=> 0.5 } sort keys %present)
		{
			my $name =
				   rand() < 0.5
				&& $was{$native_id}
				&& (grep { "@$_" eq $was{$native_id} } @free) ? [ split / /, $was{$native_id} ] : pop @free;
			@free = grep { "@$_" ne "@$name" } @free;
			my %frame = (schema => $name->[0], name => $name->[1], id => "$native_id");
			push @frames, $was{$native_id} && rand() < 0.4
				? { frame => 'skipped', reason => 'locked', %frame }
				: { frame => 'relation', kind => 'table', columns => 0, document => {}, %frame };
			$known{$native_id} = "@$name";
		}
		my $told = sql(
			$server,
			"SELECT coalesce(max(change_id), 0) FROM rivergen.schema_changes WHERE data_source_id = $fake");
		call(
			$server,
			"rivergen.data_source_update($fake, "
				. json({ metadata => { behaviour => 'told', frames => \@frames } }) . ')');
		discover($server, $fake, 'refresh => true');
		my $stored = sql(
			$server, "SELECT native_id || ' ' || schema_name || ' ' || relation_name FROM rivergen_catalog.relation
			WHERE data_source_id = $fake AND deprecated_at IS NULL ORDER BY native_id::integer");
		same(
			$stored, join("\n", map { "$_ $known{$_}" } sort { $a <=> $b } keys %known),
			"round $round: each under the name that it has");
		my $renamed = sql(
			$server,
			"SELECT concat_ws(' ', before ->> 'schema', before ->> 'name', '>', after ->> 'schema', after ->> 'name') FROM rivergen.schema_changes
			WHERE data_source_id = $fake AND change_id > $told AND object_type = 'relation' AND change = 'renamed' ORDER BY 1");
		same(
			$renamed,
			join("\n", sort map { "$was{$_} > $known{$_}" } grep { $was{$_} && $was{$_} ne $known{$_} } keys %known),
			'every rename is reported');
	}
};

clean_server($server);
survives($server);
done_testing();
