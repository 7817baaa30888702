import { IsIn, IsOptional } from 'class-validator';

export class SsoQuery {
  /** Asks the provider to authenticate the person again, as signing and administering demand. */
  @IsOptional()
  @IsIn(['true', 'false'])
  fresh?: 'true' | 'false';
}

export class SsoChoiceView {
  clinicId: string;
  /** What stands on the button. */
  label: string;
}

export class SsoChoiceList {
  items: SsoChoiceView[];
}
