"""hudi_reader.py: what hudi-rs, which shares no code with Hudi, reads of a table."""
import pyarrow as pa
from hudi import HudiReadOptions, HudiTableBuilder

OWN = ["_hoodie_commit_time", "_hoodie_commit_seqno", "_hoodie_record_key", "_hoodie_partition_path", "_hoodie_file_name"]


def read_table(path):
    """The rows as a table of Arrow; of a table that is merged on read, those of its base files."""
    option = {"hoodie.read.use.read_optimized.mode": "true"}
    table = HudiTableBuilder.from_base_uri(path).with_options(option).build()
    batches = list(table.read(HudiReadOptions(hudi_options=option)))
    return pa.Table.from_batches(batches) if batches else pa.schema(table.get_schema_with_meta_fields()).empty_table()
