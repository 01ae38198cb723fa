"""lake_versions.py: whether a connector tells what a table was before, as its discoveries after earlier steps described it."""
from connector_rows import ask

_seen = {}


def is_within(documents, told):
    """Are they all told, in this order?"""
    rest = iter(told)
    return all(any(document == each for each in rest) for document in documents)


def fault(connector, path, table, part=None):
    """The first discovery of the table in its present state, against those after earlier steps. part: a member of the documents
    that is compared alone. Returns None, or what is wrong."""
    relation = next((frame for frame in ask(connector, path, "discover")[0] if frame["frame"] == "relation"), None)
    if relation is None:
        return None
    versions = relation.get("versions", []) + [relation]
    documents = [version["document"][part] if part else version["document"] for version in versions]
    times = [version.get("changed_at") for version in versions]
    seen = _seen.setdefault(table, [])
    if not seen or seen[-1] != documents[-1]:
        seen.append(documents[-1])
    if None in times or sorted(set(times)) != times:
        return f"times that do not rise: {times}"
    if not is_within(seen, documents):
        return f"of {len(seen)} descriptions not all are told: {len(documents)}"
    return None


def forget(table):
    """The table itself has lost its history."""
    _seen.pop(table, None)
