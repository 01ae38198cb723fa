# Values that are too long: refused by a limit, with a message that says what helps, and held by no process.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Attached;
use PostgreSQL::Test::Utils;
use Rivergen;
use Streams;
use Test::More;

# The connector has no room for the long value: to hold it would be its end.
my ($server, $source, $id) =
	start_attached(<<'EOT', conf => "rivergen.max_row_size = 1MB\nrivergen.connector_memory_limit = 80MB");
	CREATE VIEW shop.long AS SELECT 1 AS id, repeat('x', 40000000) AS note;
	CREATE VIEW shop.later AS SELECT i AS id, repeat('x', CASE WHEN i = 5000 THEN 40000000 ELSE 10 END) AS note FROM generate_series(1, 5001) i;
	CREATE VIEW shop.sum AS SELECT 1 AS id, repeat('x', 600000) AS a, repeat('y', 600000) AS b;
	CREATE VIEW shop.escaped AS SELECT 1 AS id, repeat(chr(9), 600000) AS note;
	CREATE VIEW shop.fits AS SELECT 1 AS id, repeat('x', 1000000) AS note;
	CREATE FUNCTION shop.zeros(bigint) RETURNS bytea LANGUAGE sql SECURITY DEFINER AS 'SELECT pg_read_binary_file(''/dev/zero'', 0, $1)';
	CREATE VIEW shop.past AS SELECT 1 AS id, shop.zeros(536870912) AS note;
EOT

# The most memory that a process ever had, in kB.
sub most_of
{
	my ($pid) = @_;
	return slurp_file("/proc/$pid/status") =~ /^VmHWM:\s+(\d+)/m ? $1 : die "no memory of $pid\n";
}

my $session = $server->background_psql('postgres', on_error_stop => 0);
my $backend = $session->query_safe('SELECT pg_backend_pid()');

sub said
{
	my ($query) = @_;
	$session->{stderr} = '';
	my $out = $session->query("\\set VERBOSITY verbose\n$query");
	return $session->{stderr} || $out;
}

subtest 'what fits' => sub {
	is(said('SELECT id, length(note) FROM shop.fits'), '1|1000000', 'a row of a million bytes');
	is(said('SELECT length(a) FROM shop.sum'), 600000, 'a column of two');
	is(said('SELECT sum(id) FROM shop.later'), 12507501, 'columns beside a long one');
	is( said("SELECT length(note) FROM rivergen.query_rows($id, 'SELECT note FROM shop.fits') t (note text)"), 1000000,
		'a query');
};

subtest 'what does not' => sub {
	my ($reader) = readers($server);
	my @before = map { most_of($_) } $reader, $backend;
	my %queries = (
		'a long value' => 'SELECT length(note) FROM shop.long',
		'a long value behind others' => 'SELECT count(note) FROM shop.later',
		'a condition on it' => "SELECT id FROM shop.long WHERE note LIKE '%y'",
		'a row in all' => 'SELECT length(a), length(b) FROM shop.sum',
		'a row as it is sent' => 'SELECT length(note) FROM shop.escaped',
		'ANALYZE' => 'ANALYZE shop.long',
		'a query' => "SELECT rivergen.query($id, 'SELECT * FROM shop.long')",
		'a query as rows' =>
			"SELECT count(*) FROM rivergen.query_rows($id, 'SELECT * FROM shop.long') t (id int, note text)",
		'rows' => "SELECT rivergen.rows($id, 'shop', 'long')");
	for my $name (sort keys %queries)
	{
		my $error = said($queries{$name});
		like($error, qr/ERROR:  PT413: A row of the source is longer than the server accepts/, "$name is refused");
		like($error, qr/The limit is 1048576 bytes. Leave out columns .*rivergen\.max_row_size/, "$name: what helps");
	}
	is((readers($server))[0], $reader, 'the reader is the same');
	my @after = map { most_of($_) } $reader, $backend;
	cmp_ok($after[$_] - $before[$_], '<', 8192, (qw(reader backend))[$_] . ' has not grown') for 0, 1;
	unlike(slurp_file($server->logfile), qr/xxxxxxxx/, 'the log has none of it');
};

subtest 'past what the source can send' => sub {
	for my $query ('SELECT length(note) FROM shop.past', "SELECT rivergen.query($id, 'SELECT note FROM shop.past')")
	{
		my $error = said($query);
		like($error, qr/ERROR:  PT413: invalid memory alloc request size/, 'the source\'s words');
		like($error, qr/The source sends no value or row of 1 GB or more/, 'and what they mean');
	}
	is(said('SELECT id FROM shop.past'), 1, 'the other column is read');
};

subtest 'a limit that the connector has no memory for' => sub {
	change_settings($server, 'rivergen.max_row_size' => '512MB');
	like(
		said('SELECT length(note) FROM shop.long'),
		qr/ERROR:  PT413: The connector lacks the memory.*rivergen\.connector_memory_limit/s,
		'says which setting helps');
};

$session->quit;
without_spares($server);
clean_server($server);
done_testing;
