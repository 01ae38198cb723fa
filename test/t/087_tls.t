# TLS of a source through the server: the authority of its definition, a client certificate of its credentials, and what the
# owner of the source is told when one of them is wrong.
use strict;
use warnings;
use utf8;

use JSON::PP;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $server = start_server('server');
my $source = start_source('source', 'river-secret');
my $directory = PostgreSQL::Test::Utils::tempdir();
my $data = $source->data_dir;

sub openssl { my (@arguments) = @_; return run_log([ 'openssl', @arguments ]) || die "openssl @arguments" }

# A key and what it signs itself.
sub authority
{
	my ($name, $subject) = @_;
	openssl(
		'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', "/CN=$subject", '-addext',
		"subjectAltName=DNS:$subject", '-keyout', "$directory/$name.key", '-out', "$directory/$name.crt");
	return slurp_file("$directory/$name.crt");
}

my $ca = authority('server', 'localhost');
my $other = authority('other', 'elsewhere');
openssl(
	'req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=certified', '-keyout', "$directory/client.key", '-out',
	"$directory/client.csr");
openssl(
	'x509', '-req', '-in', "$directory/client.csr", '-CA', "$directory/server.crt", '-CAkey', "$directory/server.key",
	'-CAcreateserial', '-days', '2', '-out', "$directory/client.crt");
openssl(
	'rsa', '-aes256', '-passout', 'pass:opensesame', '-in', "$directory/client.key", '-out',
	"$directory/locked.key");

for my $file (qw(server.crt server.key))
{
	append_to_file("$data/$file", slurp_file("$directory/$file"));
	chmod 0600, "$data/$file";
}
sql($source, 'CREATE ROLE certified LOGIN; CREATE TABLE public.t (a int)');
unlink "$data/pg_hba.conf";
$source->append_conf(
	'pg_hba.conf',
	"local all all trust\nhostssl all certified all cert\nhostssl all all all scram-sha-256\n");
$source->append_conf('postgresql.conf', "ssl = on\nssl_ca_file = 'server.crt'");
$source->restart;

my $id = create_source(
	$server,
	source_of(
		$source, 'river-secret', host => 'localhost', metadata => { tls => { mode => 'verify-full', ca => $ca } }));
is(discover($server, $id)->{success}, JSON::PP::true, 'verify-full with the authority of the definition');

sub fails
{
	my ($name, $says, $code) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	discover_fails(
		$server, $id, $name, sqlstate => 'PT502', code => $code // 'tls', says => $says,
		secret => qr/river-secret|opensesame/);
	return;
}

sub becomes
{
	my (%tls) = @_;
	call($server, "rivergen.data_source_update($id, " . json({ metadata => { tls => \%tls } }) . ')');
	return;
}

sub credentials
{
	my (%given) = @_;
	call($server, "rivergen.data_source_update_credentials($id, " . json(\%given) . ')');
	return;
}

becomes(mode => 'verify-full', ca => $other);
fails('another authority', qr/signed by itself, and is not known here/);
becomes(mode => 'verify-full');
fails("the system's authorities", qr/is not known here.*metadata\.tls\.ca/);
becomes(mode => 'verify-full', ca => $other . $ca);
is(discover($server, $id, 'refresh => true')->{success}, JSON::PP::true, 'one authority of two');

my %client = (username => 'certified', tls_client_certificate => slurp_file("$directory/client.crt"));
credentials(%client, tls_client_key => slurp_file("$directory/client.key"));
is(discover($server, $id, 'refresh => true')->{success}, JSON::PP::true, 'a client certificate instead of a password');
my $locked = slurp_file("$directory/locked.key");
credentials(%client, tls_client_key => $locked, tls_client_key_passphrase => 'opensesame');
is(discover($server, $id, 'refresh => true')->{success}, JSON::PP::true, 'an encrypted key with its passphrase');
credentials(%client, tls_client_key => $locked);
fails('an encrypted key without it', qr/could not be used.*tls_client_key_passphrase/);
clean_server($server);
survives($server);

done_testing();
