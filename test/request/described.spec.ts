import { randomUUID } from 'node:crypto';
import { expectDescribed, type Received } from '../support/described.js';

const ME = {
  id: randomUUID(),
  name: 'Ana Sá',
  email: 'ana@clinic.example',
  role: 'practitioner',
  profession: null,
  clinic: { id: randomUUID(), name: 'A clinic', timeZone: 'Europe/Lisbon' },
};
const PROBLEM = { type: 'urn:assent:problem:forbidden', title: 'No.', status: 403, code: 'forbidden', requestId: randomUUID() };
const ofProblem = (status: number) => ({
  status,
  body: { ...PROBLEM, status },
  headers: { 'content-type': 'application/problem+json; charset=utf-8' },
});

/** GET /api/me, unless it is said otherwise. */
function received({ headers = {}, ...given }: Partial<Omit<Received, 'headers'>> & { headers?: Record<string, string> } = {}): Received {
  const common = { 'content-type': 'application/json; charset=utf-8', 'x-request-id': randomUUID(), 'cache-control': 'no-store' };
  return { method: 'GET', path: '/api/me', status: 200, body: ME, ...given, headers: new Headers({ ...common, ...headers }) };
}

describe('an answer', () => {
  it.each([
    ['as described', received()],
    ['with a problem that is described', received(ofProblem(403))],
    [
      'to a method that the address doesn’t have',
      received({ ...ofProblem(405), method: 'PUT', headers: { ...ofProblem(405).headers, allow: 'GET, HEAD, OPTIONS' } }),
    ],
    ['of an address that isn’t the API’s', received({ path: '/', headers: { 'content-type': 'text/html' } })],
  ])('passes %s', (_, answer) => {
    expect(() => expectDescribed(answer)).not.toThrow();
  });

  it.each([
    ['another status', received({ status: 203 }), /GET \/api\/me answered 203, not as openapi.json describes it: described are 200, 401/],
    ['a field more', received({ body: { ...ME, salary: 1 } }), /must NOT have additional properties.*salary/],
    [
      'a field more in a part',
      received({ body: { ...ME, clinic: { ...ME.clinic, owner: 'x' } } }),
      /body\/clinic must NOT have additional.*owner/,
    ],
    ['a field less', received({ body: { ...ME, name: undefined } }), /must have required property 'name'/],
    ['a field of another type', received({ body: { ...ME, profession: 1 } }), /body\/profession must be string,null/],
    ['a text of another format', received({ body: { ...ME, id: '1' } }), /body\/id must match format "uuid"/],
    ['another content type', received({ headers: { 'content-type': 'text/plain' } }), /described is application\/json, it is text\/plain/],
    ['a header more', received({ headers: { 'x-secret': 'x' } }), /the header x-secret isn’t described/],
    ['another value of a header', received({ headers: { 'x-request-id': 'mine' } }), /header X-Request-Id must match format "uuid"/],
    ['a body where none is described', received({ method: 'DELETE', path: '/api/clinic/sso', status: 204 }), /no body is described/],
    [
      'a problem without a code',
      received({ ...ofProblem(403), body: { ...PROBLEM, code: undefined } }),
      /must have required property 'code'/,
    ],
    ['404 to a method that the address doesn’t have', received({ ...ofProblem(404), method: 'PUT' }), /it should be 405/],
    ['405 without Allow', received({ ...ofProblem(405), method: 'PUT' }), /Allow should be GET, HEAD, OPTIONS/],
    ['success at an address that isn’t described', received({ path: '/api/nowhere' }), /it should be a problem/],
  ])('fails with %s', (_, answer, fault) => {
    expect(() => expectDescribed(answer)).toThrow(fault);
  });
});
