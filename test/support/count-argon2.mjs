// node --import count-argon2.mjs: writes a line for each password that is hashed or compared, with what it costs.
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const argon2 = createRequire(import.meta.url)('@node-rs/argon2');
const { hash, verify, parseOptions } = argon2;

function count({ memoryCost, timeCost, parallelism }) {
  appendFileSync(process.env.ARGON2_COUNTS, `${memoryCost} KiB, ${timeCost} passes, ${parallelism} lanes\n`);
}

argon2.hash = (password, options, ...more) => {
  count(options);
  return hash(password, options, ...more);
};
argon2.verify = (hashed, ...more) => {
  count(parseOptions(hashed));
  return verify(hashed, ...more);
};
