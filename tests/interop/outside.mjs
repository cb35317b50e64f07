// Puts our credentials before two verifiers that others wrote, with nothing but the documents it is given.
//
//   stdin:  {"credentials": {NAME: credential}, "documents": {URL or DID: document}}
//   stdout: {NAME: {"@digitalbazaar/vc": {pass, why}, "@digitalcredentials/verifier-core": {pass, why}}}
//
// No request leaves the process: `fetch` is replaced before the libraries are loaded.
import fs from 'node:fs';

const {credentials, documents} = JSON.parse(fs.readFileSync(0, 'utf8'));
const known = new Map(Object.entries(documents));

const httpsOf = did => {
  const [host, ...path] = did.slice('did:web:'.length).split(':').map(decodeURIComponent);
  return `https://${[host, ...(path.length ? path : ['.well-known'])].join('/')}/did.json`;
};
for(const [name, document] of [...known]) {
  if(name.startsWith('did:web:')) {
    known.set(httpsOf(name), document);
  }
}

const {contexts, loaderOf} = await import('./documents.mjs');
for(const [url, document] of contexts) {
  known.set(url, document);
}

globalThis.fetch = async input => {
  const url = String(input.url ?? input);
  const document = known.get(url);
  return new Response(JSON.stringify(document ?? {absent: url}),
    {status: document ? 200 : 404, headers: {'content-type': 'application/json'}});
};

const vc = await import('@digitalbazaar/vc');
const {DataIntegrityProof} = await import('@digitalbazaar/data-integrity');
const {cryptosuite: rdfc} = await import('@digitalbazaar/eddsa-rdfc-2022-cryptosuite');
const {createVerifyCryptosuite} = await import('@digitalbazaar/eddsa-jcs-2022-cryptosuite');
const {checkStatus} = await import('@digitalbazaar/vc-bitstring-status-list');
const {verifyCredential: verifyCore} = await import('@digitalcredentials/verifier-core');

const documentLoader = loaderOf(known);
const suite = [new DataIntegrityProof({cryptosuite: rdfc}), new DataIntegrityProof({cryptosuite: createVerifyCryptosuite()})];

async function digitalBazaar(credential) {
  const result = await vc.verifyCredential({
    credential: structuredClone(credential), suite, documentLoader,
    checkStatus: options => checkStatus({...options, suite, documentLoader, verifyBitstringStatusListCredential: true})});
  // This library says "verified" of a withdrawn credential too; the bit is in the status results.
  const set = (result.statusResult?.results ?? []).filter(({status}) => status)
    .map(({credentialStatus}) => `${credentialStatus.statusPurpose} is set`);
  const why = [...set, ...messages(result.error), ...messages(result.statusResult?.error)];
  return {pass: result.verified === true && set.length === 0, proofs: result.results?.length ?? 0, why};
}

async function verifierCore(credential) {
  const silenced = {...console};
  console.log = console.warn = console.error = () => {};
  const result = await verifyCore({credential: structuredClone(credential), knownDIDRegistries: []});
  Object.assign(console, silenced);
  const steps = Object.fromEntries((result.log ?? []).map(step => [step.id, step.error?.name ?? step.valid]));
  const needed = ['valid_signature', 'expiration', 'revocation_status'];
  const why = [...messages(result), ...needed.filter(id => steps[id] !== true).map(id => `${id}: ${steps[id]}`)];
  return {pass: !result.errors?.length && needed.every(id => steps[id] === true), steps, why};
}

function messages(error) {
  if(!error) {
    return [];
  }
  const text = typeof error.message === 'object' ? JSON.stringify(error.message) : error.message;
  return [...(text ? [`${error.name}: ${text}`] : []), ...[error.errors ?? []].flat().flatMap(messages)];
}

const verdicts = {};
for(const [name, credential] of Object.entries(credentials)) {
  verdicts[name] = {
    '@digitalbazaar/vc': await digitalBazaar(credential),
    '@digitalcredentials/verifier-core': await verifierCore(credential)
  };
}
console.log(JSON.stringify(verdicts, null, 1));
