// The compiler plugin of @nestjs/swagger, in checkouts whose path has letters beyond ASCII: the compiler names a type's file
// with "\u00fc" for "ü" (nestjs/swagger#1868), which the plugin takes for a path, and imports a file that isn't there.
import * as swagger from '@nestjs/swagger/plugin';

export function before(options, program) {
  const checker = program.getTypeChecker();
  const { typeToString } = checker;
  checker.typeToString = (...args) =>
    typeToString(...args).replace(/\\u([0-9A-F]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
  return swagger.before(options, program);
}
