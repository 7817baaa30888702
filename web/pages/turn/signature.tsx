import { Button, Checkbox, TextInput } from '@mantine/core';
import { type FormEvent, useCallback, useEffect, useRef, useState } from 'react';
import SignaturePad from 'signature_pad';
import type { Api } from '../../api/client.ts';
import type { PatientWords } from '../../messages/patient/index.ts';
import { toStrokes } from './strokes.ts';
import classes from './turn.module.css';

interface Props {
  /** Of who signs, as known; it can be corrected. */
  readonly name: string;
  readonly submit: string;
  readonly words: PatientWords;
  readonly onSigned: (signature: Api['Signature']) => void;
}

/** A name in print with a drawn signature, or the name alone for who can't draw. */
export function SignatureForm({ name: known, submit, words: { say }, onSigned }: Props) {
  const [name, setName] = useState(known);
  const [typed, setTyped] = useState(false);
  const [missing, setMissing] = useState<string>();
  const pad = useRef<SignaturePad>(undefined);
  const keepPad = useCallback((now: SignaturePad | undefined) => {
    pad.current = now;
  }, []);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const strokes = typed ? [] : toStrokes(pad.current?.toData() ?? []);
    const lacks = name.trim() === '' ? say('nameMissing') : !typed && strokes.length === 0 ? say('drawMissing') : undefined;
    setMissing(lacks);
    if (!lacks) onSigned({ name: name.trim(), strokes });
  };
  return (
    <form onSubmit={onSubmit} noValidate>
      <TextInput
        size="lg"
        label={say('signedName')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="off"
        maxLength={200}
        mb="md"
      />
      {!typed && <Pad label={say('draw')} clear={say('clear')} onPad={keepPad} />}
      <Checkbox size="lg" my="md" label={say('typeInstead')} checked={typed} onChange={(event) => setTyped(event.currentTarget.checked)} />
      <p className={classes.small}>{say('simple')}</p>
      {missing && (
        <p className={classes.error} role="alert">
          {missing}
        </p>
      )}
      <Button type="submit" size="lg" h="auto" mih={56} py={10} fullWidth styles={{ label: { whiteSpace: 'normal' } }}>
        {submit}
      </Button>
    </form>
  );
}

interface PadProps {
  readonly label: string;
  readonly clear: string;
  /** Is given the pad as long as it is there. */
  readonly onPad: (pad: SignaturePad | undefined) => void;
}

function Pad({ label, clear, onPad }: PadProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pad = useRef<SignaturePad>(undefined);
  useEffect(() => {
    const { current } = canvas;
    if (!current) return undefined;
    const drawn = new SignaturePad(current, { penColor: '#111111', minDistance: 3 });
    pad.current = drawn;
    onPad(drawn);
    // As many dots as the screen has, and what was drawn stays when the tablet is turned.
    const fit = () => {
      const { offsetWidth, offsetHeight } = current;
      if (offsetWidth === 0) return;
      const data = drawn.toData();
      current.width = offsetWidth * devicePixelRatio;
      current.height = offsetHeight * devicePixelRatio;
      current.getContext('2d')?.scale(devicePixelRatio, devicePixelRatio);
      drawn.fromData(data);
    };
    fit();
    const sizes = new ResizeObserver(fit);
    sizes.observe(current);
    return () => {
      sizes.disconnect();
      drawn.off();
      onPad(undefined);
    };
  }, [onPad]);
  return (
    <>
      <div className={classes.padHead}>
        <span>{label}</span>
        <Button variant="default" size="md" onClick={() => pad.current?.clear()}>
          {clear}
        </Button>
      </div>
      <canvas ref={canvas} className={classes.pad} role="img" aria-label={label} />
    </>
  );
}
