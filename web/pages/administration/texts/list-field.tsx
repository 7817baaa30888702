import { Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { t } from '../../../messages/index.ts';
import { useTextForm, useUndoably } from './form.ts';
import classes from './list-field.module.css';

interface Props {
  readonly path: string;
  /** What one of them is called, by its place from 1. */
  readonly nameOf: (number: number, value: unknown) => string;
  readonly add: string;
  readonly empty: unknown;
  /** Whether each can be opened and closed, because it is long. */
  readonly folded?: boolean;
  readonly children: (path: string) => ReactNode;
}

/** Several of a kind: each with its fields and a button that removes it, and a button for one more. */
export function ListField({ path, nameOf, add, empty, folded = false, children }: Props) {
  const form = useTextForm();
  const undoably = useUndoably();
  const list = useRef<HTMLDivElement>(null);
  const [added, setAdded] = useState<number>();
  /** The last one, and which it is: what is open then isn't what stood there before. */
  const [removal, setRemoval] = useState({ count: 0, index: 0 });
  const { value, error } = form.getInputProps(path);
  const items = value as readonly unknown[];
  const remove = (index: number, name: string) => {
    undoably(t('texts.removed', { what: name }), () => form.removeListItem(path, index));
    setAdded(undefined);
    setRemoval((last) => ({ count: last.count + 1, index }));
  };
  // What had the focus is gone: it goes to what comes next.
  useEffect(() => {
    if (removal.count === 0) return;
    const next = list.current?.querySelector<HTMLElement>(`:scope > details:nth-of-type(${removal.index + 1}) > summary`);
    (next ?? list.current?.querySelector<HTMLElement>(':scope > :last-child button'))?.focus();
  }, [removal]);
  return (
    <Stack gap="sm" ref={list}>
      {items.map((item, index) => {
        const at = `${path}.${index}`;
        const name = nameOf(index + 1, item);
        return (
          // oxlint-disable-next-line react/no-array-index-key -- an item is its place
          <Item key={`${at} ${removal.count}`} path={at} name={name} folded={folded && index !== added}>
            {children(at)}
            <Group justify="flex-end">
              <Button
                variant="subtle"
                size="sm"
                color="gray"
                onClick={() => remove(index, name)}
                aria-label={t('texts.removeOf', { what: name })}
              >
                {t('texts.remove')}
              </Button>
            </Group>
          </Item>
        );
      })}
      {error && (
        <Text size="sm" c="var(--mantine-color-error)">
          {error}
        </Text>
      )}
      <Group>
        <Button
          variant="default"
          leftSection={<IconPlus size={18} aria-hidden />}
          onClick={() => {
            setAdded(items.length);
            form.clearFieldError(path);
            form.insertListItem(path, empty);
          }}
        >
          {add}
        </Button>
      </Group>
    </Stack>
  );
}

interface ItemProps {
  readonly path: string;
  readonly name: string;
  readonly folded: boolean;
  readonly children: ReactNode;
}

function Item({ path, name, folded, children }: ItemProps) {
  const { errors } = useTextForm();
  // What is wrong in it must be seen.
  const wrong = Object.keys(errors).some((field) => `${field}.`.startsWith(`${path}.`));
  const [open, setOpen] = useState(!folded);
  return (
    <details className={classes.item} open={open || wrong} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className={classes.name}>{name}</summary>
      <Stack p="md" pt="xs">
        {children}
      </Stack>
    </details>
  );
}
