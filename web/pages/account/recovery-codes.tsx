import { Alert, Button, Code, CopyButton, Group, Stack } from '@mantine/core';
import { t } from '../../messages/index.ts';
import classes from './recovery-codes.module.css';

interface Props {
  readonly codes: readonly string[];
  readonly onKept: () => void;
}

/** Recovery codes, the one time that they are shown. */
export function RecoveryCodes({ codes, onKept }: Props) {
  return (
    <Stack>
      <Alert color="yellow" variant="light">
        {t('account.recoveryCodesShown')}
      </Alert>
      <ul className={classes.codes}>
        {codes.map((code) => (
          <li key={code}>
            <Code fz="sm">{code}</Code>
          </li>
        ))}
      </ul>
      <Group className="no-print">
        <CopyButton value={codes.join('\n')}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {t(copied ? 'common.copied' : 'common.copy')}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={() => print()}>
          {t('common.print')}
        </Button>
        <Button onClick={onKept}>{t('account.recoveryCodesKept')}</Button>
      </Group>
    </Stack>
  );
}
