import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { LineField, ProseField } from './fields.tsx';
import { ListField } from './list-field.tsx';
import { EMPTY_RISK, RiskFields } from './risk-fields.tsx';

const EMPTY_PASSAGE = { title: '', wording: '' };

/** Everything that a disclosure says. */
export function DisclosureFields() {
  return (
    <>
      <Section title={t('texts.introduction')}>
        <LineField path="title" label={t('texts.textTitle')} />
        <ProseField path="introduction" label={t('texts.introduction')} hint={t('texts.introductionHint')} />
        <ProseField path="reviewNotice" label={t('texts.reviewNotice')} hint={t('texts.reviewNoticeHint')} />
      </Section>
      <Section title={t('texts.benefits')}>
        <ListField
          path="benefits"
          nameOf={(number, value) => titleOf(value) ?? t('texts.benefit', { number })}
          add={t('texts.addBenefit')}
          empty={EMPTY_PASSAGE}
          folded
        >
          {(path) => <PassageFields path={path} />}
        </ListField>
      </Section>
      <Section title={t('texts.risks')} hint={t('texts.risksHint')}>
        <ListField
          path="risks"
          nameOf={(number, value) => titleOf(value) ?? t('texts.risk', { number })}
          add={t('texts.addRisk')}
          empty={EMPTY_RISK}
          folded
        >
          {(path) => <RiskFields path={path} />}
        </ListField>
      </Section>
      <Section title={t('texts.uncertainty')}>
        <ProseField path="uncertainty" label={t('texts.uncertainty')} />
      </Section>
      <Section title={t('texts.alternatives')} hint={t('texts.alternativesHint')}>
        <ListField
          path="alternatives"
          nameOf={(number, value) => titleOf(value) ?? t('texts.alternative', { number })}
          add={t('texts.addAlternative')}
          empty={EMPTY_PASSAGE}
          folded
        >
          {(path) => <PassageFields path={path} />}
        </ListField>
      </Section>
      <Section title={t('texts.whoShouldAvoid')}>
        <ListField
          path="whoShouldAvoid"
          nameOf={(number, value) => (value as string) || t('texts.avoid', { number })}
          add={t('texts.addAvoid')}
          empty=""
          folded
        >
          {(path) => <ProseField path={path} label={t('texts.passageWording')} />}
        </ListField>
      </Section>
      <Section title={t('texts.afterTreatment')}>
        <ListField
          path="afterTreatment"
          nameOf={(number, value) => (value as { readonly sign: string }).sign || t('texts.redFlag', { number })}
          add={t('texts.addRedFlag')}
          empty={{ sign: '', action: '' }}
          folded
        >
          {(path) => (
            <>
              <ProseField path={`${path}.sign`} label={t('texts.sign')} />
              <ProseField path={`${path}.action`} label={t('texts.action')} />
            </>
          )}
        </ListField>
      </Section>
    </>
  );
}

function PassageFields({ path }: { readonly path: string }) {
  return (
    <>
      <LineField path={`${path}.title`} label={t('texts.passageTitle')} />
      <ProseField path={`${path}.wording`} label={t('texts.passageWording')} />
    </>
  );
}

function titleOf(value: unknown): string | undefined {
  return (value as { readonly title: string }).title || undefined;
}
