// Signs and verifies JWTs with the npm package jose, to hold ours against it.
//
//   stdin:  {"verify": [{token, jwk, alg}], "sign": [{payload, jwk, header}]}
//   stdout: {"verify": [payload or null], "sign": [token]}
import fs from 'node:fs';
import {CompactSign, compactVerify, importJWK} from 'jose';

const {verify, sign} = JSON.parse(fs.readFileSync(0, 'utf8'));
const answer = {verify: [], sign: []};

for(const {token, jwk, alg} of verify) {
  try {
    const {payload} = await compactVerify(token, await importJWK(jwk, alg), {algorithms: [alg]});
    answer.verify.push(JSON.parse(new TextDecoder().decode(payload)));
  } catch {
    answer.verify.push(null);
  }
}
for(const {payload, jwk, header} of sign) {
  const signer = new CompactSign(new TextEncoder().encode(JSON.stringify(payload)));
  answer.sign.push(await signer.setProtectedHeader(header).sign(await importJWK(jwk, header.alg)));
}
console.log(JSON.stringify(answer));
