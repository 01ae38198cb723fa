// Documents of OpenAPI in one piece, by swagger-parser: what it refers to elsewhere is laid inside. For agreement_http_api.py.
import { createRequire } from 'node:module';

const [packages, path] = process.argv.slice(2);
const { default: SwaggerParser } = await import(createRequire(`${packages}/`).resolve('@apidevtools/swagger-parser'));
const bundled = await SwaggerParser.bundle(path, { resolve: { http: false } });
process.stdout.write(JSON.stringify(bundled));
