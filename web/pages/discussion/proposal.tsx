import { Alert, Button, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { isNotEmpty } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { type Region, type Technique, TECHNIQUES } from '../../anatomy.ts';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { RegionPicker } from '../../components/region-picker.tsx';
import { Section } from '../../components/section.tsx';
import { useDraftForm } from '../../components/use-draft-form.ts';
import { languageName } from '../../languages.ts';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { patientKey } from '../patients/queries.ts';
import { Toggles } from './toggles.tsx';

type Mode = Api['OpenDiscussion']['mode'];

const MODES = ['in_person', 'video', 'phone'] as const;
const PATIENT = 'patient';

interface Draft {
  readonly regions: readonly Region[];
  readonly techniques: readonly Technique[];
  readonly aim: string;
  readonly mode: Mode;
  /** Undefined: as fits the patient. */
  readonly language?: string;
  readonly interpreter: string;
  readonly decider?: string;
}

const NOTHING_YET: Draft = { regions: [], techniques: [], aim: '', mode: 'in_person', interpreter: '' };

interface Props {
  readonly patient: Api['PatientView'];
  readonly clearedRegions: readonly Region[];
  readonly languages: readonly Api['DisclosureLanguage'][];
  readonly representatives: readonly Api['RepresentativeView'][];
}

/** What is proposed, how it is talked over, and who decides. */
export function Proposal({ patient, clearedRegions, languages, representatives }: Props) {
  const times = useTimes();
  const navigate = useNavigate();
  // A draft may be older than what is possible now.
  const possible = (chosen: readonly Region[]) => chosen.filter((region) => clearedRegions.includes(region));
  const form = useDraftForm(`proposal ${patient.id}`, NOTHING_YET, {
    validate: {
      regions: (chosen) => possible(chosen).length === 0 && t('discussion.chooseRegion'),
      techniques: isNotEmpty(t('discussion.chooseTechnique')),
    },
  });
  const { values, setFieldValue: set } = form;
  const regions = possible(values.regions);
  const usable = languages.filter(({ outdated }) => !outdated).map(({ language }) => language);
  const preferred = patient.preferredLanguage;
  const language = [values.language, preferred, 'en'].find((tag) => tag && usable.includes(tag)) ?? usable[0] ?? 'en';
  const age = times.age(patient.birthDate);
  const deciders = [PATIENT, ...representatives.map(({ id }) => id)];
  const decider = deciders.find((one) => one === values.decider) ?? (age < 18 ? (deciders[1] ?? PATIENT) : PATIENT);
  const open = useAct(
    (body: Api['OpenDiscussion'], key) =>
      ask((api) => api.POST('/api/patients/{id}/discussions', { params: { path: { id: patient.id } }, body }), key),
    {
      form,
      changes: [patientKey(patient.id)],
      onDone: ({ id }) => {
        form.forget();
        void navigate({
          to: '/patients/$patientId/discussion/$discussionId',
          params: { patientId: patient.id, discussionId: id },
          search: decider === PATIENT ? {} : { decider },
          replace: true,
        });
      },
    },
  );
  const onSubmit = form.onSubmit(({ techniques, aim, mode, interpreter }) =>
    open.run({ regions, techniques: [...techniques], aim, mode, language, ...(interpreter.trim() ? { interpreter } : {}) }),
  );
  const missing = form.errors.regions ?? form.errors.techniques;
  return (
    <form onSubmit={onSubmit}>
      <Stack gap="lg">
        <Section title={t('discussion.proposal')}>
          <div>
            <Text fw={600} mb="xs">
              {t('discussion.where')}
            </Text>
            <RegionPicker
              label={t('discussion.where')}
              value={regions}
              onChange={(next) => set('regions', next)}
              choosable={clearedRegions}
              hintOf={(region) => (clearedRegions.includes(region) ? undefined : t('discussion.regionNotCleared'))}
            />
          </div>
          <Toggles
            label={t('discussion.how')}
            options={TECHNIQUES.map((technique) => [technique, t(`techniques.${technique}`)] as const)}
            value={values.techniques}
            onChange={(next) => set('techniques', next)}
          />
          <Textarea
            size="md"
            label={t('discussion.aim')}
            description={t('discussion.aimHint')}
            {...form.getInputProps('aim')}
            maxLength={2000}
            autosize
            minRows={2}
            maw={640}
            required
            withAsterisk={false}
          />
        </Section>
        <Section title={t('discussion.conversation')}>
          <Toggles
            label={t('discussion.mode')}
            options={MODES.map((mode) => [mode, t(`discussion.${mode}`)] as const)}
            value={[values.mode]}
            onChange={([one]) => one && set('mode', one)}
            one
          />
          <Select
            size="md"
            label={t('discussion.language')}
            description={preferred && !usable.includes(preferred) && t('discussion.languageMissing', { language: languageName(preferred) })}
            data={languages.map(({ language: tag, outdated }) => ({
              value: tag,
              label: outdated ? t('discussion.languageOutdated', { language: languageName(tag) }) : languageName(tag),
              disabled: outdated,
            }))}
            value={language}
            onChange={(tag) => tag && set('language', tag)}
            allowDeselect={false}
            maw={320}
          />
          <TextInput
            label={t('discussion.interpreter')}
            description={t('discussion.interpreterHint')}
            {...form.getInputProps('interpreter')}
            maxLength={200}
            maw={320}
          />
          <Toggles
            label={t('discussion.decider')}
            hint={age < 18 ? t('discussion.minorHint', { age }) : t('discussion.representativeHint')}
            options={[
              [PATIENT, t('discussion.thePatient')],
              ...representatives.map(
                ({ id, name, relationship }) => [id, t('discussion.theRepresentative', { name, relationship })] as const,
              ),
            ]}
            value={[decider]}
            onChange={([one]) => one && set('decider', one)}
            one
          />
        </Section>
        <ProblemPanel problem={open.problem} atFields={['aim', 'interpreter']} />
        {missing && (
          <Alert color="red" variant="light" role="alert">
            {missing}
          </Alert>
        )}
        <Button type="submit" loading={open.running} w="fit-content">
          {t('discussion.begin')}
        </Button>
      </Stack>
    </form>
  );
}
