# The simulated SQL Server itself, before the connector meets it: two clients that have nothing to do with it, python-tds and
# FreeTDS's tsql, log in, encrypt, and read what is there.
use strict;
use warnings;
use utf8;

use Encode qw(decode_utf8 encode_utf8);
use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use IPC::Open3;
use JSON::PP;
use TdsServer;
use Test::More;

my $json = JSON::PP->new->utf8->allow_nonref;
my $long = join '', map { "größe 😀 $_\n" } 1 .. 20_000;
start_tds(
	users => { reader => { password => $password }, stale => { password => 'x', expired => 1 } },
	relations => [ {
		schema => 'dbo', name => 'things',
		columns => [ [ 'id', 'int' ], [ 'name', 'nvarchar(max)' ], [ 'x', 'float' ] ],
		rows => [ [ 1, 'größe 😀', 2.5 ], [ 2, undef, undef ], [ 3, '', -1.5 ], [ 4, $long, undef ] ]
	} ]);

# What a command says, and its errors, with this input.
sub run
{
	my ($input, @command) = @_;
	local $ENV{PYTHON_PEERS} = $python_peers;
	local $ENV{HOME} = '/nonexistent';
	my $pid = open3(my $in, my $out, undef, @command);
	print $in encode_utf8($input);
	close $in;
	local $/;
	my $said = <$out>;
	waitpid $pid, 0;
	return decode_utf8($said);
}

sub client
{
	my ($change, @statements) = @_;
	my %told = (port => $port + 0, user => 'reader', password => $password, database => 'shop', %$change);
	my $said = run(
		join('', map { decode_utf8($json->encode($_)) . "\n" } @statements),
		'/usr/bin/python3', dirname(__FILE__) . '/lib/tds/client.py', decode_utf8($json->encode(\%told)));
	return map {
		eval { $json->decode(encode_utf8($_)) }
			// { error => $_ }
	} split /\n/, $said;
}

sub tsql
{
	my ($settings, $statement, %change) = @_;
	open(my $file, '>', "$home/freetds.conf") or die $!;
	print $file "[source]\nhost = 127.0.0.1\nport = $port\ntds version = 7.4\nclient charset = UTF-8\n$settings\n";
	close $file;
	local $ENV{FREETDSCONF} = "$home/freetds.conf";
	return run(
		"$statement\nGO\n", 'tsql', '-S', 'source', '-U', 'reader', '-P', $change{password} // $password, '-D',
		$change{database} // 'shop', '-o', 'fhq', '-t', '|');
}

my $everything = 'SELECT [id], CONVERT(nvarchar(max), [name]), [x] FROM [dbo].[things] WHERE [id] < 4 ORDER BY [id]';
for my $encryption (qw(on login off))
{
	for my $chunk (undef, 1, 7)
	{
		order_tds(encryption => $encryption, chunk => $chunk);
		my $name = "TLS $encryption, " . ($chunk // 'all') . ' bytes at a time';
		for my $tls ({}, $encryption eq 'on' ? { cafile => "$home/server.crt", validate_host => JSON::PP::false } : ())
		{
			is_deeply(
				[ client($tls, $everything) ], [ [ [ 1, 'größe 😀', 2.5 ], [ 2, undef, undef ], [ 3, '', -1.5 ] ] ],
				"python-tds reads: $name" . ($tls->{cafile} ? ', encrypted' : ''));
		}
		like(
			tsql('encryption = request', $everything), qr/1\|größe 😀\|2\.5.*\n2\|NULL\|NULL\n3\|\|-1\.5/,
			"tsql reads: $name");
	}
}
order_tds(encryption => 'on', chunk => undef);
my $state = order_tds();
is(scalar(grep { $_->{encrypted} } @{ $state->{logins} }) > 6, 1, 'some of them with TLS');
is_deeply(
	[ client({}, 'SELECT CONVERT(nvarchar(max), [name]) FROM [dbo].[things] WHERE [id] = 4') ], [ [ [$long] ] ],
	'a long text comes whole');
is_deeply([ client({ password => 'wrong' }) ], [ { error => 18456 } ], 'a wrong password is refused');
is_deeply(
	[ client({ database => 'gone', login_timeout => 10 }) ], [ { error => 4060 } ],
	'an unknown database is refused');
like(tsql('encryption = require', 'SELECT 1', password => 'wrong'), qr/Msg 18456/, 'of tsql too');
for my $fault (
	[ 'SELECT 1 FROM [dbo].[gone]' => 208 ], [ 'SELECT [gone] FROM [dbo].[things]' => 207 ],
	[ 'SELECT FROM WHERE' => 102 ])
{
	is_deeply([ client({}, $fault->[0]) ], [ { error => $fault->[1] } ], "refused: $fault->[0]");
}
done_testing();
