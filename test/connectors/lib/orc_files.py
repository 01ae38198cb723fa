"""orc_files.py DIRECTORY SEED: writes ORC files of random values by pyarrow, packed in every way, and for each the texts that
PostgreSQL would show of its rows: NAME.orc and NAME.json, {"columns": [[name, type]], "rows": [[text or null]]}."""
import datetime
import decimal
import json
import random
import sys

import pyarrow as pa
import pyarrow.orc as orc

directory, seed = sys.argv[1], int(sys.argv[2])
chance = random.Random(seed)
EPOCH = datetime.datetime(1970, 1, 1)


def runs(count, value):
    """Values as files have them: some repeated, some rising, some at random."""
    values = []
    while len(values) < count:
        kind = chance.randrange(4)
        length = chance.randrange(1, 700)
        first = value()
        if kind == 0:
            values += [first] * length
        elif kind == 1 and type(first) is int:
            step = chance.randrange(-3, 4)
            values += [max(-128, min(127, first % 100 + step * i)) for i in range(length)]
        else:
            values += [value() for _ in range(length)]
    return values[:count]


def whole(bits):
    def value():
        width = chance.randrange(1, bits)
        return chance.randrange(-(2**width), 2**width) >> (1 if width == bits else 0)
    return value


def text():
    return "".join(chance.choice("abcxyz äß→😀\t\n\\'\"") for _ in range(chance.randrange(12)))


def day():
    return datetime.date(1, 1, 2) + datetime.timedelta(days=chance.randrange(3_000_000))


def moment():
    return EPOCH + datetime.timedelta(seconds=chance.randrange(-(10**9), 4 * 10**9), microseconds=chance.randrange(10**6))


def show_moment(value, zone=""):
    shown = value.strftime("%H:%M:%S.%f").rstrip("0").rstrip(".")
    return f"{value.year:04d}-{value.month:02d}-{value.day:02d} {shown}{zone}"


def show_decimal(value):
    return format(value, "f")


word_list = [text() for _ in range(40)]
KINDS = {
    "truth": (pa.bool_(), "boolean", lambda: chance.random() < 0.7, lambda v: "true" if v else "false"),
    "tiny": (pa.int8(), "tinyint", whole(7), str),
    "small": (pa.int16(), "smallint", whole(15), str),
    "whole": (pa.int32(), "int", whole(31), str),
    "big": (pa.int64(), "bigint", whole(63), str),
    "word": (pa.string(), "string", lambda: chance.choice(word_list), str),
    "words": (pa.string(), "string", text, str),
    "raw": (pa.binary(), "binary", lambda: chance.randbytes(chance.randrange(9)), lambda v: "\\x" + v.hex()),
    "day": (pa.date32(), "date", day, lambda v: v.isoformat()),
    "moment": (pa.timestamp("ns"), "timestamp", moment, show_moment),
    "instant": (pa.timestamp("ns", "UTC"), "timestamp with local time zone", moment, lambda v: show_moment(v, "+00")),
    "price": (pa.decimal128(9, 2), "decimal(9,2)",
              lambda: decimal.Decimal(chance.randrange(-(10**9) + 1, 10**9)).scaleb(-2), show_decimal),
    "huge": (pa.decimal128(38, 10), "decimal(38,10)",
             lambda: decimal.Decimal(chance.randrange(-(10**27), 10**27)).scaleb(-10, decimal.Context(prec=50)), show_decimal),
}
NUMBERS = [0.0, 0.5, -1.25, 1e30, 3.0, -0.125]


def shown(value, show):
    return None if value is None else show(value)


def write(name, schema, arrays, columns, rows, **options):
    table = pa.table(arrays, schema=schema)
    orc.write_table(table, f"{directory}/{name}.orc", **options)
    with open(f"{directory}/{name}.json", "w", encoding="utf-8") as out:
        json.dump({"columns": columns, "rows": rows}, out)


def flat(name, count, **options):
    fields, arrays, columns, texts = [], [], [], []
    for column, (arrow, shown_type, value, show) in KINDS.items():
        values = [None if chance.random() < 0.1 else v for v in runs(count, value)]
        if column == "instant":
            arrays.append(pa.array(values, pa.timestamp("us")).cast(pa.timestamp("ns")).cast(arrow))
        else:
            arrays.append(pa.array(values, arrow))
        fields.append(pa.field(column, arrow))
        columns.append([column, shown_type])
        texts.append([shown(v, show) for v in values])
    for column, arrow, shown_type in (("float", pa.float32(), "float"), ("double", pa.float64(), "double")):
        values = [chance.choice(NUMBERS) for _ in range(count)]
        fields.append(pa.field(column, arrow))
        arrays.append(pa.array(values, arrow))
        columns.append([column, shown_type])
        texts.append(values)
    write(name, pa.schema(fields), arrays, columns, list(zip(*texts)), **options)


def nested(name, count):
    def maybe(value):
        return None if chance.random() < 0.15 else value()

    def order():
        return {"city": maybe(text), "lines": maybe(lambda: [maybe(line) for _ in range(chance.randrange(4))])}

    def line():
        return {"sku": maybe(text), "count": maybe(whole(31))}

    def prices():
        return [(f"k{i}", maybe(whole(31))) for i in range(chance.randrange(4))]

    line_type = pa.struct([("sku", pa.string()), ("count", pa.int32())])
    schema = pa.schema([("order", pa.struct([("city", pa.string()), ("lines", pa.list_(line_type))])),
                        ("tags", pa.list_(pa.string())), ("prices", pa.map_(pa.string(), pa.int32()))])
    values = {"order": [maybe(order) for _ in range(count)],
              "tags": [maybe(lambda: [maybe(text) for _ in range(chance.randrange(4))]) for _ in range(count)],
              "prices": [maybe(prices) for _ in range(count)]}
    arrays = [pa.array(values[field.name], field.type) for field in schema]
    columns = [["order", "struct<city:string,lines:array<struct<sku:string,count:int>>>"], ["tags", "string"],
               ["prices", "map<string,int>"]]
    rows = [[o, t, None if p is None else dict(p)] for o, t, p in zip(*values.values())]
    write(name, schema, arrays, columns, rows)


for packing in ("uncompressed", "zlib", "snappy", "lz4", "zstd"):
    flat(packing, 3000, compression=packing, stripe_size=65536, dictionary_key_size_threshold=chance.choice([0.0, 0.8]))
flat("first_version", 1000, file_version="0.11")
nested("nested", 500)
