/**
 * What a setting may look like. Each field checks the text of one environment variable and makes a value of it; what
 * it says of a mistake goes on after the variable's name.
 */
import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import * as v from 'valibot';
import { parseDatabaseUrl } from './store/database-url.ts';
import { originIn } from './http/origin.ts';

/** Any text, without the spaces around it. */
export const text = v.pipe(v.string(), v.trim());
/** Texts separated by commas. */
export const list = v.pipe(
  text,
  v.transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  ),
);
/** `1` or `true` is on. */
export const flag = v.pipe(
  text,
  v.picklist(['0', '1', 'true', 'false'], 'must be 0 or 1'),
  v.transform((value) => value === '1' || value === 'true'),
);

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number) {
  const expected = `must be a whole number from ${min} to ${max}`;
  return v.pipe(
    text,
    v.regex(/^\d+$/, expected),
    v.transform(Number),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

/** Whether a text is a URL of one of these schemes (without colon). */
export function hasScheme(value: string, schemes: readonly string[]): boolean {
  return URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1));
}

/** A URL of one of these schemes (without colon), as text. */
export function url(...schemes: string[]) {
  return v.pipe(
    text,
    v.check(
      (value) => hasScheme(value, schemes),
      `must be a URL that begins with ${schemes.join(':// or ')}://`,
    ),
  );
}

/** A URL of the web. */
export const webUrl = v.pipe(
  url('http', 'https'),
  v.transform((value) => new URL(value)),
);

/** Texts separated by commas, all of which are as expected. */
export function each(isGood: (item: string) => boolean, expected: string) {
  return v.pipe(
    list,
    v.check((items) => items.every(isGood), expected),
  );
}

/** Origins separated by commas, as `originIn` writes them. */
export const origins = v.pipe(
  list,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const found = dataset.value.map(originIn);
    if (found.every((origin) => origin !== undefined)) return found;
    addIssue({
      message:
        'must be origins such as https://chat.example.com, app://bundle, file:// or null, separated by commas',
    });
    return NEVER;
  }),
);

/** Addresses and networks in CIDR notation (RFC 4632, RFC 4291). */
export const networks = v.pipe(
  list,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const found = new BlockList();
    for (const item of dataset.value) {
      const [address = '', prefix] = item.split('/');
      const version = isIP(address);
      const bits = Number(prefix ?? (version === 4 ? 32 : 128));
      if (
        version === 0 ||
        !Number.isInteger(bits) ||
        prefix === '' ||
        bits < 0 ||
        bits > (version === 4 ? 32 : 128)
      ) {
        addIssue({ message: 'must be IP addresses or networks such as 10.0.0.0/8, separated by commas' });
        return NEVER;
      }
      found.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
    }
    return found;
  }),
);

/** The contents of a file of the server's TLS identity. */
export function pemFile(part: 'cert' | 'key') {
  return v.pipe(
    text,
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        const pem = readFileSync(dataset.value, 'utf8');
        createSecureContext({ [part]: pem });
        return pem;
      } catch (error) {
        addIssue({ message: `cannot be used: ${error instanceof Error ? error.message : String(error)}` });
        return NEVER;
      }
    }),
  );
}

/** Two ports with a hyphen between them. */
export const portRange = v.pipe(
  text,
  v.regex(/^\d+-\d+$/, 'must be a range such as 40000-49999'),
  v.transform((value) => {
    const [min = 0, max = 0] = value.split('-').map(Number);
    return { min, max };
  }),
  v.check(({ min, max }) => min > 0 && min <= max && max < 65_536, 'must be a rising range from 1 to 65535'),
);

/** A JSON object of texts. */
export const headers = v.pipe(
  text,
  v.rawTransform(({ dataset, addIssue, NEVER }): Record<string, string> => {
    const result = v.safeParse(
      v.pipe(
        v.string(),
        v.parseJson(),
        v.check((value) => !Array.isArray(value)),
        v.record(v.string(), v.string()),
      ),
      dataset.value,
    );
    if (result.success) return result.output;
    addIssue({ message: 'must be a JSON object such as {"authorization":"Bearer …"}' });
    return NEVER;
  }),
);

/** The address of a database that there is a driver for, as text. */
export const databaseUrl = v.pipe(
  text,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      parseDatabaseUrl(dataset.value);
      return dataset.value;
    } catch (error) {
      addIssue({
        message: String(error instanceof Error ? error.message : error).replace('DATABASE_URL ', ''),
      });
      return NEVER;
    }
  }),
);
