"""A simulated SQL Server. Reads a definition as one line of JSON from standard input, prints the port that it listens on, and
then answers further lines: each changes the definition's behavior, or what is there, and is answered with a line."""
import json
import os
import socket
import ssl
import sys
import threading

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.environ['PYTHON_PEERS']]

import catalog  # noqa: E402
import engine  # noqa: E402
import wire  # noqa: E402

BEHAVIOR = {'encryption': 'on', 'chunk': None, 'drop_after': None, 'certificate': None, 'key': None, 'fault': None,
            'hang': None}


class Server:
    def __init__(self, definition):
        self.definition = definition
        self.behavior = {name: definition.get(name, default) for name, default in BEHAVIOR.items()}
        self.engine = engine.Engine(definition)
        self.sessions = set()
        self.batches, self.logins, self.attentions = [], [], 0
        self.listener = socket.create_server(('127.0.0.1', 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        connection = wire.Connection(client, self.behavior['chunk'])
        self.sessions.add(connection)
        try:
            if self.log_in(connection):
                self.answer(connection)
        except (wire.Ended, OSError, ssl.SSLError):
            pass
        finally:
            self.sessions.discard(connection)
            client.close()

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # as servers have it before TDS 8
        context.load_cert_chain(self.behavior['certificate'], self.behavior['key'])
        return context

    def log_in(self, connection):
        kind, content = connection.read_packet()
        if kind != wire.PRELOGIN:
            return False
        wanted = wire.read_prelogin(content)
        offered = {'on': wire.ENCRYPT_ON, 'login': wire.ENCRYPT_OFF, 'off': wire.NOT_SUPPORTED,
                   'required': wire.ENCRYPT_REQUIRED}[self.behavior['encryption']]
        if offered == wire.ENCRYPT_ON and wanted == wire.ENCRYPT_OFF or offered < wire.NOT_SUPPORTED == wanted:
            offered = wanted
        connection.write_packets(wire.prelogin(offered))
        if wanted == wire.NOT_SUPPORTED and offered == wire.ENCRYPT_REQUIRED:
            return False
        if offered != wire.NOT_SUPPORTED:
            connection.start_tls(self.context())
        kind, content = connection.read_packet()
        if kind != wire.LOGIN7:
            return False
        login = wire.read_login(content)
        self.logins.append({'encrypted': connection.tls is not None, **{name: login[name] for name in (
            'username', 'database', 'application', 'read_only')}})
        if offered == wire.ENCRYPT_OFF:
            connection.tls = None
        return self.judge(connection, login)

    def judge(self, connection, login):
        user = self.definition['users'].get(login['username'])
        database = login['database'] or self.engine.database
        if user is None or user['password'] != login['password']:
            refusal = 18456, f"Login failed for user '{login['username']}'.", 14
        elif database in user.get('forbidden', []):
            refusal = 916, 'The server principal is not able to access the database under the current security context.', 14
        elif database.lower() not in ('master', self.engine.database.lower()):
            refusal = 4060, f'Cannot open database "{database}" requested by the login. The login failed.', 11
        elif user.get('expired'):
            refusal = 18488, 'Login failed. The password of the account must be changed.', 14
        else:
            connection.write_packets(wire.welcome(self.engine.database, login['version'], connection.packet_size))
            return True
        connection.write_packets(wire.error(*refusal) + wire.done(failed=True))
        return False

    def answer(self, connection):
        while True:
            kind, content = connection.read_packet()
            if kind == wire.ATTENTION:
                self.attentions += 1
                connection.write_packets(wire.done(attention=True))
            elif kind == wire.BATCH:
                text = content[int.from_bytes(content[:4], 'little'):].decode('utf-16-le')
                self.batches.append(text)
                if self.behavior['hang'] and self.behavior['hang'] in text:
                    continue  # until the client has enough
                self.write_answer(connection, self.tokens(text))
            else:
                connection.write_packets(wire.error(2812, 'Only batches are answered here.') + wire.done(failed=True))

    def tokens(self, text):
        fault = self.behavior['fault']
        if fault and fault['of'] in text:
            return wire.error(fault['number'], fault.get('text', 'A fault.')) + wire.done(failed=True)
        try:
            return b''.join(self.table(*answer) for answer in self.engine.run(text)) + wire.done()
        except engine.Refused as refusal:
            return wire.error(refusal.number, str(refusal)) + wire.done(failed=True)

    @staticmethod
    def table(columns, rows):
        kinds = [kind for _, kind in columns]
        return wire.columns(columns) + b''.join(wire.row(kinds, row) for row in rows) + wire.done(rows=len(rows), more=True)

    def write_answer(self, connection, tokens):
        limit = self.behavior['drop_after']
        if limit is None or len(tokens) <= limit:
            return connection.write_packets(tokens)
        connection.write_packets(tokens[:limit])
        raise wire.Ended

    def control(self, order):
        """Each order is answered with a value."""
        if 'sql' in order:
            self.engine.db.execute(order['sql'])
        if 'relation' in order:
            self.engine.objects.add(order['relation'])
        for name in BEHAVIOR:
            if name in order:
                self.behavior[name] = order[name]
        if 'denied' in order:
            self.engine.denied = set(order['denied'])
        if 'id_of' in order:
            return str(self.engine.objects.ids[tuple(order['id_of'])][0])
        return {'sessions': len(self.sessions), 'batches': self.batches, 'attentions': self.attentions, 'logins': self.logins}


def main():
    server = Server(json.loads(sys.stdin.readline()))
    print(server.port, flush=True)
    for line in sys.stdin:
        print(json.dumps(server.control(json.loads(line))), flush=True)


main()
