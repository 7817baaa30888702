import { regionName } from '../../../anatomy.ts';
import type { Api } from '../../../api/client.ts';
import { t } from '../../../messages/index.ts';

/** A part of a text that stands for itself, by a key that it keeps from version to version. */
export interface Passage {
  readonly key: string;
  readonly label: string;
  readonly text: string;
}

export function passagesOfDisclosure(text: Api['PublishDisclosure']): Passage[] {
  return [
    passage('title', t('texts.textTitle'), text.title),
    passage('reviewNotice', t('texts.reviewNotice'), text.reviewNotice),
    passage('introduction', t('texts.introduction'), text.introduction),
    ...text.benefits.map((one, index) =>
      passage(`benefits[${index}]`, t('texts.benefit', { number: index + 1 }), lines(one.title, one.wording)),
    ),
    ...text.risks.flatMap(passagesOfRisk),
    passage('uncertainty', t('texts.uncertainty'), text.uncertainty),
    ...text.alternatives.map((one, index) =>
      passage(`alternatives[${index}]`, t('texts.alternative', { number: index + 1 }), lines(one.title, one.wording)),
    ),
    ...text.whoShouldAvoid.map((one, index) => passage(`whoShouldAvoid[${index}]`, t('texts.avoid', { number: index + 1 }), one)),
    ...text.afterTreatment.map((one, index) =>
      passage(`afterTreatment[${index}]`, t('texts.redFlag', { number: index + 1 }), lines(one.sign, one.action)),
    ),
  ];
}

function passagesOfRisk(risk: Api['DisclosureRisk']): Passage[] {
  const part = (name: string, label: string, text: string) =>
    passage(`risks.${risk.code}.${name}`, t('texts.flatItem', { what: risk.title || risk.code, part: label }), text);
  return [
    part('title', t('texts.passageTitle'), risk.title),
    part('wording', t('texts.wording'), risk.wording),
    part('feelsLike', t('texts.feelsLike'), risk.feelsLike),
    part('whatToDo', t('texts.whatToDo'), risk.whatToDo),
    part('frequency', t('texts.frequency'), risk.frequency),
    part('figures', t('texts.figures'), risk.figures.map(figureText).join('\n')),
    part('source', t('texts.source'), risk.source),
    part('always', t('texts.always'), t(risk.always ? 'texts.always' : 'texts.onlySome')),
  ];
}

export function passagesOfQuestionnaire(text: Api['PublishQuestionnaire']): Passage[] {
  return [
    passage('title', t('texts.textTitle'), text.title),
    passage('reviewNotice', t('texts.reviewNotice'), text.reviewNotice),
    passage('introduction', t('texts.introduction'), text.introduction),
    ...text.items.flatMap(passagesOfQuestion),
  ];
}

function passagesOfQuestion(item: Api['QuestionnaireItem'], index: number): Passage[] {
  const what = t('texts.question', { number: index + 1 });
  const part = (name: string, label: string, text: string) =>
    passage(`items.${item.code}.${name}`, t('texts.flatItem', { what, part: label }), text);
  return [
    part('prompt', t('texts.prompt'), item.prompt),
    part('explanation', t('texts.explanation'), item.explanation),
    part('effect', t('texts.effectOf'), t(`texts.effects.${item.effect}`)),
    part('regions', t('texts.regions'), item.regions.map(regionName).join(', ')),
    part('namedRegions', t('texts.namedRegions'), t(`texts.namedRegionsOf.${item.namedRegions}`)),
    part('addsRisks', t('texts.addsRisks'), item.addsRisks.join(', ')),
    part('urgentAction', t('texts.urgentAction'), item.urgentAction ?? ''),
    part('source', t('texts.source'), item.source),
  ];
}

/** With figures of the study: “Serious events: at most 6 of 100,000”. */
export function figureText({ label, events, outOf, bound, comparison }: Api['Figure']): string {
  const key = ({ exact: 'texts.figureText', at_most: 'texts.figureAtMost', less_than: 'texts.figureLessThan' } as const)[bound];
  return lines(t(key, { label, events, outOf }), comparison ? t('texts.figureText', { ...comparison }) : '');
}

const passage = (key: string, label: string, text: string | undefined): Passage => ({ key, label, text: text ?? '' });
const lines = (...texts: string[]) => texts.filter(Boolean).join('\n');
