import { Button, Group, Paper, SegmentedControl, Stack, Text } from '@mantine/core';
import { useBlocker, useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../../api/act.ts';
import type { Api } from '../../../api/client.ts';
import { notifyDone } from '../../../components/notify-done.ts';
import { useDraftForm } from '../../../components/use-draft-form.ts';
import { languageName } from '../../../languages.ts';
import { t } from '../../../messages/index.ts';
import { Differences } from './differences.tsx';
import { TextFormProvider, UndoProvider } from './form.ts';
import type { Passage } from './passages.ts';
import { PublishDialog } from './publish-dialog.tsx';
import { type Kind, TEXTS } from './queries.ts';
import { Refusal } from './refusal.tsx';
import classes from './editor.module.css';
import sheet from './sheet.module.css';

interface Props<Text> {
  readonly kind: Kind;
  readonly language: string;
  readonly beginning: Text;
  /** Whether something must be changed before there is anything to publish. */
  readonly changedFrom: boolean;
  readonly fields: ReactNode;
  readonly renderPreview: (text: Text) => ReactNode;
  readonly passages: (text: Text) => Passage[];
  /** The risk of a code, as the beginning describes it; without words if it doesn’t. */
  readonly riskOf?: (code: string) => Api['DisclosureRisk'];
  readonly publish: (text: Text, requiresReconsent: boolean) => Promise<{ id: string; version: number }>;
}

type View = 'write' | 'preview' | 'changes';

/** What was done last that can be taken back, as long as the text is as it was after that. */
interface Undo<Text> {
  readonly message: string;
  readonly before: Text;
  readonly after: string;
}

/** Writes a text: its fields, how it reads, what differs from what it began with; and publishes it. */
export function Editor<Text extends object>(props: Props<Text>) {
  const { kind, language, beginning, changedFrom, fields, renderPreview, passages, riskOf, publish } = props;
  const navigate = useNavigate();
  const { view = 'write', from } = useSearch({ from: `/shell/administration/texts/${kind}/new` });
  const form = useDraftForm(`text ${kind} ${language} ${from}`, beginning);
  const [asking, setAsking] = useState(false);
  const [undo, setUndo] = useState<Undo<Text>>();
  const changed = JSON.stringify(form.values) !== JSON.stringify(beginning);
  // Who closes the tab loses it; on other pages, and by a reload, nobody does.
  useBlocker({ shouldBlockFn: () => false, enableBeforeUnload: changed });
  const show = (next: View) =>
    void navigate({
      to: `/administration/texts/${kind}/new`,
      search: { language, from, ...(next === 'write' ? {} : { view: next }) },
      replace: true,
      resetScroll: false,
    });
  const act = useAct((requiresReconsent: boolean) => publish(form.values, requiresReconsent).finally(() => setAsking(false)), {
    form,
    changes: [TEXTS],
    onDone: ({ id, version }) => {
      form.forget();
      notifyDone(t('texts.publishedDone', { version }));
      void navigate({ to: `/administration/texts/${kind}/$id`, params: { id } });
    },
  });
  const undoably = (message: string, change: () => void) => {
    const before = form.getValues();
    change();
    setUndo({ message, before, after: JSON.stringify(form.getValues()) });
  };
  const discard = () =>
    undoably(t('texts.discarded'), () => {
      form.forget();
      act.reset();
    });
  const undoable = undo && undo.after === JSON.stringify(form.values) ? undo : undefined;
  return (
    <TextFormProvider form={form}>
      <div className={classes.bar}>
        <SegmentedControl
          aria-label={t('texts.view')}
          value={view}
          onChange={(next) => show(next)}
          data={(['write', 'preview', 'changes'] as const).map((value) => ({ value, label: t(`texts.${value}`) }))}
        />
        <Group gap="sm">
          <Text size="sm" c="dimmed" role="status">
            {undoable ? undoable.message : changedFrom && !changed ? t('texts.nothingChanged') : ''}
          </Text>
          {undoable && (
            <Button variant="subtle" onClick={() => form.setValues(undoable.before)}>
              {t('texts.undo')}
            </Button>
          )}
          {changed && (
            <Button variant="default" onClick={discard}>
              {t('texts.discard')}
            </Button>
          )}
          <Button onClick={() => setAsking(true)} disabled={changedFrom && !changed} loading={act.running}>
            {t('texts.publish')}
          </Button>
        </Group>
      </div>
      {act.problem && <Refusal problem={act.problem} riskOf={riskOf} onShow={() => show('write')} />}
      <UndoProvider value={undoably}>
        <Stack {...(view === 'write' ? {} : { display: 'none' })}>{fields}</Stack>
      </UndoProvider>
      {view !== 'write' && (
        <Paper withBorder bg="var(--app-surface)" className={sheet.sheet}>
          {view === 'preview' ? (
            renderPreview(form.values)
          ) : (
            <Differences before={passages(beginning)} after={passages(form.values)} language={language} legend={t('texts.draftLegend')} />
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
    </TextFormProvider>
  );
}
