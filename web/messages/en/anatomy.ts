import type { Region, Segment, Side, Technique } from '../../anatomy.ts';

/** Codes of the API, in the words of the clinic. */
export const regions = {
  cervical: 'Cervical (neck)',
  thoracic: 'Thoracic (upper and middle back)',
  lumbar: 'Lumbar (lower back)',
  sacral: 'Sacral (base of the spine)',
  pelvic: 'Pelvic (sacroiliac joints)',
} as const satisfies Record<Region, string>;

export const techniques = {
  hvla_thrust: 'High-velocity low-amplitude thrust',
  mobilisation: 'Mobilisation',
  traction: 'Traction (pulling)',
  rotation: 'Rotation (twisting)',
  instrument: 'Instrument-assisted',
  drop_table: 'Drop-table',
} as const satisfies Record<Technique, string>;

/** Where there is little room. */
export const shortRegions = {
  cervical: 'Cervical',
  thoracic: 'Thoracic',
  lumbar: 'Lumbar',
  sacral: 'Sacral',
  pelvic: 'Pelvic',
} as const satisfies Record<Region, string>;

export const shortTechniques = {
  hvla_thrust: 'HVLA thrust',
  mobilisation: 'Mobilisation',
  traction: 'Traction',
  rotation: 'Rotation',
  instrument: 'Instrument-assisted',
  drop_table: 'Drop-table',
} as const satisfies Record<Technique, string>;

/** Segments that don't stand for themselves, as C5/C6 does. */
export const segments = {
  sacrum: 'Sacrum',
  sacroiliac: 'Sacroiliac joint',
  left_sacroiliac: 'Left sacroiliac joint',
  right_sacroiliac: 'Right sacroiliac joint',
} as const satisfies Partial<Record<Segment, string>>;

export const sides = { left: 'left', right: 'right', bilateral: 'both sides' } as const satisfies Record<Side, string>;
