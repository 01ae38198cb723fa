# A source behind a real SSH server: test, discovery and scan through the tunnel, with TLS verified against the source's
# own name; every form of key; the host key is remembered; nothing is left behind.
use strict;
use warnings;

use MIME::Base64 qw(encode_base64);
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
is( sql($server,
		"SELECT dialed @> '[{\"address\": \"127.0.0.1\", \"port\": $sshd->{port}, \"verdict\": \"connected\"}]' FROM rivergen_catalog.job
			WHERE data_source_id = $id AND kind = 'discover' AND status = 'succeeded' ORDER BY job_id DESC LIMIT 1"),
	't',
	'the job shows that the SSH server was dialed');
my $shown = call($server, "rivergen.data_source_get($id)")->{data};
my ($host_key, $fingerprint) = host_key($sshd->{host_keys}[0]);
is( $shown->{metadata}{ssh}{host_key_seen}, "[127.0.0.1]:$sshd->{port} $host_key $fingerprint",
	'the host key that was seen is shown');
is($shown->{ssh_local_port}, 6001, 'the local port that was asked for is shown');

# ---- another host key ----

sub new_host_key
{
	my $other = ssh_key('other-host', '-t', 'ed25519');
	$sshd->stop;
	$sshd = start_sshd('bastion', keys => [ values %key ], port => $sshd->{port}, host_keys => [$other]);
	return (host_key($other))[1];
}

my $other = new_host_key();
discover_fails(
	$server, $id, 'another host key', sqlstate => 'PT502', code => 'ssh_host_key',
	says => qr/another host key.*\Q$other\E.*\Q$fingerprint\E.*data_source_forget_host_key/, secret => qr/\Q$password\E/
);
call($server, "rivergen.data_source_forget_host_key($id)");
is(discover($server, $id, 'refresh => true')->{success}, JSON::PP::true, 'once it is forgotten, the new one is taken');
like(
	call($server, "rivergen.data_source_get($id)")->{data}{metadata}{ssh}{host_key_seen}, qr/\Q$other\E$/,
	'and shown');

# Demanded fingerprints: the server changes from one to the other.
my $update = sub { call($server, "rivergen.data_source_update($id, " . json($_[0]) . ')') };
my $next = ssh_key('next-host', '-t', 'ed25519');
$update->({ metadata => { tls => $tls, ssh => { host_key => [ $other, (host_key($next))[1] ] } } });
ok(call($server, "rivergen.data_source_test($id)")->{data}{success}, 'a demanded key');
$sshd->stop;
$sshd = start_sshd('bastion', keys => [ values %key ], port => $sshd->{port}, host_keys => [$next]);
ok(call($server, "rivergen.data_source_test($id)")->{data}{success}, 'another demanded key');

# ---- every form of key ----

my $passphrase = 'the pass phrase';
my %form = (
	'RSA, PKCS#1' => [ slurp_file($key{rsa}) ],
	'RSA, PKCS#1, passphrase' => [ form('rsa1', qw(-t rsa -b 2048 -m PEM), '-N', $passphrase), $passphrase ],
	'RSA, PKCS#8' => [ form('rsa8', qw(-t rsa -b 2048 -m PKCS8)) ],
	'ECDSA, SEC1' => [ form('ec', qw(-t ecdsa -b 384 -m PEM)) ],
	'ECDSA, PKCS#8, passphrase' => [ form('ec8', qw(-t ecdsa -m PKCS8), '-N', $passphrase), $passphrase ],
	'Ed25519, passphrase' => [ form('ed', qw(-t ed25519), '-N', $passphrase), $passphrase ],
	'Ed25519, PKCS#8' => [ ed25519_pkcs8() ]);
my $plain = slurp_file($key{ed25519});
$form{'CRLF'} = [ $plain =~ s/\n/\r\n/gr ];
$form{'no last newline'} = [ $plain =~ s/\n\z//r ];
$form{'literal \n'} = [ $plain =~ s/\n/\\n/gr ];
$form{'blanks'} = [ join '', map { "  $_  \n" } '', split /\n/, $plain ];

sub form
{
	my ($name, @options) = @_;
	$key{$name} = ssh_key("form-$name", @options);
	return slurp_file($key{$name});
}

# The ssh-keygen of before 9.6 knows this form not; its public half is made by hand.
sub ed25519_pkcs8
{
	my $path = $key{pkcs8} = PostgreSQL::Test::Utils::tempdir() . '/pkcs8';
	run_log([ qw(openssl genpkey -algorithm ed25519 -out), $path ]) or die 'no key';
	my $public = substr `openssl pkey -in $path -pubout -outform DER`, -32;
	append_to_file("$path.pub", 'ssh-ed25519 ' . encode_base64(pack('N/a* N/a*', 'ssh-ed25519', $public), '') . "\n");
	return slurp_file($path);
}

my $all = start_sshd('all', keys => [ values %key ]);
my ($all_key) = host_key($all->{host_keys}[0]);
for my $name (sort keys %form)
{
	my ($private, $opens) = @{ $form{$name} };
	my $one = tunnel_through(
		$all, $key{ed25519}, source_of($source, $password),
		metadata => { ssh => { host_key => $all_key } });
	$one->{credentials}{ssh_private_key} = $private;
	$one->{credentials}{ssh_passphrase} = $opens if $opens;
	my $answer = call($server, 'rivergen.data_source_test(' . json($one) . ')')->{data};
	ok($answer->{success}, $name) or diag(explain($answer));
}

clean_server($server);
is_deeply([ ssh_children($sshd, $all) ], [], 'no ssh is left');

done_testing();
