# Connectors that a reader keeps ready: which stream takes one, and which must not; what a spare has; how it ends.
use strict;
use warnings;

use Rivergen;
use Streams;
use Test::More;

my $server = start_server('server');
install_fake($server);
streams_in($server, undef, spares => 1);
# None of them rests, so each stream needs a connector.
fake_beginning($server, capabilities => [qw(test discover sample read query)]);
my $one = readable($server, 'one', {});
my $other = readable($server, 'another', {});

sub reads
{
	my ($id, $name) = @_;
	like(sql($server, 'SELECT ' . stream($server, $id)), qr/^end 5$/m, $name);
}

# The process id of the only connector that runs, once it does and has said hello.
sub spare
{
	my $spare = connector_of($server);
	wait_for('its hello', sub { Rivergen::read_file("/proc/$spare/wchan") =~ /pipe/ });
	return $spare;
}

# What connectors do before they are asked, from now on.
sub begins
{
	fake_beginning($server, @_);
	reload_settings($server);
	wait_for('no spare', sub { !connectors($server) });
	return;
}

subtest 'a spare is taken' => sub {
	reads($one, 'a first stream starts its connector');
	my $spare = spare();
	isnt(
		sql($server, 'SELECT capabilities FROM rivergen_catalog.data_source_state WHERE data_source_id = ' . $other),
		'{test,discover,sample,read,query}', 'the other source was never read');
	reads($other, 'a stream of another source of the type');
	ok(!is_running($spare), 'had the spare, which ended with it');
	isnt(spare(), $spare, 'and there is another');
	is( sql($server, 'SELECT capabilities FROM rivergen_catalog.data_source_state WHERE data_source_id = ' . $other),
		'{test,discover,sample,read,query}', 'what a spare said is recorded of its source');
	is_deeply(audited($server, $other)->{detail}{dialed}, [], 'as is what it dialed');
};

subtest 'a spare has nothing of a source' => sub {
	my $spare = spare();
	my $environment = Rivergen::read_file("/proc/$spare/environ");
	is(join(' ', sort map { /^([^=]+)/ } split /\0/, $environment), 'HOME LC_ALL RES_OPTIONS', 'no variable');
	is(Rivergen::descriptors($spare), 'pipe pipe pipe', 'no descriptor but its pipes');
	like(Rivergen::read_file("/proc/$spare/status"), qr/^Seccomp:\s+2$/m, 'and the filter of system calls');
};

subtest 'a spare that ends' => sub {
	my $spare = spare();
	kill 'KILL', $spare;
	wait_for('no connector', sub { !connectors($server) });
	reads($one, 'is not missed');
	$spare = spare();
	kill 'KILL', $spare;
	reads($one, 'nor is one that has just ended');
	isnt(spare(), $spare, 'and there is another');
};

subtest 'files that were replaced' => sub {
	my $spare = spare();
	install_fake($server);
	reads($one, 'a stream starts the new connector');
	wait_for('the old one to be gone', sub { !is_running($spare) });
	$spare = spare();
	my $path = connector_path($server, 'other');
	rename $path, "$path.old" or die $!;
	call_fails($server, stream($server, $one), 'a connector that was removed', sqlstate => 'PT501');
	rename "$path.old", $path or die $!;
	reads($one, 'and is there again');
};

subtest 'settings' => sub {
	my $spare = spare();
	reload_settings($server);
	ok(wait_for('no connector', sub { !connectors($server) }), 'a reload ends spares');
	reads($one, 'the next stream starts its connector');
	my $slow = readable($server, 'slow to connect', {}, connection_timeout => 7);
	$spare = spare();
	reads($slow, 'a source with another time to connect');
	ok(is_running($spare), 'does not take it');
	is(wait_for('two spares', sub { connectors($server) == 2 }), 1, 'but has a spare of its own');
	change_settings($server, 'rivergen.spare_connectors' => 1);
	reads($_, 'of two kinds') for $one, $slow;
	spare();
	pass('one is kept where the setting says so');
	without_spares($server);
	ok(wait_for('no connector', sub { !connectors($server) }), 'and none with 0');
	reads($one, 'a stream starts its connector');
	clean_server($server, 'and leaves none');
	change_settings($server, 'rivergen.spare_connectors' => undef);
};

subtest 'a spare that breaks the protocol' => sub {
	begins(beginning => 'answers_unasked');
	call_fails($server, stream($server, $one), 'a connector that answers unasked', sqlstate => 'PT502');
	connector_of($server);
	call_fails($server, stream($server, $one), 'a spare that has answered', sqlstate => 'PT502', says => qr/protocol/);
	begins(beginning => 'garbage');
	call_fails($server, stream($server, $one), 'garbage', sqlstate => 'PT502') for 1 .. 2;
	begins(beginning => 'endless_hello');
	call_fails($server, stream($server, $one), 'a hello without end', sqlstate => 'PT502');
	ok(wait_for('no connector', sub { !connectors($server) }), 'a spare that says too much is ended');
	begins(capabilities => [qw(test discover sample read query)]);
	reads($one, 'a stream after all that');
};

subtest 'the reader ends' => sub {
	my $spare = spare();
	my ($reader) = readers($server);
	sql($server, "SELECT pg_terminate_backend($reader)");
	wait_for('it to be gone', sub { !is_running($reader) });
	clean_server($server, 'no spare outlives it');
	reads($one, 'the next stream gets another reader');
	$spare = spare();
	($reader) = readers($server);
	sql($server, 'CREATE DATABASE copied TEMPLATE postgres');
	ok(!is_running($reader) && !is_running($spare), 'both leave for CREATE DATABASE … TEMPLATE');
};

is( sql($server, "SELECT setting || unit FROM pg_settings WHERE name = 'min_dynamic_shared_memory'"),
	'8MB', 'the server keeps memory for short streams');
$server->append_conf('postgresql.conf', 'min_dynamic_shared_memory = 0');
$server->restart;
is(sql($server, 'SHOW min_dynamic_shared_memory'), '0', 'unless the operator says otherwise');
reads($one, 'streams need none');
without_spares($server);
clean_server($server);
survives($server);
done_testing;
