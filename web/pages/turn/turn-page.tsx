import { useBlocker, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { lock, queryClient, useLogin, useMay } from '../../api/session.ts';
import { Gate } from '../../components/gate.tsx';
import { notifyDone } from '../../components/notify-done.ts';
import { useIdleLock } from '../../components/use-idle-lock.ts';
import { t } from '../../messages/index.ts';
import { HandOver } from './hand-over.tsx';
import { useLetters } from './letters.ts';
import { PatientsTurn } from './patients-turn.tsx';
import { Returned } from './returned.tsx';
import { type Turn, useProgress } from './turn.ts';
import { GiveBack, Unlock } from './waiting.tsx';

const FROM = { from: '/patients/$patientId/discussion/$discussionId/turn' } as const;

/** Hands the tablet over. */
export function TurnPage() {
  const { patientId, discussionId } = useParams(FROM);
  const { decider } = useSearch(FROM);
  const [turn, setTurn] = useState<Turn>();
  if (turn) return <Underway turn={turn} decider={decider} />;
  return (
    <Gate>
      <HandOver
        patientId={patientId}
        discussionId={discussionId}
        decider={decider}
        onContinue={setTurn}
        onHandOver={async (next) => {
          await lock();
          // What the practitioner looked at before isn't kept in memory under the decider's hands.
          queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'login' });
          setTurn(next);
        }}
      />
    </Gate>
  );
}

interface UnderwayProps {
  readonly turn: Turn;
  readonly decider: string | undefined;
}

/**
 * The decision-maker's turn. While they have the tablet the server keeps the session locked: another address, a reload or another tab
 * shows the lock. What they see was loaded before. What they decide is kept as a draft that can't be read until the practitioner has
 * unlocked the session; then it is sent.
 */
function Underway({ turn, decider }: UnderwayProps) {
  const { patientId, discussion } = turn;
  const navigate = useNavigate();
  const login = useLogin();
  const may = useMay();
  const [progress, dispatch, forget] = useProgress(turn, turn.witness);
  const [unlocking, setUnlocking] = useState(false);
  const { asked, made } = progress;
  const back = login?.state === 'full';
  const waiting = made !== undefined || asked !== undefined;
  const shown = !back && !unlocking && !waiting;
  const letters = useLetters(!back && !unlocking);
  useIdleLock(back ? login.idleMinutes : undefined);
  useBlocker({ shouldBlockFn: () => true, enableBeforeUnload: false });

  // Somebody else who signed in isn't given what this practitioner and the decider did.
  const stranger = back && login.me?.id !== turn.practitionerId;
  useEffect(() => {
    if (stranger) void navigate({ to: '/', replace: true, ignoreBlocker: true });
  }, [stranger, navigate]);
  if (stranger) return null;

  const leave = () => {
    forget();
    void navigate({
      to: '/patients/$patientId/discussion/$discussionId',
      params: { patientId, discussionId: discussion.id },
      search: decider === undefined ? {} : { decider },
      replace: true,
      ignoreBlocker: true,
    });
  };
  const onRecorded = () => {
    if (made?.agreed.length === 0 || !may('session.record')) return leave();
    // What comes next, mostly. It says what is missing where something is.
    forget();
    notifyDone(t('turn.given'));
    void navigate({ to: '/patients/$patientId/session', params: { patientId }, replace: true, ignoreBlocker: true });
  };
  const handBack = async () => {
    await lock();
    setUnlocking(false);
    dispatch({ type: 'handed-over' });
  };
  return (
    <>
      <div hidden={!shown}>
        <PatientsTurn turn={turn} letters={letters} shown={shown} progress={progress} dispatch={dispatch} />
      </div>
      {!back && !unlocking && waiting && (
        <GiveBack
          turn={turn}
          made={made}
          letters={letters}
          onChange={() => dispatch({ type: 'changed-their-mind' })}
          onPractitioner={() => setUnlocking(true)}
        />
      )}
      {!back && unlocking && <Unlock onBack={() => setUnlocking(false)} />}
      {back && <Returned turn={turn} asked={asked} made={made} onHandBack={handBack} onRecorded={onRecorded} onLeave={leave} />}
    </>
  );
}
