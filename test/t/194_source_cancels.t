# What a PostgreSQL source does for a foreign table ends with the statement that reads it: the confined connector asks the source to
# cancel, rather than leaving it to notice that its client has gone.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
sql($source, 'CREATE VIEW slow AS SELECT pg_sleep(3600)::text AS v; GRANT SELECT ON slow TO reader');
sql($source, 'CREATE VIEW endless AS SELECT generate_series(1, 1000000000) AS i; GRANT SELECT ON endless TO reader');
my $id = create_source($server, source_of($source, $password, metadata => { query => { enabled => JSON::PP::true } }));
discover($server, $id);
call($server, "rivergen.attach($id, 'here')");

# Waits until the source is busy, or is not any more.
sub source_is
{
	my ($busy, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok( $source->poll_query_until(
			'postgres',
			"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rivergen' AND state = 'active'",
			$busy ? '1' : '0'),
		$name);
}

for my $table (qw(slow endless))
{
	my $from = -s $source->logfile;
	my $session = session_start($server, "SELECT count(v::text) FROM (SELECT * FROM here.$table OFFSET 0) x (v)");
	source_is(1, "$table: the source is at work");
	sql($server,
		"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%here.$table%' AND pid <> pg_backend_pid()"
	);
	my (undef, $error) = session_end($session);
	like($error, qr/57014/, "$table: the statement is cancelled");
	source_is(0, "$table: the source rests");
	like(slurp_file($source->logfile, $from), qr/due to user request/, "$table: it was asked to cancel");
}
done_testing();
