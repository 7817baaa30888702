import { IsIn, IsOptional } from 'class-validator';

export class SsoQuery {
  /** Asks the provider to authenticate the person anew, as signing and administering demand. */
  @IsOptional()
  @IsIn(['true', 'false'])
  fresh?: 'true' | 'false';
}
