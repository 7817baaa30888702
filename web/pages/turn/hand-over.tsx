import { Alert, Button, Checkbox, Group, List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { regionNames, REGIONS } from '../../anatomy.ts';
import { useAct } from '../../api/act.ts';
import type { Api } from '../../api/client.ts';
import { useMay, useMe } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { Section } from '../../components/section.tsx';
import { languageName } from '../../languages.ts';
import { t } from '../../messages/index.ts';
import { wordsIn } from '../../messages/patient/index.ts';
import { useTimes } from '../../time.ts';
import { disclosureQuery, discussionQuery } from '../discussion/queries.ts';
import { Toggles } from '../discussion/toggles.tsx';
import { fullName } from '../patients/name.ts';
import { patientQuery, representativesQuery, screeningsQuery } from '../patients/queries.ts';
import { isValidNow } from '../patients/valid-now.ts';
import { DiscardDialog } from './discard-dialog.tsx';
import type { Progress } from './progress.ts';
import { StandalonePage } from './returned.tsx';
import { type Turn, useProgress } from './turn.ts';

interface Props {
  readonly patientId: string;
  readonly discussionId: string;
  /** A representative's id; undefined: the patient. */
  readonly decider: string | undefined;
  readonly onHandOver: (turn: Turn) => Promise<void>;
  /** The turn is over, but what was done in it isn't recorded. */
  readonly onContinue: (turn: Turn) => void;
}

/** The practitioner's last step before the tablet is the decider's: what they confirm, and the lock. */
export function HandOver({ patientId, discussionId, decider, onHandOver, onContinue }: Props) {
  const may = useMay();
  const me = useMe();
  const enabled = may('consent.record');
  const patient = useQuery({ ...patientQuery(patientId), enabled });
  const discussion = useQuery({ ...discussionQuery(patientId, discussionId), enabled });
  const disclosure = useQuery(disclosureQuery(discussion.data?.disclosureId));
  const screenings = useQuery({ ...screeningsQuery(patientId), enabled });
  const representatives = useQuery({ ...representativesQuery(patientId), enabled });
  if (!enabled) {
    return (
      <StandalonePage title={t('turn.title')}>
        <Alert title={t('discussion.notYours')}>{t('discussion.notYoursHint')}</Alert>
      </StandalonePage>
    );
  }
  return (
    <StandalonePage title={t('turn.title')}>
      <Loaded queries={[discussion, patient, disclosure, screenings, representatives]}>
        {(held, person, published, { items: screened }, { items: known }) => {
          const representative = known.find((one) => one.id === decider && isValidNow(one));
          if (decider !== undefined && !representative) return <Alert>{t('turn.noSuchDecider')}</Alert>;
          const patientName = fullName(person);
          const cleared = screened[0]?.clearedRegions ?? [];
          return (
            <Declaration
              decider={decider}
              birthDate={person.birthDate}
              representatives={known.filter(isValidNow)}
              onHandOver={onHandOver}
              onContinue={onContinue}
              gathered={{
                patientId,
                patientName,
                discussion: held,
                disclosure: published,
                representative,
                deciderName: representative?.name ?? patientName,
                choosable: REGIONS.filter((region) => held.regions.includes(region) && cleared.includes(region)),
                words: wordsIn(held.language),
                practitionerId: me.id,
              }}
            />
          );
        }}
      </Loaded>
    </StandalonePage>
  );
}

const PATIENT = 'patient';

interface DeclarationProps {
  readonly decider: string | undefined;
  /** Who may decide in the patient's place. */
  readonly representatives: readonly Api['RepresentativeView'][];
  readonly birthDate: string;
  readonly gathered: Omit<Turn, 'canAgree' | 'witness' | 'confirmed'>;
  readonly onHandOver: (turn: Turn) => Promise<void>;
  readonly onContinue: (turn: Turn) => void;
}

/** What the practitioner confirms by handing the tablet over; or what a turn left behind that a reload cut off. */
function Declaration({ decider, representatives, birthDate, gathered, onHandOver, onContinue }: DeclarationProps) {
  const { representative, deciderName, patientName, patientId, discussion } = gathered;
  const [witness, setWitness] = useState(false);
  const [progress, dispatch, startOver] = useProgress(gathered, witness);
  const handOver = useAct(async (next: Turn) => {
    dispatch({ type: 'handed-over' });
    await onHandOver(next);
  });
  const navigate = useNavigate();
  const age = useTimes().age(birthDate);
  const undiscussed = discussion.risks.filter(({ discussedAt }) => discussedAt === null).length;
  const canAgree = undiscussed === 0;
  const turn: Turn = {
    ...gathered,
    canAgree,
    witness,
    // What was shown below, and no more: who can only say no may do so before the rest was talked about. A patient who could decide
    // alone has no representative for it, save a minor.
    confirmed: {
      capacityConfirmed: canAgree && representative === undefined,
      alternativesDiscussed: canAgree,
      rightToWithdrawTold: canAgree,
    },
  };
  const back = (
    <ButtonLink
      to="/patients/$patientId/discussion/$discussionId"
      params={{ patientId, discussionId: discussion.id }}
      search={decider === undefined ? {} : { decider }}
      variant="default"
    >
      {t('turn.backToDiscussion')}
    </ButtonLink>
  );
  if (discussion.consentId !== null) {
    return (
      <Stack align="flex-start">
        <Alert>{t('turn.decided')}</Alert>
        {back}
      </Stack>
    );
  }
  if (progress.made ?? progress.asked) {
    return <CutOff turn={turn} progress={progress} onContinue={() => onContinue(turn)} onDiscard={startOver} />;
  }
  return (
    <Stack gap="lg">
      <Text>{t('turn.hint', { name: deciderName, language: languageName(discussion.language) })}</Text>
      <Toggles
        label={t('turn.who')}
        options={[
          [PATIENT, patientName],
          ...representatives.map(({ id, name, relationship }) => [id, t('discussion.theRepresentative', { name, relationship })] as const),
        ]}
        value={[decider ?? PATIENT]}
        onChange={([one]) =>
          void navigate({ to: '.', search: one === undefined || one === PATIENT ? {} : { decider: one }, replace: true })
        }
        one
      />
      {age < 18 && !representative && <Alert color="yellow">{t('discussion.minorHint', { age })}</Alert>}
      {!canAgree && (
        <Alert color="yellow" role="status">
          {t('turn.risksMissing', { count: undiscussed })}
        </Alert>
      )}
      {canAgree && (
        <Section title={t('turn.confirms')}>
          <List spacing="sm" size="md">
            {!representative && (
              <List.Item>
                {t('turn.capacity', { name: patientName })}
                <Text component="span" display="block" size="sm" c="dimmed">
                  {t('turn.capacityHint')}
                </Text>
              </List.Item>
            )}
            <List.Item>{t('turn.alternatives')}</List.Item>
            <List.Item>{t('turn.rightToWithdraw')}</List.Item>
          </List>
          <Text size="sm" c="dimmed">
            {t('turn.confirmsHint')}
          </Text>
        </Section>
      )}
      <Checkbox size="md" label={t('turn.witness')} checked={witness} onChange={(event) => setWitness(event.currentTarget.checked)} />
      {progress.step !== 'about' && (
        <Group gap="xs">
          <Text>{t('turn.begun', { name: deciderName })}</Text>
          <Button variant="subtle" onClick={startOver}>
            {t('turn.startOver')}
          </Button>
        </Group>
      )}
      <ProblemPanel problem={handOver.problem} />
      <Group>
        <Button size="md" loading={handOver.running} onClick={() => handOver.run(turn)}>
          {t(canAgree ? 'turn.handOver' : 'turn.handOverForNo')}
        </Button>
        {back}
      </Group>
    </Stack>
  );
}

interface CutOffProps {
  readonly turn: Turn;
  readonly progress: Progress;
  readonly onContinue: () => void;
  readonly onDiscard: () => void;
}

/** The page was reloaded while the decision-maker had the tablet. What they decided and signed, or asked, is still here. */
function CutOff({ turn: { deciderName }, progress: { made }, onContinue, onDiscard }: CutOffProps) {
  const [discarding, setDiscarding] = useState(false);
  const regions = regionNames(made?.agreed ?? []);
  const name = { name: deciderName };
  return (
    <Stack gap="lg">
      <Alert title={t('turn.cutOff')}>
        {made ? (regions ? t('turn.cutOffYes', { ...name, regions }) : t('turn.cutOffNo', name)) : t('turn.asksNothing', name)}
      </Alert>
      <Group>
        <Button onClick={onContinue}>{t(made ? 'turn.recordIt' : 'turn.toQuestion')}</Button>
        <Button variant="default" onClick={() => (made ? setDiscarding(true) : onDiscard())}>
          {t('turn.discard')}
        </Button>
      </Group>
      <DiscardDialog opened={discarding} onDiscard={onDiscard} onClose={() => setDiscarding(false)} />
    </Stack>
  );
}
