import { ActionIcon, CopyButton, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { t } from '../messages/index.ts';

/** A secret, the one time that it is shown: selects itself, and has a button that copies it. */
export function ShownOnce({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <TextInput
          label={label}
          value={value}
          readOnly
          onFocus={({ currentTarget }) => currentTarget.select()}
          rightSectionWidth={48}
          rightSection={
            <ActionIcon variant="subtle" size={40} onClick={copy} aria-label={t(copied ? 'common.copied' : 'common.copy')}>
              {copied ? <IconCheck size={20} aria-hidden /> : <IconCopy size={20} aria-hidden />}
            </ActionIcon>
          }
        />
      )}
    </CopyButton>
  );
}
