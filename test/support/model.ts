import { modelDisclosure } from '../../src/clinics/content.js';
import { type Act, FINDINGS, type Who, WHO } from './acts.js';
import type { Answer } from './api.js';
import { GIVEN, makeAnswers, type Person, PROPOSAL, type TestClinic } from './make.js';

const ADVICE = { name: 'Dr Lee', profession: 'physician', date: '2026-01-02', text: 'May be treated with care.' };

interface Screening {
  readonly id: string;
  readonly by: Who;
  readonly adds: readonly string[];
  cleared: readonly string[];
  approvable: readonly string[];
  /** The patient reported a change since. */
  changed: boolean;
}

interface Discussion {
  readonly id: string;
  readonly version: number;
  readonly added: readonly string[];
  readonly told: ReadonlySet<string>;
  decided: boolean;
}

interface Consent {
  readonly id: string;
  readonly regions: readonly string[];
  readonly told: ReadonlySet<string>;
  state: 'in_force' | 'refused' | 'withdrawn' | 'outdated';
}

interface Session {
  readonly id: string;
  readonly by: Who;
  readonly licence: string;
  readonly screening: Screening;
  readonly consent: Consent;
}

interface PatientState {
  readonly id: string;
  screening?: Screening;
  discussion?: Discussion;
  consent?: Consent;
  session?: Session;
}

interface Outcome {
  readonly expected: unknown;
  readonly answered: unknown;
}

const ALWAYS = ['stroke', 'nerve_damage', 'disc_injury', 'headache', 'local_soreness'];

/** What the rules say, in a hundred lines, beside the real thing. */
export class Model {
  sessions = 0;
  private readonly patients: PatientState[];
  private readonly licences = new Map<Who, string | undefined>();
  private version = 1;
  private reconsentVersion = 0;

  constructor(
    private readonly clinic: TestClinic,
    patientIds: string[],
  ) {
    this.patients = patientIds.map((id) => ({ id }));
    for (const one of WHO) this.licences.set(one, 'the first');
  }

  async perform(one: Act): Promise<Outcome> {
    if (one.do === 'publish') return this.publish(one.requiresReconsent);
    const by = this.clinic[one.who];
    if (one.do === 'revoke') return this.revoke(by, one.who);
    if (one.do === 'license') return this.license(by, one.who);
    const state = this.patients[one.patient] as PatientState;
    switch (one.do) {
      case 'screen':
        return this.screen(state, by, one.who, one.found);
      case 'approve':
        return this.approve(state, by, one.who);
      case 'discuss':
        return this.discuss(state, by, one.who, one.leaveOut);
      case 'decide':
        return this.decide(state, by, one);
      case 'withdraw':
        return this.withdraw(state, by);
      case 'start':
        return this.start(state, by, one.who, one.unchanged);
      case 'manipulate':
        return this.manipulate(state, by, one);
      default:
        return this.end(state, by);
    }
  }

  private async screen(state: PatientState, by: Person, performer: Who, found: string): Promise<Outcome> {
    const { answers, advice, cleared = [], approvable = [], adds = [] } = FINDINGS[found] ?? { answers: {} };
    const { status, body } = await by.api.post(`/api/patients/${state.id}/screenings`, {
      ...(await makeAnswers(by, answers)),
      ...(advice && { advice: ADVICE }),
    });
    if (!this.licences.get(performer)) return { expected: [409, 'licence.revoked'], answered: [status, body.code] };
    state.screening = { id: body.id as string, by: performer, adds, cleared, approvable, changed: false };
    return { expected: [201, cleared], answered: [status, body.clearedRegions] };
  }

  private async approve({ screening }: PatientState, by: Person, approver: Who): Promise<Outcome> {
    if (!screening) return NOTHING_DONE;
    const { status } = await by.api.post(`/api/screenings/${screening.id}/approval`, { reason: 'Seen together.' });
    if (!this.licences.get(approver)) return { expected: anyOf(status, 403, 409), answered: status };
    if (screening.changed) return { expected: anyOf(status, 403, 409), answered: status };
    if (screening.by === approver)
      return { expected: screening.approvable.length === 0 ? anyOf(status, 403, 409) : anyOf(status, 403), answered: status };
    if (screening.approvable.length === 0) return { expected: anyOf(status, 409, 422), answered: status };
    screening.cleared = screening.approvable;
    screening.approvable = [];
    return { expected: 201, answered: status };
  }

  private async discuss(state: PatientState, by: Person, discusser: Who, leaveOut: string | undefined): Promise<Outcome> {
    const { status, body } = await by.api.post(`/api/patients/${state.id}/discussions`, PROPOSAL);
    if (!state.screening) return { expected: [409, 'screening.none'], answered: [status, body.code] };
    if (!this.licences.get(discusser)) return { expected: [409, 'licence.revoked'], answered: [status, body.code] };
    const codes = (body.risks as { code: string }[]).map(({ code }) => code);
    for (const code of codes) if (code !== leaveOut) await by.api.put(`/api/discussions/${body.id}/risks/${code}`);
    state.discussion = {
      id: body.id as string,
      version: this.version,
      added: state.screening.adds,
      told: new Set(codes.filter((code) => code !== leaveOut)),
      decided: false,
    };
    return { expected: [201, [...ALWAYS, ...state.screening.adds]], answered: [status, codes] };
  }

  private async decide(
    state: PatientState,
    by: Person,
    { who: recorder, given, part }: { who: Who; given: boolean; part?: string | undefined },
  ): Promise<Outcome> {
    const { discussion, screening } = state;
    if (!discussion) return NOTHING_DONE;
    const { status, body } = await by.api.post(`/api/discussions/${discussion.id}/consent`, {
      ...GIVEN,
      decision: given ? 'given' : 'refused',
      ...(part && given && { regions: [part] }),
    });
    const answered = [status, body.code];
    if (discussion.decided) return { expected: [409, 'discussion.decided'], answered };
    if (given && !this.licences.get(recorder)) return { expected: [409, 'licence.revoked'], answered };
    if (given && discussion.version < this.reconsentVersion) return { expected: [409, 'consent.outdated'], answered };
    const required = [...ALWAYS, ...discussion.added, ...(screening?.adds ?? [])];
    if (given && !required.every((code) => discussion.told.has(code))) return { expected: [422, 'consent.risks-not-discussed'], answered };
    if (given && part && !PROPOSAL.regions.includes(part)) return { expected: [422, 'consent.regions'], answered };
    discussion.decided = true;
    state.consent = {
      id: body.id as string,
      regions: part ? [part] : PROPOSAL.regions,
      told: discussion.told,
      state: given ? 'in_force' : 'refused',
    };
    // What an open session rests on has ended, whichever way the patient decided.
    if (state.session && state.session.consent.state === 'in_force') state.session.consent.state = 'outdated';
    return { expected: [201, undefined], answered };
  }

  private async withdraw({ consent }: PatientState, by: Person): Promise<Outcome> {
    if (!consent) return NOTHING_DONE;
    const { status } = await by.api.post(`/api/consents/${consent.id}/withdrawal`, {
      reason: 'No more.',
      withdrawnBy: { kind: 'patient' },
    });
    if (consent.state !== 'in_force') return { expected: 409, answered: status };
    consent.state = 'withdrawn';
    return { expected: 200, answered: status };
  }

  private async start(state: PatientState, by: Person, starter: Who, nothingChanged: boolean): Promise<Outcome> {
    const { status, body } = await by.api.post(`/api/patients/${state.id}/sessions`, {
      nothingChanged,
      stillConsents: true,
      ...(!nothingChanged && { change: 'A fall.' }),
    });
    const blockers = this.blockers(state, starter);
    if (!nothingChanged) {
      blockers.push('check.changed');
      if (state.screening) state.screening.changed = true;
    }
    const answered = [status, ((body.blockers ?? []) as { code: string }[]).map(({ code }) => code)];
    if (blockers.length > 0) return { expected: [409, blockers], answered };
    const { screening, consent } = state as { screening: Screening; consent: Consent };
    state.session = { id: body.id as string, by: starter, licence: this.licences.get(starter) ?? '', screening, consent };
    this.sessions++;
    return { expected: [201, []], answered };
  }

  private blockers({ screening, consent, session }: PatientState, starter: Who): string[] {
    const blockers = [];
    if (!this.licences.get(starter)) blockers.push('licence.revoked');
    if (!screening) blockers.push('screening.none');
    else if (screening.changed) blockers.push('screening.change-reported');
    else if (screening.cleared.length === 0) blockers.push('screening.referred');
    if (!consent) blockers.push('consent.none');
    else if (consent.state !== 'in_force') blockers.push(`consent.${consent.state}`);
    else if (screening && !screening.adds.every((code) => consent.told.has(code))) blockers.push('consent.outdated');
    else if (
      screening &&
      !screening.changed &&
      screening.cleared.length > 0 &&
      !consent.regions.some((one) => screening.cleared.includes(one))
    )
      blockers.push('scope.none');
    if (session) blockers.push('session.already-open');
    return blockers;
  }

  private async manipulate(
    state: PatientState,
    by: Person,
    { who: doer, region: where, technique }: { who: Who; region: string; technique: string },
  ): Promise<Outcome> {
    const { session } = state;
    if (!session) return NOTHING_DONE;
    const segment = { cervical: 'C5', lumbar: 'L4/L5', pelvic: 'sacroiliac' }[where];
    const { status } = await by.api.post(`/api/sessions/${session.id}/manipulations`, { region: where, segment, technique });
    if (session.by !== doer) return { expected: 403, answered: status };
    const inForce =
      session.screening === state.screening &&
      !session.screening.changed &&
      session.consent.state === 'in_force' &&
      this.licences.get(doer) === session.licence;
    const inScope = session.consent.regions.includes(where) && session.screening.cleared.includes(where) && technique === 'mobilisation';
    if (inForce && inScope) return { expected: 201, answered: status };
    return { expected: inForce ? 422 : inScope ? 409 : anyOf(status, 409, 422), answered: status };
  }

  private async end(state: PatientState, by: Person): Promise<Outcome> {
    if (!state.session) return NOTHING_DONE;
    const { status } = await by.api.post(`/api/sessions/${state.session.id}/end`);
    state.session = undefined;
    return { expected: 200, answered: status };
  }

  private async revoke(of: Person, name: Who): Promise<Outcome> {
    const { administrator } = this.clinic;
    const { body } = await administrator.api.get('/api/staff');
    const person = (body.items as { id: string; licences: { id: string; revokedAt: string | null }[] }[]).find(({ id }) => id === of.id);
    const answers: Answer[] = [];
    for (const { id, revokedAt } of person?.licences ?? []) {
      if (!revokedAt) answers.push(await administrator.api.post(`/api/licences/${id}/revocation`, { reason: 'struck off' }));
    }
    const expected = this.licences.get(name) ? [200] : [];
    this.licences.set(name, undefined);
    return { expected, answered: answers.map(({ status }) => status) };
  }

  private async license(to: Person, name: Who): Promise<Outcome> {
    if (this.licences.get(name)) return NOTHING_DONE;
    const number = crypto.randomUUID();
    const { status } = await this.clinic.administrator.api.post(`/api/staff/${to.id}/licences`, {
      profession: 'chiropractor',
      authority: 'Board',
      number,
    });
    this.licences.set(name, number);
    return { expected: 201, answered: status };
  }

  private async publish(requiresReconsent: boolean): Promise<Outcome> {
    const { administrator } = this.clinic;
    const { language, content } = await modelDisclosure('en');
    const { status } = await administrator.api.post('/api/disclosures', { language, ...content, requiresReconsent });
    this.version++;
    if (requiresReconsent) {
      this.reconsentVersion = this.version;
      for (const { consent } of this.patients) if (consent?.state === 'in_force') consent.state = 'outdated';
    }
    return { expected: 201, answered: status };
  }
}

const NOTHING_DONE: Outcome = { expected: 'nothing', answered: 'nothing' };

/** The answer, where any of these will do. */
function anyOf(status: number, ...possible: number[]): number | undefined {
  return possible.includes(status) ? status : possible[0];
}
