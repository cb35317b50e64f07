// How many verifications of one credential @digitalbazaar/vc makes in a second, proof only, documents in memory.
//   node rate.mjs SECONDS < {"credential": …, "suite": "rdfc" | "jcs"}      prints one number
import fs from 'node:fs';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as rdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {createVerifyCryptosuite} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {contexts, loaderOf} from './documents.mjs';

const {credential, suite: name} = JSON.parse(fs.readFileSync(0, 'utf8'));
const suite = new DataIntegrityProof({cryptosuite: name === 'jcs' ? createVerifyCryptosuite() : rdfc});
const documentLoader = loaderOf(contexts);

async function once() {
  const result = await vc.verifyCredential({credential, suite, documentLoader});
  if(!result.verified) {
    throw result.error;
  }
}

for(let i = 0; i < 20; i++) {
  await once();
}
const start = performance.now();
const end = start + 1000 * Number(process.argv[2]);
let count = 0;
for(; performance.now() < end; count++) {
  await once();
}
console.log(count * 1000 / (performance.now() - start));
