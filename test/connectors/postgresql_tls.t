# TLS of the connector for PostgreSQL: what each mode verifies, client certificates, and servers that lie where TLS begins.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__);
use Source;
use Test::More;

start_server();
sql("CREATE DATABASE source; CREATE ROLE certified LOGIN; CREATE ROLE plain LOGIN PASSWORD '$password'",
	database => 'postgres');

# ---- certificates ----

my %made;    # name => PEM; "NAME.key" its key

# What openssl wrote to a file there.
sub made { my ($name, $file) = @_; return $made{$name} = content("$home/$file") }

sub authority
{
	my ($name) = @_;
	run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
		'-subj',
		"/CN=$name", '-keyout', "$home/$name.key", '-out', "$home/$name.crt");
	made("$name.key", "$name.key");
	return made($name, "$name.crt");
}

# Signed by that authority; more: extensions => text, from and to => dates.
sub certificate
{
	my ($name, $authority, $subject, %more) = @_;
	run('openssl', 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', "/CN=$subject",
		'-keyout',
		"$home/$name.key", '-out', "$home/$name.csr");
	made("$name.key", "$name.key");
	Source::write_file("$name.conf", <<~"EOT");
		[ca]
		default_ca = this
		[this]
		database = $home/$name.index
		new_certs_dir = $home
		serial = $home/$name.serial
		default_md = sha256
		policy = any
		unique_subject = no
		[any]
		commonName = supplied
		[more]
		@{[$more{extensions} // "subjectAltName = DNS:$subject"]}
		EOT
	Source::write_file("$name.index", '');
	Source::write_file("$name.serial", sprintf "%02x\n", 16 + keys %made);
	run('openssl', 'ca', '-batch', '-config', "$home/$name.conf", '-cert', "$home/$authority.crt", '-keyfile',
		"$home/$authority.key",
		'-in', "$home/$name.csr", '-out', "$home/$name.crt", '-notext', '-extensions', 'more',
		'-startdate', $more{from} // '20200101000000Z', '-enddate', $more{to} // '20490101000000Z');
	return made($name, "$name.crt");
}

my $root = authority('root');
my $other = authority('other');
certificate('right', 'root', 'source.test', extensions => 'subjectAltName = DNS:source.test, IP:127.0.0.1');
certificate('expired', 'root', 'source.test', to => '20200102000000Z');
certificate('future', 'root', 'source.test', from => '20480101000000Z');
certificate('middle', 'root', 'middle', extensions => 'basicConstraints = critical, CA:TRUE');
certificate('below', 'middle', 'source.test');
certificate('client', 'root', 'certified');
certificate('stranger', 'other', 'certified');
certificate('late_client', 'root', 'certified', to => '20200102000000Z');

# The server shows this certificate, and others after it, from now on.
sub serve
{
	my ($name, @more) = @_;
	lay('server.crt', join '', map { $made{$_} } $name, @more);
	lay('server.key', $made{"$name.key"});
	reload();
	my ($line) = $made{$name} =~ /CERTIFICATE-----\n(.*)/;
	until (index(shown(), $line) >= 0) { select undef, undef, undef, 0.02 }
	return;
}

sub shown
{
	return scalar `openssl s_client -connect 127.0.0.1:$port -starttls postgres -showcerts </dev/null 2>/dev/null`;
}

lay('clients.crt', $root);
sql("ALTER SYSTEM SET ssl_ca_file = 'clients.crt'", database => 'postgres');

sub with_tls
{
	my ($host, $mode, $ca, %credentials) = @_;
	return connect_with(
		operation => 'test', endpoint => { host => $host, tls => { mode => $mode, ca => $ca } },
		credentials => \%credentials);
}

sub connects
{
	my ($name, @answer) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is($answer[-1]{frame}, 'end', $name) || diag(explain($answer[-1]));
}

# It fails at the step tls, with these words.
sub is_refused
{
	my ($name, $says, @answer) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $last = fails_with($name, 'tls', 'tls', 0, @answer);
	like("$last->{message} | $last->{hint}", $says, "$name: and it is said why");
	return;
}

subtest 'a server with a good certificate' => sub {
	serve('right');
	connects("$_, for its name, behind an address", with_tls('source.test', $_, $root))
		for qw(verify-full verify-ca require prefer);
	connects('verify-full for its address', with_tls('127.0.0.1', 'verify-full', $root));
	connects('verify-full, in upper case', with_tls('SOURCE.test', 'verify-full', $root));
	connects('verify-ca for any name', with_tls('other.test', 'verify-ca', $root));
	connects("$_ without an authority, for any name", with_tls('other.test', $_, undef)) for qw(require prefer disable);
	connects('prefer goes on without TLS where the authority is another', with_tls('source.test', 'prefer', $other));
	connects('an authority among others', with_tls('source.test', 'verify-full', $other . $root));
	is_refused('another name', qr/another host name.*verify-ca/, with_tls('other.test', 'verify-full', $root));
	is_refused('a name below it', qr/another host name/, with_tls('a.source.test', 'verify-full', $root));
	is_refused(
		"$_ with another authority", qr/authority that is not known here.*metadata\.tls\.ca/,
		with_tls('source.test', $_, $other)) for qw(verify-full verify-ca require);
	is_refused(
		"$_ with the system's authorities", qr/authority that is not known here/,
		with_tls('source.test', $_, undef)) for qw(verify-full verify-ca);
	is_refused(
		'an authority that is none', qr/authority could not be read.*PEM/,
		with_tls('source.test', 'verify-ca', 'nonsense'));
	fails_with('an unknown mode', 'configure', 'configuration', 0, with_tls('source.test', 'perhaps', $root));
};

subtest 'a server with another certificate' => sub {
	serve('expired');
	is_refused("$_, expired", qr/has expired.*Renew/, with_tls('source.test', $_, $root)) for qw(verify-full verify-ca);
	connects('require does not look at it without an authority', with_tls('source.test', 'require', undef));
	serve('future');
	is_refused('not yet valid', qr/not valid yet.*clocks/, with_tls('source.test', 'verify-full', $root));
	serve('other');
	is_refused('signed by itself', qr/signed by itself.*metadata\.tls\.ca/, with_tls('other', 'verify-full', $root));
	connects('signed by itself, and known', with_tls('other', 'verify-ca', $other));
	serve('below');
	is_refused('without the authority between', qr/must send/, with_tls('source.test', 'verify-full', $root));
	serve('below', 'middle');
	connects('with the authority between', with_tls('source.test', 'verify-full', $root));
	serve('right');
};

subtest 'a client certificate' => sub {
	my %client = (
		username => 'certified', password => undef, tls_client_certificate => $made{client},
		tls_client_key => $made{'client.key'});
	my $ask = sub { my (%change) = @_; return with_tls('source.test', 'verify-full', $root, %client, %change) };
	connects('is enough', $ask->());
	fails_with('without its key', 'configure', 'configuration', 0, $ask->(tls_client_key => undef));
	fails_with('without TLS', 'authenticate', 'authentication', 0, with_tls('source.test', 'disable', undef, %client));
	fails_with(
		'that a trusting server never saw', 'authenticate', 'authentication', 0,
		connect_with(credentials => { %client, username => 'trusted' }));
	is_refused(
		'with the key of another', qr/certificate or its key could not be used/,
		$ask->(tls_client_key => $made{'stranger.key'}));
	is_refused("$_ for a key", qr/key could not be used.*PEM/, $ask->(tls_client_key => $_))
		for 'nonsense', $made{client};
	run('openssl', 'ec', '-in', "$home/client.key", '-aes256', '-passout', 'pass:opensesame', '-out',
		"$home/locked.key");
	my %locked = (tls_client_key => content("$home/locked.key"));
	connects('with an encrypted key and its passphrase', $ask->(%locked, tls_client_key_passphrase => 'opensesame'));
	is_refused('without its passphrase', qr/tls_client_key_passphrase/, $ask->(%locked));
	is_refused(
		'with another passphrase', qr/tls_client_key_passphrase/,
		$ask->(%locked, tls_client_key_passphrase => 'open barley'));
	connects('a passphrase of a key that is not encrypted', $ask->(tls_client_key_passphrase => 'opensesame'));
	is_refused(
		"from $_->[0]", qr/refused .*the client's certificate/,
		$ask->(tls_client_certificate => $made{ $_->[1] }, tls_client_key => $made{"$_->[1].key"})
	) for [ 'another authority' => 'stranger' ], [ 'last year' => 'late_client' ];
};

# ---- servers that lie where TLS begins: each answers a connection after the other ----

my $heard = "$home/heard";

# A peer whose connections get these answers, one each; what it is told is kept.
sub peer_of
{
	my (@connections) = @_;
	return sub {
		my ($client) = @_;
		my @answers = @{ shift @connections // [] };
		while (sysread $client, my $said, 65536)
		{
			open(my $file, '>>:raw', $heard) or die $!;
			print $file $said;
			close $file;
			my $answer = shift @answers or return;
			syswrite $client, $answer;
		}
	};
}

sub heard_password
{
	my $found = -e $heard && index(content($heard), $password) >= 0;
	unlink $heard;
	return $found;
}

sub with_liar
{
	my ($mode, @connections) = @_;
	my @answer = with_peer(
		peer_of(@connections), operation => 'test', limits => { connection_timeout => 3 },
		endpoint => { tls => { mode => $mode, ca => $root } });
	ok(!heard_password(), "$mode: the password is not told");
	return @answer;
}

my $in_plain = message('R', pack 'N', 3);
my $let_in = message('R', pack 'N', 0);
my $error = message('E', "SFATAL\0C28000\0Mgo away\0\0");

for my $mode (qw(require verify-ca verify-full))
{
	is_refused("$mode: no TLS", qr/does not offer TLS.*metadata\.tls to prefer or disable/, with_liar($mode, ['N']));
	fails_with("$mode: no TLS, and a question", 'authenticate', 'tls', 0, with_liar($mode, [ "N$in_plain", $let_in ]));
	is_refused(
		"$mode: an error", qr/answered the request for TLS with an error/,
		with_liar($mode, [$error], [$in_plain]));
	is_refused(
		"$mode: readable bytes behind the yes", qr/readable bytes where TLS had to begin/,
		with_liar($mode, ["S$in_plain"]));
	is_refused("$mode: nonsense", qr/No TLS connection/, with_liar($mode, [ 'S', "nonsense\n" x 10 ]));
	is_refused("$mode: another answer", qr/does not speak PostgreSQL/, with_liar($mode, ['X']));
}

# A listener between both that breaks TLS to be told readable.
for my $row (
	[ 'an error' => $error ], [ 'readable bytes behind the yes' => "S$in_plain" ],
	[ 'nonsense' => 'S', "nonsense\n" x 10 ],
	[ 'no TLS' => 'N' ], [ 'a closed connection' => 'S' ])
{
	my ($name, @first) = @$row;
	my @last = $name eq 'no TLS' ? [ @first, $in_plain, $let_in ] : ([@first], [ $in_plain, $let_in ]);
	my @answer = with_liar('prefer', @last);
	is($answer[-1]{frame}, 'error', "prefer: $name, then the question for the password: refused")
		or diag(explain($answer[-1]));
}
is( (with_liar('prefer', [ 'N', $let_in . message('Z', 'I') ]))[-1]{frame}, 'error',
	'prefer: a server that asks for nothing');

# ---- a real server that wants the password itself ----

lay('pg_hba.conf',
	"local all all trust\nhost all plain 127.0.0.1/32 password\nhost all all 127.0.0.1/32 scram-sha-256\n");
reload();
sub as_plain { my ($mode) = @_; return with_tls('source.test', $mode, undef, username => 'plain') }
connects("$_: the readable password within TLS", as_plain($_)) for qw(require prefer);
sql('ALTER SYSTEM SET ssl = off', database => 'postgres');
reload();
until (shown() !~ /BEGIN CERTIFICATE/) { select undef, undef, undef, 0.02 }
my $last = fails_with('prefer: the readable password without TLS', 'authenticate', 'tls', 0, as_plain('prefer'));
like("$last->{message} $last->{hint}", qr/readable.*mode of metadata\.tls to disable/s, 'the setting is named');
is_refused('require: a real server without TLS', qr/does not offer TLS/, as_plain('require'));
connects('disable, set on purpose: the readable password', as_plain('disable'));
connects("$_: SCRAM without TLS", with_tls('source.test', $_, undef)) for qw(prefer disable);

done_testing();
