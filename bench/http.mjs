// The flow over HTTP: one connection a client, kept alive.
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { drive, MANIPULATION, PATIENT, PROPOSAL, SIGNATURE, TEACH_BACK } from './flow.mjs';

await drive(async ({ url, keys }, token) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const cookie = `assent=${token}`;
  const call = (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const key = keys && method !== 'GET' && { 'idempotency-key': randomUUID() };
      const headers = { cookie, ...key, ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }) };
      const sent = request(new URL(path, url), { method, agent, headers }, (answer) => {
        let received = '';
        answer.setEncoding('utf8');
        answer.on('data', (data) => (received += data));
        answer.on('end', () => {
          if (answer.statusCode < 300) resolve(JSON.parse(received));
          else reject(new Error(`${method} ${path}: ${answer.statusCode} ${received}`));
        });
      });
      sent.once('error', reject);
      sent.end(text);
    });

  const questionnaire = await call('GET', '/api/questionnaires/current');
  const answers = questionnaire.items.map(({ code }) => ({ code, answer: 'no' }));
  return {
    close: () => agent.destroy(),
    async flow(step) {
      const { id: patientId } = await step('register', () => call('POST', '/api/patients', PATIENT));
      const patient = `/api/patients/${patientId}`;
      await step('screen', () => call('POST', `${patient}/screenings`, { questionnaireId: questionnaire.id, answers }));
      const discussion = await step('open discussion', () => call('POST', `${patient}/discussions`, PROPOSAL));
      for (const { code } of discussion.risks)
        await step('discuss a risk', () => call('PUT', `/api/discussions/${discussion.id}/risks/${code}`));
      await step('consent', () =>
        call('POST', `/api/discussions/${discussion.id}/consent`, {
          decision: 'given',
          decidedBy: { kind: 'patient' },
          capacityConfirmed: true,
          alternativesDiscussed: true,
          rightToWithdrawTold: true,
          teachBack: TEACH_BACK,
          signature: SIGNATURE,
        }),
      );
      const session = await step('start', () => call('POST', `${patient}/sessions`, { nothingChanged: true, stillConsents: true }));
      await step('manipulation', () => call('POST', `/api/sessions/${session.id}/manipulations`, MANIPULATION));
      await step('end', () => call('POST', `/api/sessions/${session.id}/end`));
    },
  };
});
