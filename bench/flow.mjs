// What both load generators share: the content of a flow, and the clock.
import { once } from 'node:events';

export const PATIENT = { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17', phone: '+44 20 7946 0000' };
export const PROPOSAL = {
  regions: ['cervical', 'lumbar'],
  techniques: ['hvla_thrust', 'mobilisation'],
  aim: 'Less pain, and turning the head further.',
  mode: 'in_person',
  language: 'en',
};
export const TEACH_BACK = 'There is a very small risk of a stroke, and I may be sore for a day.';
export const MANIPULATION = { region: 'cervical', segment: 'C5/C6', technique: 'hvla_thrust', side: 'left', response: 'audible release' };

/** About 5 kB, as a tablet draws it: 8 strokes of 44 points. */
export const SIGNATURE = {
  name: 'Rosa García',
  strokes: Array.from({ length: 8 }, (_, stroke) =>
    Array.from({ length: 44 }, (__, point) => [
      100 + stroke * 20 + point / 4,
      50 + ((stroke * 7 + point * 3) % 40),
      stroke * 400 + point * 8,
    ]),
  ),
};

/** Runs flows with every client until the time is over; tells the parent how long each step took. */
export async function drive(makeClient) {
  const [load] = await once(process, 'message');
  const steps = {};
  const step = async (name, work) => {
    const start = performance.now();
    const answer = await work();
    (steps[name] ??= []).push(performance.now() - start);
    return answer;
  };

  const clients = await Promise.all(load.tokens.map((token) => makeClient(load, token)));
  const began = performance.now();
  const ends = began + load.seconds * 1000;
  await Promise.all(
    clients.map(async ({ flow }) => {
      while (performance.now() < ends) await flow(step);
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  await Promise.all(clients.map(({ close }) => close()));
  process.send({ steps, seconds }, () => process.exit());
}
