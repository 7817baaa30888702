import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { t } from '../../messages/index.ts';
import { SignInPage } from '../sign-in/sign-in-page.tsx';
import type { Letters } from './letters.ts';
import type { Made } from './progress.ts';
import { TurnFrame } from './turn-frame.tsx';
import type { Turn } from './turn.ts';
import classes from './turn.module.css';

interface GiveBackProps {
  readonly turn: Turn;
  /** Undefined: they want to ask something. */
  readonly made: Made | undefined;
  readonly letters: Letters;
  readonly onChange: () => void;
  readonly onPractitioner: () => void;
}

/** The end of the turn, or a pause in it: the tablet goes back to the practitioner. */
export function GiveBack({ turn: { words, deciderName }, made, letters, onChange, onPractitioner }: GiveBackProps) {
  const { say, list } = words;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <TurnFrame words={words} letters={letters}>
      <div className={classes.centre}>
        <h1 ref={heading} tabIndex={-1}>
          {made ? say('doneTitle', { name: deciderName }) : say('askDone')}
        </h1>
        {made && (
          <p>
            <strong>
              {made.agreed.length > 0 ? say('doneYes', { regions: list(made.agreed.map((region) => say(region))) }) : say('doneNo')}
            </strong>
          </p>
        )}
        <p>{say(made ? 'doneHint' : 'askDoneHint')}</p>
        {made && (
          <Button variant="subtle" size="lg" onClick={onChange}>
            {say('change')}
          </Button>
        )}
        <Button variant="default" size="lg" className={classes.quiet} onClick={onPractitioner}>
          {say('practitioner')}
        </Button>
      </div>
    </TurnFrame>
  );
}

/** The lock, in the decider's way: the practitioner proves who they are. */
export function Unlock({ onBack }: { readonly onBack: () => void }) {
  return (
    <>
      <SignInPage />
      <div className={classes.return}>
        <Button variant="subtle" onClick={onBack}>
          {t('turn.backToPatient')}
        </Button>
      </div>
    </>
  );
}
