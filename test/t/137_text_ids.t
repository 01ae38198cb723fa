# A source that knows its relations by texts such as urn:shop/7, and says by signatures what it was: what is read, what is
# the same under another name, and what another server's ids are worth. Its kinds are words of its own.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

my $server = start_server('server');
install_fake($server);
fake_beginning($server, capabilities => [qw(test discover signatures)]);

my %is = (identity => 'one', source => 'of one');
my %signature = (a => 1, b => 1, c => 1);
my %id = (a => 'urn:shop/a', b => 'urn:shop/"b"\\', c => '7');
my %name = (a => 'a', b => 'b', c => 'c');

sub metadata
{
	return {
		behaviour => 'signed',
		source => $is{source},
		connected => { identity => $is{identity} },
		relations => [
			map { {
				name => $name{$_}, id => $id{$_}, kind => 'stream_of_events',
				signature => "$name{$_}/$signature{$_}"
			} }
				sort keys %name ]
	};
}

my $source = create_source($server, fake_source('fake', metadata()));

# A discovery: what the connector was given, and what it read.
sub read_by
{
	my ($options) = @_;
	call($server, "rivergen.data_source_update($source, " . json({ metadata => metadata() }) . ')');
	discover($server, $source, $options // 'refresh => true');
	return sql($server, "SELECT server_version FROM rivergen_catalog.data_source_state WHERE data_source_id = $source");
}

sub rows { my ($query) = @_; return sql($server, "SELECT string_agg($query WHERE data_source_id = $source") }

sub relations
{
	return rows(q{concat_ws(' ', table_name, native_id, relation_id), ', ' ORDER BY table_name) FROM rivergen.tables});
}

sub names { return rows(q{concat_ws(' ', table_name, relation_id), ', ' ORDER BY table_name) FROM rivergen.tables}) }

sub changes
{
	return rows(
		q{concat_ws(' ', object_type, table_name, change), ', ' ORDER BY change_id) FROM rivergen.schema_changes});
}

is(read_by(), 'null : a b c', 'the first discovery reads everything, and asks for no signatures');
is(rows(q{DISTINCT kind, ', ') FROM rivergen.tables}), 'stream_of_events', 'a kind is any word');
like(relations(), qr{^a urn:shop/a \d+, b urn:shop/"b"\\ \d+, c 7 \d+$}, 'ids are stored as they are');
is(read_by(), 'none : a b c', 'the second fetches the signatures');
is(read_by(), 'of one :', 'the third reads nothing');
$signature{b}++;
is(read_by(), 'of one : b', 'what changed is read');
is(read_by(), 'of one :', 'once');
is(read_by('refresh => true, "full" => true'), 'none : a b c', 'a full discovery reads everything');
is(changes(), '', 'a full discovery finds no change');

my $described =
	sql($server, "SELECT relation_id FROM rivergen.tables WHERE data_source_id = $source AND table_name = 'b'");
call($server, "rivergen.table_description_update($described, " . json({ description => 'Of b' }) . ')');
@name{qw(a b)} = qw(b a);
is(read_by(), 'of one : b a', 'two that change names are read');
like(changes(), qr/^(?=.*relation a renamed)(?=.*relation b renamed)[^,]*,[^,]*$/, 'each is the same one');
is( sql($server, "SELECT relation_name, description FROM rivergen_catalog.relation WHERE relation_id = $described"),
	'a|Of b',
	'with its text');

# There each id is another one's, and no signature holds.
my ($before, $told) = (names(), changes());
@id{qw(a b)} = @id{qw(b a)};
@is{qw(identity source)} = qw(two of_two);
is(read_by(), 'of one : b a c', 'another server is read in full');
is(changes(), $told, 'nothing has changed');
is(names(), $before, 'each is the one of its name');
is(read_by(), 'of_two :', 'the signatures of the second source are valid from then on');

fake_beginning($server, capabilities => [qw(test discover)]);
is(read_by(), 'null : b a c', 'a connector without the capability is given no signatures');

done_testing();
