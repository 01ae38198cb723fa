# Servers that want the password readable, that prove nothing, and that never come to an end. None of them is real.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__);
use Source;
use Test::More;

my $heard = "$home/heard";

# A conversation: after each message of the client's the next answer. What the client said is kept.
sub answering
{
	my (@answers) = @_;
	return sub {
		my ($client) = @_;
		while (sysread $client, my $said, 65536)
		{
			open(my $file, '>>:raw', $heard) or die $!;
			print $file $said;
			close $file;
			my $answer = shift @answers;
			syswrite $client, ref $answer ? $answer->($said) : $answer if defined $answer;
		}
	};
}

sub heard_password
{
	my $found = -e $heard && index(content($heard), $password) >= 0;
	unlink $heard;
	return $found;
}

sub authentication { my ($code, $rest) = @_; return message('R', pack('N', $code) . ($rest // '')) }

my $ready = join '', message('S', "server_version\0" . "15.4\0"), message('S', "client_encoding\0UTF8\0"),
	message('K', pack('NN', 1, 2)), message('Z', 'I');
my $ok = authentication(0);
my $in_plain = authentication(3);
my $scram = authentication(10, "SCRAM-SHA-256\0\0");

# The first answer to SCRAM, which repeats the client's nonce.
sub challenge
{
	my ($said) = @_;
	my ($nonce) = $said =~ /r=([^,]+)/ or die 'no nonce';
	return authentication(11, "r=${nonce}server,s=c2FsdHNhbHRzYWx0c2FsdA==,i=4096");
}

my %prefer = (operation => 'test', endpoint => { tls => { mode => 'prefer' } });

subtest 'the password is not sent readable' => sub {
	my $last = fails_with(
		'a server without TLS that asks for it', 'authenticate', 'tls', 0,
		with_peer(answering('N', $in_plain, $ok . $ready), %prefer));
	ok(!heard_password(), 'it is not told');
	like("$last->{message} $last->{hint}", qr/readable.*metadata\.tls.*disable/s, 'the setting is named');
	fails_with(
		'asked for in the answer to TLS', 'authenticate', 'tls', 0,
		with_peer(answering("N$in_plain", $ok . $ready), %prefer));
	ok(!heard_password(), 'it is not told');
	fails_with(
		'asked for behind another request', 'authenticate', 'tls', 0,
		with_peer(answering('N', authentication(5, 'salt') . $in_plain, $ok . $ready), %prefer));
	ok(!heard_password(), 'it is not told');
	for my $hidden (
		authentication(5, "salt$in_plain"), authentication(10, "SCRAM-SHA-256\0\0$in_plain"),
		message('R', pack('N', 3) . 'more'))
	{
		is( (with_peer(answering('N', $hidden, $in_plain, $ok . $ready), %prefer))[-1]{frame}, 'error',
			'hidden inside of another request');
		ok(!heard_password(), 'it is not told');
	}
	fails_with(
		'asked for after SCRAM', 'authenticate', 'tls', 0,
		with_peer(answering('N', $scram, \&challenge, $in_plain, $ok . $ready), %prefer));
	ok(!heard_password(), 'it is not told');
	fails_with(
		'a byte at a time',
		'authenticate',
		'tls', 0,
		with_peer(
			sub {
				my ($client) = @_;
				sysread $client, my $said, 65536;
				syswrite $client, 'N';
				sysread $client, $said, 65536;
				syswrite $client, $_ for split //, $in_plain;
				answering($ok . $ready)->($client);
			},
			%prefer));
	ok(!heard_password(), 'it is not told');
	with_peer(answering($in_plain, $ok . $ready), operation => 'test', limits => { query_timeout => 1 });
	ok(heard_password(), 'where TLS was switched off on purpose, it is');
};

subtest 'who begins SCRAM has to prove that it knows the password' => sub {
	for my $mode (qw(prefer disable))
	{
		my @tls = $mode eq 'prefer' ? 'N' : ();
		my %change = (operation => 'test', endpoint => { tls => { mode => $mode } });
		fails_with(
			"$mode: no proof", 'authenticate', 'authentication', 0,
			with_peer(answering(@tls, $scram, \&challenge, $ok . $ready), %change));
		fails_with(
			"$mode: let in together with the challenge", 'authenticate', 'authentication', 0,
			with_peer(answering(@tls, $scram, sub { challenge(@_) . $ok . $ready }), %change));
		fails_with(
			"$mode: let in after SCRAM was begun", 'authenticate', 'authentication', 0,
			with_peer(answering(@tls, $scram, $ok . $ready), %change));
		fails_with(
			"$mode: md5 instead", 'authenticate', 'authentication', 0,
			with_peer(answering(@tls, $scram, \&challenge, authentication(5, 'salt'), $ok . $ready), %change));
		fails_with(
			"$mode: a wrong proof", 'authenticate', 'authentication', 0,
			with_peer(
				answering(@tls, $scram, \&challenge, authentication(12, 'v=' . 'A' x 43 . '=') . $ok . $ready), %change)
		);
	}
	fails_with('Kerberos', 'authenticate', 'unsupported', 0, with_peer(answering('N', authentication(7)), %prefer));
};

# ---- without an end ----

sub done { my ($tag) = @_; return message('1', '') . message('2', '') . message('n', '') . message('C', "$tag\0") }
my $columns = message('T', pack('n', 1) . "x\0" . pack('NnNnNn', 0, 0, 25, -1 & 0xffff, 0xffffffff, 1));
sub rows_of
{
	my ($rows) = @_;
	return message('1', '') . message('2', '') . $columns . ($rows // message('C', "SELECT 0\0"));
}
my $row = message('D', pack('nN', 1, 1) . 'x');
my $begun = done('BEGIN') . rows_of();
my $connected = $begun . done('SAVEPOINT') . rows_of() . message('Z', 'T') . done('ROLLBACK') . message('Z', 'T');

# Lets the client in, says something, and then the same again without end, as fast as it can or slowly.
sub endless
{
	my ($first, $again, $pause) = @_;
	return sub {
		my ($client) = @_;
		sysread $client, my $said, 65536;
		syswrite $client, $in_plain . $ok . $ready . $first or return;
		select undef, undef, undef, $pause while syswrite $client, $again;
	};
}

# Much more than it may take, and much less than it would take to hold what comes.
local @confined = $ENV{SANITIZED} ? () : ('prlimit', '--as=134217728');
my $many = $row x 5000;
my $huge = 'D' . pack('N', 1_000_000_006) . pack('nN', 1, 1_000_000_000);
for my $where ([ 'the first query', $begun ], [ 'a query of the discovery', $connected ])
{
	my ($query, $before) = @$where;
	my %limits = (limits => { document_bytes => 1_000_000 });
	my $last = fails_with(
		"endless rows at $query", 'query', 'protocol', 0,
		with_peer(endless($before . rows_of($row), $many, 0), %limits));
	like($last->{message}, qr/answer to one query is too long/, 'what happened is said');
	fails_with(
		"a row without end at $query", 'query', 'protocol', 0,
		with_peer(endless($before . rows_of($huge), 'x' x 65536, 0), %limits));
	fails_with(
		"endless notices at $query", 'query', 'protocol', 0,
		with_peer(endless($before, message('N', "SNOTICE\0Mhello\0\0") x 1000, 0), %limits));
	$last = fails_with(
		"a row now and then at $query", 'query', 'timeout', 1,
		with_peer(endless($before . rows_of($row), $row, 0.1), limits => { query_timeout => 1 }));
	like($last->{message}, qr/did not come to its end within query_timeout/, 'what happened is said');
}
fails_with(
	'endless notices before the login',
	'connect',
	'protocol',
	0,
	with_peer(sub {
		my ($client) = @_;
		sysread $client, my $said, 65536;
		1 while syswrite $client, message('S', "x\0" . 'y' x 1000 . "\0");
	}));
fails_with(
	'endless parameters after the password',
	'connect',
	'protocol',
	0,
	with_peer(sub {
		my ($client) = @_;
		sysread $client, my $said, 65536;
		syswrite $client, $in_plain . $ok;
		1 while syswrite $client, message('S', "x\0" . 'y' x 1000 . "\0");
	}));
my $last = fails_with(
	'silence at the first query', 'query', 'timeout', 1,
	with_peer(answering($in_plain . $ok . $ready), limits => { connection_timeout => 3 }));
like(
	$last->{message}, qr/first queries within connection_timeout/,
	'connection_timeout holds until there is an answer');

done_testing();
