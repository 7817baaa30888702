// node --import longest-turn.mjs: says how much processor time the process used between two turns of its event loop, at most. Unlike a clock,
// that doesn't measure what else the machine does. Each GET to the address in the file LONGEST_TURN gets the milliseconds since the last one.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

let longest = 0;
let last = process.cpuUsage();
setInterval(() => {
  const { user, system } = process.cpuUsage(last);
  last = process.cpuUsage();
  longest = Math.max(longest, user + system);
}, 1).unref();

const control = createServer((_, response) => {
  response.end(String(longest / 1000));
  longest = 0;
});
control.listen(0, '127.0.0.1', () => writeFileSync(process.env.LONGEST_TURN, `http://127.0.0.1:${control.address().port}`));
control.unref();
