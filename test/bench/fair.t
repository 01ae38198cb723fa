# How long a person waits beside 1,000 queued jobs of others, whose sources hang or are well: in the same organization, and
# in another database. Prints milliseconds; asserts nothing of them. make check TESTS=bench/fair.t
use strict;
use warnings;

use IO::Socket::INET;
use Rivergen;
use Test::More;

my ($sources, $jobs, $calls) = (50, 1_000, 25);
my $server = start_server('server', conf => 'rivergen.health_check_interval = 0');
my $silence = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 200) or die $!;

install_fake($server);
sql($server, 'CREATE DATABASE other');

sub in_other { return $server->safe_psql('other', $_[0]) }

in_other('CREATE EXTENSION rivergen');
in_other("SELECT rivergen.quick_start('Other')");
in_other('SELECT rivergen.data_source_create(' . json(fake_source('quick', {})) . ')');
my $quick = create_source($server, fake_source('quick', {}));

# A person who discovers, reads the answer, and discovers again.
my $measure = <<'EOT';
	CREATE FUNCTION public.measure(source bigint, calls integer) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		began timestamptz;
		taken float8[];
	BEGIN
		FOR i IN 1 .. calls LOOP
			began := clock_timestamp();
			PERFORM rivergen.discover_schema(source, refresh => true);
			taken := taken || extract(epoch FROM clock_timestamp() - began)::float8 * 1000;
			PERFORM pg_sleep(0.7);
		END LOOP;
		RETURN (SELECT format('p50 %s ms, longest %s ms', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t)), round(max(t)))
			FROM unnest(taken) t);
	END
	$$
EOT
sql($server, $measure);
in_other($measure);

my %others = (
	hanging => sub {
		return {
			name => "hanging $_[0]", type => 'postgresql', host => '127.0.0.1', port => $silence->sockport,
			database_name => 'x',
			schema_auto_refresh => JSON::PP::false, max_retries => 0, connection_timeout => 10,
			credentials => { username => 'x', password => 'x' }
		};
	},
	healthy => sub { return fake_source("healthy $_[0]", { relations => 200, columns => 20 }) });

diag(
	'alone, same database: ', sql($server, "SELECT measure($quick, 8)"), '; other database: ',
	in_other('SELECT measure(1, 8)'));
for my $kind (sort keys %others)
{
	my $ids = join ',', map { create_source($server, $others{$kind}->($_)) } 1 .. $sources;
	sql($server, "INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind)
		SELECT 1, s, 'discover' FROM unnest('{$ids}'::bigint[]) s, generate_series(1, $jobs / $sources)");
	call($server, "rivergen.discover_schema(${\($ids =~ /^(\d+)/)}, wait => false)");
	wait_for('jobs that run', sub { sql($server, "SELECT count(*) FROM rivergen.jobs WHERE status = 'running'") >= 2 });
	my $same = session_start($server, "SELECT measure($quick, $calls)");
	diag("$jobs jobs of $kind sources, other database: ", in_other("SELECT measure(1, $calls)"));
	diag("$jobs jobs of $kind sources, same organization: ", (session_end($same))[0]);
	sql($server, "DELETE FROM rivergen_catalog.job WHERE status = 'queued'");
	ok( wait_for('rest', sub { sql($server, "SELECT count(*) FROM rivergen.jobs WHERE status = 'running'") == 0 }),
		"$kind: no job is left");
}
done_testing();
