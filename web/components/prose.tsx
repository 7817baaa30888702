import { List, type MantineSize, Text } from '@mantine/core';

/** A published text: paragraphs, and lists where lines begin with a dash. */
export function Prose({ text, size }: { readonly text: string; readonly size?: MantineSize }) {
  return blocksOf(text).map(({ items, line }, index) =>
    items.length > 0 ? (
      // oxlint-disable-next-line react/no-array-index-key -- a text that is shown doesn't change its order
      <List key={index} {...(size ? { size } : {})} withPadding spacing={2}>
        {items.map((item) => (
          <List.Item key={item}>{item}</List.Item>
        ))}
      </List>
    ) : (
      // oxlint-disable-next-line react/no-array-index-key -- as above
      <Text key={index} {...(size ? { size } : {})} mt={index > 0 ? 'xs' : 0}>
        {line}
      </Text>
    ),
  );
}

interface Block {
  readonly line: string;
  readonly items: string[];
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
    const item = /^\s*[-•]\s+(.*)$/.exec(line)?.[1];
    const last = blocks.at(-1);
    if (item === undefined) blocks.push({ line, items: [] });
    else if (last && last.items.length > 0) last.items.push(item);
    else blocks.push({ line: '', items: [item] });
  }
  return blocks;
}
