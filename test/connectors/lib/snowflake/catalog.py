"""What an account of the simulated Snowflake has, and how SHOW tells it: the columns of each SHOW are those of Snowflake's manual, in
another order than there, since the service adds some every year. Rows of tables are in DuckDB."""
import json
import re

SIMPLE = {"VARIANT": "JSON", "OBJECT": "JSON", "ARRAY": "JSON", "BOOLEAN": "BOOLEAN", "DATE": "DATE", "FLOAT": "DOUBLE",
          "GEOGRAPHY": "VARCHAR", "VECTOR": "VARCHAR"}
CREATED = "1700000000.123000000 1440"
MOST_SHOWN = 10000


class Refused(Exception):
    def __init__(self, code, state, message, status=422):
        super().__init__(message)
        self.code, self.state, self.status = code, state, status


def no_object(name="", code="002003"):
    return Refused(code, "02000", f"SQL compilation error:\nObject '{name}' does not exist or not authorized.")


class Column:
    """A column by its declaration: NAME, TYPE as in CREATE TABLE, and more."""

    def __init__(self, name, declared, more=None):
        self.name, self.more = name, more or {}
        word, arguments = re.fullmatch(r"(\w+)(?:\((.*)\))?", declared).groups()
        numbers = [int(each) for each in re.findall(r"\d+", arguments or "")]
        self.word, self.numbers = word, numbers
        self.nullable = not self.more.get("not_null", False)

    def data_type(self):
        word, numbers = self.word, self.numbers
        told = {"type": word, "nullable": self.nullable}
        if word == "NUMBER":
            told |= {"type": "FIXED", "precision": numbers[0] if numbers else 38, "scale": numbers[1] if len(numbers) > 1 else 0}
        elif word in ("VARCHAR", "CHAR"):
            length = numbers[0] if numbers else 16777216
            told |= {"type": "TEXT", "length": length, "byteLength": min(4 * length, 16777216), "fixed": word == "CHAR"}
            if "collation" in self.more:
                told["collation"] = self.more["collation"]
        elif word == "BINARY":
            told |= {"length": numbers[0] if numbers else 8388608, "byteLength": 8388608, "fixed": True}
        elif word == "FLOAT":
            told["type"] = "REAL"
        elif word.startswith("TIME"):
            told |= {"precision": 0, "scale": numbers[0] if numbers else 9}
        elif word == "VECTOR":
            told |= {"dimension": numbers[0], "vectorElementType": {"type": "REAL", "nullable": False}}
        return told

    def engine_type(self):
        if self.word == "NUMBER":
            told = self.data_type()
            return f"DECIMAL({told['precision']},{told['scale']})"
        if self.word == "BINARY":
            return "BLOB"
        if self.word == "TIME":
            return "TIME"
        if self.word == "TIMESTAMP_NTZ":
            return "TIMESTAMP_NS"
        if self.word.startswith("TIMESTAMP"):
            return "TIMESTAMPTZ"
        return SIMPLE.get(self.word, "VARCHAR")


class Relation:
    def __init__(self, told):
        self.schema, self.name = told["schema"], told["name"]
        self.kind = told.get("kind", "TABLE")
        self.columns = [Column(*each) for each in told["columns"]]
        self.told = told


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Catalog:
    def __init__(self, database, engine):
        self.database, self.engine = database, engine
        self.schemas = {"INFORMATION_SCHEMA": "Views describing the contents of schemas in this database"}
        self.relations = {}
        self.primary, self.unique, self.imported = [], [], []
        self.hidden = set()
        self.lies = {}

    def create(self, told):
        relation = Relation(told)
        self.relations[(relation.schema, relation.name)] = relation
        self.add_schema(relation.schema)
        if told.get("is_empty"):
            return
        place = f"{quoted(self.database)}.{quoted(relation.schema)}.{quoted(relation.name)}"
        columns = ", ".join(f"{quoted(each.name)} {each.engine_type()}" for each in relation.columns)
        self.engine.execute(f"CREATE OR REPLACE TABLE {place} ({columns})")
        marks = ", ".join("unhex(?)" if each.word == "BINARY" else "?" for each in relation.columns)
        for row in told.get("rows", []):
            self.engine.execute(f"INSERT INTO {place} VALUES ({marks})", row)

    def add_schema(self, name, comment=""):
        if name not in self.schemas or comment:
            self.schemas[name] = comment
        self.engine.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(self.database)}.{quoted(name)}")

    # ---- SHOW ----

    def names(self):
        return sorted(self.schemas)

    def show_databases(self, _schema, _table):
        return [{"created_on": CREATED, "name": name, "is_default": "N", "is_current": "N", "origin": "", "owner": "SYSADMIN",
                 "comment": "", "options": "", "retention_time": "1", "kind": kind}
                for name, kind in (("OTHER", "STANDARD"), (self.database, "STANDARD"), ("SNOWFLAKE", "APPLICATION"), ("other", "STANDARD"))]

    def show_schemas(self, _schema, _table):
        return [{"name": name, "created_on": CREATED, "database_name": self.database, "comment": self.schemas[name],
                 "is_default": "N", "is_current": "N", "owner": "SYSADMIN", "options": "", "retention_time": "1"}
                for name in self.names() if name not in self.hidden]

    def of_schema(self, schema, table):
        if schema is not None and (schema not in self.schemas or schema in self.hidden):
            raise no_object(f"{self.database}.{schema}", "002043")
        found = [each for each in self.relations.values()
                 if schema in (None, each.schema) and table in (None, each.name)]
        if table is not None and not found:
            raise no_object(f"{self.database}.{schema}.{table}")
        return sorted(found, key=lambda each: (each.schema, each.name))

    def show_tables(self, schema, table):
        return [{"comment": each.told.get("comment", ""), "name": each.name, "created_on": CREATED, "database_name": self.database,
                 "schema_name": each.schema, "kind": "TRANSIENT" if each.kind == "TRANSIENT" else "TABLE",
                 "cluster_by": each.told.get("cluster_by", ""),
                 "rows": str(each.told.get("row_count", len(each.told.get("rows", [])))),
                 "bytes": str(each.told.get("bytes", 1024)), "owner": "SYSADMIN", "retention_time": "1", "change_tracking": "OFF",
                 "is_external": "Y" if each.kind == "EXTERNAL" else "N", "is_dynamic": "Y" if each.kind == "DYNAMIC" else "N",
                 "is_iceberg": "Y" if each.kind == "ICEBERG" else "N", "is_hybrid": "Y" if each.kind == "HYBRID" else "N",
                 "is_event": "N"} for each in self.of_schema(schema, table) if "VIEW" not in each.kind]

    def show_views(self, schema, table):
        return [{"created_on": CREATED, "name": each.name, "reserved": "", "database_name": self.database, "schema_name": each.schema,
                 "owner": "SYSADMIN", "comment": each.told.get("comment", ""), "text": each.told.get("text", ""),
                 "is_secure": "true" if each.told.get("secure") else "false",
                 "is_materialized": "true" if each.kind == "MATERIALIZED VIEW" else "false", "change_tracking": "OFF"}
                for each in self.of_schema(schema, table) if "VIEW" in each.kind]

    def show_external_tables(self, schema, table):
        return [{"created_on": CREATED, "name": each.name, "database_name": self.database, "schema_name": each.schema,
                 "location": each.told.get("location", ""), "file_format_name": "", "file_format_type": "PARQUET", "comment": ""}
                for each in self.of_schema(schema, table) if each.kind == "EXTERNAL"]

    def show_columns(self, schema, table):
        return [{"table_name": each.name, "schema_name": each.schema, "column_name": column.name,
                 "data_type": json.dumps(column.data_type(), separators=(",", ":")), "null?": "true" if column.nullable else "NOT_NULL",
                 "default": column.more.get("default", ""), "kind": column.more.get("kind", "COLUMN"),
                 "expression": column.more.get("expression", ""),
                 "comment": column.more.get("comment", ""), "database_name": self.database,
                 "autoincrement": column.more.get("autoincrement", "")}
                for each in self.of_schema(schema, table) for column in each.columns]

    def own_keys(self, keys, schema, table):
        self.of_schema(schema, table)
        return [{"created_on": CREATED, "database_name": self.database, "schema_name": key["schema"], "table_name": key["table"],
                 "column_name": column, "key_sequence": str(number + 1), "constraint_name": key["name"],
                 "rely": "true" if key.get("rely") else "false", "comment": ""}
                for key in keys for number, column in enumerate(key["columns"])
                if schema in (None, key["schema"]) and table in (None, key["table"])]

    def show_primary_keys(self, schema, table):
        return self.own_keys(self.primary, schema, table)

    def show_unique_keys(self, schema, table):
        return self.own_keys(self.unique, schema, table)

    def show_imported_keys(self, schema, table):
        self.of_schema(schema, table)
        return [{"created_on": CREATED, "pk_database_name": key.get("other_database", self.database),
                 "pk_schema_name": key["other_schema"], "pk_table_name": key["other_table"], "pk_column_name": there,
                 "fk_database_name": self.database, "fk_schema_name": key["schema"], "fk_table_name": key["table"],
                 "fk_column_name": here, "key_sequence": str(number + 1), "update_rule": key.get("update", "NO ACTION"),
                 "delete_rule": key.get("delete", "NO ACTION"), "fk_name": key["name"], "pk_name": "", "deferrability": "NOT DEFERRABLE",
                 "rely": "false", "comment": ""}
                for key in self.imported for number, (here, there) in enumerate(zip(key["columns"], key["other_columns"]))
                if schema in (None, key["schema"]) and table in (None, key["table"])]

    def show(self, statement):
        """The rows of a SHOW, as objects; None: the statement is another one."""
        name = r'"((?:[^"]|"")+)"'
        pattern = (rf"SHOW (\w+(?: KEYS| TABLES)?)(?: IN (DATABASE|SCHEMA|TABLE|VIEW) {name}(?:\.{name})?(?:\.{name})?)?"
                   r"(?: LIMIT (\d+))?(?: FROM '((?:[^'\\]|''|\\.)*)')?")
        match = re.fullmatch(pattern, statement, re.S)
        if match is None:
            return None
        what, _, database, schema, table, limit, start = match.groups()
        database, schema, table = (each and each.replace('""', '"') for each in (database, schema, table))
        if (what == "DATABASES") != (database is None):
            return None
        if database not in (None, self.database):
            raise no_object(database, "002043")
        what = what.lower().replace(" ", "_")
        if what in self.lies:
            lie = self.lies[what]
            if isinstance(lie, dict):
                if lie.get("only") in (None, match.group(2)):
                    raise Refused(lie["code"], "XX000", "a value of a user")
        rows = getattr(self, "show_" + what)(schema, table)
        if start is not None:
            start = re.sub(r"''|\\(.)", lambda found: found.group(1) or "'", start, flags=re.S)
            rows = [row for row in rows if row["name"] > start]
        if limit is None and len(rows) > MOST_SHOWN:
            rows = rows[:MOST_SHOWN]
        return rows[:int(limit)] if limit else rows

