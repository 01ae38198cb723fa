# The connector mysql against a real MySQL server, which test/lib/mysql.sh starts: what MySQL says in another way than MariaDB.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__) . '/../connectors/lib';
use Connector;
use Frames;
use IPC::Open3;
use Test::More;

$SIG{PIPE} = 'IGNORE';    # the client ends early while there is no server
binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my ($socket, $port) = @ENV{qw(MYSQL_SOCKET MYSQL_PORT)};
my $connector = installed_connector('mysql');
my $password = 'correct "horse" \\battery';

sub sql
{
	my ($statements) = @_;
	my $pid = open3(
		my $in, my $out, undef, 'mariadb', '--no-defaults', "--socket=$socket", '--user=root', '--skip-column-names',
		'--batch', '--default-character-set=utf8mb4');
	binmode $_, ':utf8' for $in, $out;
	print $in $statements;
	close $in;
	my $said = do { local $/; <$out> }
		// '';
	waitpid($pid, 0);
	die "$said\n$statements" if $?;
	chomp $said;
	return $said;
}

sub comes_true
{
	my ($condition) = @_;
	for (1 .. 1200)
	{
		return 1 if $condition->();
		select undef, undef, undef, 0.05;
	}
	return 0;
}

sub base
{
	return {
		type => 'mysql', credentials => { username => 'reader', password => $password },
		endpoint => {
			host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'shop',
			tls => { mode => 'require' }
		}
	};
}

sub ask
{
	my (%change) = @_;
	my $reads = ($change{operation} // '') =~ /^(?:read|query)$/;
	my $answer = ask_connector([$connector], request_line(base(), %change), open => $reads);
	is(join("\n", faults_of_frames(@{ $answer->{frames} })), '', 'the frames are as they must be');
	return @{ $answer->{frames} };
}

sub queries
{
	my ($text, %more) = @_;
	return ask(operation => 'query', query => { text => $text }, %more);
}

ok( comes_true(sub {
		eval { sql('SELECT 1') eq '1' }
	}),
	'the server answers') or BAIL_OUT('no server');
sql(<<'EOT2');
CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE USER reader IDENTIFIED WITH caching_sha2_password BY 'correct "horse" \\battery';
GRANT SELECT, SHOW VIEW, EXECUTE ON shop.* TO reader;
USE shop;
CREATE TABLE items (
	id bigint unsigned AUTO_INCREMENT PRIMARY KEY, quoted varchar(20) NOT NULL DEFAULT 'it''s', none int DEFAULT NULL,
	bits bit(3) DEFAULT b'101', expression varchar(50) DEFAULT (concat('x', uuid())), flag tinyint(1) DEFAULT 1,
	at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, j json, word varchar(9) COLLATE utf8mb4_0900_ai_ci,
	latin varchar(9) CHARACTER SET latin1, doubled int GENERATED ALWAYS AS (none * 2) STORED, unseen int INVISIBLE, single float,
	CONSTRAINT positive CHECK (none > 0), CONSTRAINT passed CHECK (flag < 9) NOT ENFORCED,
	KEY lowered ((lower(quoted))), KEY passed_over (flag) INVISIBLE);
INSERT INTO items (none, word, latin, single, j) VALUES (1, 'ß', 'ü', 0.1, '{"a": 1}'), (2, 'ss', 'U', 1.5, NULL);
CREATE TABLE item_lines (item bigint unsigned, n int, PRIMARY KEY (item, n),
	CONSTRAINT to_item FOREIGN KEY (item) REFERENCES items (id) ON DELETE CASCADE);
CREATE VIEW names AS SELECT id, quoted FROM items WHERE id > 1 WITH CHECK OPTION;
CREATE VIEW counted AS SELECT count(*) AS n FROM information_schema.collations a, information_schema.collations b, information_schema.collations c,
	information_schema.collations d, information_schema.collations e;
EOT2

subtest 'caching_sha2_password' => sub {
	my $test = sub { return (ask(operation => 'test', @_))[-1] };
	my $plain = { endpoint => { tls => { mode => 'prefer' } } };
	is($test->()->{frame}, 'end', 'a cold cache: with TLS the whole login');
	is($test->()->{frame}, 'end', 'a warm one: the proof alone');
	sql('FLUSH PRIVILEGES');
	is($test->(%$plain)->{frame}, 'end', 'prefer uses TLS where the server has it');
	sql('FLUSH PRIVILEGES');
	is( $test->(endpoint => { tls => { mode => 'disable' } })->{frame}, 'end',
		'cold and without TLS: encrypted for the server');
	is($test->(endpoint => { tls => { mode => 'disable' } })->{frame}, 'end', 'warm and without TLS');
	is($test->(credentials => { password => 'battery, wrong' })->{code}, 'authentication', 'a wrong password');
};

subtest 'documents' => sub {
	my @frames = ask();
	my ($connected) = frames_of('connected', @frames);
	like($connected->{server}, qr/^MySQL \d/, 'the server says who it is');
	like($connected->{dialect}, qr/^mysql \d+\.\d+$/, 'and its dialect');
	my %documents = map { ($_->{name} => $_->{document}) } frames_of('relation', @frames);
	is_deeply([ sort keys %documents ], [qw(counted item_lines items names)], 'all relations')
		or diag(explain($frames[-1]));
	my %columns = map { ($_->{name} => $_) } @{ $documents{items}{columns} };
	is_deeply(
		{ map { ($_ => $columns{$_}{default}) } grep { exists $columns{$_}{default} } keys %columns },
		{   quoted => q('it''s'), bits => q(b'101'), expression => q(concat('x',uuid())), flag => '1',
			at => 'CURRENT_TIMESTAMP on update CURRENT_TIMESTAMP'
		},
		'defaults are SQL, as those of MariaDB');
	is($columns{id}{identity}, 'by default', 'auto_increment');
	is_deeply([ @{ $columns{doubled} }{qw(generated expression)} ], [ 'stored', '(`none` * 2)' ], 'a generated column');
	ok($columns{unseen}{invisible}, 'an invisible column');
	is($columns{j}{pg_type}, 'json', 'json is a type');
	is_deeply(
		$documents{items}{checks},
		[   { name => 'passed', definition => 'CHECK ((`flag` < 9))', not_enforced => JSON::PP::true },
			{ name => 'positive', definition => 'CHECK ((`none` > 0))' } ],
		'checks');
	my %indexes = map { ($_->{name} => $_) } @{ $documents{items}{indexes} };
	is_deeply($indexes{lowered}{columns}, ['(lower(`quoted`))'], 'an index of an expression');
	ok($indexes{passed_over}{invisible}, 'an invisible index');
	is_deeply($documents{item_lines}{foreign_keys}[0]{on_delete}, 'cascade', 'a foreign key');
	is_deeply($documents{names}{options}{check_option}, 'CASCADED', 'a view');
	is_deeply([ ask() ], \@frames, 'the same again is the same');
};

subtest 'values' => sub {
	my $reads = sub {
		my ($column, $op, $type, $value) = @_;
		my @frames = ask(
			operation => 'read',
			read => read_request(
				[ 'shop', 'items' ], ['id'],
				conditions => [ { column => $column, op => $op, type => $type, value => $value } ]));
		is_deeply((frames_of('reading', @frames))[0]{applied}, [0], "$column is compared")
			or diag(explain($frames[-1]));
		return [ map { $_->[0] } rows_of(@frames) ];
	};
	is_deeply($reads->(word => '=', 'text', 'ss'), [2], 'texts by their bytes');
	is_deeply($reads->(latin => '=', 'text', 'ü'), [1], 'of any character set');
	is_deeply($reads->(latin => '=', 'text', '😀'), [], 'that may lack letters');
	is_deeply($reads->(single => '=', 'real', '0.1'), [1], 'floats by their value');
	is_deeply($reads->(id => '>', 'numeric', '1'), [2], 'numbers');
	my @frames = queries('SELECT id, bits, j, word, 1.5 AS d FROM items ORDER BY id');
	is_deeply(
		[ rows_of(@frames) ], [ [ 1, '101', '{"a": 1}', 'ß', '1.5' ], [ 2, '101', undef, 'ss', '1.5' ] ],
		'a query') or diag(explain($frames[-1]));
	is_deeply(
		[ map { [ @$_{qw(type pg_type)} ] } @{ (frames_of('reading', @frames))[0]{columns} } ],
		[   [ 'bigint unsigned', 'numeric' ], [ 'bit(3)', 'bit varying' ], [ 'json', 'json' ], [ 'varchar(9)', undef ],
			[ 'decimal(2,1)', 'numeric' ] ],
		'and its columns');
	my ($sample) = frames_of(
		'sample',
		ask(operation => 'sample',
			sample => {
				relations => [ { schema => 'shop', name => 'items' } ], categories => 5, category_length => 10,
				examples => 2,
				example_length => 20, masking => JSON::PP::true, relation_timeout => 10
			}));
	is(scalar @{ $sample->{examples} }, 2, 'a sample');
};

subtest 'what is refused, and what is ended' => sub {
	is((queries($_))[-1]{code}, 'query', $_)
		for 'SELECT FROM FROM', 'DROP TABLE item_lines', 'SELECT 1; SELECT 2', "SELECT 1 INTO OUTFILE '/tmp/x'",
		'SELECT SLEEP(1)';
	is((queries('SELECT FROM FROM'))[-1]{position}, 8, 'a fault has its place');
	is( (queries('SELECT * FROM counted', limits => { query_timeout => 1 }))[-1]{code}, 'timeout',
		'the server ends what takes too long');
	is( (queries('SELECT /*+ MAX_EXECUTION_TIME(0) */ * FROM counted', limits => { query_timeout => 1 }))[-1]{code},
		'timeout',
		'and the connector what the query itself would let go on');
	my $running = sub {
		sql("SELECT count(*) FROM information_schema.processlist WHERE user = 'reader' AND command <> 'Sleep'");
	};
	ok(comes_true(sub { !$running->() }), 'nothing goes on');
	my $run = start_connector([$connector]);
	read_frame($run);
	send_line($run, request_line(base(), operation => 'query', query => { text => 'SELECT * FROM counted' }));
	ok(comes_true($running), 'a query is at work');
	close delete $run->{in};
	ok(comes_true(sub { !$running->() }), 'and is ended when it is no longer wanted');
	end_connector($run);
};

done_testing();
