"""The catalog views of SQL Server as tables, filled from a description of relations, and tables that hold their rows."""
import re

VIEWS = {
    'all_columns': 'object_id name',  # of the others
    'schemas': 'schema_id name principal_id',
    'extended_properties': 'class major_id minor_id name value',
    'objects': 'object_id schema_id parent_object_id name type is_ms_shipped',
    'sql_modules': 'object_id definition',
    'synonyms': 'object_id base_object_name',
    'tables': 'object_id schema_id name is_ms_shipped temporal_type history_table_id is_memory_optimized is_external is_node is_edge',
    'types': 'user_type_id system_type_id schema_id name is_user_defined',
    'columns': 'object_id column_id name system_type_id user_type_id max_length precision scale collation_name is_nullable '
               'is_identity is_computed default_object_id is_hidden generated_always_type is_masked',
    'default_constraints': 'object_id parent_object_id name definition',
    'computed_columns': 'object_id column_id definition is_persisted',
    'identity_columns': 'object_id column_id seed_value increment_value',
    'indexes': 'object_id index_id name type type_desc is_unique is_primary_key is_unique_constraint filter_definition '
               'is_disabled is_hypothetical data_space_id',
    'index_columns': 'object_id index_id index_column_id column_id key_ordinal partition_ordinal is_descending_key '
                     'is_included_column',
    'key_constraints': 'object_id parent_object_id name type unique_index_id is_enforced',
    'foreign_keys': 'object_id parent_object_id name referenced_object_id delete_referential_action_desc '
                    'update_referential_action_desc is_disabled is_not_trusted is_ms_shipped',
    'foreign_key_columns': 'constraint_object_id constraint_column_id parent_column_id referenced_column_id',
    'check_constraints': 'object_id parent_object_id name definition is_disabled is_not_trusted is_ms_shipped',
    'partitions': 'object_id index_id partition_number rows',
    'dm_db_partition_stats': 'object_id reserved_page_count',
    'partition_schemes': 'data_space_id name',
    'sequences': 'object_id start_value increment minimum_value maximum_value is_cycling cache_size user_type_id',
    'databases': 'database_id name service_broker_guid',
}
# What standard SQL has of the same; tds_fdw reads it.
INFORMATION_SCHEMA = {
    'SCHEMATA': 'schema_name',
    'TABLES': 'table_schema table_name table_type',
    'COLUMNS': 'table_schema table_name column_name ordinal_position column_default is_nullable data_type '
               'character_maximum_length numeric_precision numeric_precision_radix numeric_scale datetime_precision',
}
# name: system_type_id, max_length, precision, scale
TYPES = {
    'image': (34, 16, 0, 0), 'text': (35, 16, 0, 0), 'uniqueidentifier': (36, 16, 0, 0), 'date': (40, 3, 10, 0),
    'time': (41, 5, 16, 7), 'datetime2': (42, 8, 27, 7), 'datetimeoffset': (43, 10, 34, 7), 'tinyint': (48, 1, 3, 0),
    'smallint': (52, 2, 5, 0), 'int': (56, 4, 10, 0), 'smalldatetime': (58, 4, 16, 0), 'real': (59, 4, 24, 0),
    'money': (60, 8, 19, 4), 'datetime': (61, 8, 23, 3), 'float': (62, 8, 53, 0), 'sql_variant': (98, 8016, 0, 0),
    'ntext': (99, 16, 0, 0), 'bit': (104, 1, 1, 0), 'decimal': (106, 9, 18, 0), 'numeric': (108, 9, 18, 0),
    'smallmoney': (122, 4, 10, 4), 'bigint': (127, 8, 19, 0), 'hierarchyid': (240, 892, 0, 0), 'geometry': (240, -1, 0, 0),
    'geography': (240, -1, 0, 0), 'varbinary': (165, 1, 0, 0), 'varchar': (167, 1, 0, 0), 'binary': (173, 1, 0, 0),
    'char': (175, 1, 0, 0), 'timestamp': (189, 8, 0, 0), 'nvarchar': (231, 2, 0, 0), 'nchar': (239, 2, 0, 0),
    'xml': (241, -1, 0, 0), 'json': (244, -1, 0, 0), 'vector': (255, 20, 0, 0),
}
USER_TYPE_IDS = {'hierarchyid': 128, 'geometry': 129, 'geography': 130}
SYSNAME = 256
TEXTS = ('text', 'ntext', 'varchar', 'char', 'nvarchar', 'nchar')
KINDS = {'CLUSTERED': 1, 'NONCLUSTERED': 2, 'XML': 3, 'SPATIAL': 4, 'CLUSTERED COLUMNSTORE': 5, 'NONCLUSTERED COLUMNSTORE': 6}


def type_name(number):
    return next((name for name, described in TYPES.items() if described[0] == number), None)


def system_object_id(name):
    views = list(VIEWS)
    name = name.split('.')[-1]
    return -1000 - views.index(name) if name in views else None


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def fill(db, definition):
    without = definition.get('without', [])
    db.execute("ATTACH ':memory:' AS sys")
    for view, names in VIEWS.items():
        present = [name for name in names.split() if f'{view}.{name}' not in without]
        # Names have the collation of the database there, and comparisons take no heed of blanks at the end.
        collations = {'name': ' COLLATE NOCASE', 'type': ' COLLATE RTRIM'}
        db.execute(f'CREATE TABLE sys.{view} ({", ".join(name + collations.get(name, "") for name in present)})')
        for name in present:
            db.execute('INSERT INTO sys.all_columns VALUES (?, ?)', (system_object_id(view), name))
    db.execute("ATTACH ':memory:' AS INFORMATION_SCHEMA")
    for view, names in INFORMATION_SCHEMA.items():
        db.execute(f'CREATE TABLE INFORMATION_SCHEMA.{view} ({", ".join(names.split())})')
    objects = Objects(db, without)
    for number, name in enumerate(['master', 'tempdb', 'model', 'msdb', definition['database'], *definition.get('databases', [])], 1):
        objects.insert('databases', database_id=number, name=name, service_broker_guid='7F3A0B52-0000-4000-8000-00000000C0DE')
    for number, name in enumerate(['dbo', 'guest', 'INFORMATION_SCHEMA', 'sys', *definition.get('schemas', [])], 1):
        objects.add_schema(number, name)
    objects.add_schema(16384, 'db_owner')
    objects.add_types(definition.get('types', {}))
    for relation in definition.get('relations', []):
        objects.add(relation)
    return objects


class Objects:
    def __init__(self, db, without):
        self.db, self.without = db, without
        self.next_id = 245575913
        self.schemas, self.ids, self.types = {}, {}, {}

    def insert(self, view, **row):
        row = {name: content for name, content in row.items() if f'{view}.{name}' not in self.without}
        self.db.execute(f'INSERT INTO sys.{view} ({", ".join(row)}) VALUES ({", ".join("?" * len(row))})', list(row.values()))

    def insert_standard(self, view, *row):
        self.db.execute(f'INSERT INTO INFORMATION_SCHEMA.{view} VALUES ({", ".join("?" * len(row))})', row)

    def new_id(self):
        self.next_id += 16
        return self.next_id

    def add_schema(self, number, name):
        self.schemas[name] = number
        self.insert('schemas', schema_id=number, name=name, principal_id=1)
        self.insert_standard('SCHEMATA', name)
        if name not in ('sys', 'guest', 'INFORMATION_SCHEMA', 'db_owner'):
            self.db.execute(f"ATTACH ':memory:' AS {quoted(name)}")

    def add_types(self, aliases):
        for name, described in TYPES.items():
            self.types[name] = USER_TYPE_IDS.get(name, described[0]), name
            self.insert('types', user_type_id=self.types[name][0], system_type_id=described[0], schema_id=4, name=name,
                        is_user_defined=0)
        aliases = {'sysname': ('sys', 'nvarchar(128)'), **aliases}
        for number, (name, (schema, base)) in enumerate(aliases.items(), SYSNAME):
            self.types[name] = number, base
            self.insert('types', user_type_id=number, system_type_id=TYPES[base.split('(')[0]][0],
                        schema_id=self.schemas[schema], name=name, is_user_defined=int(schema != 'sys'))

    def describe(self, kind, number, text):
        if text is not None:
            self.insert('extended_properties', **{'class': kind}, major_id=number[0], minor_id=number[1],
                        name='MS_Description', value=text)

    def add(self, relation):
        number = self.new_id()
        kind = relation.get('type', 'U')
        schema = self.schemas[relation['schema']]
        self.ids[relation['schema'], relation['name']] = number, [column[0] for column in relation.get('columns', [])]
        self.insert('objects', object_id=number, schema_id=schema, parent_object_id=0, name=relation['name'],
                    type=kind.ljust(2), is_ms_shipped=0)
        self.describe(1, (number, 0), relation.get('comment'))
        if kind == 'U':
            self.insert('tables', object_id=number, schema_id=schema, name=relation['name'], is_ms_shipped=0,
                        history_table_id=self.ids.get(tuple(relation.get('history', ())), (None,))[0],
                        **{name: relation.get(name, 0) for name in VIEWS['tables'].split()[4:] if name != 'history_table_id'})
        if kind == 'V':
            self.insert('sql_modules', object_id=number, definition=relation.get('definition'))
        if kind == 'SN':
            self.insert('synonyms', object_id=number, base_object_name=relation['of'])
        if kind == 'SO':
            self.insert('sequences', object_id=number, user_type_id=127, **relation['sequence'])
        if kind in 'UV':
            self.insert_standard('TABLES', relation['schema'], relation['name'], 'BASE TABLE' if kind == 'U' else 'VIEW')
        for place, column in enumerate(relation.get('columns', []), 1):
            self.add_column(number, place, *column)
            if kind in 'UV':
                self.add_standard_column(relation, place, *column)
        self.add_constraints(number, relation)
        self.add_rows(relation)
        if kind == 'U':
            count = relation.get('row_count', len(relation.get('rows', [])))
            self.insert('partitions', object_id=number, index_id=1, partition_number=1, rows=count)
            self.insert('partitions', object_id=number, index_id=2, partition_number=1, rows=count)
            self.insert('dm_db_partition_stats', object_id=number, reserved_page_count=9)
        return number

    def add_column(self, number, place, name, kind, more=None):
        more = more or {}
        word, *arguments = re.findall(r'[\w.]+', kind)
        user_type, base = self.types[word]
        base_word, *base_arguments = re.findall(r'\w+', base)
        system, length, precision, scale = TYPES[base_word]
        arguments = arguments or base_arguments
        if base_word in ('decimal', 'numeric') and arguments:
            precision, scale = int(arguments[0]), int((arguments + ['0'])[1])
        elif base_word == 'vector':
            length = 8 + 4 * int(arguments[0])
        elif base_word in ('time', 'datetime2', 'datetimeoffset') and arguments:
            scale = int(arguments[0])
        elif arguments:
            length = -1 if arguments[0] == 'max' else int(arguments[0]) * (2 if base_word.startswith('n') else 1)
        default = self.new_id() if 'default' in more else 0
        self.insert('columns', object_id=number, column_id=place, name=name, system_type_id=system, user_type_id=user_type,
                    max_length=length, precision=precision, scale=scale,
                    collation_name=more.get('collation', 'SQL_Latin1_General_CP1_CI_AS') if base_word in TEXTS else None,
                    is_nullable=int(not more.get('not_null')), is_identity=int('identity' in more),
                    is_computed=int('computed' in more), default_object_id=default, is_hidden=int(bool(more.get('hidden'))),
                    generated_always_type=more.get('period', 0), is_masked=0)
        if more.get('default') is not None:
            self.insert('default_constraints', object_id=default, parent_object_id=number, name='DF', definition=more['default'])
        if 'computed' in more:
            self.insert('computed_columns', object_id=number, column_id=place, definition=more['computed'],
                        is_persisted=int(bool(more.get('persisted'))))
        if 'identity' in more:
            self.insert('identity_columns', object_id=number, column_id=place, seed_value=1, increment_value=1)
        self.describe(1, (number, place), more.get('comment'))

    def add_standard_column(self, relation, place, name, kind, more=None):
        more = more or {}
        word, *arguments = re.findall(r'[\w.]+', self.types[re.findall(r'[\w.]+', kind)[0]][1] if '(' not in kind else kind)
        arguments = [-1 if argument == 'max' else int(argument) for argument in arguments]
        _, _, precision, scale = TYPES[word] if word in TYPES else (0, 0, 0, 0)
        is_number = word in ('tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'money', 'smallmoney', 'float', 'real')
        is_exact = is_number and word not in ('float', 'real')
        has_digits = word in ('decimal', 'numeric') and arguments
        self.insert_standard('COLUMNS', relation['schema'], relation['name'], name, place, more.get('default'),
                             'NO' if more.get('not_null') else 'YES', word,
                             arguments[0] if arguments and word in (*TEXTS, 'binary', 'varbinary') else None,
                             (arguments[0] if has_digits else precision) if is_number else None,
                             (10 if is_exact else 2) if is_number else None,
                             ((arguments + [0])[1] if has_digits else scale) if is_exact else None,
                             (arguments[0] if arguments else scale) if word.startswith('datetime2') or word == 'time' else None)

    def add_constraints(self, number, relation):
        names = [column[0] for column in relation.get('columns', [])]
        for place, index in enumerate(relation.get('indexes', []), 1):
            self.add_index(number, place, names, index)
        for key in relation.get('foreign_keys', []):
            its = self.new_id()
            referenced, theirs = self.ids[tuple(key['references'][:2])]
            self.insert('foreign_keys', object_id=its, parent_object_id=number, name=key['name'],
                        referenced_object_id=referenced, delete_referential_action_desc=key.get('on_delete', 'NO_ACTION'),
                        update_referential_action_desc=key.get('on_update', 'NO_ACTION'),
                        is_disabled=key.get('disabled', 0), is_not_trusted=key.get('untrusted', 0), is_ms_shipped=0)
            for place, (own, other) in enumerate(zip(key['columns'], key['references'][2]), 1):
                self.insert('foreign_key_columns', constraint_object_id=its, constraint_column_id=place,
                            parent_column_id=names.index(own) + 1, referenced_column_id=theirs.index(other) + 1)
        for name, text, *disabled in relation.get('checks', []):
            self.insert('check_constraints', object_id=self.new_id(), parent_object_id=number, name=name, definition=text,
                        is_disabled=int(bool(disabled)), is_not_trusted=int(bool(disabled)), is_ms_shipped=0)

    def add_index(self, number, place, names, index):
        kind = index.get('kind', 'CLUSTERED' if index.get('primary') else 'NONCLUSTERED')
        partitioned = index.get('partition')
        if partitioned:
            self.insert('partition_schemes', data_space_id=65601, name='by_year')
        self.insert('indexes', object_id=number, index_id=1 if 'CLUSTERED' == kind else place + 1, name=index['name'],
                    type=KINDS[kind], type_desc=kind, is_unique=int(bool(index.get('unique') or index.get('primary'))),
                    is_primary_key=int(bool(index.get('primary'))), is_unique_constraint=int(bool(index.get('constraint'))),
                    filter_definition=index.get('filter'), is_disabled=int(bool(index.get('disabled'))), is_hypothetical=0,
                    data_space_id=65601 if partitioned else 1)
        if index.get('primary') or index.get('constraint'):
            self.insert('key_constraints', object_id=self.new_id(), parent_object_id=number, name=index['name'],
                        type='PK' if index.get('primary') else 'UQ', unique_index_id=1 if kind == 'CLUSTERED' else place + 1,
                        is_enforced=1)
        columns = [(name.removesuffix(' DESC'), name.endswith(' DESC'), 0) for name in index['columns']]
        columns += [(name, False, 1) for name in index.get('include', [])]
        for ordinal, (name, descends, included) in enumerate(columns, 1):
            self.insert('index_columns', object_id=number, index_id=1 if kind == 'CLUSTERED' else place + 1,
                        index_column_id=ordinal, column_id=names.index(name) + 1, key_ordinal=0 if included else ordinal,
                        partition_ordinal=int(name == partitioned), is_descending_key=int(descends), is_included_column=included)

    def add_rows(self, relation):
        columns = relation.get('columns', [])
        if not columns or relation.get('broken'):
            return
        name = f'{quoted(relation["schema"])}.{quoted(relation["name"])}'
        self.db.execute(f'CREATE TABLE IF NOT EXISTS {name} ({", ".join(quoted(column[0]) for column in columns)})')
        for row in relation.get('rows', []):
            row = [bytes.fromhex(content[2:]) if isinstance(content, str) and content.startswith('0x') else content
                   for content in row]
            self.db.execute(f'INSERT INTO {name} VALUES ({", ".join("?" * len(row))})', row)
