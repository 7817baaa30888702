import * as fc from 'fast-check';
import { REGIONS } from './make.js';

export const WHO = ['practitioner', 'colleague'] as const;
export type Who = (typeof WHO)[number];

/** What a screening finds: [the answers, medical advice is recorded, regions cleared, regions that an approval would clear, risks added]. */
export const FINDINGS: Record<
  string,
  { answers: Record<string, object>; advice?: true; cleared: string[]; approvable: string[]; adds: string[] }
> = {
  nothing: { answers: {}, cleared: REGIONS, approvable: [], adds: [] },
  neck: { answers: { cervical_arterial_warning: { answer: 'yes' } }, cleared: without('cervical'), approvable: [], adds: [] },
  tumour: { answers: { spinal_tumour: { answer: 'unsure' } }, cleared: [], approvable: [], adds: [] },
  reaction: { answers: { earlier_reaction: { answer: 'yes' } }, cleared: [], approvable: REGIONS, adds: [] },
  osteoporosis: { answers: { osteoporosis: { answer: 'yes' } }, advice: true, cleared: REGIONS, approvable: [], adds: ['rib_fracture'] },
  inflammation: {
    answers: { systemic_inflammatory_disease: { answer: 'yes', regions: ['lumbar'] } },
    cleared: [],
    approvable: without('lumbar'),
    adds: [],
  },
};

function without(region: string): string[] {
  return REGIONS.filter((other) => other !== region);
}

const patient = fc.nat({ max: 1 });
const who = fc.constantFrom(...WHO);
const region = fc.constantFrom('cervical', 'lumbar', 'pelvic');
const act = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('screen' as const), patient, who, found: fc.constantFrom(...Object.keys(FINDINGS)) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('approve' as const), patient, who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('discuss' as const),
      patient,
      who,
      leaveOut: fc.constantFrom(undefined, undefined, undefined, 'stroke'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      patient,
      who,
      given: fc.constantFrom(true, true, true, false),
      part: fc.option(region, { nil: undefined, freq: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), patient, who }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('start' as const), patient, who, unchanged: fc.constantFrom(true, true, true, false) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('manipulate' as const),
      patient,
      who,
      region,
      technique: fc.constantFrom('mobilisation', 'mobilisation', 'traction'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), patient, who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('license' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('publish' as const), requiresReconsent: fc.boolean() }) },
);

export type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;

/** Up to a start, which random acts alone would rarely find. */
const wayToASession = patient.map((index): Act[] => [
  { do: 'screen', patient: index, who: 'practitioner', found: 'nothing' },
  { do: 'discuss', patient: index, who: 'practitioner', leaveOut: undefined },
  { do: 'decide', patient: index, who: 'practitioner', given: true, part: undefined },
]);
export const acts: fc.Arbitrary<Act[]> = fc
  .array(fc.oneof({ weight: 7, arbitrary: act.map((one) => [one]) }, { weight: 1, arbitrary: wayToASession }), {
    minLength: 10,
    maxLength: 30,
  })
  .map((parts) => parts.flat());
