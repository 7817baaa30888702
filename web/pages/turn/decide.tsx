import type { Region } from '../../anatomy.ts';
import { RegionPicker } from '../../components/region-picker.tsx';
import type { Choice } from './progress.ts';
import type { Turn } from './turn.ts';
import classes from './turn.module.css';

interface Props {
  readonly turn: Turn;
  readonly choice: Choice | undefined;
  readonly part: readonly Region[];
  readonly onChoice: (choice: Choice) => void;
  readonly onPart: (part: readonly Region[]) => void;
}

/** Yes, in part, or no: each as large and as near as the other, and each leads on. */
export function Decide({ turn: { choosable, canAgree, words, discussion }, choice, part, onChoice, onPart }: Props) {
  const { say, list } = words;
  const names = list(choosable.map((region) => say(region)));
  const agreeable = canAgree && choosable.length > 0;
  const choices = [
    ...(agreeable ? [['all', say(choosable.length > 1 ? 'yesAll' : 'yesAllOne'), names] as const] : []),
    ...(agreeable && choosable.length > 1 ? [['part', say('yesPart'), ''] as const] : []),
    ['no', say('no'), say('noHint')] as const,
  ];
  return (
    <>
      <p>{say('decideHint')}</p>
      {!canAgree && <p className={classes.note}>{say('notAllDiscussed')}</p>}
      <div role="group" aria-label={say('decideTitle')} className={classes.choices}>
        {choices.map(([value, label, hint]) => (
          <button key={value} type="button" className={classes.choice} aria-pressed={choice === value} onClick={() => onChoice(value)}>
            <strong>{label}</strong>
            {hint && <small>{hint}</small>}
          </button>
        ))}
      </div>
      {choice === 'part' && (
        <>
          <h2>{say('whichParts')}</h2>
          <RegionPicker
            label={say('whichParts')}
            value={part}
            onChange={onPart}
            choosable={choosable}
            nameOf={(region) => say(region)}
            hintOf={(region) => (!choosable.includes(region) && discussion.regions.includes(region) ? say('notPossible') : undefined)}
          />
        </>
      )}
    </>
  );
}
