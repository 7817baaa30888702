import { currentText, makeClinic, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

// oxlint-disable-next-line typescript/no-explicit-any -- texts that aren't of our types are what is tested
type Text = Record<string, any>;

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const times = (count: number, make: (index: number) => object) => Array.from({ length: count }, (_, index) => make(index));
/** Changes the first of a list of the text. */
const first =
  (list: string, values: Text) =>
  (text: Text): Text => ({ ...text, [list]: [{ ...text[list][0], ...values }, ...text[list].slice(1)] });
const set = (values: Text) => (text: Text) => ({ ...text, ...values });

const COMMON: [string, (text: Text) => Text, string][] = [
  ['no language', set({ language: undefined }), 'language'],
  ['what is no language', set({ language: 'the English one' }), 'language'],
  ['a language that is too long', set({ language: `en-${'x'.repeat(40)}` }), 'language'],
  ['no title', set({ title: undefined }), 'title'],
  ['an empty title', set({ title: ' ' }), 'title'],
  ['a title of two lines', set({ title: 'one\ntwo' }), 'title'],
  ['a title of 121 characters', set({ title: 't'.repeat(121) }), 'title'],
  ['a title with a NUL', set({ title: 'a\0b' }), 'title'],
  ['an introduction of 4,001 characters', set({ introduction: 'i'.repeat(4001) }), 'introduction'],
  ['a review notice of 1,201 characters', set({ reviewNotice: 'r'.repeat(1201) }), 'reviewNotice'],
  ['an unknown key', set({ author: 'me' }), 'author'],
  ['a version of its own', set({ version: 7 }), 'version'],
  ['a hash of its own', set({ contentSha256: '00' }), 'contentSha256'],
];

const QUESTIONNAIRE: typeof COMMON = [
  ['no items', set({ items: [] }), 'items'],
  ['items that aren’t a list', set({ items: {} }), 'items'],
  ['an item that is null', (text) => ({ ...text, items: [...text['items'], null] }), 'items'],
  ['an item that is a list', (text) => ({ ...text, items: [text['items']] }), 'items'],
  ['101 items', (text) => ({ ...text, items: times(101, (index) => ({ ...text['items'][0], code: `code_${index}` })) }), 'items'],
  ['a code twice', (text) => ({ ...text, items: [...text['items'], text['items'][0]] }), 'items'],
  ['a code that isn’t snake_case', first('items', { code: 'Spinal-Tumour' }), 'items[0].code'],
  ['a code of 61 characters', first('items', { code: 'c'.repeat(61) }), 'items[0].code'],
  ['a code that isn’t text', first('items', { code: ['cc'] }), 'items[0].code'],
  ['a prompt of 1,201 characters', first('items', { prompt: 'p'.repeat(1201) }), 'items[0].prompt'],
  ['no explanation', first('items', { explanation: undefined }), 'items[0].explanation'],
  ['another effect', first('items', { effect: 'none' }), 'items[0].effect'],
  ['no effect', first('items', { effect: undefined }), 'items[0].effect'],
  ['no regions', first('items', { regions: [] }), 'items[0].regions'],
  ['another region', first('items', { regions: ['head'] }), 'items[0].regions'],
  ['a region twice', first('items', { regions: ['lumbar', 'lumbar'] }), 'items[0].regions'],
  ['another use of named regions', first('items', { namedRegions: 'widen' }), 'items[0].namedRegions'],
  ['a risk that isn’t a code', first('items', { addsRisks: ['Rib fracture'] }), 'items[0].addsRisks'],
  ['a risk twice', first('items', { addsRisks: ['rib_fracture', 'rib_fracture'] }), 'items[0].addsRisks'],
  ['21 risks', first('items', { addsRisks: Array.from({ length: 21 }, (_, index) => `risk_${index}`) }), 'items[0].addsRisks'],
  ['an empty urgent action', first('items', { urgentAction: '' }), 'items[0].urgentAction'],
  ['no source', first('items', { source: undefined }), 'items[0].source'],
  ['an unknown key in an item', first('items', { weight: 2 }), 'items[0].weight'],
];

const FIGURE = { label: 'cases', events: 1, outOf: 100, comparison: null, bound: 'exact', source: 'a study' };
const DISCLOSURE: typeof COMMON = [
  ['no benefits', set({ benefits: [] }), 'benefits'],
  ['21 benefits', set({ benefits: times(21, () => ({ title: 'a', wording: 'b' })) }), 'benefits'],
  ['a benefit without wording', set({ benefits: [{ title: 'a' }] }), 'benefits[0].wording'],
  ['no alternatives', set({ alternatives: [] }), 'alternatives'],
  ['21 alternatives', set({ alternatives: times(21, () => ({ title: 'a', wording: 'b' })) }), 'alternatives'],
  ['a list for an alternative', set({ alternatives: [[]] }), 'alternatives'],
  ['no uncertainty', set({ uncertainty: undefined }), 'uncertainty'],
  ['41 who should avoid it', set({ whoShouldAvoid: Array.from({ length: 41 }, () => 'you') }), 'whoShouldAvoid'],
  ['a number among who should avoid it', set({ whoShouldAvoid: [7] }), 'whoShouldAvoid'],
  ['21 signs after treatment', set({ afterTreatment: times(21, () => ({ sign: 'a', action: 'b' })) }), 'afterTreatment'],
  ['a sign without action', set({ afterTreatment: [{ sign: 'a' }] }), 'afterTreatment[0].action'],
  ['no risks', set({ risks: [] }), 'risks'],
  ['51 risks', (text) => ({ ...text, risks: times(51, (index) => ({ ...text['risks'][0], code: `code_${index}` })) }), 'risks'],
  ['a risk that is null', (text) => ({ ...text, risks: [...text['risks'], null] }), 'risks'],
  ['a risk that is a list', (text) => ({ ...text, risks: [text['risks']] }), 'risks'],
  ['a code twice', (text) => ({ ...text, risks: [...text['risks'], text['risks'][0]] }), 'risks'],
  ['a code that isn’t snake_case', first('risks', { code: 'Stroke' }), 'risks[0].code'],
  ['wording of 1,201 characters', first('risks', { wording: 'w'.repeat(1201) }), 'risks[0].wording'],
  ['wording of spaces', first('risks', { wording: ' \t\n' }), 'risks[0].wording'],
  ['no frequency', first('risks', { frequency: undefined }), 'risks[0].frequency'],
  ['no word on whether it is always discussed', first('risks', { always: undefined }), 'risks[0].always'],
  ['“true” in place of true', first('risks', { always: 'true' }), 'risks[0].always'],
  ['no figures', first('risks', { figures: undefined }), 'risks[0].figures'],
  ['11 figures', first('risks', { figures: times(11, () => FIGURE) }), 'risks[0].figures'],
  ['events below 0', first('risks', { figures: [{ ...FIGURE, events: -1 }] }), 'risks[0].figures[0].events'],
  ['of none', first('risks', { figures: [{ ...FIGURE, outOf: 0 }] }), 'risks[0].figures[0].outOf'],
  ['another bound', first('risks', { figures: [{ ...FIGURE, bound: 'about' }] }), 'risks[0].figures[0].bound'],
  ['a list for a comparison', first('risks', { figures: [{ ...FIGURE, comparison: [] }] }), 'risks[0].figures[0].comparison'],
  [
    'half a comparison',
    first('risks', { figures: [{ ...FIGURE, comparison: { label: 'sham', events: 1 } }] }),
    'risks[0].figures[0].comparison.outOf',
  ],
  ['an unknown key in a risk', first('risks', { severity: 'high' }), 'risks[0].severity'],
  ['re-consent that is neither true nor false', set({ requiresReconsent: 1 }), 'requiresReconsent'],
];

describe.each([
  ['questionnaires', [...COMMON, ...QUESTIONNAIRE]],
  ['disclosures', [...COMMON, ...DISCLOSURE]],
] as const)('POST /%s', (kind, cases) => {
  it.each(cases)('refuses %s and names the field', async (_, change, field) => {
    const text = await currentText(clinic.administrator, kind);
    const answer = await clinic.administrator.api.post(`/api/${kind}`, change(text));
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed', errors: [{ field }] } });
    expect((await clinic.administrator.api.get(`/api/${kind}/current`)).body.version).toBe(1);
  });

  it.each(['[]', 'null', '"text"', '7', '{}'])('refuses %s as a body', async (body) => {
    const answer = await clinic.administrator.api.send('POST', `/api/${kind}`, body, { 'content-type': 'application/json' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed' } });
  });

  it('refuses more than a server should read', async () => {
    const text = await currentText(clinic.administrator, kind);
    expect(await clinic.administrator.api.post(`/api/${kind}`, { ...text, introduction: 'i'.repeat(600_000) })).toMatchObject({
      status: 413,
      body: { code: 'payload-too-large' },
    });
  });
});

describe('the longest texts', () => {
  it('are kept as they are', async () => {
    const fresh = await makeClinic(server);
    const text = await currentText(fresh.administrator, 'questionnaires');
    const items = times(50, (index) => ({
      ...text['items'][0],
      code: `code_${index}`,
      prompt: '痛'.repeat(1200),
      explanation: 'é'.repeat(1200),
      source: 'س'.repeat(200),
    }));
    const long = { ...text, title: 't'.repeat(120), introduction: 'i'.repeat(4000), items };
    expect(await fresh.administrator.api.post('/api/questionnaires', long)).toMatchObject({ status: 201, body: long });
  });
});
