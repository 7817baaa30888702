import { createFormContext } from '@mantine/form';
import { createContext, useContext } from 'react';

/** A text that is being written, for the fields below it: they name their values by their paths, risks.0.figures.1.label. */
export const [TextFormProvider, useTextForm] = createFormContext<object>();

/** Does something to the text that can be taken back until it is changed again: `undoably('Removed: Headache.', () => …)`. */
type Undoably = (message: string, act: () => void) => void;

const UndoContext = createContext<Undoably>((_message, act) => act());
export const UndoProvider = UndoContext.Provider;
export const useUndoably = (): Undoably => useContext(UndoContext);
