# What a type's row says holds everywhere: whether a connector serves it, and whether its sources need credentials.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../connectors/lib";
use Connector qw(installed_connector);
use Digest::SHA qw(sha256_hex);
use Rivergen;
use Test::More;

my $server = start_server('server', conf => "rivergen.health_check_interval = '1h'");
install_fake($server, $_) for qw(other mysql oracle redis);

sub source
{
	my ($name, $type, %change) = @_;
	return create_source(
		$server,
		fake_source($name, {}, type => $type, host => '127.0.0.1', port => 1, database_name => '1', %change));
}

sub jobs
{
	my ($id, $kind) = @_;
	return sql(
		$server,
		"SELECT string_agg(status || coalesce(' ' || error_message, ''), ', ' ORDER BY job_id) FROM rivergen.jobs
		WHERE data_source_id = $id AND kind = '$kind'");
}

# A worker that comes for whatever reason looks at the schedule.
sub make_due
{
	my ($column, $id) = @_;
	sql($server,
		"UPDATE rivergen_catalog.data_source_state SET $column = now() - interval '1 second' WHERE data_source_id = $id"
	);
	sql($server, 'SELECT rivergen.data_source_test(' . literal(json_text(fake_source('wake', {}))) . '::jsonb)');
}

sub json_text { return JSON::PP->new->canonical->encode($_[0]) }

subtest 'an executable that was installed serves its type' => sub {
	is( sql($server,
			"SELECT string_agg(type, ' ' ORDER BY type) FROM rivergen.data_source_types WHERE connector_installed AND type <> 'postgresql'"
		),
		join(
			' ',
			qw(bigquery cassandra csv delta_lake dynamodb elasticsearch excel http_api hudi iceberg json),
			qw(mariadb mongodb mysql oracle orc other parquet redis redshift s3 snowflake sqlserver)),
		'the view says so, also of a type that shares the executable of another');
	for my $type (qw(mysql mariadb other))
	{
		my $id = source("first $type", $type, schema_auto_refresh => \1);
		wait_for('the first discovery', sub { (jobs($id, 'discover') // '') eq 'succeeded' });
		pass("creation queues a first discovery: $type");
	}
};

subtest 'what a client library needs' => sub {
	my $id = source('needs', 'oracle', metadata => { behaviour => 'surroundings' });
	discover($server, $id);
	is( sql($server, "SELECT string_agg(table_name, ' ' ORDER BY table_name COLLATE \"C\") FROM rivergen.tables
		WHERE data_source_id = $id AND table_schema = 'environment'"),
		'HOME=/nonexistent LC_ALL=C.UTF-8 NLS_LANG=.AL32UTF8 RES_OPTIONS=use-vc',
		'a variable of the row is in the environment');
};

subtest 'credentials are required, optional or none' => sub {
	is( sql($server, "SELECT string_agg(type, ' ') FROM rivergen.data_source_types WHERE credentials = 'none'"),
		'csv excel json parquet orc delta_lake iceberg hudi', 'files below the storage root need none');
	is( sql($server, "SELECT string_agg(type, ' ') FROM rivergen.data_source_types WHERE credentials = 'optional'"),
		'elasticsearch redis s3 http_api other', 'some may have none');
	my $open = source('open', 'redis', credentials => {}, schema_auto_refresh => \1, schema_refresh_interval => 100000);
	wait_for('the first discovery', sub { (jobs($open, 'discover') // '') eq 'succeeded' });
	ok(discover($server, $open, 'refresh => true')->{success}, 'it is discovered');
	ok(call($server, "rivergen.data_source_test($open)")->{success}, 'tested');
	make_due('next_discovery_at', $open);
	wait_for('the schedule', sub { jobs($open, 'discover') eq 'succeeded, succeeded, succeeded' });
	pass('scheduled');
	my $tests = jobs($open, 'test') // '';
	make_due('next_test_at', $open);
	wait_for('the health check', sub { (jobs($open, 'test') // '') =~ /^\Q$tests\E(, )?succeeded$/ });
	pass('health-checked');
	my $closed = source('closed', 'mysql', credentials => {});
	call_fails(
		$server, "rivergen.discover_schema($closed)", 'required ones',
		message => qr/the credentials must be given again/);
	my $all = call($server, 'rivergen.discover_all()')->{data};
	is( join(' ', map { $_->{reason} } grep { $_->{data_source_id} == $closed } @{ $all->{skipped} }), 'no_credentials',
		'discover_all skips a source without required credentials');
	is((grep { $_->{data_source_id} == $open } @{ $all->{skipped} }), 0, 'what does not is not');
};

subtest 'keys however they were pasted' => sub {
	my $pem = "-----BEGIN PRIVATE KEY-----\nMIIE\nvQ==\n-----END PRIVATE KEY-----\n";
	my %pasted = (
		'as a file' => $pem,
		'without its last newline' => substr($pem, 0, -1),
		'with CRLF' => $pem =~ s/\n/\r\n/gr,
		'with literal \\n' => $pem =~ s/\n/\\n/gr,
		'with blanks around' => "  \n" . ($pem =~ s/^/  /gmr) . "\n ");
	for my $how (sort keys %pasted)
	{
		my $id = create_source(
			$server,
			fake_source(
				$how, { behaviour => 'credentials' },
				credentials =>
					{ ssh_private_key => $pasted{$how}, tls_client_key => $pasted{$how}, password => " p\r\n" }));
		discover($server, $id);
		is( sql($server,
				"SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM rivergen.tables WHERE data_source_id = $id"
			),
			join(
				' ', 'password ' . sha256_hex(" p\r\n"),
				map { "$_ " . sha256_hex($pem) } qw(ssh_private_key tls_client_key)),
			"$how: keys arrive as a file has them, a password as it was given");
	}
};

survives($server);
subtest 'the table of README says what the connectors say' => sub {
	my %executables = (mariadb => 'mysql', other => 'odbc');
	my @capabilities = qw(sample read query databases signatures);
	my %rows;
	for my $line (
		grep { /^\| `\w+`(?:, by ODBC)? \| (?:yes|no) / } split /\n/,
		Rivergen::read_file("$FindBin::Bin/../../README.md"))
	{
		my ($name, @cells) =
			$line =~ /^\| `(\w+)`[^|]* \| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \| (\w+)/;
		my $connector = installed_connector($executables{$name} // $name);
		my $hello = `echo '{}' | $connector`;
		my %offers = map { $_ => 1 } ($hello =~ /"capabilities":\[([^]]*)\]/)[0] =~ /\w+/g;
		is( join(', ', @cells),
			join(
				', ',
				(map { !$offers{$_} ? 'no' : $_ eq 'read' && $offers{exact} ? 'yes, exactly' : 'yes' } @capabilities),
				sql($server, "SELECT tested_against FROM rivergen.data_source_types WHERE type = '$name'")),
			$name);
		$rows{$name} = 1;
	}
	is( join(' ', sort keys %rows),
		sql($server,
			"SELECT string_agg(type, ' ' ORDER BY type) FROM rivergen.data_source_types WHERE tested_against IS NOT NULL"
		),
		'every type with a connector has a row');
};

subtest 'the README installs what connectors are built with' => sub {
	my ($line) = Rivergen::read_file("$FindBin::Bin/../../README.md") =~ /^apt-get install (.*)$/m;
	my %installed = map { $_ => 1 } split ' ', $line;
	for my $makefile (glob "$FindBin::Bin/../../src/connectors/*/Makefile")
	{
		my ($packages) = Rivergen::read_file($makefile) =~ /^DEBIAN\s*=\s*(.*)$/m;
		my ($name) = $makefile =~ m{(\w+)/Makefile$};
		is(join(' ', grep { !$installed{$_} } split ' ', $packages // ''), '', $name);
	}
};

done_testing();
