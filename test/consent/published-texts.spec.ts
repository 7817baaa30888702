import {
  currentText,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDisclosure,
  makeDiscussion,
  makePatient,
  makeScreening,
  PROPOSAL,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const KINDS = ['questionnaires', 'disclosures'] as const;

describe.each(KINDS)('%s', (kind) => {
  const current = async ({ practitioner }: TestClinic, language = 'en') =>
    (await practitioner.api.get(`/api/${kind}/current?language=${language}`)).body;

  it('begin with the built-in version 1 in English', async () => {
    const text = await current(clinic);
    expect(text).toMatchObject({ version: 1, language: 'en', contentSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect((await clinic.practitioner.api.get(`/api/${kind}/current`)).body).toEqual(text);
  });

  it('are numbered one after the other, and the newest is current', async () => {
    const fresh = await makeClinic(server);
    const text = { ...(await currentText(fresh.administrator, kind)), title: 'Before your treatment' };
    const published = await fresh.administrator.api.post(`/api/${kind}`, text);
    expect(published).toMatchObject({ status: 201, body: { ...text, version: 2 } });
    expect(await current(fresh)).toEqual(published.body);
    expect((await fresh.administrator.api.post(`/api/${kind}`, text)).body.version).toBe(3);
  });

  it('keep one version current for each language', async () => {
    const fresh = await makeClinic(server);
    const english = await current(fresh);
    const text = { ...(await currentText(fresh.administrator, kind)), language: 'pt-BR', title: 'Antes do tratamento' };
    const portuguese = (await fresh.administrator.api.post(`/api/${kind}`, text)).body;
    expect(portuguese).toMatchObject({ version: 2, language: 'pt-BR' });
    expect(await current(fresh, 'pt-BR')).toEqual(portuguese);
    expect(await current(fresh)).toEqual(english);
  });

  it('are in one language however its tag is written', async () => {
    const fresh = await makeClinic(server);
    const text = { ...(await currentText(fresh.administrator, kind)), language: 'EN' };
    const published = await fresh.administrator.api.post(`/api/${kind}`, text);
    expect(published).toMatchObject({ status: 201, body: { version: 2, language: 'en' } });
    expect(await current(fresh)).toEqual(published.body);
    expect(await current(fresh, 'eN')).toEqual(published.body);
  });

  it('have none in a language that nobody published', async () => {
    expect(await clinic.practitioner.api.get(`/api/${kind}/current?language=fi`)).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
  });

  it.each(['not a language', 'e', 'pt_BR', ''])('are not asked for in %j', async (language) => {
    expect(await clinic.practitioner.api.get(`/api/${kind}/current?language=${encodeURIComponent(language)}`)).toMatchObject({
      status: 400,
      body: { code: 'malformed', errors: [{ field: 'language' }] },
    });
  });

  it('have a hash that stays with the content and changes with any part of it', async () => {
    const fresh = await makeClinic(server);
    const text = await currentText(fresh.administrator, kind);
    const publish = async (values: object) =>
      (await fresh.administrator.api.post(`/api/${kind}`, { ...text, ...values })).body.contentSha256;
    const { contentSha256 } = await current(fresh);
    expect((await current(fresh)).contentSha256).toBe(contentSha256);
    expect(await publish({})).toBe(contentSha256);
    const list = kind === 'questionnaires' ? 'items' : 'risks';
    const [first, ...others] = text[list] as { source: string }[];
    const changed = [
      await publish({ title: `${text['title']}.` }),
      await publish({ [list]: [...others, first] }),
      await publish({ [list]: [{ ...first, source: `${first?.source} Again.` }, ...others] }),
    ];
    expect(new Set([contentSha256, ...changed]).size).toBe(4);
  });

  it('get different numbers when published at the same time', async () => {
    const fresh = await makeClinic(server);
    const text = await currentText(fresh.administrator, kind);
    const answers = await Promise.all(Array.from({ length: 6 }, () => fresh.administrator.api.post(`/api/${kind}`, text)));
    expect(answers.map(({ body }) => body.version as number).sort()).toEqual([2, 3, 4, 5, 6, 7]);
    expect((await current(fresh)).version).toBe(7);
  });

  it('of one clinic aren’t those of another', async () => {
    const [one, another] = [await makeClinic(server), await makeClinic(server)];
    const before = await current(another);
    await one.administrator.api.post(`/api/${kind}`, { ...(await currentText(one.administrator, kind)), title: 'Ours' });
    expect(await current(another)).toEqual(before);
  });
});

describe('risks that a questionnaire adds', () => {
  it('are described by the current disclosure', async () => {
    const { administrator } = await makeClinic(server);
    const text = await currentText(administrator, 'questionnaires');
    const items = [{ ...text['items'][0], addsRisks: ['rib_fracture', 'vertigo', 'fainting'] }];
    expect(await administrator.api.post('/api/questionnaires', { ...text, items })).toMatchObject({
      status: 422,
      body: { code: 'questionnaire.risk-not-told', missing: ['fainting', 'vertigo'] },
    });
    expect((await administrator.api.get('/api/questionnaires/current')).body.version).toBe(1);
    const { risks } = await currentText(administrator, 'disclosures');
    await makeDisclosure(administrator, {
      risks: [...risks, ...['vertigo', 'fainting'].map((code) => ({ ...risks[0], code, always: false }))],
    });
    expect((await administrator.api.post('/api/questionnaires', { ...text, items })).status).toBe(201);
  });

  it('are described by the current disclosure of every language', async () => {
    const { administrator } = await makeClinic(server);
    const disclosure = await currentText(administrator, 'disclosures');
    await makeDisclosure(administrator, { language: 'es' });
    await makeDisclosure(administrator, { risks: [...disclosure['risks'], { ...disclosure['risks'][0], code: 'vertigo', always: false }] });
    const text = await currentText(administrator, 'questionnaires');
    const items = [{ ...text['items'][0], addsRisks: ['vertigo'] }];
    expect(await administrator.api.post('/api/questionnaires', { ...text, items })).toMatchObject({
      status: 422,
      body: { code: 'questionnaire.risk-not-told', missing: ['vertigo'] },
    });
  });

  it('stay in the next disclosure', async () => {
    const { administrator } = await makeClinic(server);
    const text = await currentText(administrator, 'disclosures');
    const risks = (text['risks'] as { code: string }[]).filter(({ code }) => code !== 'rib_fracture');
    expect(await administrator.api.post('/api/disclosures', { ...text, risks })).toMatchObject({
      status: 422,
      body: { code: 'disclosure.risk-not-told', missing: ['rib_fracture'] },
    });
    expect((await administrator.api.get('/api/disclosures/current')).body.version).toBe(1);
  });
});

describe('a disclosure without a risk that is always discussed', () => {
  it('is refused', async () => {
    const { administrator } = clinic;
    const text = await currentText(administrator, 'disclosures');
    const risks = (text['risks'] as object[]).map((risk) => ({ ...risk, always: false }));
    expect(await administrator.api.post('/api/disclosures', { ...text, risks })).toMatchObject({
      status: 422,
      body: { code: 'disclosure.no-risk' },
    });
  });
});

describe('a disclosure that requires re-consent', () => {
  const clearance = async ({ practitioner }: TestClinic, patientId: string) =>
    (await practitioner.api.get(`/api/patients/${patientId}/clearance`)).body;

  it('ends the consents of its clinic, and of no other', async () => {
    const [one, another] = [await makeClinic(server), await makeClinic(server)];
    const patients = [await makeClearedPatient(one.practitioner), await makeClearedPatient(one.colleague)];
    const elsewhere = await makeClearedPatient(another.practitioner);
    await makeDisclosure(one.administrator, { requiresReconsent: true });
    for (const { patientId, consentId } of patients) {
      expect(await clearance(one, patientId)).toMatchObject({
        allowed: false,
        blockers: [{ code: 'consent.outdated' }],
        consent: { state: 'outdated' },
      });
      expect((await one.practitioner.api.get(`/api/consents/${consentId}`)).body).toMatchObject({ state: 'outdated', withdrawal: null });
    }
    expect(await clearance(another, elsewhere.patientId)).toMatchObject({ allowed: true, blockers: [] });
  });

  it('leaves refused, withdrawn and replaced decisions as they are', async () => {
    const fresh = await makeClinic(server);
    const { practitioner } = fresh;
    const withdrawn = await makeClearedPatient(practitioner);
    await practitioner.api.post(`/api/consents/${withdrawn.consentId}/withdrawal`, {
      reason: 'No more.',
      withdrawnBy: { kind: 'patient' },
    });
    const refused = await makeClearedPatient(practitioner);
    await makeConsent(practitioner, await makeDiscussion(practitioner, refused.patientId), { decision: 'refused' });
    await makeDisclosure(fresh.administrator, { requiresReconsent: true });
    expect((await clearance(fresh, withdrawn.patientId)).blockers).toMatchObject([{ code: 'consent.withdrawn' }]);
    expect((await clearance(fresh, refused.patientId)).blockers).toMatchObject([{ code: 'consent.refused' }]);
    expect((await practitioner.api.get(`/api/consents/${refused.consentId}`)).body.state).toBe('replaced');
  });

  it('refuses consent on a discussion of the earlier version, and takes it on one of its own', async () => {
    const { administrator, practitioner } = await makeClinic(server);
    const patientId = await makePatient(practitioner);
    await makeScreening(practitioner, patientId);
    const early = await makeDiscussion(practitioner, patientId);
    const disclosureId = await makeDisclosure(administrator, { requiresReconsent: true });
    await expect(makeConsent(practitioner, early)).rejects.toThrow('consent.outdated');
    await makeConsent(practitioner, early, { decision: 'refused' });
    const late = await makeDiscussion(practitioner, patientId);
    expect((await practitioner.api.get(`/api/discussions/${late}`)).body.disclosureId).toBe(disclosureId);
    await makeConsent(practitioner, late);
  });

  it('bars discussions in another language until that is published again', async () => {
    const { administrator, practitioner } = await makeClinic(server);
    const patientId = await makePatient(practitioner);
    await makeScreening(practitioner, patientId);
    await makeDisclosure(administrator, { language: 'es' });
    const early = await makeDiscussion(practitioner, patientId, { language: 'es' });
    await makeDisclosure(administrator, { requiresReconsent: true });
    await expect(makeConsent(practitioner, early)).rejects.toThrow('consent.outdated');
    await expect(makeDiscussion(practitioner, patientId, { language: 'es' })).rejects.toThrow('disclosure.outdated');
    await makeDisclosure(administrator, { language: 'es' });
    await makeConsent(practitioner, await makeDiscussion(practitioner, patientId, { language: 'es' }));
  });

  it('goes on to count when a version follows that doesn’t', async () => {
    const { administrator, practitioner } = await makeClinic(server);
    const patientId = await makePatient(practitioner);
    await makeScreening(practitioner, patientId);
    const early = await makeDiscussion(practitioner, patientId);
    await makeDisclosure(administrator, { requiresReconsent: true });
    await makeDisclosure(administrator);
    await expect(makeConsent(practitioner, early)).rejects.toThrow('consent.outdated');
  });
});

describe('a disclosure that doesn’t require re-consent', () => {
  it('leaves consents in force, and discussions of the earlier version good', async () => {
    const { administrator, practitioner } = await makeClinic(server);
    const { patientId } = await makeClearedPatient(practitioner);
    const early = await makeDiscussion(practitioner, patientId);
    const { risks } = await currentText(administrator, 'disclosures');
    await makeDisclosure(administrator, { risks: [...risks, { ...risks[0], code: 'vertigo', always: true }] });
    expect((await practitioner.api.get(`/api/patients/${patientId}/clearance`)).body).toMatchObject({ allowed: true, blockers: [] });
    await makeConsent(practitioner, early);
    expect((await practitioner.api.get(`/api/patients/${patientId}/clearance`)).body).toMatchObject({ allowed: true });
  });
});

describe('disclosures in several languages', () => {
  it('begin with a model that is as good as the English one', async () => {
    const { administrator, practitioner } = await makeClinic(server);
    const model = async (language: string) => (await practitioner.api.get(`/api/disclosures/model?language=${language}`)).body;
    const [english, spanish] = [await model('en'), await model('es')];
    expect((await practitioner.api.get('/api/disclosures')).body.modelLanguages).toEqual(['en', 'es']);
    expect(await currentText(administrator, 'disclosures')).toMatchObject(english);
    // The same structure and figures, other words.
    const numbersOf = (text: object) => JSON.stringify(text, (key, value) => (typeof value === 'string' && key !== 'code' ? '' : value));
    expect(numbersOf(spanish)).toBe(numbersOf(english));
    expect(await administrator.api.post('/api/disclosures', spanish)).toMatchObject({ status: 201, body: { version: 2, ...spanish } });
    expect((await practitioner.api.get('/api/disclosures/model?language=fi')).status).toBe(404);
  });

  it('tell every risk that another language tells', async () => {
    const { administrator } = await makeClinic(server);
    const text = await currentText(administrator, 'disclosures');
    const publish = (values: object) => administrator.api.post('/api/disclosures', { ...text, requiresReconsent: false, ...values });
    const without = (code: string) => text['risks'].filter((risk: { code: string }) => risk.code !== code);
    const untold = { status: 422, body: { code: 'disclosure.risk-not-told', missing: ['stroke'] } };
    expect(await publish({ language: 'es', risks: without('stroke') })).toMatchObject(untold);
    const onlySometimes = text['risks'].map((risk: { code: string }) => ({ ...risk, always: risk.code === 'headache' }));
    expect((await publish({ language: 'es', risks: onlySometimes })).body.missing).toEqual([
      'disc_injury',
      'local_soreness',
      'nerve_damage',
      'stroke',
    ]);
    expect((await publish({ language: 'es' })).status).toBe(201);
    // A risk that is told no more: in all languages, one after the other.
    expect(await publish({ risks: without('stroke') })).toMatchObject(untold);
    expect((await publish({ risks: without('stroke'), requiresReconsent: true })).status).toBe(201);
    expect((await publish({ language: 'es', risks: without('stroke') })).status).toBe(201);
  });

  it('aren’t discussed without a risk that another language has got since', async () => {
    const { administrator, practitioner } = await makeClinic(server);
    const patientId = await makePatient(practitioner);
    await makeScreening(practitioner, patientId);
    await makeDisclosure(administrator, { language: 'es' });
    const text = await currentText(administrator, 'disclosures');
    const more = { risks: [...text['risks'], { ...text['risks'][0], code: 'vertigo' }] };
    await makeDisclosure(administrator, more);
    const inSpanish = () => practitioner.api.post(`/api/patients/${patientId}/discussions`, { ...PROPOSAL, language: 'es' });
    expect(await inSpanish()).toMatchObject({ status: 409, body: { code: 'disclosure.risk-not-told', missing: ['vertigo'] } });
    await makeDisclosure(administrator, { ...more, language: 'es' });
    expect((await inSpanish()).status).toBe(201);
    expect((await practitioner.api.post(`/api/patients/${patientId}/discussions`, PROPOSAL)).status).toBe(201);
  });
});

describe('a published disclosure', () => {
  it('can be read by its id, also when a newer one is current', async () => {
    const fresh = await makeClinic(server);
    const { api } = fresh.practitioner;
    const first = (await api.get('/api/disclosures/current')).body;
    await makeDisclosure(fresh.administrator, { title: 'Newer' });
    expect(await api.get(`/api/disclosures/${first.id}`)).toMatchObject({ status: 200, body: first });
  });

  it('is listed by its language, with whether a discussion can rest on it', async () => {
    const fresh = await makeClinic(server);
    await makeDisclosure(fresh.administrator, { language: 'es', title: 'Antes de decidir' });
    await makeDisclosure(fresh.administrator, { title: 'Before you decide', requiresReconsent: true });
    expect((await fresh.practitioner.api.get('/api/disclosures/languages')).body).toEqual({
      items: [
        { language: 'en', version: 3, title: 'Before you decide', outdated: false },
        { language: 'es', version: 2, title: 'Antes de decidir', outdated: true },
      ],
    });
    const { risks } = await currentText(fresh.administrator, 'disclosures');
    await makeDisclosure(fresh.administrator, { language: 'es' });
    await makeDisclosure(fresh.administrator, { risks: [...risks, { ...risks[0], code: 'vertigo' }] });
    const { items } = (await fresh.practitioner.api.get('/api/disclosures/languages')).body;
    expect(items).toMatchObject([
      { language: 'en', outdated: false },
      { language: 'es', outdated: true },
    ]);
  });
});

describe('the versions of a published text', () => {
  it.each(KINDS)('%s are listed, the newest first, and each can be read', async (kind) => {
    const fresh = await makeClinic(server);
    const { api } = fresh.practitioner;
    const first = (await api.get(`/api/${kind}/current`)).body;
    const text = { ...(await currentText(fresh.administrator, kind)), title: 'Newer' };
    const { body: second } = await fresh.administrator.api.post(`/api/${kind}`, text);
    const { items } = (await api.get(`/api/${kind}`)).body;
    expect(items).toMatchObject([
      { id: second.id, version: 2, language: 'en', title: 'Newer', publishedAt: second.publishedAt, publishedBy: 'Ada Admin' },
      { id: first.id, version: 1, language: 'en', title: first.title, publishedBy: 'Ada Admin' },
    ]);
    expect(items[0]).not.toHaveProperty('items');
    expect((await api.get(`/api/${kind}/${first.id}`)).body).toEqual(first);
    expect((await clinic.practitioner.api.get(`/api/${kind}/${first.id}`)).status).toBe(404);
  });

  it('say what requiring re-consent would do', async () => {
    const { administrator, practitioner } = await makeClinic(server);
    const effect = async () => (await administrator.api.get('/api/disclosures/effect')).body;
    expect(await effect()).toEqual({ consentsInForce: 0 });
    await makeClearedPatient(practitioner);
    await makeClearedPatient(practitioner);
    expect(await effect()).toEqual({ consentsInForce: 2 });
    await makeDisclosure(administrator, { requiresReconsent: true });
    expect(await effect()).toEqual({ consentsInForce: 0 });
  });
});
