import { Alert, Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAct } from '../../api/act.ts';
import type { Api } from '../../api/client.ts';
import { useMay, useMe } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { languageName } from '../../languages.ts';
import { wordsIn } from '../../messages/patient/index.ts';
import { t } from '../../messages/treatment.ts';
import { REGIONS } from '../../regions.ts';
import { useTimes } from '../../time.ts';
import { disclosureQuery, discussionQuery } from '../discussion/queries.ts';
import { fullName } from '../patients/name.ts';
import { patientQuery, representativesQuery, screeningsQuery } from '../patients/queries.ts';
import { isValidNow } from '../patients/valid-now.ts';
import { Alone } from './returned.tsx';
import type { Turn } from './turn.ts';

interface Props {
  readonly patientId: string;
  readonly discussionId: string;
  /** A representative's id; undefined: the patient. */
  readonly decider: string | undefined;
  readonly onHandOver: (turn: Turn) => Promise<void>;
}

/** The practitioner's last step before the tablet is the decider's: what they confirm, and the lock. */
export function HandOver({ patientId, discussionId, decider, onHandOver }: Props) {
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
      <Alone title={t('turn.title')}>
        <Alert title={t('discussion.notYours')}>{t('discussion.notYoursHint')}</Alert>
      </Alone>
    );
  }
  return (
    <Alone title={t('turn.title')}>
      <Loaded query={discussion}>
        {(held) => (
          <Loaded query={patient}>
            {(person) => (
              <Loaded query={disclosure}>
                {(published) => (
                  <Loaded query={screenings}>
                    {({ items }) => (
                      <Loaded query={representatives}>
                        {({ items: known }) => {
                          const representative = known.find((one) => one.id === decider && isValidNow(one));
                          if (decider !== undefined && !representative) return <Alert>{t('turn.noSuchDecider')}</Alert>;
                          const patientName = fullName(person);
                          const cleared = items[0]?.clearedRegions ?? [];
                          return (
                            <Checks
                              decider={decider}
                              birthDate={person.birthDate}
                              discussion={held}
                              onHandOver={onHandOver}
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
                    )}
                  </Loaded>
                )}
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
    </Alone>
  );
}

interface ChecksProps {
  readonly decider: string | undefined;
  readonly birthDate: string;
  readonly discussion: Api['DiscussionView'];
  readonly gathered: Omit<Turn, 'canAgree' | 'witness' | 'confirmed'>;
  readonly onHandOver: (turn: Turn) => Promise<void>;
}

function Checks({ decider, birthDate, discussion, gathered, onHandOver }: ChecksProps) {
  const { representative, patientName, patientId } = gathered;
  const [capacity, setCapacity] = useState(false);
  const [alternatives, setAlternatives] = useState(false);
  const [rightToWithdraw, setRightToWithdraw] = useState(false);
  const [witness, setWitness] = useState(false);
  const [missing, setMissing] = useState(false);
  const handOver = useAct(onHandOver);
  const age = useTimes().age(birthDate);
  const undiscussed = discussion.risks.filter(({ discussedAt }) => discussedAt === null).length;
  const whole = (capacity || representative !== undefined) && alternatives && rightToWithdraw;
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
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(!whole);
    if (!whole) return;
    handOver.run({
      ...gathered,
      canAgree: undiscussed === 0,
      witness,
      // A patient who could decide alone has no representative for it, save a minor.
      confirmed: {
        capacityConfirmed: representative === undefined && capacity,
        alternativesDiscussed: alternatives,
        rightToWithdrawTold: rightToWithdraw,
      },
    });
  };
  return (
    <form onSubmit={onSubmit}>
      <Stack gap="lg">
        <Text>{t('turn.hint', { language: languageName(discussion.language) })}</Text>
        <div>
          <Text size="sm" c="dimmed">
            {t('turn.who')}
          </Text>
          <Text fw={600} size="lg">
            {representative
              ? t('discussion.theRepresentative', { name: representative.name, relationship: representative.relationship })
              : patientName}
          </Text>
        </div>
        {age < 18 && !representative && <Alert color="yellow">{t('discussion.minorHint', { age })}</Alert>}
        {undiscussed > 0 && (
          <Alert color="yellow" role="status">
            {t('turn.risksMissing', { count: undiscussed })}
          </Alert>
        )}
        <Stack role="group" aria-label={t('turn.checks')} gap="md">
          {!representative && (
            <Check
              label={t('turn.capacity', { name: patientName })}
              hint={t('turn.capacityHint')}
              checked={capacity}
              onChange={setCapacity}
            />
          )}
          <Check label={t('turn.alternatives')} checked={alternatives} onChange={setAlternatives} />
          <Check label={t('turn.rightToWithdraw')} checked={rightToWithdraw} onChange={setRightToWithdraw} />
          <Check label={t('turn.witness')} checked={witness} onChange={setWitness} />
        </Stack>
        <ProblemPanel problem={handOver.problem} />
        {missing && !whole && (
          <Alert color="red" variant="light" role="alert">
            {t('turn.checksMissing')}
          </Alert>
        )}
        <Group>
          <Button type="submit" loading={handOver.running}>
            {t('turn.handOver')}
          </Button>
          {back}
        </Group>
      </Stack>
    </form>
  );
}

interface CheckProps {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Check({ label, hint, checked, onChange }: CheckProps) {
  return (
    <Checkbox size="md" label={label} description={hint} checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
  );
}
