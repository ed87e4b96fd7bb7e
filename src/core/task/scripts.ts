/** Scripts of package.json as commands, with the variables that npm sets for them. */
import { withArguments } from '../shell/arguments.ts';
import type { ScriptPackage } from './settings.ts';

const SCRIPT = /^npm:(.+)$/;

/** `build` of `npm:build`. */
export const scriptNameOf = (text: string): string | undefined => SCRIPT.exec(text)?.[1];

/** `web` and `build` of `web#build`: the name of a package may begin with `@` and have a slash. */
export function packageAndScript(name: string): readonly [string, string] | undefined {
  const at = name.indexOf('#');
  return at <= 0 ? undefined : [name.slice(0, at), name.slice(at + 1)];
}

/** Without those that npm runs before and after another one. */
export function ownScripts({ scripts }: ScriptPackage): readonly string[] {
  return [...scripts.keys()].filter((name) => {
    const main = /^(?:pre|post)(.+)$/.exec(name)?.[1];
    return main === undefined || !scripts.has(main);
  });
}

/** As npm runs it: between its `pre` and `post` script, and with arguments at its end. Undefined: there is none. */
export function scriptCommand({ scripts }: ScriptPackage, name: string): string | undefined {
  const main = scripts.get(name)?.command;
  if (main === undefined) return undefined;
  const [before, after] = [scripts.get(`pre${name}`)?.command, scripts.get(`post${name}`)?.command];
  const isAlone = before === undefined && after === undefined;
  if (isAlone && withArguments(main) !== undefined) return main;
  const whole = /\$\{?[@*1-9]/.test(main) ? main : `${main} "$@"`;
  if (isAlone) return whole;
  return [before, whole, after]
    .filter((part) => part !== undefined)
    .map((part) => `{ ${part}\n}`)
    .join(' && ');
}

/** `path`: PATH without them. Programs of the package come first, then those of the directories around it. */
export function scriptEnvironment(
  { name, version, file, directory, scripts }: ScriptPackage,
  script: string,
  { root, path }: { readonly root: string; readonly path: string },
): Readonly<Record<string, string>> {
  const bins: string[] = [];
  for (let at = directory; at.startsWith(root) && at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    bins.push(`${at}/node_modules/.bin`);
    if (at === root) break;
  }
  return {
    PATH: [...bins, ...(path === '' ? [] : [path])].join(':'),
    npm_lifecycle_event: script,
    npm_lifecycle_script: scripts.get(script)?.command ?? '',
    npm_package_json: file,
    ...(name !== '' && { npm_package_name: name }),
    ...(version !== '' && { npm_package_version: version }),
  };
}
