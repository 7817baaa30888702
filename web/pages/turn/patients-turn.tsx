import { Button, Textarea } from '@mantine/core';
import { type Ref, type RefObject, useEffect, useRef, useState } from 'react';
import type { PatientKey } from '../../messages/patient/index.ts';
import { Decide } from './decide.tsx';
import type { Letters } from './letters.ts';
import { agreedRegions, type Progress, type Step, STEPS, type TurnEvent } from './progress.ts';
import { About, Risks } from './reading-steps.tsx';
import { SignatureForm } from './signature.tsx';
import { TurnFrame } from './turn-frame.tsx';
import type { Turn } from './turn.ts';
import classes from './turn.module.css';

interface Props {
  readonly turn: Turn;
  readonly letters: Letters;
  /** Whether it is on the screen; hidden, it keeps its place. */
  readonly shown: boolean;
  readonly progress: Progress;
  readonly dispatch: (event: TurnEvent) => void;
}

const TITLES: Readonly<Record<Step, PatientKey>> = {
  about: 'aboutTitle',
  risks: 'risksTitle',
  decide: 'decideTitle',
  sign: 'signTitle',
  refuse: 'refuseTitle',
};

/** What the decider reads and does, step by step. */
export function PatientsTurn({ turn, letters, shown, progress, dispatch }: Props) {
  const { words, deciderName } = turn;
  const { say, list } = words;
  const { step, choice, part, teachBack, asking, signature, missing } = progress;
  const heading = useHeading(`${step} ${String(asking)} ${String(signature !== undefined)} ${String(shown)}`);
  const title = say(TITLES[step], { name: deciderName });

  if (asking) {
    return (
      <TurnFrame words={words} letters={letters}>
        <Ask
          heading={heading}
          words={words}
          onAsk={(question) => dispatch({ type: 'asked', asked: { question, place: title } })}
          onBack={() => dispatch({ type: 'rather-not' })}
        />
      </TurnFrame>
    );
  }
  if (signature) {
    return (
      <TurnFrame words={words} letters={letters}>
        <h1 ref={heading} tabIndex={-1}>
          {say('witnessTitle')}
        </h1>
        <p>{say('witnessHint', { name: deciderName })}</p>
        <SignatureForm
          name=""
          submit={say('witnessSubmit')}
          words={words}
          onSigned={(witness) => dispatch({ type: 'witnessed', signature: witness })}
        />
      </TurnFrame>
    );
  }
  const onward = step === 'about' || step === 'risks' || (step === 'decide' && choice === 'part');
  return (
    <TurnFrame
      words={words}
      letters={letters}
      where={say('step', { step: step === 'refuse' ? STEPS.length : STEPS.indexOf(step) + 1, steps: STEPS.length })}
      foot={
        <>
          <Button variant="default" size="lg" onClick={() => dispatch({ type: 'back' })} disabled={step === 'about'}>
            {say('back')}
          </Button>
          <Button variant="subtle" size="lg" onClick={() => dispatch({ type: 'wants-to-ask' })}>
            {say('ask')}
          </Button>
          {onward && (
            <Button size="lg" onClick={() => dispatch({ type: 'next' })}>
              {say('next')}
            </Button>
          )}
        </>
      }
    >
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {step === 'about' && <About turn={turn} />}
      {step === 'risks' && <Risks turn={turn} />}
      {step === 'decide' && (
        <Decide
          turn={turn}
          choice={choice}
          part={part}
          onChoice={(chosen) => dispatch({ type: 'chose', choice: chosen })}
          onPart={(chosen) => dispatch({ type: 'chose-part', part: chosen })}
        />
      )}
      {step === 'sign' && (
        <>
          <p>{say('signHint', { regions: list(agreedRegions(progress, turn).map((region) => say(region))) })}</p>
          <h2>{say('wordsTitle')}</h2>
          <p>{say('wordsHint')}</p>
          <Textarea
            size="lg"
            label={say('words')}
            value={teachBack}
            onChange={(event) => dispatch({ type: 'wrote', teachBack: event.currentTarget.value })}
            maxLength={4000}
            autosize
            minRows={2}
            mb="md"
            autoComplete="off"
          />
          <SignatureForm
            name={deciderName}
            submit={say('signSubmit')}
            words={words}
            onSigned={(signed) => dispatch({ type: 'signed', signature: signed })}
          />
        </>
      )}
      {step === 'refuse' && (
        <>
          <p>{say('refuseHint')}</p>
          <Button size="lg" mih={56} fullWidth onClick={() => dispatch({ type: 'confirmed-no' })}>
            {say('refuseSubmit')}
          </Button>
        </>
      )}
      {missing && (
        <p className={classes.error} role="alert">
          {say(missing)}
        </p>
      )}
    </TurnFrame>
  );
}

interface AskProps {
  readonly heading: Ref<HTMLHeadingElement>;
  readonly words: Turn['words'];
  readonly onAsk: (question: string) => void;
  readonly onBack: () => void;
}

function Ask({ heading, words: { say }, onAsk, onBack }: AskProps) {
  const [question, setQuestion] = useState('');
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {say('askTitle')}
      </h1>
      <p>{say('askHint')}</p>
      <Textarea
        size="lg"
        label={say('askWords')}
        value={question}
        onChange={(event) => setQuestion(event.currentTarget.value)}
        maxLength={4000}
        autosize
        minRows={3}
        mb="lg"
        autoComplete="off"
      />
      <Button size="lg" mih={56} fullWidth onClick={() => onAsk(question)}>
        {say('askSubmit')}
      </Button>
      <Button variant="subtle" size="lg" mih={56} fullWidth mt="xs" onClick={onBack}>
        {say('askBack')}
      </Button>
    </>
  );
}

/** The heading of what is shown: focused when it changes, so that reading begins at the top. */
function useHeading(what: string): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef<string>(undefined);
  useEffect(() => {
    if (before.current === what) return;
    before.current = what;
    scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, [what]);
  return heading;
}
