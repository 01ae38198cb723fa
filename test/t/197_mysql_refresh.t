# Random changes of random MariaDB schemas: after each, a refresh stores what a first discovery of the same source finds, and
# a second refresh writes nothing. SEED= repeats a run, STEPS= makes more changes.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use JSON::PP;
use MariadbServer qw(start_mariadb sql_all);
use RandomTables;
use Rivergen;
use Test::More;

my $seed = $ENV{SEED} // time;
note("SEED=$seed");
my $server = start_server('server', conf => 'log_min_messages = error');
start_mariadb();
srand($seed);    # not before, since names of temporary files are random, too

sub change
{
	my (undef, @errors) =
		sql_all(join ";\n", "SET sql_mode = 'NO_ENGINE_SUBSTITUTION', innodb_strict_mode = 0", @_, '');
	return @errors;
}

sub request
{
	my ($name) = @_;
	return {
		name => $name, type => 'mariadb', host => '127.0.0.1', port => $MariadbServer::port + 0,
		database_name => 'information_schema', schema_auto_refresh => JSON::PP::false, max_retries => 0,
		credentials => { username => 'reader', password => 'of the river' }
	};
}

# What is stored of a source, but for its own ids and for estimates, without the relations that could not be read: a refresh
# keeps what it knows of them, and a first discovery knows nothing.
sub stored
{
	my ($source_id, $unread) = @_;
	return sql($server, <<~"EOT");
		SELECT jsonb_build_array(r.schema_name, r.relation_name, r.kind, r.columns_count, encode(r.hash, 'hex'), r.document)
		FROM rivergen_catalog.relation r WHERE data_source_id = $source_id AND deprecated_at IS NULL
			AND NOT EXISTS (SELECT FROM jsonb_array_elements(${\ json($unread) }) u
				WHERE u = jsonb_build_array(r.schema_name, r.relation_name))
		UNION ALL SELECT jsonb_build_array(s.schema_name, s.comment)
			FROM rivergen_catalog.source_schema s WHERE data_source_id = $source_id
		ORDER BY 1
		EOT
}

# The relations that a discovery could not read.
sub unread
{
	return [ map { [ @$_{qw(schema name)} ] } @{ $_[0]{data}{skipped} // [] } ];
}

# The lines of one text that another does not have.
sub only
{
	my ($name, $text, $other) = @_;
	my %there = map { $_ => 1 } split /\n/, $other;
	return map { "$name: $_" } grep { !$there{$_} } split /\n/, $text;
}

change("CREATE USER reader IDENTIFIED BY 'of the river'", 'GRANT SELECT, SHOW VIEW ON *.* TO reader', random_tables());
my $id = create_source($server, request('source'));
discover($server, $id);
for my $step (1 .. $ENV{STEPS} // 3)
{
	subtest "step $step" => sub {
		change(map { random_alteration() } 1 .. 1 + int rand 8);
		my $unread = unread(discover($server, $id, 'refresh => true'));
		my $second = create_source($server, request("step $step"));
		is_deeply(unread(discover($server, $second)), $unread, 'both can read the same');
		my ($stored, $first) = (stored($id, $unread), stored($second, []));
		isnt($stored, '', 'something is stored');
		ok($stored eq $first, 'a refresh stores what a first discovery finds')
			or diag(join "\n", "SEED=$seed", only('refreshed', $stored, $first), only('first', $first, $stored));
		call($server, "rivergen.data_source_delete($second)");
		my $print = fingerprint($server, $id);
		discover($server, $id, 'refresh => true, "full" => true');
		is(fingerprint($server, $id), $print, 'a second refresh writes nothing');
	};
}

done_testing();
