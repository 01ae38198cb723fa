# Streams of fake sources, opened by a module of the tests (streams.c), and the readers that serve them.
package Streams;

use strict;
use warnings;

use Exporter 'import';
use File::Basename qw(dirname);
use JSON::PP;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

our @EXPORT = qw(streams_in readable stream readers connector_of shares_connector audited closes);

my $json = JSON::PP->new->utf8->canonical;
my %caller;    # by node name: the ids of organization and user
my $question =
	'{"relation": {"schema": "s", "name": "t", "kind": "table"}, "columns": ["c1", "c2"], "conditions": [], "limit": null, "sample": null}';
my $module;

sub module
{
	return $module if $module;
	my $lib = dirname(__FILE__);
	my $directory = PostgreSQL::Test::Utils::tempdir();
	my $config = $ENV{PG_CONFIG} // 'pg_config';
	chomp(my $headers = `$config --includedir-server`);
	chmod 0755, $directory;
	system($ENV{CC} // 'cc', '-std=gnu11', '-O1', '-fPIC', '-shared', "-I$lib/../../src", "-I$headers", '-o',
		"$directory/streams.so", "$lib/streams.c") == 0
		or die 'cannot build streams.c';
	return $module = "$directory/streams.so";
}

# Makes the function stream() in a database with the extension. Unless spares are wanted, the connectors that run are
# those that serve a stream or rest.
sub streams_in
{
	my ($node, $database, %option) = @_;
	without_spares($node) unless $option{spares};
	$node->safe_psql(
		$database // 'postgres',
		'CREATE FUNCTION stream(text, text, bigint, bigint, bigint, int, bigint, int) RETURNS text '
			. "LANGUAGE c STRICT AS '${\ module()}', 'stream'");
	$caller{ $node->name } = $node->safe_psql(
		$database // 'postgres',
		"SELECT organization_id || ', %d, ' || user_id FROM rivergen_catalog.membership ORDER BY user_id LIMIT 1");
}

# A fake source that may be read.
sub readable
{
	my ($node, $name, $metadata, %change) = @_;
	return create_source($node, fake_source($name, { query => { enabled => JSON::PP::true }, %$metadata }, %change));
}

# A stream as an expression. Options: operation, question, timeout, lock, most (negative: fails then).
sub stream
{
	my ($node, $id, %option) = @_;
	return sprintf "stream('%s', '%s', $caller{$node->name}, %d, %d, %d)", $option{operation} // 'read',
		$option{question} // $question, $id, $option{timeout} // 0, $option{lock} // 0, $option{most} // 0;
}

# The process ids of the readers of all databases, or of one.
sub readers
{
	my ($node, $database) = @_;
	return split /\n/,
		sql($node, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'rivergen reader' AND "
			. (defined $database ? "datname = '$database'" : 'true'));
}

# The only connector that runs, once it does.
sub connector_of
{
	my ($node) = @_;
	return wait_for(
		'one connector',
		sub {
			my @running = connectors($node);
			return @running == 1 && $running[0] =~ /^(\d+)/ ? $1 : undef;
		});
}

# Runs this until the same connector has served it twice; its process id. A connector rests for five seconds, and a machine
# may stand still for longer.
sub shares_connector
{
	my ($node, $run) = @_;
	my $last = '';
	return wait_for(
		'the same connector',
		sub {
			$run->();
			my $before = $last;
			$last = join ' ', map { /^(\d+)/ } connectors($node);
			return $last =~ /^\d+$/ && $last eq $before ? $last : undef;
		});
}

# The last entry of the audit trail about a stream of this source.
sub audited
{
	my ($node, $id) = @_;
	return $json->decode(sql(
		$node,
		"SELECT to_jsonb(a) FROM rivergen_catalog.audit a WHERE data_source_id = $id "
			. "AND action IN ('data_source.read', 'data_source.queried') ORDER BY audit_id DESC LIMIT 1"));
}

# A test: no connector of the server runs any more, and the trail says how the stream of the source ended.
sub closes
{
	my ($node, $id, $outcome, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	subtest $name => sub {
		ok(wait_for('no connector', sub { !connectors($node) }), 'no connector is left');
		is(audited($node, $id)->{detail}{outcome}, $outcome, "the audit trail says $outcome");
	};
}

1;
