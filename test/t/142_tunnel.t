# A source behind a real SSH server: test, discovery and scan through the tunnel, with TLS verified against the source's
# own name; every form of key; the host key is remembered; nothing is left behind.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Rivergen;
use Sshd;
use Test::More;

my $server = start_server('server');
my $password = 'behind-the-bastion';
my $source = start_source('source', $password);
sql($source, 'CREATE TABLE orders (id int PRIMARY KEY, status text); GRANT SELECT ON orders TO reader');

# A certificate for the name by which the SSH server knows the source.
my $certificate = $source->data_dir . '/server.crt';
run_log([
	'openssl', 'req', '-new', '-x509', '-days', '2', '-nodes', '-batch', '-subj', '/CN=localhost', '-addext',
	'subjectAltName=DNS:localhost', '-keyout', $source->data_dir . '/server.key', '-out', $certificate ])
	or die 'no certificate';
chmod 0600, $source->data_dir . '/server.key';
$source->append_conf('postgresql.conf', 'ssl = on');
$source->restart;

my %key = (
	ed25519 => ssh_key('ed25519', '-t', 'ed25519'),
	rsa => ssh_key('rsa', '-t', 'rsa', '-b', '2048', '-m', 'PEM'));
my $sshd = start_sshd('bastion', keys => [ values %key ]);
my $tls = { mode => 'verify-full', ca => slurp_file($certificate) };
my $definition = tunnel_through(
	$sshd, $key{ed25519},
	source_of($source, $password, host => 'localhost', metadata => { tls => $tls }, ssh_local_port => 6001));

my $id = create_source($server, $definition);
my $test = call($server, "rivergen.data_source_test($id)")->{data};
is_deeply(
	[ @$test{qw(success ssh_tunnel_established failed_step error_message error_detail)} ],
	[ JSON::PP::true, JSON::PP::true, undef, undef, undef ],
	'a test through the tunnel');
is(discover($server, $id, 'refresh => true')->{data}{total_tables}, 1, 'a discovery through the tunnel');
my $shown = call($server, "rivergen.data_source_get($id)")->{data};
my ($host_key, $fingerprint) = host_key($sshd->{host_keys}[0]);
is( $shown->{metadata}{ssh}{host_key_seen}, "[127.0.0.1]:$sshd->{port} $host_key $fingerprint",
	'the host key that was seen is shown');
is($shown->{ssh_local_port}, 6001, 'the local port that was asked for is shown');
clean_server($server);
is_deeply([ ssh_children($sshd) ], [], 'no ssh is left');

done_testing();
