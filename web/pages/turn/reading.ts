import { useEffect, useState, useSyncExternalStore } from 'react';

/** Missing in some browsers. */
const speech = (globalThis as { speechSynthesis?: SpeechSynthesis }).speechSynthesis;

function subscribe(listener: () => void): () => void {
  speech?.addEventListener('voiceschanged', listener);
  return () => speech?.removeEventListener('voiceschanged', listener);
}

/** A voice of the device itself: others send what they read to somebody else's server. */
function voiceFor(language: string): SpeechSynthesisVoice | undefined {
  const base = language.split('-')[0] ?? language;
  return speech?.getVoices().find(({ lang, localService }) => localService && lang.replace('_', '-').split('-')[0] === base);
}

interface Reading {
  readonly reading: boolean;
  readonly start: (text: string) => void;
  readonly stop: () => void;
}

/** Reads text aloud in a language; undefined where the device has no voice of its own for it. */
export function useReading(language: string): Reading | undefined {
  // By its name: the browser may make a new object each time that it is asked.
  const voice = useSyncExternalStore(subscribe, () => voiceFor(language)?.name);
  const [reading, setReading] = useState(false);
  useEffect(() => () => speech?.cancel(), []);
  if (!speech || voice === undefined) return undefined;
  const stop = () => {
    speech.cancel();
    setReading(false);
  };
  return {
    reading,
    stop,
    start: (text) => {
      speech.cancel();
      const chosen = voiceFor(language);
      // A paragraph at a time: some browsers give up within a long one.
      const parts = text.split(/\n+/).filter((part) => part.trim() !== '');
      for (const [index, part] of parts.entries()) {
        const utterance = new SpeechSynthesisUtterance(part);
        utterance.lang = chosen?.lang ?? language;
        utterance.voice = chosen ?? null;
        if (index === parts.length - 1) utterance.addEventListener('end', () => setReading(false));
        speech.speak(utterance);
      }
      setReading(parts.length > 0);
    },
  };
}
