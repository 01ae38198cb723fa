"""Starts a server that speaks MongoDB's protocol and runs commands on it, through MongoDB's own client.

Arguments: ferretdb and its program, java and its jars, simulated and its number of members, or certified. Says a line of JSON with the server's port, then answers
each line of standard input, {"database", "command"} in extended JSON, by one; ends with the server when the input ends.
"""
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time

from bson import json_util
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

import gate
import simulated as simulation

# A child process goes on with what its parent has. Since 3.14 Python would start it from the beginning.
FORK = multiprocessing.get_context("fork")
USER, PASSWORD = "owner", 'correct "horse" \\battery/@:%'


def free_port():
    lib = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    return int(subprocess.check_output(["perl", "-I", lib, "-MPorts=free_port", "-e", "print free_port()"]))


def make_certificates(home):
    """The authority of `authority.pem` signs the server's certificate and the client's; `other.pem` is another one."""
    def openssl(*arguments):
        subprocess.run(("openssl",) + arguments, check=True, cwd=home, stderr=subprocess.DEVNULL)
    for name in ("authority", "other"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".pem", "-days", "2",
                "-subj", "/CN=" + name)
    for name in ("server", "client"):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj",
                "/O=rivergen/CN=" + name)
        with open(os.path.join(home, "names"), "w", encoding="ascii") as names:
            names.write("subjectAltName=DNS:source.test,DNS:one.mongo.test,IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", name + ".csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial",
                "-out", name + ".pem", "-days", "2", "-extfile", "names")


def ferretdb(program, home):
    ports = {"port": free_port(), "tls_port": free_port()}
    make_certificates(home)
    os.mkdir(os.path.join(home, "data"))
    server = subprocess.Popen(
        [program, "--handler=sqlite", f"--sqlite-url=file:{home}/data/", f"--listen-addr=127.0.0.1:{ports['port']}",
         f"--listen-tls=127.0.0.1:{ports['tls_port']}", f"--listen-tls-cert-file={home}/server.pem",
         f"--listen-tls-key-file={home}/server.key", f"--listen-tls-ca-file={home}/authority.pem", "--state-dir=-",
         "--telemetry=disable", "--debug-addr=-", "--log-level=ERROR", "--test-enable-new-auth=true",
         "--setup-database=admin", "--setup-username=" + USER, "--setup-password=" + PASSWORD],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return server, ports, {"username": USER, "password": PASSWORD}


def java(jars, home):
    ports = {"port": free_port()}
    source = os.path.join(home, "Server.java")
    with open(source, "w", encoding="ascii") as file:
        file.write("""
            import de.bwaldvogel.mongo.*;
            import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
            public class Server {
                public static void main(String[] arguments) throws Exception {
                    /* Its own version is older than what the client takes. */
                    MongoVersion version = new MongoVersion() {
                        public java.util.List<Integer> getVersionArray() { return java.util.List.of(5, 0, 0); }
                        public int getWireVersion() { return 13; }
                    };
                    new MongoServer(new MemoryBackend().version(version)).bind("127.0.0.1", Integer.parseInt(arguments[0]));
                    while (System.in.read() >= 0) { }
                    System.exit(0);
                }
            }
            """)
    server = subprocess.Popen(["java", "-Xmx512m", "-cp", jars + "/*", source, str(ports["port"])], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for_port(ports["port"])
    port, process = in_process(gate.stand, USER, PASSWORD, ports["port"])
    return Children(server, process), {"port": port}, {"username": USER, "password": PASSWORD}


class Children:
    """Processes that end together."""

    def __init__(self, *processes):
        self.processes = processes

    def kill(self):
        for process in self.processes:
            process.kill()

    def wait(self):
        for process in self.processes:
            getattr(process, "wait", getattr(process, "join", None))()


def in_process(function, *arguments, **more):
    """Runs it in a process of its own; returns what it says when it is ready, and the process."""
    ours, its = FORK.Pipe()
    process = FORK.Process(target=function, args=(*arguments, its.send), kwargs=more, daemon=True)
    process.start()
    return ours.recv(), process


def simulated(members, _):
    ports, process = in_process(simulation.serve, USER, PASSWORD, int(members))
    return Children(process), {"port": ports[0], "ports": ports}, {"username": USER, "password": PASSWORD}


def certified(_, home):
    """A member that knows users by the subjects of their certificates."""
    make_certificates(home)
    with open(os.path.join(home, "both.pem"), "w", encoding="ascii") as both:
        for name in ("client.pem", "client.key"):
            with open(os.path.join(home, name), encoding="ascii") as file:
                both.write(file.read())
    ports, process = in_process(simulation.serve, USER, PASSWORD, 1, home=home)
    return Children(process), {"port": ports[0]}, {"tls": True, "tlsCAFile": home + "/authority.pem",
                                                   "tlsCertificateKeyFile": home + "/both.pem",
                                                   "authMechanism": "MONGODB-X509"}


def connect(ports, login):
    return MongoClient("127.0.0.1", ports["port"], directConnection=True, serverSelectionTimeoutMS=20000,
                       appname="driver", **login)


def wait_for_port(port):
    for _ in range(600):
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.1)


def wait_for(ports, login):
    wait_for_port(ports["port"])
    with connect(ports, login) as client:
        client.admin.command("ping")


def answer(ports, login, line):
    asked = json_util.loads(line)
    try:
        with connect(ports, login) as client:
            return client[asked["database"]].command(asked["command"])
    except OperationFailure as failure:
        return {"ok": 0, "code": failure.code, "message": str(failure)}
    except PyMongoError as failure:
        return {"ok": 0, "message": str(failure)}


def main():
    kind, program = sys.argv[1], sys.argv[2]
    with tempfile.TemporaryDirectory() as home:
        server, ports, login = {"ferretdb": ferretdb, "java": java, "simulated": simulated, "certified": certified}[kind](program, home)
        try:
            wait_for(ports, login)
            print(json_util.dumps({**ports, **login, "home": home}), flush=True)
            for line in sys.stdin:
                print(json_util.dumps(answer(ports, login, line)), flush=True)
        finally:
            server.kill()
            server.wait()


main()
