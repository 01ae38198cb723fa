# Foreign servers that exist become data sources: what of their options is taken over, with whose user mapping, and for whom.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;
use Wrapper;

my $server = start_server('server', conf => "rivergen.max_workers_per_organization = 2");
my $source = start_source('source', 'river-secret');
sql($source, 'CREATE TABLE things (id int PRIMARY KEY); GRANT SELECT ON things TO reader');
my $port = $source->port;
sql($server, 'CREATE EXTENSION postgres_fdw');
load_wrapper($server, $_) for qw(mysql_fdw tds_fdw);
sql($server, 'CREATE FOREIGN DATA WRAPPER oracle_fdw; CREATE EXTENSION file_fdw');
sql($server, <<"EOT");
CREATE ROLE ada LOGIN; CREATE ROLE ben LOGIN; CREATE ROLE team; CREATE ROLE "Odd ""role" LOGIN;
GRANT team TO ada;
SELECT rivergen.grant_access('team');
SELECT rivergen.grant_access(r::regrole), rivergen.membership_add(1, rivergen.user_create(r, trim('"' FROM replace(r, '""', '"'))), 'editor')
	FROM unnest('{ada,ben}'::text[]) r;
CREATE SERVER crm FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '$port', dbname 'postgres',
	sslmode 'allow', connect_timeout '7', fetch_size '50', sslrootcert '/etc/ca.pem');
CREATE SERVER closed FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'closed.example.com', dbname 'd');
CREATE SERVER "Zoo ""of"" 'names'" FOREIGN DATA WRAPPER postgres_fdw OPTIONS (service 'zoo');
CREATE SERVER texts FOREIGN DATA WRAPPER file_fdw;
GRANT USAGE ON FOREIGN SERVER crm, "Zoo ""of"" 'names'", texts TO ada, ben, team;
CREATE USER MAPPING FOR ada SERVER crm OPTIONS (user 'reader', password 'river-secret', password_required 'true');
CREATE USER MAPPING FOR PUBLIC SERVER crm OPTIONS (user 'public_user', password 'public-secret');
CREATE USER MAPPING FOR team SERVER crm OPTIONS (user 'team_user', password 'team-secret');
CREATE USER MAPPING FOR ada SERVER closed OPTIONS (user 'reader', password 'closed-secret');
CREATE USER MAPPING FOR ada SERVER "Zoo ""of"" 'names'" OPTIONS (user 'zoo', password 'zoo-secret');
EOT

# What the function answers to this role, or what it raises.
sub asked
{
	my ($role, $expression, $before) = @_;
	my ($status, $out, $err) = $server->psql(
		'postgres', ($before // '') . "SELECT $expression",
		extra_params => [ '-U', $role, '-v', 'VERBOSITY=verbose' ]);
	return $status == 0 ? JSON::PP->new->decode($out)->{data} : $err;
}

sub from_server
{
	return "rivergen.data_source_from_foreign_server(" . join(', ', map { defined $_ ? literal($_) : 'NULL' } @_) . ')';
}

my $list = 'rivergen.data_source_list_foreign_servers()';

subtest 'the list' => sub {
	my $listed = asked('ada', $list);
	is_deeply(
		[ map { $_->{server_name} } @$listed ], [ "Zoo \"of\" 'names'", 'crm', 'texts' ],
		'those that the role may use');
	is_deeply(
		$listed->[1],
		{   server_name => 'crm', wrapper => 'postgres_fdw', type => 'postgresql', host => '127.0.0.1',
			port => $port + 0,
			database_name => 'postgres', has_mapping => JSON::PP::true,
			options_left_out => [qw(fetch_size password_required sslrootcert)]
		},
		'what is said of one');
	is($listed->[2]{type}, undef, 'a wrapper whose servers become none');
	my ($crm) = grep { $_->{server_name} eq 'crm' } @{ asked('ben', $list) };
	ok(!$crm->{has_mapping}, 'a mapping of PUBLIC is not one\'s own');
	unlike(JSON::PP->new->encode($listed), qr/secret/, 'no secret');
	is(scalar @{ asked('ada', $list, 'SET ROLE team; ') }, 3, 'SET ROLE counts');
};

subtest 'a source of it' => sub {
	my $made = asked('ada', from_server('crm'));
	is_deeply(
		[ @$made{qw(name type host port database_name connection_timeout)} ],
		[ 'crm', 'postgresql', '127.0.0.1', $port, 'postgres', 7 ], 'its options');
	is_deeply($made->{metadata}{tls}, { mode => 'prefer' }, 'its TLS mode');
	is_deeply($made->{options_left_out}, [qw(fetch_size password_required sslrootcert)], 'what was not taken over');
	my $answer = call($server, "rivergen.data_source_test($made->{id})");
	ok($answer->{data}{success}, 'the mapping\'s user and password connect') or diag(explain($answer));
	is(discover($server, $made->{id})->{data}{total_tables}, 1, 'it is discovered');
	is( sql($server, "SELECT key_names FROM rivergen_catalog.credential WHERE data_source_id = $made->{id}"),
		'{username,password}', 'they are sealed');
	like(asked('ada', from_server('crm')), qr/PT409/, 'the name is taken');
	is(asked('ada', from_server('crm', 'another'))->{name}, 'another', 'another name');
	my $team = asked('ada', from_server('crm', 'of the team'), 'SET ROLE team; ');
	is( call($server, "rivergen.data_source_test($team->{id})")->{data}{error_code}, 'authentication',
		'with SET ROLE the mapping is that role\'s');
};

subtest 'who may not' => sub {
	like(
		asked('ben', from_server('crm')), qr/PT403: role ben has no user mapping of its own/,
		'only PUBLIC\'s and others\' mappings');
	like(asked('ada', from_server($_)), qr/PT404: foreign server not found/, $_) for 'closed', 'none', 'CRM', '';
	like(asked('ada', from_server(undef)), qr/PT400.*\n.*server_name: is required/, 'no name');
	like(asked('ada', from_server('texts')), qr/PT501: a foreign server of wrapper file_fdw/, 'another wrapper');
	sql($server,
		"SELECT rivergen.member_set_role(user_id, 'viewer') FROM rivergen_catalog.app_user WHERE role_name = 'ben'");
	like(asked('ben', $_), qr/PT403: This needs the role editor/, "a viewer: $_")
		for $list, from_server('crm'), from_server('none');
	like(asked('Odd "role', $list), qr/permission denied/, 'a role without access');
	my $zoo = asked('ada', from_server("Zoo \"of\" 'names'"));
	like($zoo, qr/PT400/, 'options that are too few');
	like($zoo, qr/$_: is required/, "$_ is told") for qw(host database_name);
	unlike($zoo, qr/zoo-secret/, 'without the secret');
};

# The mapped definition of a server with these options.
my $count = 0;

sub definition
{
	my ($wrapper, $options, $mapping, $database) = @_;
	my $name = 's' . ++$count;
	my $listed = sub {
		return join ', ', map { "$_ " . literal($_[0]{$_}) } sort keys %{ $_[0] };
	};
	sql($server, "CREATE SERVER $name FOREIGN DATA WRAPPER $wrapper"
			. (%$options ? ' OPTIONS (' . $listed->($options) . ')' : ''));
	sql($server, "CREATE USER MAPPING FOR ada SERVER $name OPTIONS (" . $listed->($mapping) . ")");
	sql($server, "GRANT USAGE ON FOREIGN SERVER $name TO ada");
	sql($server,
		"CREATE FOREIGN TABLE t_${name}_$_ (a int) SERVER $name OPTIONS (dbname " . literal($_) . ", table_name 't')"
	) for @{ $database // [] };
	my $made = asked('ada', from_server($name));
	return
		ref $made
		? join(' ', map { $_ // '-' } @$made{qw(type host port database_name)}, "@{ $made->{options_left_out} }") =~
		s/ $//r
		: $made;
}

subtest 'mysql_fdw' => sub {
	my %mapping = (username => 'u', password => 'p');
	is( definition('mysql_fdw', { host => 'db.example.com', port => '3307' }, \%mapping, ['shop']),
		'mysql db.example.com 3307 shop', 'host and port');
	like(
		definition('mysql_fdw', {}, \%mapping, [ 'a', 'b' ]), qr/database_name: is required/,
		'foreign tables of two databases');
	like(definition('mysql_fdw', {}, \%mapping), qr/database_name: is required/, 'no foreign tables');
	is( definition('mysql_fdw', { ssl_ca => '/ca.pem', init_command => 'x' }, \%mapping, ['shop']),
		'mysql 127.0.0.1 3306 shop init_command ssl_ca', 'its defaults, and what is left out');
};

subtest 'tds_fdw' => sub {
	is( definition(
			'tds_fdw', { servername => 'sql.example.com', port => '1434', database => 'shop', tds_version => '7.1' },
			{ username => 'u', password => 'p' }),
		'sqlserver sql.example.com 1434 shop tds_version',
		'its options');
	like(
		definition('tds_fdw', { servername => 'sql.example.com' }, { username => 'u', password => 'p' }),
		qr/database_name: is required/, 'the login\'s own database');
};

# Debian has no package: a wrapper of that name takes any option.
subtest 'oracle_fdw' => sub {
	my %mapping = (user => 'u', password => 'p');
	my %found = (
		'//db.example.com:1522/orcl' => 'oracle db.example.com 1522 orcl nchar',
		'db.example.com/orcl.example.com' => 'oracle db.example.com 1521 orcl.example.com nchar');
	is(definition('oracle_fdw', { dbserver => $_, nchar => 'on' }, \%mapping), $found{$_}, $_) for sort keys %found;
	like(definition('oracle_fdw', { dbserver => $_ }, \%mapping), qr/PT400.*\n.*host: is required/, "not $_")
		for 'ORCL', '(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=h)(PORT=1521)))', '//h:1521/a:dedicated/b', '//h:x/a';
};

subtest 'odd options' => sub {
	my %mapping = (user => 'u', password => 'p');
	like(
		definition('postgres_fdw', { host => 'h', dbname => 'd', port => '70000' }, \%mapping), qr/port: /,
		'a port that is none');
	like(
		definition('postgres_fdw', { host => 'h', dbname => 'd', port => 'x' }, \%mapping), qr/port: /,
		'a port that is no number');
	is( definition('postgres_fdw', { host => '127.0.0.1', dbname => 'd' }, { user => 'u' }),
		'postgresql 127.0.0.1 5432 d', 'a mapping without password');
	is(ref asked('ada', $list), 'ARRAY', 'they are listed all the same');
};

clean_server($server);
done_testing();
