// node test/support/witness-process.mjs STATE ORIGIN LOG_KEY WITNESS_SECRET    a witness in a process of its own, which can be killed
import { readSigner, readVerifier } from '../../dist/log/format/keys.js';
import { serveWitness } from '../../dist/log/witness/server.js';
import { WitnessState } from '../../dist/log/witness/state.js';
import { Witness } from '../../dist/log/witness/witness.js';

const [path, origin, logKey, secret] = process.argv.slice(2);
const witness = new Witness(new Map([[origin, [readVerifier(logKey)]]]), readSigner(secret), await WitnessState.open(path));
const { url } = await serveWitness(witness, { host: '127.0.0.1', port: 0, onDefect: console.error });
process.stdout.write(`${url}\n`);
