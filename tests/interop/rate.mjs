// The Node peers of `make bench`, one long-lived process so that rounds can take turns without a start and a warm-up each.
// One JSON object a line, in and out:
//   {"load": {"unsigned": [text], "rdfc": [text], "jcs": [text], "EdDSA": [token], "ES256": [token],
//             "key": Multikey, "jwks": {alg: private JWK}, "kids": {alg: kid}, "created", "now": dateTimeStamps}}
//                                            → {"versions": {package: version}, "made": {work: text or null}}
//   {"work": name, "seconds": 1.0}           → {"count", "wall", "cpu"}   (seconds; cpu counts every thread of this process)
// A verification begins with the text that ours begins with, and goes on to the next document each time.
import fs from 'node:fs';
import readline from 'node:readline';
import * as vc from '@digitalbazaar/vc';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as rdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {createSignCryptosuite, createVerifyCryptosuite} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {CompactSign, compactVerify, importJWK} from 'jose';
import {contexts, loaderOf} from './documents.mjs';

const PACKAGES = ['@digitalbazaar/vc', '@digitalbazaar/eddsa-rdfc-2022-cryptosuite',
  '@digitalbazaar/eddsa-jcs-2022-cryptosuite', 'jsonld', 'rdf-canonize', 'jose'];
const documentLoader = loaderOf(contexts);
const encoder = new TextEncoder(), decoder = new TextDecoder();
const works = new Map();

async function load({unsigned, key, jwks, kids, created, now, ...signed}) {
  const ready = unsigned.map(text => JSON.parse(text));
  const signer = (await Ed25519Multikey.from(key)).signer();
  const makers = {rdfc, jcs: createSignCryptosuite()};
  const checkers = {rdfc, jcs: createVerifyCryptosuite()};
  for(const name of ['rdfc', 'jcs']) {
    const signing = new DataIntegrityProof({signer, date: created, cryptosuite: makers[name]});
    works.set(`sign ${name}`, async n => JSON.stringify(
      await vc.issue({credential: {...ready[n % ready.length]}, suite: signing, documentLoader})));
    const checking = new DataIntegrityProof({cryptosuite: checkers[name]});
    works.set(`verify ${name}`, async n => {
      const credential = JSON.parse(signed[name][n % signed[name].length]);
      const result = await vc.verifyCredential({credential, suite: checking, documentLoader, now});
      if(!result.verified) {
        throw result.error;
      }
    });
  }
  for(const [alg, {d, ...jwk}] of Object.entries(jwks)) {
    const [secret, open] = [await importJWK({...jwk, d}, alg), await importJWK(jwk, alg)];
    const header = {alg, kid: kids[alg], typ: 'JWT'};
    works.set(`sign ${alg}`, n => new CompactSign(encoder.encode(JSON.stringify(ready[n % ready.length])))
      .setProtectedHeader(header).sign(secret));
    works.set(`verify ${alg}`, async n => {
      const {payload} = await compactVerify(signed[alg][n % signed[alg].length], open, {algorithms: [alg]});
      JSON.parse(decoder.decode(payload));
    });
  }
  const made = {};
  for(const [name, work] of works) { // what does not work at all shows before anything is measured
    made[name] = await work(0) ?? null;
  }
  const versions = {node: process.versions.node};
  for(const name of PACKAGES) {
    const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url);
    versions[name] = JSON.parse(fs.readFileSync(manifest)).version;
  }
  return {versions, made};
}

const done = new Map(); // how often each work was done, so that no turn begins with the same document

async function turn({work: name, seconds}) {
  const work = works.get(name);
  const first = done.get(name) ?? 0;
  const before = process.cpuUsage(), start = performance.now();
  let n = first;
  do {
    await work(n++);
  } while(performance.now() - start < 1000 * seconds);
  const wall = (performance.now() - start) / 1000;
  const {user, system} = process.cpuUsage(before);
  done.set(name, n);
  return {count: n - first, wall, cpu: (user + system) / 1e6};
}

for await (const line of readline.createInterface({input: process.stdin})) {
  const asked = JSON.parse(line);
  console.log(JSON.stringify(asked.load ? await load(asked.load) : await turn(asked)));
}
