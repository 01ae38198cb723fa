# Edits that cannot change the result of a running discovery let it end, however many there are; those that can begin it
# again.
use strict;
use warnings;

use Rivergen;
use Test::More;

my $password = 'Tr0ub4dor-and-3';
my $server = start_server('server');
my $source = start_source('source', $password);
install_fake($server);
sql($server, <<'EOT');
CREATE TABLE public.begun (job_id bigint);
CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.begun VALUES (new.job_id); RETURN NULL; END $$;
CREATE TRIGGER note AFTER UPDATE ON rivergen_catalog.job FOR EACH ROW
	WHEN (old.status <> 'running' AND new.status = 'running') EXECUTE FUNCTION public.note();
EOT
sql($source, 'CREATE TABLE a (b int); CREATE TABLE c (d int)');

# Holds the end of a discovery up, edits the source meanwhile, and returns how often the job was begun.
sub begun
{
	my ($id, @changes) = @_;
	my $holder = $server->background_psql('postgres');
	$holder->query_safe('BEGIN');
	$holder->query_safe("SELECT FROM rivergen_catalog.data_source_state WHERE data_source_id = $id FOR UPDATE");
	my $job = call($server, "rivergen.discover_schema($id, refresh => true, wait => false)")->{data}{job_id};
	wait_for(
		'the worker to want to end',
		sub {
			sql($server, "SELECT 1 FROM pg_locks l JOIN pg_stat_activity USING (pid)
		WHERE NOT granted AND backend_type = 'rivergen worker'");
		});
	$holder->query_safe("SELECT rivergen.data_source_update($id, " . json($_) . ')') for @changes;
	$holder->query_safe('COMMIT');
	$holder->quit;
	is(wait_job($server, $job, qw(succeeded failed cancelled))->{status}, 'succeeded', 'the job succeeds');
	return sql($server, "SELECT count(*) FROM begun WHERE job_id = $job");
}

my $postgresql = create_source($server, source_of($source, $password));
my $fake = create_source($server, fake_source('fake', { relations => 1 }));
is(begun($postgresql), 1, 'undisturbed');
is(begun($postgresql, map { { metadata => { noted => $_ } } } 1 .. 5), 1, 'notes in metadata');
is( begun(
		$postgresql,
		{ name => 'renamed', tags => ['x'], description => 'y', query_timeout => 77, schema_refresh_interval => 7777 }),
	1,
	'what is not of the place');
is(begun($fake, { metadata => { relations => 1 } }), 1, 'the same metadata again');
is(begun($fake, { metadata => { relations => 2 } }), 2, 'a connector may read any member');
is( sql($server,
		"SELECT count(*) FROM rivergen_catalog.relation WHERE data_source_id = $fake AND deprecated_at IS NULL"),
	4,
	'the source is read again');
is(begun($postgresql, { metadata => { scan => { masking => \0 } } }), 2, 'what a scan obeys');
is( begun($postgresql, { metadata => { scan => { masking => \0 }, discovery => { exclude => ['*.c'] } } }), 2,
	'patterns');
is( sql($server,
		"SELECT string_agg(relation_name, ' ') FROM rivergen_catalog.relation WHERE data_source_id = $postgresql AND deprecated_at IS NULL"
	),
	'a',
	'are obeyed');
is(begun($postgresql, { host => 'localhost' }), 2, 'another host');

clean_server($server);
survives($server);
done_testing();
