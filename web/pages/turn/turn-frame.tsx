import { ActionIcon, Button } from '@mantine/core';
import { IconPlayerStop, IconTextDecrease, IconTextIncrease, IconVolume } from '@tabler/icons-react';
import { type ReactNode, useRef } from 'react';
import { useTitle } from '../../components/title.tsx';
import type { PatientWords } from '../../messages/patient/index.ts';
import type { Letters } from './letters.ts';
import { useReading } from './reading.ts';
import classes from './turn.module.css';

interface Props {
  readonly words: PatientWords;
  readonly letters: Letters;
  /** How far it is. */
  readonly where?: string;
  readonly foot?: ReactNode;
  readonly children: ReactNode;
}

/** Around all that the decider sees: the size of letters, reading aloud, and the way on. Nothing of the shell. */
export function TurnFrame({ words, letters: { smaller, larger }, where, foot, children }: Props) {
  const { say, language } = words;
  const main = useRef<HTMLElement>(null);
  const voice = useReading(language);
  useTitle(say('title'));
  return (
    <div className={classes.turn} lang={language}>
      <header className={classes.bar}>
        <span className={classes.where}>{where}</span>
        {voice && (
          <Button
            variant="default"
            leftSection={voice.reading ? <IconPlayerStop size={20} aria-hidden /> : <IconVolume size={20} aria-hidden />}
            onClick={() => (voice.reading ? voice.stop() : voice.start(main.current?.innerText ?? ''))}
          >
            {say(voice.reading ? 'stopReading' : 'readAloud')}
          </Button>
        )}
        <ActionIcon variant="default" size={44} aria-label={say('smaller')} disabled={!smaller} onClick={smaller}>
          <IconTextDecrease aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" size={44} aria-label={say('larger')} disabled={!larger} onClick={larger}>
          <IconTextIncrease aria-hidden />
        </ActionIcon>
      </header>
      <main ref={main} className={classes.main}>
        {children}
      </main>
      {foot && <div className={classes.foot}>{foot}</div>}
    </div>
  );
}
