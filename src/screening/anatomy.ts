/** Regions of the spine, as in ICD-10-PCS section 9 (9WB). The database has the same list: app.regions(). */
export const REGIONS = ['cervical', 'thoracic', 'lumbar', 'sacral', 'pelvic'] as const;
export type Region = (typeof REGIONS)[number];

/** The database has the same list: app.techniques(). */
export const TECHNIQUES = ['hvla_thrust', 'mobilisation', 'traction', 'rotation', 'instrument', 'drop_table'] as const;
export type Technique = (typeof TECHNIQUES)[number];
