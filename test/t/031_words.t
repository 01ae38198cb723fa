# What people are told of a failure: the words of connectors without secrets, bounded and printable, wherever they go;
# and of what is wrong with this server itself nothing that is only its operator's affair.
use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use JSON::PP;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $server = start_server('server');
install_fake($server);

my $password = "Grüße-\x{1F511}/\"x\"";
my $key = join "\n", '-----BEGIN PRIVATE KEY-----', 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', 'BKcwggSjAgEAAoIBAQDfZ3kQ8vK1',
	'-----END PRIVATE KEY-----', '';
my $secret = qr/Gr.{0,20}e-|MIIEvQ|BKcwgg|Z3kQ8vK1/;
my $id =
	create_source($server, fake_source('fake', {}, credentials => { password => $password, ssh_private_key => $key }));

sub behave
{
	my ($behaviour, %more) = @_;
	call(
		$server,
		"rivergen.data_source_update($id, " . json_text({ metadata => { behaviour => $behaviour, %more } }) . ')');
}

# psql takes bytes.
sub json_text { return literal(JSON::PP->new->utf8->canonical->encode($_[0])) . '::jsonb' }

sub scan
{
	my $job = call($server, "rivergen.table_description_scan(db_connection_id => $id)")->{data}{jobs}[0]{job_id};
	return wait_job($server, $job, 'succeeded');
}

# Everything that is stored of the source but its metadata.
sub stored
{
	return join ' ', map {
		sql($server, "SELECT string_agg(t::text, '') FROM rivergen_catalog.$_ t WHERE data_source_id = $id") // ''
	} qw(job relation connection_check data_source_state);
}

# The harness logs the tests' own statements.
sub server_log
{
	(my $log = slurp_file($server->logfile)) =~ s/^.*(?:statement|STATEMENT): .*(?:\n\t.*)*$//mg;
	return $log;
}

my $said = 'SPELLINGS';    # what the fake puts there
my $base64 = qr/dyw7zDn2Ut8J|cvDvMOfZS3w|R3LDvMOfZS3w|3LDvMOfZS/;

subtest 'secrets on standard error' => sub {
	behave('mutter', pieces => [ split /(?<=\G.{3})/s, "it knows $password and more" ]);
	call_fails(
		$server, discovery($id), 'in pieces', sqlstate => 'PT502',
		detail => qr/it said: it knows \*\*\* and more$/);
	behave('mutter', pieces => [$said]);
	my $error = call_fails(
		$server, discovery($id), 'in every spelling', sqlstate => 'PT502',
		detail => qr/it said: \*\*\* and /);
	unlike(json_text($error), qr/$secret|$base64/, 'nothing of them is left');
};

subtest 'secrets in frames' => sub {
	behave(
		'told',
		frames => [
			{ frame => 'schema', name => 's' }, { frame => 'log', level => 'warning', message => $said },
			{ frame => 'progress', phase => $password },
			{ frame => 'skipped', schema => 's', name => 'x', reason => $said } ],
		connected => { server => "Fake $password" });
	my $answer = discover($server, $id);
	like($answer->{data}{skipped}[0]{reason}, qr/^\*\*\* and/, 'reasons are told without them');
	behave(
		'told',
		frames =>
			[ { frame => 'error', step => 'query', code => 'query', message => $said, detail => $said, hint => $said } ]
	);
	my $error = call_fails(
		$server, discovery($id, 'refresh => true'), 'errors', sqlstate => 'PT502',
		message => qr/^\*\*\* and/);
	behave('normal');
	discover($server, $id, 'refresh => true');
	behave('told', sample_error => $said);
	scan();
	like(stored(), qr/\*\*\* and /, 'the tables have the words');
	like(server_log(), qr/connector: \*\*\* and /, 'the log has the words without secrets');
	unlike(
		stored() . server_log() . json_text([ $answer, $error ]), qr/$secret|$base64/,
		'tables, log and answers have no secret');
};

subtest 'endless and unprintable words' => sub {
	my $clean = sub {
		my ($text, $most, $name) = @_;
		my $whole = Encode::decode_utf8($text);
		cmp_ok(length $text, '<=', $most, "$name is bounded");
		unlike($whole, qr/[\x00-\x1f\x7f-\x9f\x{202e}]/, "$name has no control characters");
		like($whole, qr/^ ?café .*…$/, "$name ends with a whole character, and says that it was cut");
	};
	behave('noise');
	my $skipped = discover($server, $id, 'refresh => true')->{data}{skipped}[0];
	$clean->(encode_utf8($skipped->{reason}), 1000, 'why something was skipped');
	$clean->(
		sql($server, "SELECT server_version FROM rivergen_catalog.data_source_state WHERE data_source_id = $id"),
		200, 'what the source is');
	scan();
	$clean->(
		sql($server, "SELECT min(error_message) FROM rivergen_catalog.relation WHERE data_source_id = $id"), 1000,
		'why something was not sampled');
	behave('noise', fails => 1);
	call_fails($server, discovery($id, 'refresh => true'), 'and fails', sqlstate => 'PT502');
	my $job = sql($server, "SELECT max(job_id) FROM rivergen_catalog.job WHERE data_source_id = $id");
	$clean->(sql($server, "SELECT error_message FROM rivergen_catalog.job WHERE job_id = $job"), 8192, 'the message');
	$clean->(sql($server, "SELECT error_detail FROM rivergen_catalog.job WHERE job_id = $job"), 8192, 'the detail');
	is(call($server, "rivergen.data_source_test($id)")->{data}{success}, JSON::PP::false, 'a test fails likewise');
	$clean->(
		encode_utf8(call($server, "rivergen.data_source_health($id)")->{data}{history}[0]{error_message}), 8192,
		'the history');
	cmp_ok(length $_, '<=', 10_000, 'no line of the log is longer')
		for sort { length $b <=> length $a } (split /\n/, server_log())[0];
};

subtest 'a phase is cut between characters' => sub {
	my $gate = PostgreSQL::Test::Utils::tempdir() . '/gate';
	behave('slow', gate => $gate, phase => 'é' x 20);
	my $session = session_start($server, 'SELECT ' . discovery($id, 'refresh => true'));
	my $phase = wait_for(
		'the phase',
		sub {
			(grep { /é/ }
					Encode::decode_utf8(sql($server, 'SELECT phase FROM rivergen.jobs WHERE status = $$running$$')))[0];
		});
	is($phase, 'é' x 14 . '…', 'the phase is shown cut');
	open my $file, '>', $gate;
	is((session_end($session))[1], '', 'the discovery goes on');
};

# What only an operator can mend says nothing of the source, and names no path.
subtest 'mistakes of the operator' => sub {
	behave('normal');
	discover($server, $id, 'refresh => true');
	my $key_file = sql($server, 'SHOW rivergen.key_file');
	my $directory = sql($server, 'SHOW rivergen.connector_directory');
	my $here = sub {
		my ($name, $message, $logged) = @_;
		my $before = state_of($server, $id);
		my $job = discover_fails(
			$server, $id, $name, sqlstate => 'PT503', code => qr/^(key_missing|unavailable)$/,
			says => $message);
		my $test = call_fails(
			$server, "rivergen.data_source_test($id)", "$name: a test", sqlstate => 'PT503',
			says => qr/could not be|cannot be opened/);
		is(state_of($server, $id), $before, "$name: the source is as it was, and is not being tested");
		unlike(json_text([ $job, $test ]), qr{(?<![a-z])/[a-z]}, "$name: no path is told");
		like(server_log(), $logged, "$name: the log has it");
	};
	chmod 0640, $key_file;
	$here->(
		'a key file that others may read', qr/credentials cannot be opened/,
		qr/cannot be opened: the key file "\Q$key_file\E"/);
	chmod 0600, $key_file;

	change_settings($server, 'rivergen.key_command' => 'cat /nonexistent/keys');
	$here->('a key command that fails', qr/credentials cannot be opened/, qr/key_command failed/);
	change_settings($server, 'rivergen.key_command' => '');

	change_settings($server, 'rivergen.connector_directory' => "$directory/gone");
	$here->(
		'a connector directory that is gone', qr/connector could not be started/,
		qr/could not search directory "\Q$directory\E\/gone"/);
	change_settings($server, 'rivergen.connector_directory' => $directory);

	chmod 0644, connector_path($server, 'other');
	$here->(
		'a connector that may not be executed', qr/connector could not be started/,
		qr/could not execute "\Q$directory\E\/other"/);
	chmod 0755, connector_path($server, 'other');

	fake_beginning($server, beginning => 'not_started');
	$here->(
		'a connector that lacks something', qr/connector could not be started/,
		qr/could not be started: its exit status was 127; it said: \Q$directory\E/);
	fake_beginning($server);

	# As on a disk that is full.
	change_settings($server, 'temp_file_limit' => '0');
	behave('normal', relations => 4);
	my $job = discover_fails(
		$server, $id, 'no room for temporary files', sqlstate => 'PT503', code => 'unavailable',
		says => qr/the discovery could not be (?:done|stored)/);
	like(server_log(), qr/could not be \w+: temporary file size exceeds/, 'the log has it');
	my $scan = call($server, "rivergen.table_description_scan(db_connection_id => $id)")->{data}{jobs}[0]{job_id};
	is(wait_job($server, $scan, 'failed')->{error_code}, 'unavailable', 'a scan fails likewise');
	clean_server($server);
	unlike(server_log(), qr/exited with exit code/, 'no worker dies of it');
	change_settings($server, temp_file_limit => undef);
	is(discover($server, $id, 'refresh => true')->{data}{total_tables}, 8, 'when all is well again it works');
	is( call($server, "rivergen.data_source_get($id)")->{data}{failure_count}, 0,
		'failures of the operator are not counted');
};
survives($server);

done_testing();
