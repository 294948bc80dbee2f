import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateDtsBundle } from 'dts-bundle-generator';
import { ROOT } from './paths.js';

const ELEMENT = 'VideoCallElement';

/**
 * Writes the types of the element into one file, beside a module that is empty: the element itself comes with
 * the script tag.
 */
export function writeTypes(directory) {
  const [types] = generateDtsBundle(
    [
      {
        filePath: join(ROOT, 'widget/types.ts'),
        output: { inlineDeclareGlobals: true, exportReferencedTypes: false, noBanner: true },
      },
    ],
    { preferredConfigPath: join(ROOT, 'widget/tsconfig.json') },
  );
  // The class is a type here: there is no module to import it from.
  const typesOnly = types
    .replace(`export declare class ${ELEMENT}`, `declare class ${ELEMENT}`)
    .replace(/export \{\};\s*$/, `export type { ${ELEMENT} };\n`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'index.d.ts'), typesOnly);
  writeFileSync(join(directory, 'index.js'), 'export {};\n');
}
