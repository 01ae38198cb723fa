"""parquet_files.py DIRECTORY SEED: writes Parquet files of random schemas and values by pyarrow, in every encoding and packed
in every way, and for each the texts that PostgreSQL would show of its rows: NAME.parquet and NAME.json,
{"columns": [[name, type]], "rows": [[text, number, JSON or null]]}."""
import datetime
import decimal
import json
import random
import sys
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

directory, seed = sys.argv[1], int(sys.argv[2])
chance = random.Random(seed)
EPOCH = datetime.datetime(1970, 1, 1)
NUMBERS = [0.0, 0.5, -1.25, 1e30, 3.0, -0.125]


def runs(count, value):
    """Values as files have them: some repeated, some at random."""
    values = []
    while len(values) < count:
        length = chance.randrange(1, 300)
        first = value()
        values += [first] * length if chance.random() < 0.4 else [value() for _ in range(length)]
    return values[:count]


def whole(bits, signed=True):
    def value():
        number = chance.randrange(2 ** chance.randrange(1, bits + (not signed)))
        return -number if signed and chance.random() < 0.5 else number
    return value


def text():
    return "".join(chance.choice("abcxyz äß→😀\t\n\\'\"") for _ in range(chance.randrange(12)))


def day():
    return datetime.date(1, 1, 2) + datetime.timedelta(days=chance.randrange(3_000_000))


def moment(digits):
    def value():
        return EPOCH + datetime.timedelta(seconds=chance.randrange(-(10**9), 4 * 10**9),
                                          microseconds=chance.randrange(10**digits) * 10**(6 - digits))
    return value


def show_clock(value):
    return value.strftime("%H:%M:%S.%f").rstrip("0").rstrip(".")


def show_moment(zone):
    return lambda value: f"{value.year:04d}-{value.month:02d}-{value.day:02d} {show_clock(value)}{zone}"


def clock(digits):
    return lambda: moment(digits)().time()


def money(digits, scale):
    def value():
        return decimal.Decimal(whole(int(digits * 3.3))()).scaleb(-scale, decimal.Context(prec=80))
    return value


def number():
    return chance.choice([chance.choice(NUMBERS), round(chance.uniform(-1e6, 1e6), chance.randrange(7)), chance.random()])


def shortened(value):
    return value if value is None else "\\x" + value.hex()


word_list = [text() for _ in range(40)]
KINDS = {
    "truth": (pa.bool_(), "boolean", lambda: chance.random() < 0.7, lambda v: "true" if v else "false"),
    "tiny": (pa.int8(), "int8", whole(7), str),
    "small": (pa.int16(), "int16", whole(15), str),
    "whole": (pa.int32(), "int32", whole(31), str),
    "big": (pa.int64(), "int64", whole(63), str),
    "tiny_positive": (pa.uint8(), "uint8", whole(8, False), str),
    "small_positive": (pa.uint16(), "uint16", whole(16, False), str),
    "positive": (pa.uint32(), "uint32", whole(32, False), str),
    "big_positive": (pa.uint64(), "uint64", whole(64, False), str),
    "word": (pa.string(), "string", lambda: chance.choice(word_list), str),
    "words": (pa.string(), "string", text, str),
    "raw": (pa.binary(), "binary", lambda: chance.randbytes(chance.randrange(9)), shortened),
    "fixed": (pa.binary(5), "fixed(5)", lambda: chance.randbytes(5), shortened),
    "uuid": (pa.uuid(), "uuid", lambda: uuid.UUID(bytes=chance.randbytes(16)).bytes, lambda v: str(uuid.UUID(bytes=v))),
    "day": (pa.date32(), "date", day, lambda v: f"{v.year:04d}-{v.month:02d}-{v.day:02d}"),
    "clock": (pa.time32("ms"), "time(ms, local)", clock(3), show_clock),
    "fine_clock": (pa.time64("us"), "time(us, local)", clock(6), show_clock),
    "moment": (pa.timestamp("ms"), "timestamp(ms, local)", moment(3), show_moment("")),
    "fine_moment": (pa.timestamp("us"), "timestamp(us, local)", moment(6), show_moment("")),
    "finest_moment": (pa.timestamp("ns"), "timestamp(ns, local)", moment(6), show_moment("")),
    "instant": (pa.timestamp("us", "UTC"), "timestamp(us, utc)", moment(6), show_moment("+00")),
    "finest_instant": (pa.timestamp("ns", "UTC"), "timestamp(ns, utc)", moment(6), show_moment("+00")),
    "price": (pa.decimal128(9, 2), "decimal(9,2)", money(8, 2), lambda v: format(v, "f")),
    "sum": (pa.decimal128(18, 0), "decimal(18,0)", money(17, 0), lambda v: format(v, "f")),
    "huge": (pa.decimal128(38, 10), "decimal(38,10)", money(37, 10), lambda v: format(v, "f")),
    "largest": (pa.decimal256(76, 20), "decimal(76,20)", money(75, 20), lambda v: format(v, "f")),
    "float": (pa.float32(), "float", lambda: chance.choice(NUMBERS), float),
    "double": (pa.float64(), "double", number, float),
    "half": (pa.float16(), "float16", lambda: chance.choice([0.0, 0.5, -1.25, 3.0]), float),
}


def write(name, table, columns, texts, **options):
    pq.write_table(table, f"{directory}/{name}.parquet", **options)
    with open(f"{directory}/{name}.json", "w", encoding="utf-8") as out:
        json.dump({"columns": columns, "rows": list(zip(*texts))}, out)


def flat(name, count, kinds=None, change=None, **options):
    """change: the type of a column as the file has it, where it is not the usual one."""
    names = kinds or chance.sample(sorted(KINDS), chance.randrange(8, len(KINDS)))
    fields, arrays, columns, texts = [], [], [], []
    for column in names:
        arrow, shown_type, value, show = KINDS[column]
        share = chance.choice([0, 0.1, 0.9])
        values = [None if chance.random() < share else v for v in runs(count, value)]
        fields.append(pa.field(column, arrow, nullable=share > 0 or chance.random() < 0.5))
        arrays.append(pa.array(values, arrow) if column != "half" else pa.array(values, pa.float32()).cast(arrow))
        columns.append([column, (change or {}).get(column, shown_type)])
        texts.append([None if v is None else show(v) for v in values])
    write(name, pa.table(arrays, schema=pa.schema(fields)), columns, texts, **options)


# ---- nested columns: a type, what it is called, values, and what they are in JSON ----

def maybe(value):
    return None if chance.random() < 0.15 else value()


def leaf():
    kind, value = chance.choice([("string", text), ("int32", whole(31)), ("boolean", lambda: chance.random() < 0.5)])
    return {"string": pa.string(), "int32": pa.int32(), "boolean": pa.bool_()}[kind], kind, value, lambda v: v


def listed(depth):
    arrow, _, value, show = nest(depth - 1)
    return (pa.list_(arrow), None, lambda: [maybe(value) for _ in range(chance.randrange(4))],
            lambda v: [None if item is None else show(item) for item in v])


def mapped(depth):
    arrow, _, value, show = nest(depth - 1)
    return (pa.map_(pa.string(), arrow), None, lambda: [(f"k{i}", maybe(value)) for i in range(chance.randrange(4))],
            lambda v: {key: None if item is None else show(item) for key, item in v})


def structured(depth):
    members = {f"m{i}": nest(depth - 1) for i in range(chance.randrange(1, 4))}
    return (pa.struct([(name, member[0]) for name, member in members.items()]), None,
            lambda: {name: maybe(member[2]) for name, member in members.items()},
            lambda v: {name: None if v[name] is None else member[3](v[name]) for name, member in members.items()})


def nest(depth):
    return leaf() if depth == 0 else chance.choice([leaf, lambda: listed(depth), lambda: mapped(depth),
                                                    lambda: structured(depth)])()


def nested(name, count, **options):
    fields, arrays, columns, texts = [], [], [], []
    for number in range(4):
        arrow, _, value, show = chance.choice([listed, mapped, structured])(4)
        values = [maybe(value) for _ in range(count)]
        fields.append(pa.field(f"c{number}", arrow))
        arrays.append(pa.array(values, arrow))
        columns.append([f"c{number}", None])
        texts.append([None if v is None else show(v) for v in values])
    write(name, pa.table(arrays, schema=pa.schema(fields)), columns, texts, **options)


def groups(name):
    """Ten groups of a hundred rows, with values that rise, and bounds of each."""
    numbers = list(range(1000))
    table = pa.table({"number": pa.array(numbers, pa.int32()), "big": pa.array([n * 10**12 - 5 * 10**14 for n in numbers]),
                      "price": pa.array([decimal.Decimal(n).scaleb(-2) for n in numbers], pa.decimal128(9, 2)),
                      "day": pa.array([datetime.date(2020, 1, 1) + datetime.timedelta(days=n) for n in numbers]),
                      "at": pa.array([EPOCH + datetime.timedelta(hours=n) for n in numbers], pa.timestamp("us", "UTC")),
                      "word": [f"word {n // 100} of {n:04d}" for n in numbers],
                      "real": [float("nan") if n % 50 == 0 else float(n) for n in numbers],
                      "maybe": pa.array([None if n < 300 else n for n in numbers], pa.uint32())})
    pq.write_table(table, f"{directory}/{name}.parquet", row_group_size=100, compression="none", use_dictionary=False)


EVERY = sorted(KINDS)
for packing in ("none", "snappy", "gzip", "lz4", "zstd"):
    for version in ("1.0", "2.0"):
        flat(f"{packing}_{version[0]}", 700, EVERY, compression=packing, data_page_version=version,
             data_page_size=chance.choice([400, 5000, 10**6]), row_group_size=chance.choice([97, 300, 10**6]),
             use_dictionary=chance.random() < 0.6, write_page_checksum=chance.random() < 0.5,
             store_decimal_as_integer=chance.random() < 0.5)
NUMBERED = [name for name in EVERY if pa.types.is_integer(KINDS[name][0]) or pa.types.is_date(KINDS[name][0])
            or pa.types.is_timestamp(KINDS[name][0]) or pa.types.is_time(KINDS[name][0])]
flat("delta", 2000, NUMBERED + ["raw", "words", "word", "fixed"], use_dictionary=False, column_encoding={
    **{name: "DELTA_BINARY_PACKED" for name in NUMBERED}, "raw": "DELTA_LENGTH_BYTE_ARRAY", "words": "DELTA_BYTE_ARRAY",
    "word": "DELTA_BYTE_ARRAY", "fixed": "DELTA_BYTE_ARRAY"})
SPLIT = ["float", "double", "half", "whole", "big", "fixed", "huge"]
flat("split", 2000, SPLIT, use_dictionary=False, column_encoding={name: "BYTE_STREAM_SPLIT" for name in SPLIT})
flat("runs", 2000, ["truth"], use_dictionary=False, column_encoding={"truth": "RLE"})
flat("int96", 500, ["fine_moment"], {"fine_moment": "int96"}, use_deprecated_int96_timestamps=True)
for i in range(3):
    flat(f"random_{i}", 300, data_page_version=chance.choice(["1.0", "2.0"]))
    nested(f"nested_{i}", 400, data_page_version=chance.choice(["1.0", "2.0"]), data_page_size=chance.choice([100, 10**6]),
           row_group_size=chance.choice([33, 10**6]))
groups("groups")
old = {"number": [0, 1, 2, 3], "day": pa.array([-800000, -719163, 0, 5000000], pa.int32()).cast(pa.date32()),
       "at": pa.array([-7 * 10**16, -6 * 10**16, 0, 5 * 10**17], pa.int64()).cast(pa.timestamp("us", "UTC"))}
pq.write_table(pa.table(old), f"{directory}/old.parquet")
for packing in ("brotli",):
    pq.write_table(pa.table({"packed": [1, 2], "more": ["a", "b"]}), f"{directory}/{packing}.parquet",
                   compression={"packed": packing, "more": "snappy"})
