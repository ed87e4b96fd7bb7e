/** Where the application of tasks is found, for us and for the supervisor of the processes that they need. */
import type { AppOptions } from '../../config/load-app.ts';
import type { Located } from '../locate.ts';
import type { TaskSettings } from './settings.ts';

export const sourceOf = ({
  file,
  root,
  env,
  envExpand,
  localBin,
  searched,
  searchRefused,
}: TaskSettings & Located): AppOptions => ({ file, root, env, envExpand, localBin, searched, searchRefused });
