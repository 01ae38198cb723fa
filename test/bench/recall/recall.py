"""How many of the tables that questions need are among the first five that schema_context chooses over all sources, from the
question's text alone; beside BM25 with foreign keys (bm25.py).

recall.py sql CORPUS > SQL for psql, which loads the sources and prints one line a question
recall.py score CORPUS < those lines
CORPUS: "generated" (corpus.py), or a directory with the tables.json and dev.json of Spider. MISSES= a number of questions to show
whose tables are not all found.
"""

import json
import os
import sys

import bm25
import corpus

MOST = 5


def spider(directory):
    def loaded(name):
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            return json.load(file)

    sources, names = [], {}
    for database in loaded("tables.json"):
        names[database["db_id"]] = tables = database["table_names_original"]
        columns = database["column_names_original"]
        keys = [[] for _ in tables]
        for one, other in database["foreign_keys"]:
            keys[columns[one][0]].append((columns[one][1], tables[columns[other][0]], columns[other][1]))
        sources.append((database["db_id"], [
            (table, None, [(name, None) for of, name in columns if of == i], keys[i], {}) for i, table in enumerate(tables)]))
    questions = []
    for question in loaded("dev.json"):
        needed = {names[question["db_id"]][i] for i in tables_of(question["sql"])}
        questions.append((question["question"], {question["db_id"]: sorted(needed)}))
    return sources, questions


def tables_of(part):
    """The numbers of the tables in the FROM of a query and of the queries in it."""
    if isinstance(part, list):
        if len(part) == 2 and part[0] == "table_unit":
            return {part[1]}
        return set().union(*map(tables_of, part))
    return set().union(*map(tables_of, part.values())) if isinstance(part, dict) else set()


def literal(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return "'" + text.replace("'", "''") + "'"


def document(table):
    _, comment, columns, keys, _ = table
    made = {"columns": [dict({"name": name, "type": "text"}, **({"comment": text} if text else {})) for name, text in columns]}
    if comment:
        made["comment"] = comment
    if keys:
        made["foreign_keys"] = [{"columns": [name], "table": other, "referenced_columns": [to]} for name, other, to in keys]
    return made


def write_sql(sources, questions):
    print("CREATE TEMP TABLE question (number int, text text);")
    for name, tables in sources:
        request = {"name": name, "type": "other", "schema_auto_refresh": False, "credentials": {}}
        print(f"SELECT rivergen.data_source_create({literal(request)}) #>> '{{data,id}}' AS id \\gset")
        rows = [{"relation_name": t[0], "columns_count": len(t[2]), "document": document(t), "categories": t[4]} for t in tables]
        print(f"""INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind,
            columns_count, hash, document, categories)
            SELECT 1, :id, 'main', relation_name, 'table', columns_count, '\\x00', document, categories
            FROM jsonb_to_recordset({literal(rows)}) t (relation_name text, columns_count int, document jsonb, categories jsonb);
            INSERT INTO rivergen_catalog.schema_content VALUES (1, :id, 'main', {len(tables)}, {len(tables)}, 0,
                {sum(len(t[2]) for t in tables)});
            SELECT rivergen_catalog.index_relations(1, :id, NULL) AS done \\gset""")
    for number, (text, _) in enumerate(questions):
        print(f"INSERT INTO question VALUES ({number}, {literal(text)});")
    print(f"""ANALYZE;
        SELECT jsonb_agg(jsonb_build_array(d.name, t.value ->> 'table_name') ORDER BY t.ordinality)
        FROM (SELECT q.number, rivergen.schema_context(q.text, max_tables => {MOST}) #> '{{data,tables}}' AS tables
            FROM question q OFFSET 0) c
        LEFT JOIN LATERAL jsonb_array_elements(c.tables) WITH ORDINALITY t ON true
        LEFT JOIN rivergen_catalog.data_source d ON d.data_source_id = (t.value ->> 'data_source_id')::bigint
        GROUP BY c.number ORDER BY c.number;""")


def share(gold, found):
    """The share of the needed tables that are found, in the source that has most of them."""
    return max(sum((source, table) in found for table in tables) / len(tables) for source, tables in gold.items())


def report(label, shares):
    print(f"{label:<28} tables found {100 * sum(shares) / len(shares):5.1f} %   "
          f"questions with all of them {100 * sum(s == 1 for s in shares) / len(shares):5.1f} %")


def score(sources, questions):
    answers = [json.loads(line) for line in sys.stdin]
    if len(answers) != len(questions):
        sys.exit(f"{len(answers)} answers to {len(questions)} questions")
    shares = [share(gold, {tuple(pair) for pair in answer}) for (_, gold), answer in zip(questions, answers)]
    index = bm25.Index(sources)
    report("BM25 and foreign keys", [share(gold, set(index.best(text, MOST))) for text, gold in questions])
    report("schema_context", shares)
    missed = [i for i, s in enumerate(shares) if s < 1]
    for i in missed[:int(os.environ.get("MISSES", 0))]:
        print(questions[i][0], questions[i][1], answers[i], sep="\n    ")


if __name__ == "__main__":
    what, where = sys.argv[1:]
    made = corpus.make() if where == "generated" else spider(where)
    {"sql": write_sql, "score": score}[what](*made)
