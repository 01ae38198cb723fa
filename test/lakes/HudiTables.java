// HudiTables.java DIRECTORY: has Hudi's own writer, which is a part of Spark, make tables of each version of the format and change
// them step by step. After each step a line says "STEP‹tab›what‹tab›folder of the table‹tab›folder of what Spark reads of it, in
// Parquet", and the next step waits for a line.
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

import static org.apache.spark.sql.functions.expr;

class HudiTables {
	static final String ROWS = "select id, concat('größe ', id) as name, cast(id * 1.25 as decimal(9, 2)) as price, "
		+ "date_add(date '2024-01-30', id) as day, timestamp_micros(id * 1000000000123) as moment, "
		+ "if(id %% 2 = 0, null, array('a', null)) as tags, named_struct('x', id, 'y', map('k', id * 0.5D)) as more, "
		+ "cast(id as float) as ratio, id as version, %s as city from (select explode(sequence(%d, %d)) as id)";
	static SparkSession spark;
	static String directory;
	static BufferedReader answers = new BufferedReader(new InputStreamReader(System.in));
	static int steps;

	final String name;
	final String path;
	final Map<String, String> options = new HashMap<>();

	HudiTables(int version, String type, boolean hive) {
		name = "v" + version + "_" + type.toLowerCase() + (hive ? "_hive" : "");
		path = directory + "/" + name;
		options.put("hoodie.table.name", name);
		options.put("hoodie.write.table.version", String.valueOf(version));
		options.put("hoodie.write.auto.upgrade", "false");
		options.put("hoodie.datasource.write.table.type", type);
		options.put("hoodie.datasource.write.recordkey.field", "id");
		options.put("hoodie.datasource.write.precombine.field", "version");
		options.put("hoodie.datasource.write.partitionpath.field", "city");
		options.put("hoodie.datasource.write.hive_style_partitioning", String.valueOf(hive));
		options.put("hoodie.metadata.enable", "false");
		options.put("hoodie.clean.automatic", "true");
		options.put("hoodie.insert.shuffle.parallelism", "1");
		options.put("hoodie.upsert.shuffle.parallelism", "1");
		options.put("hoodie.parquet.small.file.limit", "0");
	}

	static Dataset<Row> rows(String city, int first, int last) {
		return spark.sql(String.format(ROWS, "'" + city + "'", first, last));
	}

	static Dataset<Row> noted(Dataset<Row> rows) {
		return rows.withColumn("note", expr("if(id < 0, null, concat('note ', id))"));
	}

	void write(Dataset<Row> rows, String operation, String... more) {
		Map<String, String> all = new HashMap<>(options);
		all.put("hoodie.datasource.write.operation", operation);
		for (int i = 0; i < more.length; i += 2)
			all.put(more[i], more[i + 1]);
		rows.write().format("hudi").options(all).mode(SaveMode.Append).save(path);
	}

	void step(String what) throws IOException {
		String seen = directory + "/seen_" + ++steps;
		spark.read().format("hudi").option("hoodie.datasource.query.type", "read_optimized").load(path).coalesce(1).write()
			.parquet(seen);
		System.out.println("STEP\t" + name + ", " + what + "\t" + path + "\t" + seen);
		System.out.flush();
		answers.readLine();
	}

	void live() throws IOException {
		boolean isMerged = name.contains("merge");
		write(rows("são paulo", 1, 20).union(rows("oslo", 21, 30)), "insert");
		step("inserted");
		write(rows("são paulo", 3, 5).withColumn("name", expr("if(id < 0, null, 'changed')")), "upsert");
		step("updated");
		write(rows("oslo", 22, 23), "delete");
		step("deleted");
		if (isMerged) {
			write(rows("são paulo", 6, 6), "upsert", "hoodie.compact.inline", "true", "hoodie.compact.inline.max.delta.commits", "1");
			step("compacted");
		}
		write(noted(rows("oslo", 31, 33)), "insert");
		step("a column was added");
		write(noted(rows("oslo", 34, 34)), "insert",
			"hoodie.clustering.inline", "true", "hoodie.clustering.inline.max.commits", "1");
		step("clustered");
		write(noted(rows("oslo", 40, 42)), "insert_overwrite");
		step("a partition was overwritten");
		write(noted(rows("são paulo", 1, 1)), "delete_partition",
			"hoodie.datasource.write.partitions.to.delete", options.get("hoodie.datasource.write.hive_style_partitioning")
			.equals("true") ? "city=são paulo" : "são paulo");
		step("a partition was deleted");
	}

	/** Columns get other names, and one goes whose name another one gets: the table keeps a history of its columns. */
	static void evolve() throws IOException {
		HudiTables table = new HudiTables(9, "evolving", false);
		spark.sql("set hoodie.schema.on.read.enable=true");
		spark.sql("set hoodie.parquet.small.file.limit=0");
		spark.sql("set hoodie.datasource.write.schema.allow.auto.evolution.column.drop=true");
		spark.sql("create table evolving (id bigint, name string, price int, version bigint) using hudi tblproperties("
			+ "type = 'cow', primaryKey = 'id', preCombineField = 'version') location '" + table.path + "'");
		spark.sql("insert into evolving values (1, 'a', 10, 1), (2, 'b', 20, 1)");
		spark.sql("alter table evolving rename column name to title");
		table.step("a column has another name");
		spark.sql("insert into evolving values (3, 'c', 30, 1)");
		spark.sql("alter table evolving drop column price");
		spark.sql("alter table evolving add columns (price string)");
		spark.sql("insert into evolving values (4, 'd', 1, 'x')");
		table.step("a column has the name that another one had");
	}

	public static void main(String[] arguments) throws IOException {
		directory = arguments[0];
		spark = SparkSession.builder().master("local[1]")
			.config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
			.config("spark.kryo.registrator", "org.apache.spark.HoodieSparkKryoRegistrar")
			.config("spark.sql.extensions", "org.apache.spark.sql.hudi.HoodieSparkSessionExtension")
			.config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.hudi.catalog.HoodieCatalog")
			.config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
			.config("spark.hadoop.parquet.avro.write-old-list-structure", "false")
			.config("spark.sql.session.timeZone", "UTC").config("spark.sql.shuffle.partitions", "1")
			.config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1")
			.config("spark.driver.bindAddress", "127.0.0.1").config("spark.local.dir", directory + "/spark")
			.config("spark.sql.warehouse.dir", directory + "/warehouse").getOrCreate();
		spark.sparkContext().setLogLevel("ERROR");
		for (int version : new int[] {6, 8, 9})
			for (String type : new String[] {"COPY_ON_WRITE", "MERGE_ON_READ"})
				new HudiTables(version, type, version != 8).live();
		evolve();
		spark.stop();
	}
}
