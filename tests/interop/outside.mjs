// Puts credentials before verifiers that others wrote, with nothing but the documents it is given.
//
//   stdin:  {"credentials": {NAME: credential}, "documents": {URL or DID: document}, "now": timestamp, if not today}
//   stdout: {NAME: {"@digitalbazaar/vc": RESULT, "@digitalcredentials/verifier-core": RESULT}}
//   RESULT: {pass, checked, why}; not `checked` means that it says itself that something it needs could not be had
//
// No request leaves the process and no clock but `now` is read: `fetch` and `Date` are replaced before the libraries are
// loaded. verifier-core takes no time from its caller, and neither library passes one on to the check of a status list.
import fs from 'node:fs';
import {NOT_GIVEN, contexts, httpsOf, loaderOf} from './documents.mjs';

const {credentials, documents, now} = JSON.parse(fs.readFileSync(0, 'utf8'));
const known = new Map([...contexts, ...Object.entries(documents)]);
for(const [name, document] of [...known]) {
  if(name.startsWith('did:web:')) {
    known.set(httpsOf(name), document);
  }
}

if(now) {
  const Clock = Date;
  globalThis.Date = class extends Clock {
    constructor(...given) {
      super(...(given.length ? given : [now]));
    }
    static now() {
      return Clock.parse(now);
    }
  };
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
const {Ed25519Signature2020} = await import('@digitalbazaar/ed25519-signature-2020');
const {checkStatus} = await import('@digitalbazaar/vc-bitstring-status-list');
const {verifyCredential: verifyCore} = await import('@digitalcredentials/verifier-core');

const documentLoader = loaderOf(known);
const suite = [new DataIntegrityProof({cryptosuite: rdfc}),
  new DataIntegrityProof({cryptosuite: createVerifyCryptosuite()}), new Ed25519Signature2020()];

async function digitalBazaar(credential) {
  const result = await vc.verifyCredential({
    credential: structuredClone(credential), suite, documentLoader,
    checkStatus: options => checkStatus({...options, suite, documentLoader, verifyBitstringStatusListCredential: true})});
  // This library says "verified" of a withdrawn credential too; the bit is in the status results.
  const set = (result.statusResult?.results ?? []).filter(({status}) => status)
    .map(({credentialStatus}) => `${credentialStatus.statusPurpose} is set`);
  const errors = [...leaves(result.error), ...leaves(result.statusResult?.error)];
  return {
    pass: result.verified === true && set.length === 0,
    checked: set.length > 0 || errors.length === 0 || !errors.every(isLack),
    proofs: result.results?.length ?? 0, why: [...set, ...errors.map(sentence)]};
}

// A key or context that nobody gave us, or a proof of a kind for which there is no suite here.
function isLack({name, message}) {
  return [NOT_GIVEN, 'jsonld.InvalidUrl'].includes(name) || /insufficient proofs matched/.test(message);
}

// Its names for "could not be had" and for a list that tells nothing.
const CORE_LACKS = /^(did_web_unresolved|http_error_with_signature_check|(unknown_)?status_list_\w+)$/;

async function verifierCore(credential) {
  const silenced = {...console};
  console.log = console.warn = console.error = () => {};
  const result = await verifyCore({credential: structuredClone(credential), knownDIDRegistries: []});
  Object.assign(console, silenced);
  const steps = Object.fromEntries((result.log ?? []).map(step => [step.id, step.error?.name ?? step.valid]));
  // Status entries of other kinds it accepts without a look.
  const hasList = [credential.credentialStatus ?? []].flat()[0]?.type === 'BitstringStatusListEntry';
  const needed = ['valid_signature', 'expiration', ...(hasList ? ['revocation_status'] : [])];
  const errors = [...leaves({errors: result.errors ?? []}), ...leaves(result.error)];
  const open = needed.filter(id => id in steps && steps[id] !== true);
  // What it means that a document does not keep to its schema, it leaves to the caller: for us, that it is refused.
  const schemas = (result.additionalInformation ?? []).flatMap(({results}) => Array.isArray(results) ? results : [])
    .filter(({result: {valid}}) => !valid)
    .map(({result}) => `schema: ${result.errors.map(e => `${e.instancePath || '/'} ${e.message}`).join('; ')}`);
  const lacks = [...errors.map(({name}) => name), ...open.map(id => String(steps[id])), ...schemas];
  return {
    pass: needed.every(id => steps[id] === true) && errors.length === 0 && schemas.length === 0,
    checked: lacks.length === 0 || !lacks.every(name => CORE_LACKS.test(name)),
    steps, why: [...errors.map(sentence), ...schemas, ...open.map(id => `${id}: ${steps[id]}`)]};
}

// The errors at the ends of a tree of errors.
function leaves(error) {
  const causes = [error?.errors ?? []].flat();
  return causes.length ? causes.flatMap(leaves) : error?.message ? [error] : [];
}

function sentence({name, message}) {
  return `${name}: ${typeof message === 'object' ? JSON.stringify(message) : message}`;
}

const verdicts = {};
for(const [name, credential] of Object.entries(credentials)) {
  verdicts[name] = {
    '@digitalbazaar/vc': await digitalBazaar(credential),
    '@digitalcredentials/verifier-core': await verifierCore(credential)
  };
}
console.log(JSON.stringify(verdicts, null, 1));
