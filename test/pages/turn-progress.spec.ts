import * as fc from 'fast-check';
import { advance, BEGINNING, type Progress, type Terms, type TurnEvent } from '../../web/pages/turn/progress.js';

const TERMS: Terms = { choosable: ['cervical', 'lumbar'], witness: false };
const WITNESSED: Terms = { ...TERMS, witness: true };
const ROSA = { name: 'Rosa Vega', strokes: [] };
const WITNESS = { name: 'Ana Ruiz', strokes: [] };
const ASKED = { question: 'Will it hurt?', place: 'Possible risks' };

function after(events: readonly TurnEvent[], terms = TERMS): Progress {
  return events.reduce((now, event) => advance(now, event, terms), BEGINNING);
}

const NEXT: TurnEvent = { type: 'next' };
const READ: readonly TurnEvent[] = [NEXT, NEXT];
const WRITTEN: TurnEvent = { type: 'wrote', teachBack: 'A stroke, rarely.' };
const SIGNED: TurnEvent = { type: 'signed', signature: ROSA };
const AGREED: readonly TurnEvent[] = [...READ, { type: 'chose', choice: 'all' }, WRITTEN, SIGNED];

describe('the patient’s turn', () => {
  it('begins with the treatment, then shows the risks, then asks for the decision', () => {
    expect([BEGINNING.step, after([NEXT]).step, after(READ).step]).toEqual(['about', 'risks', 'decide']);
  });

  it.each([
    ['decide', 'sign', [...READ, { type: 'chose', choice: 'all' }]],
    ['decide', 'refuse', [...READ, { type: 'chose', choice: 'no' }]],
    ['risks', 'decide', READ],
    ['about', 'about', []],
  ] as const)('goes back to %s from %s', (to, from, events) => {
    const now = after(events);
    expect([now.step, advance(now, { type: 'back' }, TERMS).step]).toEqual([from, to]);
  });

  it('asks for the regions of a part before the signature', () => {
    const part: readonly TurnEvent[] = [...READ, { type: 'chose', choice: 'part' }];
    expect(after([...part, NEXT])).toMatchObject({ step: 'decide', missing: 'chooseParts' });
    expect(after([...part, NEXT, { type: 'chose-part', part: ['lumbar'] }, NEXT])).toMatchObject({ step: 'sign', missing: undefined });
  });

  it('agrees to chosen regions alone, and to none that can’t be chosen', () => {
    const events: readonly TurnEvent[] = [
      ...READ,
      { type: 'chose', choice: 'part' },
      { type: 'chose-part', part: ['thoracic', 'lumbar'] },
      NEXT,
      WRITTEN,
      SIGNED,
    ];
    expect(after(events).made).toEqual({ agreed: ['lumbar'], teachBack: 'A stroke, rarely.', signature: ROSA });
  });

  it('takes no signature before the decider has said it in their words', () => {
    expect(after([...READ, { type: 'chose', choice: 'all' }, SIGNED])).toMatchObject({ step: 'sign', missing: 'wordsMissing' });
    expect(after([...READ, { type: 'chose', choice: 'all' }, { type: 'wrote', teachBack: '  ' }, SIGNED]).made).toBeUndefined();
    expect(after(AGREED).made).toEqual({ agreed: ['cervical', 'lumbar'], teachBack: 'A stroke, rarely.', signature: ROSA });
  });

  it('waits for the witness where there is one', () => {
    const signed = after(AGREED, WITNESSED);
    expect([signed.signature, signed.made]).toEqual([ROSA, undefined]);
    const { made, signature } = advance(signed, { type: 'witnessed', signature: WITNESS }, WITNESSED);
    expect([made, signature]).toEqual([
      { agreed: ['cervical', 'lumbar'], teachBack: 'A stroke, rarely.', signature: ROSA, witness: WITNESS },
      undefined,
    ]);
  });

  it('takes a no without words and without a signature, after it is confirmed', () => {
    const said = after([...READ, { type: 'chose', choice: 'no' }]);
    expect(said.made).toBeUndefined();
    expect(advance(said, { type: 'confirmed-no' }, TERMS).made).toEqual({ agreed: [], teachBack: '' });
  });

  it('lets them ask at any step, and continues there', () => {
    const asking = after([NEXT, { type: 'wants-to-ask' }]);
    expect(asking).toMatchObject({ step: 'risks', asking: true });
    expect(advance(asking, { type: 'rather-not' }, TERMS)).toMatchObject({ step: 'risks', asking: false });
    const asked = advance(asking, { type: 'asked', asked: ASKED }, TERMS);
    expect(asked).toMatchObject({ step: 'risks', asking: false, asked: ASKED });
    expect(advance(asked, { type: 'handed-over' }, TERMS)).toMatchObject({ step: 'risks', asked: undefined });
  });

  it('lets them change their mind before the tablet is given back, and sign again', () => {
    const changed = advance(after(AGREED), { type: 'changed-their-mind' }, TERMS);
    expect(changed).toMatchObject({ step: 'decide', made: undefined, signature: undefined, teachBack: 'A stroke, rarely.' });
  });

  it('repeats a signature that a reload cut off from its witness', () => {
    expect(advance(after(AGREED, WITNESSED), { type: 'handed-over' }, WITNESSED)).toMatchObject({ step: 'sign', signature: undefined });
  });

  it('asks for the decision again when no chosen region is cleared any more', () => {
    const signing = after([...READ, { type: 'chose', choice: 'all' }]);
    expect(advance(signing, { type: 'handed-over' }, { choosable: [], witness: false }).step).toBe('decide');
  });

  it('never ends in a yes without regions, words and every signature, whatever happens in whatever order', () => {
    const events: readonly TurnEvent[] = [
      NEXT,
      { type: 'back' },
      { type: 'handed-over' },
      { type: 'chose', choice: 'all' },
      { type: 'chose', choice: 'part' },
      { type: 'chose', choice: 'no' },
      { type: 'chose-part', part: [] },
      { type: 'chose-part', part: ['lumbar', 'pelvic'] },
      WRITTEN,
      { type: 'wrote', teachBack: ' ' },
      SIGNED,
      { type: 'witnessed', signature: WITNESS },
      { type: 'confirmed-no' },
      { type: 'wants-to-ask' },
      { type: 'asked', asked: ASKED },
      { type: 'changed-their-mind' },
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), fc.constantFrom(TERMS, WITNESSED), (happened, terms) => {
        const { made } = after(happened, terms);
        if (!made) return true;
        if (made.agreed.length === 0) return made.signature === undefined && made.witness === undefined;
        const covered = made.agreed.every((region) => terms.choosable.includes(region));
        return covered && made.teachBack.trim() !== '' && made.signature !== undefined && (made.witness !== undefined) === terms.witness;
      }),
      { numRuns: 2000 },
    );
  });
});
