# Search and contexts show the partitions of a table as this table, once, with their number.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $server = start_server('server');
my $source = start_source('source', 'Tr0ub4dor-and-3');
sql($source, <<'EOS');
CREATE TABLE event (happened timestamptz, kind text, payload text) PARTITION BY RANGE (happened);
CREATE TABLE event_y2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (kind);
CREATE TABLE event_y2024_click PARTITION OF event_y2024 FOR VALUES IN ('click');
CREATE TABLE event_y2024_other PARTITION OF event_y2024 DEFAULT;
CREATE TABLE event_y2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE visit (happened timestamptz, page text);
COMMENT ON TABLE event_y2025 IS 'Imported twice';
GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;
EOS
my $id = create_source($server, source_of($source, 'Tr0ub4dor-and-3'));
discover($server, $id);

sub search
{
	my ($query, $more) = @_;
	return call($server, 'rivergen.search(' . literal($query) . ($more ? ", $more" : '') . ')')->{data};
}

sub found
{
	return join ' ', map {
		join '.',
			grep { defined } @$_{qw(table_name column_name partitions)}
	} @{ search(@_)->{items} };
}

sub context
{
	my ($arguments) = @_;
	return call($server, "rivergen.schema_context(data_source_id => $id, format => 'compact', $arguments)")->{data};
}

sub tables
{
	return join ' ', map { $_->{table_name} } @{ $_[0]{tables} };
}

subtest 'search' => sub {
	is(found('event'), 'event.4', 'one hit for a table and its partitions, of all levels');
	is(found('payload'), 'event.payload', 'columns of partitions are those of the table');
	is(found('event_y2025'), 'event_y2025', 'a partition by its whole name');
	is(found('EVENT_Y2025', q(kinds => '{table}')), 'event_y2025', 'in any case');
	is(found('event_y2025.payload'), 'event_y2025.payload', 'its column by the dotted name');
	is(found('click'), 'event.4', 'a part of the name of a partition finds the table');
	is(search('click')->{items}[0]{matched_text}, 'event_y2024_click', 'and says which part of it');
	is(found('y2024', q(row_limit => 1)), 'event.4', 'once, on a short page');
	is(search('y2024', q(row_limit => 1))->{next_cursor}, undef, 'which is the last');
	is(found('imported twice'), 'event_y2025', 'a comment of a partition is of the partition');
	is(found('happened'), 'event.happened visit.happened', 'other tables stay');
};

subtest 'context' => sub {
	my $all = context('budget => 8000');
	is(tables($all), 'event visit', 'a table for all its partitions');
	like($all->{context}, qr/event \(partitioned_table\), 4 partitions/, 'with their number');
	is($all->{omitted}{tables}, 0, 'nothing is left out');
	my $chosen = context(q(question => 'which clicks were there in y2025', budget => 100));
	like(tables($chosen), qr/^event\b(?!.*event)/, 'a question about partitions chooses the table, once');
	is(tables(context(q(tables => '{event_y2025}'))), 'event_y2025', 'a partition that is named');
	is(tables(context(q(schemas => '{public}'))), 'event visit', 'in a schema');
};

sql($source, 'ALTER TABLE event DETACH PARTITION event_y2025');
discover($server, $id, 'refresh => true');
is(found('event', q(kinds => '{table}')), 'event.3 event_y2025', 'a partition that was detached is a table');

clean_server($server);
survives($server);
done_testing();
