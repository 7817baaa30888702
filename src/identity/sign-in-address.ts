import { isEmail, Validate, ValidatorConstraint, type ValidatorConstraintInterface } from 'class-validator';

/** ASCII alone: two accounts whose addresses look alike, with letters of different alphabets, would be taken for each other. */
const PLAIN = /^[\w'+.-]*[\w+-]@([a-z\d][a-z\d-]*\.)+[a-z]{2,}$/i;

export function isSignInAddress(address: unknown): boolean {
  return isEmail(address) && PLAIN.test(address as string);
}

@ValidatorConstraint({ name: 'isSignInAddress' })
class SignInAddress implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return isSignInAddress(value);
  }
  defaultMessage(): string {
    return "must be an email address of letters a to z, digits and . _ + - '";
  }
}

/** An email address with which its owner can sign in. */
export const IsSignInAddress = (): PropertyDecorator => Validate(SignInAddress);
