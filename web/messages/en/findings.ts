/** Contraindications of the built-in questionnaire. A clinic's own have their codes shown. */
export const findings = {
  fracture_or_dislocation: 'Fracture or dislocation',
  spinal_tumour: 'Spinal tumour',
  cord_compression: 'Spinal cord compression',
  osteoporosis: 'Osteoporosis',
  systemic_inflammatory_disease: 'Inflammatory disease',
  anticoagulant_or_bleeding_disorder: 'Blood thinner or bleeding disorder',
  progressive_neurological_deficit: 'Progressive neurological deficit',
  spinal_infection: 'Spinal infection',
  instability_or_fixation: 'Instability or fixation',
  cervical_arterial_warning: 'Warning signs in the arteries of the neck',
  cauda_equina_warning: 'Warning signs of cauda equina syndrome',
  earlier_reaction: 'Harm after an earlier manipulation',
} as const;
