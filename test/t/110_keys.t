# The keys that credentials are sealed for: sealed by the server or by a client, told apart when they cannot be
# opened, rotated while others work, forgotten when nothing needs them.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Rivergen;
use Sealing;
use Test::More;

my $server = start_server('server');
install_fake($server);
my $key_file = sql($server, 'SHOW rivergen.key_file');

sub fake
{
	my ($name, $credentials) = @_;
	return create_source($server, fake_source($name, { behaviour => 'credentials' }, credentials => $credentials));
}

# What the connector was given: name → digest of the value.
sub given
{
	my ($id) = @_;
	discover($server, $id, 'refresh => true');
	my $rows = sql(
		$server, "SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM rivergen.tables
		WHERE data_source_id = $id AND table_schema = 'credentials'");
	return { split / /, $rows };
}

sub digests
{
	my (%credentials) = @_;
	return { map { $_ => sha256_hex($credentials{$_}) } keys %credentials };
}

sub replace
{
	my ($id, $credentials) = @_;
	return call($server, "rivergen.data_source_update_credentials($id, " . json($credentials) . ')');
}

sub stored
{
	my ($id) = @_;
	return sql($server, "SELECT version, key_id FROM rivergen_catalog.credential WHERE data_source_id = $id");
}

sub slurp { return PostgreSQL::Test::Utils::slurp_file($key_file) }

sub write_keys
{
	my ($text) = @_;
	open my $file, '>', $key_file or die "$key_file: $!";
	print $file $text;
	close $file or die $!;
}

my $plain = fake('plain', { username => 'u', password => "p\"\\\x{1}w" });
is_deeply(given ($plain), digests(username => 'u', password => "p\"\\\x{1}w"), 'sealed by the server');

subtest 'sealed by a client' => sub {
	my $key = sealing_key($server);
	is($key->{algorithm}, 'libsodium sealed box (X25519, XSalsa20-Poly1305)', 'algorithm');
	is($key->{key_id}, 1, 'key_id');

	my %secret = (username => 'client', password => 'sealed at home');
	my $id = fake('client', sealed_credentials($server, \%secret, keys => [ 'password', 'username' ]));
	is_deeply(given ($id), digests(%secret), 'the connector gets them');
	is( sql($server, "SELECT key_names FROM rivergen.credentials WHERE data_source_id = $id"), '{username,password}',
		'the names are those that the client told');

	replace($id, sealed_credentials($server, { api_key => 'bound' }, data_source_id => $id));
	is_deeply(given ($id), digests(api_key => 'bound'), 'bound to the source');
	is(sql($server, "SELECT key_names FROM rivergen.credentials WHERE data_source_id = $id"), '{}', 'names untold');

	my $fails = sub {
		my ($name, $credentials, $code, $detail) = @_;
		replace($id, $credentials);
		my $job = discover_fails(
			$server, $id, $name, sqlstate => 'PT502', code => $code, says => qr/sealed/,
			secret => qr/canary/);
		like($job->{error_detail} // '', $detail, "$name: detail") if $detail;
	};
	$fails->('for another source', sealed_credentials($server, {}, data_source_id => $plain), 'credentials_misplaced');
	$fails->(
		'for another organization', sealed_credentials($server, { password => 'canary' }, organization_id => 99),
		'credentials_misplaced');
	my $envelope = sub { return { sealed => seal_text($key, $_[0]), key_id => 1 } };
	my @invalid = (
		[ 'not JSON' => 'canary {"canary', qr/not JSON/ ],
		[ 'half of it' => '{"organization_id": 1, "credentials": {"password": "canary', qr/not JSON/ ],
		[ 'a scalar' => '"canary"', qr/objects/ ],
		[ 'an array' => '["canary"]', qr/array/ ],
		[ 'an unknown member' => '{"canary": "canary", "organization_id": 1, "credentials": {}}', qr/member/ ],
		[   'an unknown credential' => '{"organization_id": 1, "credentials": {"canary": "canary"}}',
			qr/Credentials are/ ],
		[ 'a number' => '{"organization_id": 1, "credentials": {"password": 5}}', qr/string/ ],
		[ 'no credentials' => '{"organization_id": 1}', qr/no credentials/ ],
		[ 'credentials that are null' => '{"organization_id": 1, "credentials": null}', qr/objects/ ],
		[ 'no organization' => '{"credentials": {"password": "canary"}}', qr/organization_id/ ],
		[ 'a fractional id' => '{"organization_id": 1.5, "credentials": {}}', qr/integers/ ],
		[ 'a member twice' => '{"organization_id": 1, "organization_id": 1, "credentials": {}}', qr/twice/ ],
		[ 'too deep' => '[' x 100_000, qr/nested/ ],
		[ 'not UTF-8' => "\xff", qr/UTF-8/ ]);
	$fails->($_->[0], $envelope->($_->[1]), 'credentials_invalid', $_->[2]) for @invalid;

	my $other = seal_text({ public_key => 'L/4RzUPlxWUo2hJXKvnFbPwBHwqPQ6mCnSfPZ9vHQ3k=' }, '{}');
	$fails->('sealed for another key', { sealed => $other, key_id => 1 }, 'credentials_invalid', qr/key_id/);

	my @refused = (
		[ { sealed => 'no base64!', key_id => 1 }, qr/sealed: is not a sealed box/ ],
		[ { sealed => 'AAAA', key_id => 1 }, qr/sealed: is not a sealed box/ ],
		[ { sealed => 5, key_id => 1 }, qr/sealed: must be a base64/ ],
		[ { sealed => $other }, qr/key_id: is required/ ],
		[ { sealed => $other, key_id => '1' }, qr/key_id: is required/ ],
		[ { sealed => $other, key_id => 1, keys => ['pasword'] }, qr/keys: must be/ ],
		[ { sealed => $other, key_id => 1, keys => 'password' }, qr/keys: must be/ ],
		[ { sealed => $other, key_id => 1, password => 'canary' }, qr/password: cannot be given beside sealed/ ]);
	call_fails(
		$server, "rivergen.data_source_update_credentials($id, " . json($_->[0]) . ')', "refused: $_->[1]",
		sqlstate => 'PT400', detail => $_->[1]) for @refused;
	call_fails(
		$server, "rivergen.data_source_update_credentials($id, " . json({ sealed => $other, key_id => 2 }) . ')',
		'another key', sqlstate => 'PT409', hint => qr/Fetch the sealing key again/);
	call_fails(
		$server, "rivergen.data_source_update($id, " . json({ connection_string => 'x://u:p@h/d' }) . ')',
		'a connection string cannot replace credentials that are not known', sqlstate => 'PT400',
		detail => qr/not known/);
	call_fails(
		$server,
		'rivergen.data_source_create(' . json(fake_source(
			'both', {}, connection_string => 'x://u:p@h/d',
			credentials => { sealed => $other, key_id => 1 }))
			. ')',
		'nor stand beside sealed ones',
		sqlstate => 'PT400',
		detail => qr/contradicts/);
	replace($id, sealed_credentials($server, \%secret));
};
my $client = sql($server, "SELECT id FROM rivergen.data_sources WHERE name = 'client'");

subtest 'what cannot be opened' => sub {
	my $one = fake('one', { api_key => 'one' });
	my $two = fake('two', { api_key => 'two' });
	my $fails = sub {
		discover_fails($server, $_[0], $_[1], sqlstate => $_[3] // 'PT502', code => $_[1], says => $_[2]);
	};
	sql($server, "CREATE TABLE public.kept AS SELECT * FROM rivergen_catalog.credential");
	sql($server, "UPDATE rivergen_catalog.credential c SET sealed = k.sealed FROM public.kept k
		WHERE (c.data_source_id, k.data_source_id) IN (($one, $two), ($two, $one))");
	$fails->($_, 'credentials_misplaced', qr/another data source/) for $one, $two;
	sql($server, "UPDATE rivergen_catalog.credential c SET sealed = set_byte(k.sealed, 60, get_byte(k.sealed, 60) # 1)
		FROM public.kept k WHERE c.data_source_id = k.data_source_id AND k.data_source_id = $one");
	$fails->($one, 'credentials_corrupt', qr/damaged/);

	# An old ciphertext of the same source.
	sql($server, "UPDATE rivergen_catalog.credential c SET sealed = k.sealed FROM public.kept k
		WHERE c.data_source_id = k.data_source_id AND k.data_source_id = $two");
	replace($two, { api_key => 'newer' });
	sql($server, "UPDATE rivergen_catalog.credential c SET sealed = k.sealed FROM public.kept k
		WHERE c.data_source_id = k.data_source_id AND k.data_source_id = $two");
	$fails->($two, 'credentials_misplaced', qr/another data source/);

	my $keys = slurp();
	write_keys("# only another one\n7 " . 'A' x 42 . "E=\n");
	$fails->($plain, 'key_missing', qr/cannot be opened/, 'PT503');
	write_keys($keys);
	chmod 0640, $key_file;
	$fails->($plain, 'key_missing', qr/cannot be opened/, 'PT503');
	chmod 0600, $key_file;
	is(scalar(keys %{ given ($plain) }), 2, 'with the key it works again');
	sql($server, "SELECT rivergen.data_source_delete($_, true)") for $one, $two;
};

subtest 'rotation' => sub {
	my %before = map { $_ => stored($_) } $plain, $client;
	my $answer = call($server, 'rivergen.key_rotate()');
	is($answer->{message}, 'Sealing key rotated successfully', 'message');
	is_deeply($answer->{data}, { key_id => 2, resealed => 2, unreadable => 0, left => 0 }, 'figures');
	for my $id ($plain, $client)
	{
		(my $expected = $before{$id}) =~ s/\|1$/|2/;
		is(stored($id), $expected, 'the version stays, the key is the new one');
	}
	is_deeply(given ($plain), digests(username => 'u', password => "p\"\\\x{1}w"), 'sealed by the server, it opens');
	is_deeply(
		given ($client), digests(username => 'client', password => 'sealed at home'),
		'sealed by a client, it opens');
	is( sql($server, 'SELECT key_id, retired_at IS NULL, credentials, private_key FROM rivergen.key_status()'),
		"1|f|0|t\n2|t|2|t", 'key_status');
	is(sealing_key($server)->{key_id}, 2, 'clients are given the new one');
	like(slurp(), qr/^1 \S{44}\n2 \S{44}\n$/, 'both are in the file');
	is((stat $key_file)[2] & 07777, 0600, 'the key file has mode 0600');

	call_fails($server, 'rivergen.key_forget(2)', 'the key in use stays', sqlstate => 'PT409', hint => qr/key_rotate/);
	call_fails($server, 'rivergen.key_forget(77)', 'no such key', sqlstate => 'PT404');
	is(call($server, 'rivergen.key_forget(1)')->{data}{private_key}, 'removed', 'the old one is forgotten');
	like(slurp(), qr/^2 \S{44}\n$/, 'the private key is removed from the file');
	is(scalar(keys %{ given ($client) }), 2, 'nothing needed it');
	call_fails($server, 'rivergen.key_forget(1)', 'twice', sqlstate => 'PT404');
};

subtest 'a transaction that began before the rotation' => sub {
	my $session = $server->background_psql('postgres');
	$session->query_safe(
		'BEGIN; SELECT rivergen.data_source_create(' . json(fake_source(
			'late',
			{ behaviour => 'credentials' }, credentials => { api_key => 'late' }))
			. ')');
	$session->query_safe("SELECT rivergen.data_source_update_credentials($plain, " . json({ api_key => 'held' }) . ')');
	my $data = call($server, 'rivergen.key_rotate()')->{data};
	is_deeply($data, { key_id => 3, resealed => 1, unreadable => 0, left => 1 }, 'the locked row is passed over');
	call_fails($server, 'rivergen.key_forget(2)', 'the old key is needed', sqlstate => 'PT409');
	$session->query_safe('COMMIT');
	$session->quit;
	my $late = sql($server, "SELECT id FROM rivergen.data_sources WHERE name = 'late'");
	is_deeply(given ($late), digests(api_key => 'late'), 'what it stored opens');
	is_deeply(given ($plain), digests(api_key => 'held'), 'replaced credentials open');
	wait_for(
		'a worker to seal them again',
		sub {
			sql($server, 'SELECT count(*) FROM rivergen.credentials WHERE key_id <> 3') == 0;
		});
	is_deeply(given ($late), digests(api_key => 'late'), 'sealed again, it opens');
	is(call($server, 'rivergen.key_forget(2)')->{data}{private_key}, 'removed', 'now the old key can go');
};

subtest 'interrupted' => sub {
	my $many = 3000;
	my $columns = source_columns($server);
	sql($server, "INSERT INTO rivergen_catalog.data_source ($columns) SELECT $columns FROM (
			SELECT (jsonb_populate_record(d, jsonb_build_object('data_source_id', 100000 + g, 'name', 'copy ' || g))).*
			FROM rivergen_catalog.data_source d, generate_series(1, $many) g WHERE d.data_source_id = $plain) s;
		INSERT INTO rivergen_catalog.credential (organization_id, data_source_id, version, key_id, sealed, key_names, given_by_user_id)
		SELECT organization_id, 100000 + g, version, key_id, sealed, key_names, given_by_user_id
		FROM rivergen_catalog.credential, generate_series(1, $many) g WHERE data_source_id = $plain");
	# The rotation is stopped in its middle by a row that it cannot write.
	sql($server, "CREATE FUNCTION public.stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN
			IF (SELECT count(*) FROM rivergen_catalog.credential WHERE key_id = 4) >= 1000 THEN
				PERFORM pg_terminate_backend(pg_backend_pid());
			END IF; RETURN NEW; END';
		CREATE TRIGGER stop BEFORE UPDATE ON rivergen_catalog.credential FOR EACH ROW EXECUTE FUNCTION public.stop()");
	call_fails($server, 'rivergen.key_rotate()', 'the worker is stopped', sqlstate => 'PT503');
	my ($old, $new) = split /\|/, sql(
		$server, 'SELECT count(*) FILTER (WHERE key_id = 3), count(*) FILTER (WHERE key_id = 4)
		FROM rivergen_catalog.credential');
	cmp_ok($old, '>', 0, "some are left: $old");
	cmp_ok($new, '>=', 1000, "some are done: $new");
	is(scalar(keys %{ given ($_) }), $_ == $plain ? 1 : 2, 'both kinds open') for $plain, $client;
	call_fails(
		$server, 'rivergen.key_forget(3)', 'the old key is needed', sqlstate => 'PT409',
		says => qr/credentials/);
	sql($server, 'DROP FUNCTION public.stop() CASCADE');
	sql($server, "SELECT rivergen.discover_schema($client, refresh => true)");    # any worker goes on with it
	wait_for(
		'the rotation to go on',
		sub { sql($server, 'SELECT count(*) FROM rivergen.credentials WHERE key_id <> 4') == 0 });
	pass('it goes on by itself');
	is( sql($server, 'SELECT count(*) FROM rivergen_catalog.credential WHERE data_source_id > 100000 AND key_id = 4'),
		$many,
		'all are sealed for the new key');
	sql($server, 'DELETE FROM rivergen_catalog.data_source WHERE data_source_id > 100000');
};

subtest 'while others work' => sub {
	my $loop = sub {
		my ($tag) = @_;
		return session_start(
			$server, "DO \$\$ DECLARE r text; BEGIN FOR i IN 1..40 LOOP
			PERFORM rivergen.data_source_update_credentials($plain, jsonb_build_object('api_key', '$tag' || i));
			COMMIT; END LOOP; END \$\$");
	};
	my @sessions = ($loop->('a'), $loop->('b'));
	push @sessions, map { session_start($server, "SELECT rivergen.discover_schema($client, refresh => true)") } 1 .. 3;
	call($server, 'rivergen.key_rotate()') for 1 .. 3;
	is((session_end($_))[1], '', 'no error') for @sessions;
	is_deeply(given ($client), digests(username => 'client', password => 'sealed at home'), 'nothing is lost');
	replace($plain, { api_key => 'last' });
	is_deeply(given ($plain), digests(api_key => 'last'), 'credentials that were replaced during the rotation open');
};

subtest 'two databases, one key file' => sub {
	sql($server, 'CREATE DATABASE second');
	my $newest = sealing_key($server)->{key_id};
	$server->safe_psql('second', "CREATE EXTENSION rivergen; SELECT rivergen.quick_start('Second')");
	is( $server->safe_psql('second', 'SELECT key_id FROM rivergen.key_status() WHERE created_at IS NOT NULL'), $newest,
		'the newest key is adopted');
	call($server, 'rivergen.key_rotate()');
	is(call($server, "rivergen.key_forget($newest)")->{data}{private_key}, 'kept', 'another database needs it');
	like(slurp(), qr/^$newest /m, 'it is in the file');
	$server->safe_psql('second', "SELECT rivergen.key_rotate()");
	is( $server->safe_psql('second', "SELECT rivergen.key_forget($newest) #>> '{data,private_key}'"), 'removed',
		'the last one that forgets it removes it');
	unlike(slurp(), qr/^$newest /m, 'it is gone');
	sql($server, 'DROP DATABASE second');
};

subtest 'a key command' => sub {
	(my $copy = $key_file) =~ s/$/.printed/;
	my $newest = sealing_key($server)->{key_id};
	my ($keys) = slurp() =~ /^($newest .*\n)/m;
	my $printed = sub {
		open my $file, '>', $copy or die $!;
		print $file @_;
		close $file or die $!;
	};
	$printed->($keys);
	change_settings($server, 'rivergen.key_command' => "cat $copy");
	wait_for(
		'workers that know it',
		sub {
			sql($server, "SELECT count(*) FROM pg_stat_activity
		WHERE backend_type = 'rivergen worker'") == 0;
		});
	call_fails($server, 'rivergen.key_rotate()', 'no new key is printed', sqlstate => 'PT409', hint => qr/\d+ <base64/);
	my $next = $newest + 10;
	$printed->($keys, "$next " . 'B' x 42 . "E=\n");
	is(call($server, 'rivergen.key_rotate()')->{data}{key_id}, $next, 'the new one is taken');
	is_deeply(given ($plain), digests(api_key => 'last'), 'credentials are sealed for the new key');
	is( call($server, "rivergen.key_forget($newest)")->{data}{private_key}, 'kept',
		'taking a line out is the operator\'s');
};

clean_server($server);
survives($server);
done_testing();
