// Canonical N-Quads by npm jsonld in safe mode, document after document, with nothing but the contexts it is given.
//
//   argv:   a file with {URL: context document}
//   stdin:  one document per line, in base64
//   stdout: one line per document: {"quads": N-Quads} or {"refused": code}
import fs from 'node:fs';
import readline from 'node:readline';
import jsonld from 'jsonld';

const contexts = new Map(Object.entries(JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))));

async function documentLoader(url) {
  if(!contexts.has(url)) {
    throw Object.assign(new Error(`not pinned: ${url}`), {code: 'context not pinned'});
  }
  return {contextUrl: null, documentUrl: url, document: contexts.get(url)};
}

function codeOf(error) {
  return error.details?.event?.code ?? error.details?.code ?? error.code ??
    (error.cause ? codeOf(error.cause) : `${error.name}: ${error.message}`.slice(0, 80));
}

for await (const line of readline.createInterface({input: process.stdin})) {
  let answer;
  try {
    const document = JSON.parse(new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(Buffer.from(line, 'base64')));
    answer = {quads: await jsonld.canonize(document, {
      algorithm: 'RDFC-1.0', format: 'application/n-quads', safe: true, base: null, documentLoader,
      rdfDirection: 'i18n-datatype', canonizeOptions: {maxWorkFactor: 3}})};
  } catch(error) {
    answer = {refused: codeOf(error)};
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
