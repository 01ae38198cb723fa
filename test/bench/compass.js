// compass.js MODULES URI: what is in the collections of the database many, as Compass tells it, by its own library.
const { createRequire } = require('node:module');
const needed = createRequire(process.argv[2] + '/package.json');
const { MongoClient } = needed('mongodb');
const { parseSchema } = needed('mongodb-schema');

async function main() {
	const client = new MongoClient(process.argv[3]);
	const database = client.db('many');
	for (const { name } of await database.listCollections().toArray()) {
		await database.collection(name).listIndexes().toArray();
		await parseSchema(database.collection(name).find().limit(1000));
	}
	await client.close();
}

main();
