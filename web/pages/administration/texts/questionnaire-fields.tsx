import { useQuery } from '@tanstack/react-query';
import { regionName, REGIONS } from '../../../anatomy.ts';
import type { Api } from '../../../api/client.ts';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { ChoiceField, LineField, ManyField, ProseField } from './fields.tsx';
import { useTextForm } from './form.ts';
import { ListField } from './list-field.tsx';
import { beginningQuery } from './queries.ts';

type Item = Api['QuestionnaireItem'];

const EMPTY: Item = {
  code: '',
  prompt: '',
  explanation: '',
  effect: 'absolute',
  regions: [...REGIONS],
  namedRegions: 'not_asked',
  addsRisks: [],
  urgentAction: null,
  source: '',
};

const EFFECTS = ['absolute', 'relative'] as const;
const NAMED = ['not_asked', 'narrow', 'absolute'] as const;
const REGION_OPTIONS = REGIONS.map((value) => ({ value, label: regionName(value) }));

/** Everything that a questionnaire asks. */
export function QuestionnaireFields() {
  return (
    <>
      <Section title={t('texts.introduction')}>
        <LineField path="title" label={t('texts.textTitle')} />
        <ProseField path="introduction" label={t('texts.introduction')} />
        <ProseField path="reviewNotice" label={t('texts.reviewNotice')} hint={t('texts.reviewNoticeHint')} />
      </Section>
      <Section title={t('texts.questions')}>
        <ListField path="items" nameOf={nameOf} add={t('texts.addQuestion')} empty={EMPTY} folded>
          {(path) => <QuestionFields path={path} />}
        </ListField>
      </Section>
    </>
  );
}

function QuestionFields({ path }: { readonly path: string }) {
  const at = (field: keyof Item) => `${path}.${field}`;
  const risks = useAddableRisks(at('addsRisks'));
  return (
    <>
      <LineField path={at('code')} label={t('texts.code')} hint={t('texts.codeHint')} />
      <ProseField path={at('prompt')} label={t('texts.prompt')} hint={t('texts.promptHint')} />
      <ProseField path={at('explanation')} label={t('texts.explanation')} />
      <ChoiceField
        path={at('effect')}
        label={t('texts.effectOf')}
        options={EFFECTS.map((value) => ({ value, label: t(`texts.effects.${value}`) }))}
      />
      <ManyField path={at('regions')} label={t('texts.regions')} options={REGION_OPTIONS} />
      <ChoiceField
        path={at('namedRegions')}
        label={t('texts.namedRegions')}
        options={NAMED.map((value) => ({ value, label: t(`texts.namedRegionsOf.${value}`) }))}
      />
      <ManyField path={at('addsRisks')} label={t('texts.addsRisks')} hint={t('texts.addsRisksHint')} options={risks} />
      <ProseField path={at('urgentAction')} label={t('texts.urgentAction')} hint={t('texts.urgentActionHint')} />
      <ProseField path={at('source')} label={t('texts.source')} />
    </>
  );
}

/** Risks that the current disclosure names only after some findings, and those that the question adds already. */
function useAddableRisks(path: string) {
  const form = useTextForm();
  const { data } = useQuery(beginningQuery('current', 'en'));
  const conditional = (data?.risks ?? []).filter(({ always }) => !always).map(({ code, title }) => ({ value: code, label: title }));
  const others = (form.getInputProps(path).value as readonly string[]).filter((code) => !conditional.some(({ value }) => value === code));
  return [...conditional, ...others.map((code) => ({ value: code, label: code }))];
}

/** 3. Do you take medicines that thin the blood? */
function nameOf(number: number, value: unknown): string {
  const [line = ''] = (value as Item).prompt.split('\n');
  return line ? `${number}. ${line}` : t('texts.question', { number });
}
