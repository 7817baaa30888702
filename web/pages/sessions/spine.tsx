import { Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useId } from 'react';
import type { Region } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { t } from '../../messages/index.ts';
import { Column, Pelvis } from './bones.tsx';
import { keyOf, LEVELS, type Level, PELVIS, type Target } from './levels.ts';
import { TargetButton } from './target-button.tsx';
import { useArrowKeys } from './use-arrow-keys.ts';
import classes from './spine.module.css';

export type Standing = Api['StandingView'];

interface Props {
  readonly standing: Standing;
  /** How often each was recorded, by `keyOf`. */
  readonly counts: ReadonlyMap<string, number>;
  readonly selected: Target | undefined;
  /** Nothing can be recorded, wherever. */
  readonly locked: boolean;
  readonly onPick: (target: Target, byKeyboard: boolean) => void;
}

/** The spine from behind, in three parts so that all of it is on the screen and each target is large. */
export function Spine(props: Props) {
  return (
    <div className={classes.spine} data-locked={props.locked || undefined}>
      <Part
        {...props}
        title="cervical"
        levels={LEVELS.cervical}
        bones={<Column vertebrae="cervical" rows={LEVELS.cervical.length} top={56} />}
        skull
      />
      <Part
        {...props}
        title="thoracic"
        levels={LEVELS.thoracic}
        bones={<Column vertebrae="thoracic" rows={LEVELS.thoracic.length} top={12} />}
      />
      <Part
        {...props}
        title="lumbar"
        levels={LEVELS.lumbar}
        bones={<Column vertebrae="lumbar" rows={LEVELS.lumbar.length} top={12} />}
        pelvis
      />
    </div>
  );
}

interface PartProps extends Props {
  readonly title: 'cervical' | 'thoracic' | 'lumbar';
  readonly levels: readonly Level[];
  readonly bones: React.ReactNode;
  readonly skull?: boolean;
  readonly pelvis?: boolean;
}

function Part({ title, levels, bones, skull = false, pelvis = false, ...props }: PartProps) {
  const id = useId();
  const rows = pelvis ? [...levels, PELVIS] : levels;
  const keys = useArrowKeys(rows.length * 3);
  const isClosed = (regions: readonly Region[]) => props.locked || regions.every((region) => barredAt(props.standing, region));
  const row = (level: Level, index: number) => (
    <div key={level[1].segment} className={classes.row} data-tall={level === PELVIS || undefined}>
      {level.map((target, column) => (
        <TargetButton
          key={keyOf(target)}
          {...props}
          target={target}
          middle={column === 1}
          barred={barredAt(props.standing, target.region)}
          {...keys.of(index * 3 + column)}
        />
      ))}
    </div>
  );
  return (
    <div role="group" aria-labelledby={id} className={classes.part} {...keys.group}>
      <div className={classes.head}>
        <span aria-hidden="true">{t('sessions.left')}</span>
        <RegionTitle id={id} region={title} standing={props.standing} />
        <span aria-hidden="true">{t('sessions.right')}</span>
      </div>
      <div className={classes.column} data-skull={skull || undefined} data-closed={isClosed([title]) || undefined}>
        {bones}
        {levels.map(row)}
      </div>
      {pelvis && (
        <>
          <div className={classes.titles}>
            <RegionTitle region="sacral" standing={props.standing} />
            <RegionTitle region="pelvic" standing={props.standing} />
          </div>
          <div className={classes.pelvis} data-closed={isClosed(['sacral', 'pelvic']) || undefined}>
            <Pelvis />
            {row(PELVIS, levels.length)}
          </div>
        </>
      )}
    </div>
  );
}

export function barredAt({ regions }: Standing, region: Region): Api['BlockerView'] | undefined {
  return regions.find((one) => one.region === region)?.barred ?? undefined;
}

function RegionTitle({ id, region, standing }: { readonly id?: string; readonly region: Region; readonly standing: Standing }) {
  const barred = barredAt(standing, region);
  return (
    <div className={classes.title}>
      <Text component="span" id={id} fw={600} size="sm">
        {t(`shortRegions.${region}`)}
      </Text>
      {barred && (
        <span className={classes.barredBadge}>
          <IconLock size={14} aria-hidden />
          {barred.code === 'manipulation.not-cleared' ? t('sessions.notCleared') : t('sessions.notConsented')}
        </span>
      )}
    </div>
  );
}
