"""measured.py: what connectors of files take, beside other readers, for programs that are called with DIRECTORY ROWS ROUNDS.
$CONNECTORS and $PROTOCOL say which connectors, and how to speak."""
import json
import os
import sys
import time

directory, rows, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def run(action):
    """Runs it in a process of its own; returns seconds, and its most memory in MB."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        os.write(writer, repr(action()).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as result:
        seconds = float(result.read() or 'nan')
    _, status, usage = os.wait4(process, 0)
    if status != 0:
        sys.exit('a process of the benchmark failed')
    return seconds, usage.ru_maxrss / 1024


def connector(kind, path, request):
    """The time of the processor for the whole process, and its memory."""
    line = json.dumps({'protocol': int(os.environ['PROTOCOL']), 'type': kind, 'credentials': {},
                       'endpoint': {'path': 'organizations/1/' + os.path.basename(path)}, **request}) + '\n'
    question = os.path.join(directory, f'request.{len(os.listdir(directory))}')
    with open(question, 'w') as file:
        file.write(line)

    program = [f"{os.environ['CONNECTORS']}/{kind}"]

    def action():
        process = os.fork()
        if process == 0:
            for descriptor, name, how in ((0, question, os.O_RDONLY), (3, path, os.O_RDONLY), (1, '/dev/null', os.O_WRONLY)):
                opened = os.open(name, how)
                if opened != descriptor:
                    os.dup2(opened, descriptor)
            os.set_inheritable(3, True)
            os.execv(program[0], program)
        _, status, usage = os.wait4(process, 0)
        if status != 0:
            sys.exit(f'the connector {kind} failed: {line}')
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    return action


def read(path, columns, conditions=()):
    return {'operation': 'read', 'read': {'relation': {'schema': 'files', 'name': os.path.basename(path)}, 'columns': columns,
                                          'conditions': list(conditions), 'limit': None}}


def duckdb(files, statement):
    """DuckDB with one thread, of the files themselves, as text: its extensions for lakes are in no package."""
    def measured():
        import duckdb as library_of_duckdb
        connection = library_of_duckdb.connect(config={'threads': 1})
        began = time.process_time()
        source = statement.format(f"read_parquet('{files}')")
        connection.execute(f"COPY ({source}) TO '/dev/null' (FORMAT csv, DELIMITER '\t', HEADER false)")
        return time.process_time() - began
    return measured


def compare(label, ours, theirs, name='DuckDB'):
    times = {ours: [], theirs: []}
    for _ in range(rounds):
        times[ours].append(ours())
        times[theirs].append(run(theirs))
    mine, other = (min(seconds for seconds, _ in times[each]) for each in (ours, theirs))
    memories = [max(megabytes for _, megabytes in times[each]) for each in (ours, theirs)]
    print(f'{label:38s} {mine * 1000:8.0f} ms {memories[0]:6.0f} MB   {name:7s} {other * 1000:8.0f} ms {memories[1]:6.0f} MB  {mine / other:6.2f}',
          flush=True)
