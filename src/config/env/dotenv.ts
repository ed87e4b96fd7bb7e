import type { EnvFile } from '../../core/plan/sources.ts';
import { parse } from 'dotenv';
import { readEnvText } from './env-file.ts';

/** Reads the text of an environment file by the rules of dotenv. `file` is the path as written by the user. `isExpanded`: its values will be. */
export function parseEnvFile(file: string, text: string, isExpanded = false): EnvFile {
  return readEnvText(file, text, parse, isExpanded);
}
