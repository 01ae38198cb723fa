"""The Tabular Data Stream 7.4 as a server speaks it: packets, TLS inside of them, the login, and the tokens of answers."""
import ssl
import struct

BATCH, RPC, ATTENTION, TRANSACTION, LOGIN7, PRELOGIN, ANSWER = 1, 3, 6, 14, 16, 18, 4
ENCRYPT_OFF, ENCRYPT_ON, NOT_SUPPORTED, ENCRYPT_REQUIRED = 0, 1, 2, 3
COLLATION = bytes([0x09, 0x04, 0xD0, 0x00, 0x34])  # SQL_Latin1_General_CP1_CI_AS
LOGIN_FIELDS = ('host', 'username', 'password', 'application', 'server', 'extension', 'library', 'language', 'database')


class Ended(Exception):
    """The client is gone."""


class Connection:
    """Packets over a socket, which from the handshake on are encrypted, all of them or those of the login alone."""

    def __init__(self, socket, chunk=None):
        self.socket, self.chunk, self.tls, self.packet_size = socket, chunk, None, 4096

    def write_raw(self, data):
        size = self.chunk or len(data) or 1
        for at in range(0, len(data), size):
            self.socket.sendall(data[at:at + size])

    def read_raw(self, count):
        data = b''
        while len(data) < count:
            piece = self.read_some(count - len(data))
            if not piece:
                raise Ended
            data += piece
        return data

    def read_some(self, count):
        if self.tls is None:
            return self.socket.recv(count)
        while True:
            try:
                return self.tls.read(count)
            except ssl.SSLWantReadError:
                piece = self.socket.recv(65536)
                if not piece:
                    raise Ended
                self.incoming.write(piece)

    def write(self, data):
        if self.tls is None:
            return self.write_raw(data)
        self.tls.write(data)
        self.write_raw(self.outgoing.read())

    def read_packet(self):
        """Returns the type of a message and its whole content."""
        content = b''
        while True:
            kind, status, length = struct.unpack('>BBH', self.read_raw(8)[:4])
            content += self.read_raw(length - 8)
            if status & 1:
                return kind, content

    def write_packets(self, content, kind=ANSWER):
        size = self.packet_size - 8
        pieces = [content[at:at + size] for at in range(0, len(content), size)] or [b'']
        for number, piece in enumerate(pieces):
            last = 1 if number == len(pieces) - 1 else 0
            self.write(struct.pack('>BBHHBB', kind, last, len(piece) + 8, 0, (number + 1) & 255, 0) + piece)

    def start_tls(self, context):
        """The records of the handshake are the content of packets; later ones are not."""
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.write_handshake()
                self.incoming.write(self.read_packet()[1])
        self.write_handshake()
        self.tls = tls

    def write_handshake(self):
        records = self.outgoing.read()
        if records:
            self.write_packets(records, PRELOGIN)


def wide(text):
    return text.encode('utf-16-le', 'surrogatepass')


def short_text(text):
    return bytes([len(wide(text)) // 2]) + wide(text)


def long_text(text):
    return struct.pack('<H', len(wide(text)) // 2) + wide(text)


def read_prelogin(content):
    """Returns what the client says of encryption."""
    at = 0
    while content[at] != 0xFF:
        token, offset, length = struct.unpack('>BHH', content[at:at + 5])
        if token == 1:
            return content[offset]
        at += 5
    return NOT_SUPPORTED


def prelogin(encryption):
    version = bytes([16, 0, 0x10, 0x41, 0, 0])
    options = struct.pack('>BHHBHHBHHB', 0, 16, 6, 1, 22, 1, 4, 23, 1, 0xFF)
    return options + version + bytes([encryption]) + b'\0'


def read_login(content):
    login = {'version': struct.unpack('<I', content[4:8])[0], 'packet_size': struct.unpack('<I', content[8:12])[0],
             'read_only': bool(content[26] & 0x20)}
    for number, name in enumerate(LOGIN_FIELDS):
        offset, length = struct.unpack('<HH', content[36 + 4 * number:40 + 4 * number])
        data = content[offset:offset + 2 * length]
        if name == 'password':
            data = bytes(((byte ^ 0xA5) >> 4 | (byte ^ 0xA5) << 4) & 0xFF for byte in data)
        login[name] = data.decode('utf-16-le') if name != 'extension' else ''
    return login


def change(kind, new, old):
    content = bytes([kind]) + new + old
    return b'\xE3' + struct.pack('<H', len(content)) + content


def message(token, number, text, severity, state=1):
    content = struct.pack('<IBB', number, state, severity) + long_text(text) + short_text('SIMULATED') + b'\0' + \
        struct.pack('<I', 1)
    return bytes([token]) + struct.pack('<H', len(content)) + content


def error(number, text, severity=16):
    return message(0xAA, number, text, severity)


def information(number, text):
    return message(0xAB, number, text, 10)


def done(rows=None, failed=False, more=False, attention=False):
    status = (0x10 if rows is not None else 0) | (2 if failed else 0) | (1 if more else 0) | (0x20 if attention else 0)
    return b'\xFD' + struct.pack('<HHQ', status, 0xC1 if rows is not None else 0, rows or 0)


def welcome(database, version, packet_size):
    acknowledged = b'\x01' + struct.pack('>I', version) + short_text('Microsoft SQL Server') + bytes([16, 0, 0x10, 0x41])
    return change(1, short_text(database), short_text('master')) + \
        information(5701, f"Changed database context to '{database}'.") + \
        change(7, bytes([len(COLLATION)]) + COLLATION, b'\0') + change(2, short_text('us_english'), short_text('')) + \
        information(5703, 'Changed language setting to us_english.') + \
        b'\xAD' + struct.pack('<H', len(acknowledged)) + acknowledged + \
        change(4, short_text(str(packet_size)), short_text('4096')) + done()


# The types of columns: long texts come in chunks.
LONG_TEXT = b'\xE7\xFF\xFF' + COLLATION
TEXT = b'\xE7' + struct.pack('<H', 8000) + COLLATION
INTEGER = b'\x26\x08'
FLOAT = b'\x6D\x08'
CHUNK = 4094  # not a whole number of packets


def columns(described):
    tokens = b'\x81' + struct.pack('<H', len(described))
    for name, kind in described:
        tokens += struct.pack('<IH', 0, 9) + kind + short_text(name)
    return tokens


def value(kind, content):
    if kind == LONG_TEXT:
        data = wide(content)
        chunks = b''.join(struct.pack('<I', len(data[at:at + CHUNK])) + data[at:at + CHUNK]
                          for at in range(0, len(data), CHUNK))
        return struct.pack('<Q', 0xFFFFFFFFFFFFFFFE) + chunks + struct.pack('<I', 0)
    if kind == TEXT:
        return struct.pack('<H', len(wide(content))) + wide(content)
    return bytes([8]) + struct.pack('<q' if kind == INTEGER else '<d', content)


def null(kind):
    return {LONG_TEXT: b'\xFF' * 8, TEXT: b'\xFF' * 2}.get(kind, b'\0')


def row(kinds, values):
    """Rows with a null come with a bitmap of the nulls."""
    if None not in values:
        return b'\xD1' + b''.join(value(kind, content) for kind, content in zip(kinds, values))
    if len(values) % 2:  # and some without
        return b'\xD1' + b''.join(null(kind) if content is None else value(kind, content)
                                  for kind, content in zip(kinds, values))
    bits = sum(1 << number for number, content in enumerate(values) if content is None)
    return b'\xD2' + bits.to_bytes((len(values) + 7) // 8, 'little') + \
        b''.join(value(kind, content) for kind, content in zip(kinds, values) if content is not None)
