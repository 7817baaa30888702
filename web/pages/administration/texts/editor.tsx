import { Button, Group, Paper, SegmentedControl, Stack, Text } from '@mantine/core';
import { useBlocker, useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { useDraft } from '../../../api/drafts.ts';
import { sayDone } from '../../../components/done.ts';
import { languageName } from '../../../languages.ts';
import { t } from '../../../messages/administration.ts';
import { Differences } from './differences.tsx';
import { DraftProvider } from './draft.ts';
import type { Passage } from './passages.ts';
import { withValue } from './path.ts';
import { PublishDialog } from './publish-dialog.tsx';
import { type Kind, TEXTS } from './queries.ts';
import { Refusal } from './refusal.tsx';
import classes from './editor.module.css';

interface Props<Text> {
  readonly kind: Kind;
  readonly language: string;
  readonly beginning: Text;
  /** Whether something must be changed before there is anything to publish. */
  readonly changedFrom: boolean;
  readonly fields: ReactNode;
  readonly renderPreview: (text: Text) => ReactNode;
  readonly passages: (text: Text) => Passage[];
  /** The words for the code of a risk. */
  readonly titleOf?: (code: string) => string | undefined;
  readonly addMissing?: (text: Text, code: string) => Text;
  readonly publish: (text: Text, requiresReconsent: boolean) => Promise<{ id: string; version: number }>;
}

type View = 'write' | 'preview' | 'changes';

/** Writes a text: its fields, how it reads, what differs from what it began with; and publishes it. */
export function Editor<Text>(props: Props<Text>) {
  const { kind, language, beginning, changedFrom, fields, renderPreview, passages, titleOf, addMissing, publish } = props;
  const navigate = useNavigate();
  const { view = 'write', from } = useSearch({ from: `/shell/administration/texts/${kind}/new` });
  const [draft, change, forget] = useDraft(`text ${kind} ${language} ${from}`, beginning);
  const [asking, setAsking] = useState(false);
  const changed = JSON.stringify(draft) !== JSON.stringify(beginning);
  // Who closes the tab loses it; on other pages, and by a reload, nobody does.
  useBlocker({ shouldBlockFn: () => false, enableBeforeUnload: changed });
  const show = (next: View) =>
    void navigate({
      to: `/administration/texts/${kind}/new`,
      search: { language, from, ...(next === 'write' ? {} : { view: next }) },
      replace: true,
      resetScroll: false,
    });
  const act = useAct((requiresReconsent: boolean) => publish(draft, requiresReconsent).finally(() => setAsking(false)), {
    changes: [TEXTS],
    onDone: ({ id, version }) => {
      forget();
      sayDone(t('texts.publishedDone', { version }));
      void navigate({ to: `/administration/texts/${kind}/$id`, params: { id } });
    },
  });
  const context = useMemo(
    () => ({ values: draft, problem: act.problem, set: (path: string, value: unknown) => change((now) => withValue(now, path, value)) }),
    [draft, change, act.problem],
  );
  return (
    <DraftProvider value={context}>
      <div className={classes.bar}>
        <SegmentedControl
          aria-label={t('texts.view')}
          value={view}
          onChange={(next) => show(next)}
          data={(['write', 'preview', 'changes'] as const).map((value) => ({ value, label: t(`texts.${value}`) }))}
        />
        <Group gap="sm">
          {changedFrom && !changed && (
            <Text size="sm" c="dimmed">
              {t('texts.nothingChanged')}
            </Text>
          )}
          {changed && (
            <Button variant="default" onClick={forget}>
              {t('texts.discard')}
            </Button>
          )}
          <Button onClick={() => setAsking(true)} disabled={changedFrom && !changed} loading={act.running}>
            {t('texts.publish')}
          </Button>
        </Group>
      </div>
      {act.problem && (
        <Refusal
          problem={act.problem}
          titleOf={titleOf}
          onAdd={addMissing && ((code) => change((now) => addMissing(now, code)))}
          onShow={() => show('write')}
        />
      )}
      <Stack {...(view === 'write' ? {} : { display: 'none' })}>{fields}</Stack>
      {view !== 'write' && (
        <Paper withBorder p={{ base: 'md', sm: 'xl' }} bg="var(--app-surface)">
          {view === 'preview' ? (
            renderPreview(draft)
          ) : (
            <Differences before={passages(beginning)} after={passages(draft)} language={language} legend={t('texts.draftLegend')} />
          )}
        </Paper>
      )}
      {asking && (
        <PublishDialog
          kind={kind}
          language={languageName(language)}
          running={act.running}
          onPublish={act.run}
          onClose={() => setAsking(false)}
        />
      )}
    </DraftProvider>
  );
}
