# What the connector mysql says of a real MariaDB server: documents, what grants hide, which relations are read, samples.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use MariadbServer;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $connector = installed_connector('mysql');
plan(skip_all => "$connector is not built") unless -x $connector;
start_mariadb('--general-log-file=statements.log');

sub make_user
{
	my ($name, @grants) = @_;
	sql(join '; ', "CREATE USER $name", q{SET PASSWORD FOR } . $name . q{ = PASSWORD('correct "horse" \\\\battery')},
		map { "GRANT $_ TO $name" } @grants);
}

sub base
{
	return {
		type => 'mysql', credentials => { username => 'reader', password => $password },
		endpoint => { host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'shop' }
	};
}

# The frames of the answer, which are as the protocol wants them.
sub ask
{
	my (%change) = @_;
	my $command = delete $change{command} // [$connector];
	my $reads = ($change{operation} // '') eq 'read';
	my $answer = ask_connector($command, request_line(base(), %change), open => $reads);
	is(join("\n", faults_of_frames(@{ $answer->{frames} })), '', 'the frames are as they must be');
	is($answer->{stderr}, '', 'nothing is written to standard error') if !$ENV{SANITIZED};
	return @{ $answer->{frames} };
}

my %documents;

sub document
{
	my ($name) = @_;
	%documents = map { ("$_->{schema}.$_->{name}" => $_->{document}) } frames_of('relation', ask())
		if !%documents;
	return $documents{$name} // {};
}

# The columns of a relation by name, without their names.
sub columns
{
	my ($relation) = @_;
	my %columns;
	for my $column (@{ document($relation)->{columns} })
	{
		my %rest = %$column;
		delete $rest{name};
		$columns{ $column->{name} } = \%rest;
	}
	return \%columns;
}

sub by_name
{
	my ($list) = @_;
	return { map { ($_->{name} => $_) } @{ $list // [] } };
}

sub names
{
	my ($kind, @frames) = @_;
	return [ map { "$_->{schema}.$_->{name}" } frames_of($kind, @frames) ];
}

sql(<<'EOT');
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci COMMENT 'what is sold';
CREATE DATABASE other CHARACTER SET utf8mb4;
CREATE DATABASE `we_ird%db`;
CREATE DATABASE `wexird%db`;
USE shop;
CREATE TABLE defaults (
	id bigint unsigned AUTO_INCREMENT PRIMARY KEY,
	quoted varchar(20) NOT NULL DEFAULT 'it''s', none int DEFAULT NULL, word varchar(10) DEFAULT 'NULL',
	filled int(10) unsigned zerofill DEFAULT 5, bits bit(3) DEFAULT b'101', expression varchar(50) DEFAULT (concat('x', uuid())),
	bytes varbinary(10) DEFAULT 'ab', flag tinyint(1) DEFAULT 1,
	at timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(), touched datetime ON UPDATE current_timestamp(),
	unseen datetime(3) INVISIBLE DEFAULT NULL ON UPDATE current_timestamp(3));
CREATE TABLE types (
	tiny tinyint, tiny_unsigned tinyint unsigned, small_unsigned smallint unsigned, medium_unsigned mediumint unsigned,
	whole int, whole_unsigned int unsigned, big bigint, big_unsigned bigint unsigned, exact decimal(30,10), single float,
	twice double, precise float(40), bits bit(64), y year, d date, zero date NOT NULL DEFAULT '0000-00-00',
	dt datetime(6), zero_dt datetime NOT NULL DEFAULT '0000-00-00 00:00:00', ts timestamp(3) NULL, t time(6),
	tt tinytext, lt longtext, c char(3), b binary(16), bl longblob, e enum('a','b,c','d''e','x\\y','ü'), s set('p','q'),
	j json, checked longtext CHECK (json_valid(checked) AND json_length(checked) > 1),
	short text CHECK (json_valid(short)),
	g geometry, p point, u uuid, i4 inet4, i6 inet6);
CREATE TABLE derived (
	n int, virtual_one int AS (n + 1) VIRTUAL, stored_one int AS (n + 2) STORED, unseen int INVISIBLE DEFAULT 3,
	n_positive int CHECK (n_positive > 0), CONSTRAINT below CHECK (n < n_positive)) COMMENT 'what is made of n';
CREATE TABLE indexed (
	id int PRIMARY KEY, name varchar(40) NOT NULL COMMENT 'in full', body text, place point NOT NULL, score int,
	UNIQUE KEY name_key (name), UNIQUE KEY body_key (body(5)), KEY body_start (body(10)), KEY downwards (score DESC, name),
	FULLTEXT KEY words (body), SPATIAL KEY places (place), KEY passed_over (score) IGNORED COMMENT 'unused');
CREATE TABLE pairs (a int, b int, to_indexed int, PRIMARY KEY (b, a),
	CONSTRAINT to_indexed FOREIGN KEY (to_indexed) REFERENCES indexed (id) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE other.points (x int, y int, CONSTRAINT to_pair FOREIGN KEY (x, y) REFERENCES shop.pairs (b, a) ON DELETE CASCADE);
CREATE TABLE parted (id int, d date, PRIMARY KEY (id, d)) PARTITION BY RANGE (year(d)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2
	(PARTITION p0 VALUES LESS THAN (2020), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE SEQUENCE counter START WITH 5 INCREMENT BY 2 CYCLE CACHE 7;
CREATE TABLE versioned (id int PRIMARY KEY, v int) WITH SYSTEM VERSIONING;
CREATE TABLE dated (id int PRIMARY KEY, since timestamp(6) GENERATED ALWAYS AS ROW START,
	until timestamp(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (since, until)) WITH SYSTEM VERSIONING;
CREATE TABLE old (id int, word text CHARACTER SET latin1) ENGINE=MyISAM;
CREATE VIEW names AS SELECT id, name, id + 1 AS next FROM indexed WHERE id > 1 WITH CHECK OPTION;
CREATE TABLE `A b``c"d'e[f]g\h%i_j` (`x y``z"` int);
CREATE TABLE `a b``c"d'e[f]g\h%i_j` (`x y``z"` int, more int);
CREATE TABLE `we_ird%db`.inside (a int);
CREATE TABLE `wexird%db`.inside (b int);
EOT
make_user('reader', 'SELECT, SHOW VIEW ON *.*');

subtest 'defaults' => sub {
	my $columns = columns('shop.defaults');
	$columns->{bytes}{default} =~ s/^x'6162'$/'ab'/;    # as MariaDB 11 writes bytes
	is_deeply(
		{ map { ($_ => $columns->{$_}{default}) } grep { exists $columns->{$_}{default} } keys %$columns },
		{   quoted => q('it''s'), word => q('NULL'), filled => '0000000005', bits => q(b'101'),
			expression => q(concat('x',uuid())),
			bytes => q('ab'), flag => '1', at => 'current_timestamp() on update current_timestamp()',
			touched => 'NULL on update current_timestamp()', unseen => 'NULL on update current_timestamp(3)'
		},
		'as SQL; a column without one has none');
	is($columns->{id}{identity}, 'by default', 'auto_increment is an identity');
};

subtest 'types' => sub {
	my $columns = columns('shop.types');
	is_deeply(
		{ map { ($_ => $columns->{$_}{pg_type} // 'text') } keys %$columns },
		{   tiny => 'smallint', tiny_unsigned => 'smallint', small_unsigned => 'integer', medium_unsigned => 'integer',
			whole => 'integer', whole_unsigned => 'bigint', big => 'bigint', big_unsigned => 'numeric',
			exact => 'numeric', single => 'real', twice => 'double precision', precise => 'double precision',
			bits => 'bit varying', y => 'smallint', d => 'date', zero => 'text', dt => 'timestamp without time zone',
			zero_dt => 'text', ts => 'timestamp with time zone', t => 'interval', tt => 'text', lt => 'text',
			c => 'text',
			b => 'bytea', bl => 'bytea', e => 'text', s => 'text', j => 'json', checked => 'text', short => 'text',
			g => 'text',
			p => 'text',
			u => 'uuid', i4 => 'inet', i6 => 'inet'
		},
		'PostgreSQL has a type for each');
	is_deeply(
		[ map { $columns->{$_}{type} } qw(big_unsigned exact tt b) ],
		[ 'bigint(20) unsigned', 'decimal(30,10)', 'tinytext', 'binary(16)' ],
		'the type is whole');
	is_deeply($columns->{e}{enum}, [ 'a', 'b,c', "d'e", 'x\\y', 'ü' ], 'values of an enum');
	is($columns->{s}{enum}, undef, 'a set has several at once');
	is_deeply([ @{ $columns->{j} }{qw(type collation)} ], [ 'json', undef ], 'a longtext that is checked is json');
	is($columns->{checked}{type}, 'longtext', 'where more is checked it is not');
	is_deeply(
		[ sort keys %{ by_name(document('shop.types')->{checks}) } ],
		[qw(checked short)], 'the check of a json is in its type, that of a column of another type is not');
};

subtest 'generated and invisible columns, checks, comments' => sub {
	my $columns = columns('shop.derived');
	is_deeply(
		[ @{ $columns->{virtual_one} }{qw(generated expression)} ],
		[ 'virtual', '`n` + 1' ],
		'a virtual column');
	is_deeply([ @{ $columns->{stored_one} }{qw(generated expression)} ], [ 'stored', '`n` + 2' ], 'a stored column');
	ok($columns->{unseen}{invisible}, 'an invisible column');
	is_deeply(
		document('shop.derived')->{checks},
		[   { name => 'below', definition => 'CHECK (`n` < `n_positive`)' },
			{ name => 'n_positive', definition => 'CHECK (`n_positive` > 0)' } ],
		'checks of a column and of the table');
	is(document('shop.derived')->{comment}, 'what is made of n', 'a comment of a table');
	is(columns('shop.indexed')->{name}{comment}, 'in full', 'of a column');
	my ($schema) = grep { $_->{name} eq 'shop' } frames_of('schema', ask(operation => 'discover', schema => 'shop'));
	is($schema->{comment}, 'what is sold', 'of a schema');
};

subtest 'indexes and the keys that they enforce' => sub {
	my $document = document('shop.indexed');
	my $indexes = by_name($document->{indexes});
	is_deeply($document->{primary_key}, { name => 'PRIMARY', columns => ['id'] }, 'the primary key');
	is_deeply(
		$document->{unique}, [ { name => 'name_key', columns => ['name'] } ],
		'a unique index of the beginning of a column is no key of the column');
	is_deeply(
		{ map { ($_ => [ @{ $indexes->{$_} }{qw(method columns)} ]) } keys %$indexes },
		{   PRIMARY => [ 'btree', ['id'] ], name_key => [ 'btree', ['name'] ], body_key => [ 'btree', ['`body`(5)'] ],
			body_start => [ 'btree', ['`body`(10)'] ], downwards => [ 'btree', [ '`score` DESC', 'name' ] ],
			words => [ 'fulltext', ['body'] ], places => [ 'spatial', ['place'] ], passed_over => [ 'btree', ['score'] ]
		},
		'beginnings, order, full text and space');
	ok($indexes->{body_key}{unique}, 'it is a unique index all the same');
	is_deeply(
		[ @{ $indexes->{passed_over} }{qw(invisible comment)} ],
		[ JSON::PP::true, 'unused' ],
		'an index that is not used');
	is_deeply(document('shop.pairs')->{primary_key}{columns}, [qw(b a)], 'columns of a key are in its order');
};

subtest 'foreign keys' => sub {
	is_deeply(
		document('shop.pairs')->{foreign_keys},
		[ { name => 'to_indexed', columns => ['to_indexed'], schema => 'shop', table => 'indexed',
			referenced_columns => ['id'],
			on_update => 'cascade', on_delete => 'set null'
		} ],
		'with rules');
	is_deeply(
		document('other.points')->{foreign_keys},
		[ { name => 'to_pair', columns => [qw(x y)], schema => 'shop', table => 'pairs',
			referenced_columns => [qw(b a)],
			on_delete => 'cascade'
		} ],
		'of two columns, into another schema; a rule that was not given is none');
};

subtest 'partitions, sequences, versions, views' => sub {
	is( document('shop.parted')->{partition_key}, 'RANGE (year(`d`)) SUBPARTITION BY HASH (`id`)',
		'how a table is parted');
	is_deeply(
		document('shop.counter'),
		{
			sequence => {
				start => 5, increment => 2, minimum => 1, maximum => 9223372036854775806, cache => 7,
				cycle => JSON::PP::true
			}
		},
		'a sequence is no table');
	is_deeply(document('shop.versioned')->{primary_key}{columns}, ['id'], 'the hidden end of a version is in no key');
	is(document('shop.versioned')->{options}{system_versioned}, 'true', 'a table that keeps its past');
	is_deeply(
		[ map { columns('shop.dated')->{$_}{expression} } qw(since until) ],
		[ 'ROW START', 'ROW END' ],
		'a period that is visible');
	my $view = document('shop.names');
	like($view->{definition}, qr/^select .* where `shop`\.`indexed`\.`id` > 1$/, 'the query of a view');
	is_deeply($view->{options}, { check_option => 'CASCADED', security => 'DEFINER' }, 'what else it has');
	is_deeply(
		[ @{ columns('shop.names')->{next} }{qw(type pg_type default)} ],
		[ 'bigint(12)', 'bigint', undef ],
		'an expression has a type and no default');
	is($view->{comment}, undef, 'a view has no comment');
	is(document('shop.old')->{options}{engine}, 'MyISAM', 'the engine');
};

subtest 'names' => sub {
	my ($upper, $lower) = map { document("shop.$_") } q(A b`c"d'e[f]g\\h%i_j), q(a b`c"d'e[f]g\\h%i_j);
	is_deeply(
		[ map { $_->{name} } @{ $upper->{columns} } ],
		['x y`z"'], 'as they are; two that differ in case alone are two');
	is_deeply([ map { $_->{name} } @{ $lower->{columns} } ], [ 'x y`z"', 'more' ], 'each with its own columns');
	is_deeply(
		names('relation', ask(schema => 'we_ird%db')),
		['we_ird%db.inside'], 'no character of a name is a wildcard');
	is_deeply(
		names('relation', ask(scope => { include => [q(shop."a b`c""d'e[f]g\\h%i_j")] })),
		[q(shop.a b`c"d'e[f]g\\h%i_j)],
		'in a pattern neither');
	is( (ask(schema => 'SHOP'))[-1]{code},
		'schema_not_found', 'another spelling of a schema is another schema');
};

subtest 'views that the server cannot describe' => sub {
	sql(join '; ', 'CREATE DATABASE broken', 'USE broken', 'CREATE TABLE gone (a int)',
		"CREATE VIEW `it's` AS SELECT a FROM gone",
		(map { "CREATE VIEW broken_$_ AS SELECT a FROM gone" } 1 .. 100), 'DROP TABLE gone');
	my @skipped = frames_of('skipped', ask(schema => 'broken'));
	is(scalar @skipped, 101, 'are skipped, however many there are');
	is(scalar(grep { $_->{reason} !~ /^View 'broken\..*' references invalid table/ } @skipped), 0, 'with the reason');
};

subtest 'what grants hide' => sub {
	make_user(
		'some', 'SELECT (id, name) ON shop.indexed', 'SELECT (a) ON shop.pairs', 'DELETE ON shop.old',
		'SELECT ON shop.names', 'INSERT ON shop.counter');
	my @frames = ask(credentials => { username => 'some' });
	my %seen = map { ($_->{name} => $_->{document}) } frames_of('relation', @frames);
	is_deeply([ sort keys %seen ], [qw(counter indexed names pairs)], 'only what is granted is there');
	is_deeply([ map { $_->{name} } @{ $seen{indexed}{columns} } ], [qw(id name)], 'of a table, columns');
	is_deeply(
		[ sort keys %{ by_name($seen{indexed}{indexes}) } ],
		[qw(PRIMARY name_key)], 'and the indexes of these');
	is($seen{pairs}{primary_key}, undef, 'a key with a column that is hidden is no key of the others');
	is_deeply($seen{names}{unreadable}, ['definition'], 'a query that may not be seen is unreadable');
	is_deeply($seen{counter}, { unreadable => ['sequence'] }, 'and so is a sequence');
	is_deeply(names('skipped', @frames), ['shop.old'], 'what has no visible column is skipped');
};

subtest 'only what is wanted is read' => sub {
	sql('SET GLOBAL general_log = 1');
	my @frames = ask(scope => { include => [ 'shop.pairs', 'shop.name?' ], exclude => ['*.names'] });
	is_deeply(names('relation', @frames), ['shop.pairs'], 'patterns select');
	is_deeply(
		[ map { $_->{name} } frames_of('schema', @frames) ], ['shop'],
		'schemas without a selected relation are left out');
	sql('SET GLOBAL general_log = 0');
	my @statements = content("$home/data/statements.log") =~ /information_schema\.columns (WHERE.*)/g;
	my @read = grep { /table_name/ } @statements;
	my ($schema, $relation) = map { unpack 'H*', $_ } qw(shop pairs);
	is( scalar(grep { !/0x$schema\b.*0x$relation\b/ } grep { !/'information_schema'/ } @read), 0,
		'and so does the statement');
	is( scalar(grep { /information_schema\.\w+ WHERE .*0x\Q${\unpack 'H*', 'other'}\E\b/ } @statements), 0,
		'no other schema is read');
};

sub sample
{
	my ($relations, %change) = @_;
	my $user = delete $change{user} // 'reader';
	my @frames = ask(
		operation => 'sample', credentials => { username => $user },
		sample => {
			relations => [ map { { schema => 'shop', name => $_ } } @$relations ], categories => 5,
			category_length => 10,
			examples => 2, example_length => 20, masking => JSON::PP::true, relation_timeout => 60, %change
		});
	my %samples = map { ($relations->[ $_->{relation} ] => $_) } frames_of('sample', @frames);
	return \%samples;
}

subtest 'samples' => sub {
	sql(<<~'EOT');
		USE shop;
		CREATE TABLE people (
			id int PRIMARY KEY, status varchar(10), mood enum('good','bad','none'), level tinyint, email varchar(40), note text,
			photo blob, place point, flags bit(3), born date, extra json, many varchar(20), code varchar(9) UNIQUE);
		INSERT INTO people SELECT seq, if(seq % 2, 'new', 'paid'), 'good', seq % 3, concat('a', seq, '@example.com'),
			if(seq = 1, 'call 0171 2345678 or mail joe@example.com', repeat('ä', 30)), 'x', point(1, 2), b'101', '2020-01-02',
			'{"a": 1}', concat('m', seq), concat('c', seq) FROM seq_1_to_3000;
		CREATE TABLE more_people LIKE people;
		INSERT INTO more_people SELECT seq, if(seq = 20500, 'late', 'new'), 'bad', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'm', NULL
			FROM seq_1_to_21000;
		CREATE VIEW slow AS SELECT id, sleep(20) AS s FROM people LIMIT 1;
		EOT
	my $samples = sample([qw(people more_people slow gone)], relation_timeout => 5);
	my $sample = $samples->{people};
	is_deeply(
		$sample->{categories},
		{ status => [qw(new paid)], mood => [qw(good bad none)], level => [qw(0 1 2)] },
		'categories: values that are few and all known, and those of an enum');
	is_deeply(
		$sample->{examples}[0],
		{   id => '1', status => 'new', mood => 'good', level => '1', email => '***', note => '***', flags => '5',
			born => '2020-01-02',
			extra => '{"a": 1}', many => 'm1', code => 'c1'
		},
		'rows in the order of the key: private values are masked, bytes are left out');
	is($sample->{examples}[1]{note}, ('ä' x 20) . '…', 'long values are cut');
	is_deeply(
		$samples->{more_people}{categories}, { mood => [qw(good bad none)] },
		'where not all rows were read, no categories but those of an enum');
	is($samples->{slow}{error}, 'a query took longer than the time for one relation', 'a query that takes too long');
	like($samples->{gone}{error}, qr/^it is no longer in the data source/, 'a relation that has gone');
	is_deeply(sample(['people']), sample(['people']), 'the same again is the same');
	is_deeply(sample(['PEOPLE'])->{PEOPLE}{examples}, undef, 'another spelling is another relation');
};

subtest 'a scan changes nothing, and reads what is granted' => sub {
	sql(<<~'EOT');
		USE shop;
		CREATE TABLE written (n int);
		DELIMITER //
		CREATE FUNCTION writes() RETURNS int BEGIN INSERT INTO written VALUES (1); RETURN 1; END //
		DELIMITER ;
		CREATE VIEW writing AS SELECT writes() AS n;
		GRANT EXECUTE ON *.* TO reader;
		EOT
	is( sample(['writing'])->{writing}{error},
		'reading it would change data, which a scan does not do', 'a view that writes');
	is(sql('SELECT count(*) FROM shop.written'), '0', 'has not written');
	is_deeply(
		names('relation', ask(scope => { include => ['shop.writing'] })), ['shop.writing'],
		'it is described all the same');
	make_user('half', 'SELECT (id, body) ON shop.indexed', 'INSERT (score) ON shop.indexed');
	sql("INSERT INTO shop.indexed VALUES (1, 'one', 'b', point(1, 1), 7)");
	is_deeply(
		sample(['indexed'], user => 'half')->{indexed}{examples},
		[ { id => '1', body => 'b' } ],
		'columns that may not be read are left out');
};

sub reads
{
	my ($name, $columns, %more) = @_;
	return ask(
		operation => 'read', credentials => { username => $more{user} // 'reader' },
		read =>
			{ relation => { schema => 'shop', name => $name }, columns => $columns, conditions => $more{conditions} });
}

subtest 'values that are read' => sub {
	sql(<<~'EOT');
		USE shop;
		CREATE TABLE extremes (
			big bigint unsigned, exact decimal(38,10), single float, twice double, bits bit(10), y year, dt datetime(6), ts timestamp(3) NULL,
			t time(6), d date, b varbinary(10), e enum('a','b'), s set('p','q'), j json, p point, u uuid, i6 inet6,
			latin varchar(10) CHARACTER SET latin1);
		SET time_zone = '+05:00';
		INSERT INTO extremes VALUES (
			18446744073709551615, -0.0000000001, 0.1, 1e300, b'101', 2155, '2020-01-02 03:04:05.000006', '2020-01-02 05:00:00.5',
			'-838:59:59', '0000-00-00', x'00ff5c', 'b', 'p,q', '{"a": 1}', point(1, 2), '123e4567-e89b-12d3-a456-426655440000', '::1', 'ü');
		EOT
	my $columns = document('shop.extremes')->{columns}
		// (frames_of('relation', ask(scope => { include => ['shop.extremes'] })))[0]{document}{columns};
	my @names = map { $_->{name} } @$columns;
	my @rows = rows_of(reads('extremes', \@names));
	my %value;
	@value{@names} = @{ $rows[0] };
	is_deeply(
		\%value,
		{   big => '18446744073709551615', exact => '-0.0000000001', single => '0.10000000149011612', twice => '1e300',
			bits => '0000000101', y => '2155', dt => '2020-01-02 03:04:05.000006', ts => '2020-01-02 00:00:00.500+00',
			t => '-838:59:59.000000', d => '0000-00-00', b => '\x00ff5c', e => 'b', s => 'p,q', j => '{"a": 1}',
			p => 'POINT(1 2)',
			u => '123e4567-e89b-12d3-a456-426655440000', i6 => '::1', latin => 'ü'
		},
		'are as PostgreSQL writes them; what it cannot hold comes as it is');
	my @hostile = map { { column => 'latin', op => '=', type => 'text', value => $_ } } "' OR 1 = 1 -- ", "\\", 'ü';
	is( scalar(rows_of(reads('extremes', ['latin'], conditions => [$_]))), $_->{value} eq 'ü' ? 1 : 0,
		"condition $_->{value}") for @hostile;
	is( scalar(rows_of(reads(
			'extremes', ['big'],
			conditions => [ { column => 'big', op => '>', type => 'numeric', value => '0) OR (1' } ]))),
		1,
		'a number that is none is no condition');
	is((reads('indexed', ['score'], user => 'half'))[-1]{code}, 'permission', 'what may not be read');
	is((reads('writing', ['n']))[-1]{frame}, 'error', 'a view that writes is not read');
	is(sql('SELECT count(*) FROM shop.written'), '0', 'and does not write');
};

# The server sends what it has in pieces of 16 kB, the connector in pieces of up to 64 kB.
subtest 'rows that wait come while the source is silent' => sub {
	sql("USE shop; CREATE VIEW slow_end AS SELECT seq, if(seq = 300, sleep(60), repeat('x', 1000)) AS v FROM seq_1_to_300"
	);
	my $run = start_connector([$connector]);
	my $request = request_line(
		base(), operation => 'read',
		read => { relation => { schema => 'shop', name => 'slow_end' }, columns => [ 'seq', 'v' ] });
	syswrite $run->{in}, $request;
	my ($rows, $frame) = (0);
	while ($rows < 280 && ($frame = read_frame($run)))
	{
		$rows += $frame->{rows} if $frame->{frame} eq 'rows';
	}
	cmp_ok($rows, '>=', 280, 'all that the server has sent');
	kill 'KILL', -$run->{pid};
	waitpid($run->{pid}, 0);
};

subtest 'a thousand tables in bounded memory' => sub {
	sql(      'CREATE DATABASE large; CREATE TABLE large.t1 (id int PRIMARY KEY, '
			. join(', ', map { "column_$_ varchar(20) DEFAULT 'x'" } 1 .. 19)
			. ') ENGINE=MyISAM');
	copy_relation('large', 't1', map { "t$_" } 2 .. 1000);
	my @bounded = $ENV{SANITIZED} ? () : ('prlimit', '--as=50331648');
	my @frames = ask(schema => 'large', command => [ @bounded, $connector ]);
	is_deeply([ @{ $frames[-1] }{qw(frame relations columns)} ], [ 'end', 1000, 20000 ], 'are described')
		or diag(explain($frames[-1]));
};

done_testing();
