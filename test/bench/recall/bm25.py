"""The plain way to find the tables of a question: BM25 over the words of each table, then foreign keys. It shares no code with
rivergen, and its parameters are the usual ones."""

import collections
import math
import re

K1, B = 1.5, 0.75
STOPWORDS = set("""a an and are as at be by can count did do does each every find for from give has have how i in is it list many me more
    most much number of on or overview please show sorted than that the their there these they this to two was were what when where
    which who whose with without highest average""".split())


def words(text):
    text = re.sub(r"([a-z])([A-Z])", r"\1 \2", re.sub(r"([A-Z])([A-Z][a-z])", r"\1 \2", text))
    return [singular(w) for w in re.findall(r"[^\W_]+", text.lower()) if w not in STOPWORDS]


def singular(word):
    if re.search("[a-z]{2}ies$", word):
        return word[:-3] + "y"
    return word[:-1] if re.search("[a-z]{2}[^su]s$", word) else word


class Index:
    """sources: (name, tables); a table is (name, comment, columns, foreign keys, values of columns)."""

    def __init__(self, sources):
        self.tables = [(source, table) for source, tables in sources for table in tables]
        self.documents = [collections.Counter(self.words_of(source, table)) for source, table in self.tables]
        self.lengths = [sum(d.values()) for d in self.documents]
        self.average = sum(self.lengths) / len(self.lengths)
        self.postings = collections.defaultdict(list)
        for i, document in enumerate(self.documents):
            for word in document:
                self.postings[word].append(i)
        self.places = {(source, table[0]): i for i, (source, table) in enumerate(self.tables)}
        self.referred = collections.defaultdict(set)
        for i, (source, table) in enumerate(self.tables):
            for _, name, _ in table[3]:
                other = self.places.get((source, name))
                if other is not None and other != i:
                    self.referred[i].add(other)
                    self.referred[other].add(i)

    @staticmethod
    def words_of(source, table):
        name, comment, columns, _, values = table
        texts = [source, name, name, comment or ""] + [text or "" for column in columns for text in column]
        return words(" ".join(texts + [v for some in values.values() for v in some]))

    def scores(self, question):
        scores = collections.Counter()
        for word in set(words(question)):
            found = self.postings.get(word, [])
            rarity = math.log(1 + (len(self.tables) - len(found) + 0.5) / (len(found) + 0.5))
            for i in found:
                often = self.documents[i][word]
                scores[i] += rarity * often * (K1 + 1) / (often + K1 * (1 - B + B * self.lengths[i] / self.average))
        return scores

    def best(self, question, most):
        """The best three tables, then what foreign keys join to them, best first, then the others."""
        scores = self.scores(question)
        ordered = sorted(scores, key=lambda i: (-scores[i], i))
        first = ordered[:3]
        joined = sorted({j for i in first for j in self.referred[i]} - set(first),
                        key=lambda j: (-len(self.referred[j] & set(first)), -scores[j], j))
        chosen = first + joined[:1] + ordered[3:]
        chosen = list(dict.fromkeys(chosen))[:most]
        return [(self.tables[i][0], self.tables[i][1][0]) for i in chosen]
