import { Checkbox } from '@mantine/core';
import type { Api } from '../../../api/client.ts';
import { Columns } from '../../../components/columns.tsx';
import { t } from '../../../messages/index.ts';
import { ChoiceField, FlagField, LineField, NumberField, ProseField } from './fields.tsx';
import { useTextForm } from './form.ts';
import { ListField } from './list-field.tsx';

type Risk = Api['DisclosureRisk'];

const EMPTY_PROPORTION = { label: '', events: 0, outOf: 1 };
const EMPTY_FIGURE: Api['Figure'] = { ...EMPTY_PROPORTION, comparison: null, bound: 'exact', source: '' };
export const EMPTY_RISK: Risk = {
  code: '',
  title: '',
  wording: '',
  feelsLike: '',
  whatToDo: '',
  frequency: '',
  figures: [],
  source: '',
  always: true,
};

const BOUNDS = ['exact', 'at_most', 'less_than'] as const;

export function RiskFields({ path }: { readonly path: string }) {
  const at = (field: keyof Risk) => `${path}.${field}`;
  return (
    <>
      <Columns from="sm">
        <LineField path={at('title')} label={t('texts.passageTitle')} />
        <LineField path={at('code')} label={t('texts.code')} hint={t('texts.codeHint')} />
      </Columns>
      <FlagField path={at('always')} label={t('texts.always')} hint={t('texts.alwaysHint')} />
      <ProseField path={at('wording')} label={t('texts.wording')} />
      <ProseField path={at('feelsLike')} label={t('texts.feelsLike')} />
      <ProseField path={at('whatToDo')} label={t('texts.whatToDo')} />
      <ProseField path={at('frequency')} label={t('texts.frequency')} />
      <ListField
        path={at('figures')}
        nameOf={(number) => t('texts.figure', { number })}
        add={t('texts.addFigure')}
        empty={EMPTY_FIGURE}
        folded
      >
        {(figure) => <FigureFields path={figure} />}
      </ListField>
      <ProseField path={at('source')} label={t('texts.source')} />
    </>
  );
}

function FigureFields({ path }: { readonly path: string }) {
  const form = useTextForm();
  const comparison = `${path}.comparison`;
  const compared = Boolean(form.getInputProps(comparison).value);
  return (
    <>
      <ProportionFields path={path} />
      <ChoiceField
        path={`${path}.bound`}
        label={t('texts.bound')}
        options={BOUNDS.map((value) => ({ value, label: t(`texts.bounds.${value}`) }))}
      />
      <Checkbox
        size="md"
        label={t('texts.compared')}
        checked={compared}
        onChange={({ currentTarget }) => form.setFieldValue(comparison, currentTarget.checked ? EMPTY_PROPORTION : null)}
      />
      {compared && <ProportionFields path={comparison} />}
      <ProseField path={`${path}.source`} label={t('texts.source')} />
    </>
  );
}

function ProportionFields({ path }: { readonly path: string }) {
  return (
    <>
      <LineField path={`${path}.label`} label={t('texts.figureLabel')} />
      <Columns>
        <NumberField path={`${path}.events`} label={t('texts.events')} />
        <NumberField path={`${path}.outOf`} label={t('texts.outOf')} />
      </Columns>
    </>
  );
}
