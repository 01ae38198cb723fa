# What the conformance suite is told of a source type, by Peer/<Type>.pm: a real peer of it, filled with all that it has.
# These are the answers of a type that has nothing to say to a question.
package Peer;

use strict;
use warnings;

use IO::Socket::INET;
use Ports qw(free_port);

# Every peer has:
#   new()            starts it and makes a relation of every kind
#   base()           type, endpoint and credentials of a request that works
#   relations()      what a discovery must find: [schema, name, kind] of each
#   failures()       [name, change of the request, step, code, transient] of what goes wrong on the way to the source
sub new { my ($class) = @_; return bless {}, $class }

# How the connector is started.
sub command { my ($self, $path) = @_; return [$path] }

# A request without a schema by this name is answered with schema_not_found.
sub missing_schema { return 'nowhere' }

# Patterns, and which of the relations they leave.
sub patterns { return () }

# Makes a relation that cannot be read: [schema, name], and a function that ends this.
sub hide { return () }

# Makes the source say nothing: changes of the request, step and code of the error, and a function that ends this.
sub silence { return () }

# How many sessions of the connector the source has.
sub sessions { return 0 }

# Changes one relation: [schema, name].
sub change { return () }

# A relation that has values: [schema, name].
sub sampled { return () }

# A relation to read: { relation => [schema, name, id], columns, rows, conditions => [condition, does it hold for a row?] … }.
# The rows are lists of texts and undef, as the source has them.
sub readable { return () }

# Does the source know which columns a relation has? If not, a column without values is no failure.
sub declares_columns { return 1 }

# Queries in the source's own words: { text, rows } of one that has rows; broken => one that is refused.
sub queries { return () }

# A change of the request that makes it send rows for a very long time.
sub endless { return () }

# How many statements the source runs for the connector.
sub running { return 0 }

# ---- for peers of services ----

# It accepts, and says nothing.
sub silent_port
{
	my $socket = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
	return (
		{ endpoint => { port => $socket->sockport }, limits => { connection_timeout => 1 } }, 'connect', 'timeout',
		sub { close $socket });
}

1;
