/** Codes of the API, in the words of the clinic. */
export const regions = {
  cervical: 'Cervical (neck)',
  thoracic: 'Thoracic (upper and middle back)',
  lumbar: 'Lumbar (lower back)',
  sacral: 'Sacral (base of the spine)',
  pelvic: 'Pelvic (sacroiliac joints)',
} as const;

export const techniques = {
  hvla_thrust: 'High-velocity low-amplitude thrust',
  mobilisation: 'Mobilisation',
  traction: 'Traction (pulling)',
  rotation: 'Rotation (twisting)',
  instrument: 'Instrument-assisted',
  drop_table: 'Drop-table',
} as const;
